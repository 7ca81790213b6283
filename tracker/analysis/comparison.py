"""Two actions side by side at one layer, one verdict level and one length of follow-up.

No test and no p-value: each action is one decision, so there are two observations, not two samples.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from tracker.analysis.displacement import COHORTS, Displacement, actions_by_id, count_at, displacement, takedowns_of
from tracker.analysis.measurement import WINDOWS, closing
from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.times import DAY, midnight
from tracker.model.views import Views
from tracker.model.watching import Action

LATER = float("inf")


@dataclass(frozen=True, slots=True)
class Reading:
    """A figure of one action between `lo` and `hi`; None = no data. An infinite one is later than the follow-up."""

    lo: float | None
    hi: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRow:
    """One figure of both actions. `unit`: names, share, days, looks or questions."""

    figure: str
    cohort: str
    unit: str
    first: Reading
    second: Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`follow_up` (whole days after the day of the action) is what both were followed for; nothing later is counted.

    `cadence_differs` says that one was looked at more than twice as often: its bounds are narrower for that alone.
    """

    first: str
    second: str
    layer: Layer
    follow_up: int
    cadence_differs: bool
    rows: tuple[ComparedRow, ...]


def compare(history: History, views: Views, first: str, second: str, layer: Layer = Layer.DELEGATED) -> Comparison:
    """Compare two actions as known now; raises KeyError for an unknown one, ValueError for one compared with itself."""
    if first == second:
        raise ValueError("an action compared with itself says nothing")
    known = actions_by_id(history)
    actions = (known[first], known[second])
    days = max(0, min((views.as_of - midnight(action.when.at)) // DAY - 1 for action in actions))
    gaps = tuple(_look_gap(history, action, layer, days) for action in actions)
    rows = [
        ComparedRow(figure=figure, cohort=cohort, unit=unit, first=one, second=two)
        for cohort in COHORTS
        for (figure, unit, one), (_, _, two) in zip(
            *(_figures(history, views, action, cohort, layer, days) for action in actions), strict=True
        )
    ]
    rows += [
        ComparedRow(figure="hours between looks, median", cohort="", unit="hours", first=gaps[0], second=gaps[1]),
        ComparedRow(
            figure="sweeps",
            cohort="",
            unit="sweeps",
            first=_sweeps(history, actions[0], days),
            second=_sweeps(history, actions[1], days),
        ),
    ]
    one, two = gaps[0].lo, gaps[1].lo
    differs = one is None or two is None or max(one, two) > 2 * min(one, two)
    return Comparison(
        first=first, second=second, layer=layer, follow_up=days, cadence_differs=differs, rows=tuple(rows)
    )


def _figures(
    history: History, views: Views, action: Action, cohort: str, layer: Layer, days: int
) -> Iterator[tuple[str, str, Reading]]:
    of = len(takedowns_of(history, action.action_id, cohort))
    yield "domains hit", "names", Reading(of, of)
    curve = displacement(history, views, action.action_id, cohort, layer)
    for window in [*(n for n in WINDOWS.values() if n < days), days]:
        lo, hi = _reached(curve, closing(action, window))
        yield f"new names within {window} d", "names", Reading(lo, hi)
        if of:
            yield f"per domain hit within {window} d", "share", Reading(lo / of, hi / of)
        else:
            yield f"per domain hit within {window} d", "share", Reading(None, None)
    lags = _lags(curve, closing(action, days))
    yield "domains with a replacement", "names", lags[0]
    yield "days to the first replacement, median over domains", "days", lags[1]


def _reached(curve: Displacement, moment: datetime) -> tuple[int, int]:
    """The window ends at midnight and holds nothing of that instant itself on the upper side."""
    return count_at(curve.lower, moment), count_at(curve.upper, moment - timedelta(microseconds=1))


def _lags(curve: Displacement, until: datetime) -> tuple[Reading, Reading]:
    """How many domains had a replacement, and the median time to it with those that had none counted as later."""
    start = curve.origin.hi or curve.origin.lo
    longest = (until - start) / DAY if start else LATER
    soonest = [LATER if lag.name is None else -LATER if lag.lo is None else lag.lo / DAY for lag in curve.lags]
    latest = [LATER if lag.name is None or lag.hi is None else lag.hi / DAY for lag in curve.lags]
    cut = [[value if value <= longest else LATER for value in values] for values in (soonest, latest)]
    counts = [sum(value < LATER for value in values) for values in cut]
    if not curve.lags:
        return Reading(0, 0), Reading(None, None)
    middle = [median(values) for values in cut]
    return Reading(counts[1], counts[0]), Reading(None if middle[0] == -LATER else middle[0], middle[1])


def _look_gap(history: History, action: Action, layer: Layer, days: int) -> Reading:
    """Median hours between looks at the action's domains during the follow-up: by it the cadences are compared."""
    start, end = midnight(action.when.at), closing(action, days)
    gaps: list[float] = []
    for row in takedowns_of(history, action.action_id):
        looks = sorted(
            look
            for span in history.spans.get(row.domain, ())
            if span.layer is layer
            for look in span.looks
            if start <= look < end
        )
        gaps += [(later - earlier) / timedelta(hours=1) for earlier, later in pairwise(looks)]
    return Reading(None, None) if not gaps else Reading(median(gaps), median(gaps))


def _sweeps(history: History, action: Action, days: int) -> Reading:
    count = sum(midnight(action.when.at) <= row.first < closing(action, days) for row in history.sweeps)
    return Reading(count, count)
