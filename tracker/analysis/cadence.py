"""Two actions read as if both had been looked at equally often: bounds are widened to the coarser of two grids.

Looking more often narrows bounds and finds more that is sure; unequal looking must not pass for unequal actions.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from tracker.analysis.displacement import takedowns_of
from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.times import DAY, Bounds, midnight
from tracker.model.views import Appearance, Replacement
from tracker.model.watching import Action

BANDS = (0, 1, 3, 14, 90)
"""Ages of an action in days between which it is looked at evenly: the cadence changes at each of them."""


ALIKE = 1.25
"""Cadences within this factor are one cadence: jitter is no difference."""


@dataclass(frozen=True, slots=True)
class Band:
    """From day `first` to day `last` of an action there was a look or sweep every `gap`; None = fewer than two."""

    first: int
    last: int
    gap: timedelta | None


@dataclass(frozen=True, slots=True)
class Grid:
    """From age `first` to `last` only looks every `step` are taken to have been made; None = as they were."""

    first: timedelta
    last: timedelta
    step: timedelta | None


def bands(history: History, action: Action, layer: Layer, days: int) -> tuple[Band, ...]:
    """How often the labels of an action were swept, or its domains looked at, whichever was more often, by age."""
    start = midnight(action.when.at)
    domains = {row.domain for row in takedowns_of(history, action.action_id)}
    labels = {watch.label for watch in history.watches if watch.name in domains}
    sweeps = sorted(
        sweep.first
        for sweep in history.sweeps
        if sweep.layer is layer and any(not labels.isdisjoint(part.labels) for part in sweep.coverage)
    )
    looks = [
        sorted(look for span in history.spans.get(domain, ()) if span.layer is layer for look in span.looks)
        for domain in sorted(domains)
    ]
    edges = [*(edge for edge in BANDS if edge < days + 1), days + 1]
    found = []
    for first, last in pairwise(edges):
        opens, closes = start + first * DAY, start + last * DAY
        gaps = [gap for gap in (_gap([sweeps], opens, closes), _gap(looks, opens, closes)) if gap is not None]
        found.append(Band(first, last, min(gaps, default=None)))
    return tuple(found)


def _gap(series: Sequence[Sequence[datetime]], opens: datetime, closes: datetime) -> timedelta | None:
    """The median step of several series inside a stretch."""
    steps = [
        (later - earlier).total_seconds()
        for moments in series
        for earlier, later in pairwise(moments[bisect_left(moments, opens) : bisect_left(moments, closes)])
    ]
    return timedelta(seconds=median(steps)) if steps else None


def grids(mine: Sequence[Band], other: Sequence[Band]) -> tuple[Grid, ...]:
    """How one action would have to be read to be no better looked at than another, band by band.

    Where the other was hardly looked at, the step is the whole band.
    """
    found = []
    for own, theirs in zip(mine, other, strict=True):
        whole = (own.last - own.first) * DAY
        coarse = whole if theirs.gap is None else theirs.gap
        finer = own.gap is not None and own.gap * ALIKE < coarse
        found.append(Grid(own.first * DAY, own.last * DAY, min(coarse, whole) if finer else None))
    return tuple(found)


def widened(bounds: Bounds, start: datetime, steps: Sequence[Grid]) -> Bounds:
    """What looks on these grids alone would have told: the last before the lower bound, the first after the upper.

    Moments outside the grids stay as they are.
    """
    lo, hi = bounds.lo, bounds.hi
    for grid in steps:
        opens, closes = start + grid.first, start + grid.last
        if grid.step is None:
            continue
        if lo is not None and opens <= lo < closes:
            lo = opens + (lo - opens) // grid.step * grid.step
        if hi is not None and opens < hi <= closes:
            hi = min(closes, opens - (opens - hi) // grid.step * grid.step)
    return Bounds(lo, hi)


def at_cadence(
    rows: Sequence[Replacement], action: Action, layer: Layer, steps: Sequence[Grid]
) -> Sequence[Replacement]:
    """The replacements of one action, their appearance at `layer` as looks on these grids would have told it."""
    start = midnight(action.when.at)

    def wide(row: Appearance) -> Appearance:
        return replace(row, bounds=widened(row.bounds, start, steps)) if row.layer is layer else row

    return tuple(
        replace(row, appearances=tuple(map(wide, row.appearances))) for row in rows if row.action_id == action.action_id
    )
