"""Lower and upper step curves read together: one point wherever either steps."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from tracker.analysis.displacement import Displacement


@dataclass(frozen=True, slots=True)
class Point:
    """From `at` on between `lo` and `hi` names had appeared."""

    at: datetime
    lo: int
    hi: int


def points(curve: Displacement) -> Iterator[Point]:
    """The points of N(t), ascending; before the first both counts are 0."""
    steps = sorted(
        [(step.at, "lo", step.count) for step in curve.lower] + [(step.at, "hi", step.count) for step in curve.upper]
    )
    reached = {"lo": 0, "hi": 0}
    for at, group in groupby(steps, key=lambda step: step[0]):
        reached |= {side: count for _, side, count in group}
        yield Point(at, reached["lo"], reached["hi"])
