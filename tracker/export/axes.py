"""Dates along an axis, the same for every chart."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count, pairwise
from typing import TYPE_CHECKING

from tracker.model.times import DAY, midnight

if TYPE_CHECKING:
    from matplotlib.axes import Axes

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WIDE, NARROW = "wide", "narrow"
"""The two widths of a chart: for a desk and for a phone."""


def apart(heights: Sequence[float], gap: float) -> list[float]:
    """The heights, in the order given, raised no more than labels of height `gap` need in order not to overlap."""
    moved = list(heights)
    for lower, upper in pairwise(sorted(range(len(moved)), key=moved.__getitem__)):
        moved[upper] = max(moved[upper], moved[lower] + gap)
    return moved


def round_ticks(top: int, most: int = 6) -> range:
    """Whole numbers from 0 to `top`, at most `most` steps of 1, 2 or 5 times a power of ten."""
    step = next(
        digit * 10**power for power in count() for digit in (1, 2, 5) if digit * 10**power * most >= max(top, 1)
    )
    return range(0, top + 1, step)


def place(moment: datetime) -> float:
    """Days since 1970, which is how matplotlib places dates."""
    return (moment - EPOCH) / DAY


def dates(axes: "Axes", start: datetime, end: datetime, most: int) -> None:
    """Ticks at midnights (UTC), as many as can be read."""
    step = next(days for days in (1, 7, 14, 28, 91, 182, 364) if days == 364 or end - start <= most * days * DAY)
    first = midnight(start) if start == midnight(start) else midnight(start) + DAY
    ticks = [first + at * DAY for at in range(0, (end - first) // DAY + 1, step)]
    axes.set_xticks([place(tick) for tick in ticks], [day(tick, year=step > 28) for tick in ticks])


def day(moment: datetime, *, year: bool) -> str:
    """A date for an axis, in English whatever the locale of the machine."""
    return f"{moment.day} {MONTHS[moment.month - 1]}" + (f" {moment.year}" if year else "")
