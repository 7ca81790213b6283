"""Two actions side by side at one layer, one verdict level, one cadence and one length of follow-up.

No test and no p-value: each action is one decision, so there are two observations, not two samples.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tracker.analysis.cadence import Band, at_cadence, bands, grids
from tracker.analysis.coverage import coverage
from tracker.analysis.displacement import (
    COHORTS,
    Displacement,
    actions_by_id,
    count_at,
    displacement,
    replacements,
    takedowns_of,
)
from tracker.analysis.footing import WINDOWS, closing
from tracker.analysis.lags import LATER, middle
from tracker.analysis.tallies import LEVELS
from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.times import DAY, midnight
from tracker.model.views import Verdict, Views
from tracker.model.watching import Action


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

    `cadence_differs` says that one was looked at more often at some age: it was read at the cadence of the other, so
    that its bounds here are wider than in its own report.
    """

    first: str
    second: str
    layer: Layer
    verdict_min: Verdict
    follow_up: int
    cadence_differs: bool
    rows: tuple[ComparedRow, ...]


def compare(
    history: History,
    views: Views,
    first: str,
    second: str,
    layer: Layer = Layer.DELEGATED,
    level: Verdict = Verdict.LIKELY,
) -> Comparison:
    """Compare two actions as known now; raises KeyError for an unknown one, ValueError for one compared with itself,
    or for a `level` that is none."""
    if first == second:
        raise ValueError("an action compared with itself says nothing")
    if level not in LEVELS:
        raise ValueError(f"{level} is no level to count from; there are {', '.join(LEVELS)}")
    known = actions_by_id(history)
    actions = (known[first], known[second])
    days = max(0, min((views.as_of - midnight(action.when.at)) // DAY - 1 for action in actions))
    looked = tuple(bands(history, action, layer, days) for action in actions)
    steps = (grids(looked[0], looked[1]), grids(looked[1], looked[0]))
    found = replacements(history, views.candidates, views.assessments, views.appearances, LEVELS[level])
    equal = [  # verdicts as they are: which of them want a source is known for one level only
        replace(views, assessments=(), replacements=tuple(at_cadence(found, action, layer, grid)))
        for action, grid in zip(actions, steps, strict=True)
    ]
    rows = [
        ComparedRow(figure=figure, cohort=cohort, unit=unit, first=one, second=two)
        for cohort in COHORTS
        for (figure, unit, one), (_, _, two) in zip(
            *(
                _figures(history, seen, action, cohort, layer, days)
                for action, seen in zip(actions, equal, strict=True)
            ),
            strict=True,
        )
    ]
    rows += [
        ComparedRow(
            figure=f"hours between looks, day {one.first} to {one.last}",
            cohort="",
            unit="hours",
            first=_hours(one),
            second=_hours(two),
        )
        for one, two in zip(*looked, strict=True)
    ]
    return Comparison(
        first=first,
        second=second,
        layer=layer,
        verdict_min=level,
        follow_up=days,
        cadence_differs=any(grid.step is not None for one in steps for grid in one),
        rows=tuple(rows),
    )


def _hours(band: Band) -> Reading:
    hours = None if band.gap is None else band.gap / timedelta(hours=1)
    return Reading(hours, hours)


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
    until = closing(action, days)
    found = coverage(history, views, action.action_id, cohort, layer, until)
    answered = Reading(sum(row.surely for row in found), sum(row.possibly for row in found))
    yield f"domains with a replacement within {days} d", "names", answered
    yield "days to the first replacement, median over domains", "days", _middle(curve, until)


def _reached(curve: Displacement, moment: datetime) -> tuple[int, int]:
    """The window ends at midnight and holds nothing of that instant itself on the upper side."""
    return count_at(curve.lower, moment), count_at(curve.upper, moment - timedelta(microseconds=1))


def _middle(curve: Displacement, until: datetime) -> Reading:
    """The median time to the first replacement, negative in advance; domains that had none count as later."""
    start = curve.origin.hi or curve.origin.lo
    found = middle(curve.lags, (until - start) / DAY if start else LATER)
    return Reading(found.days_lo, found.days_hi)
