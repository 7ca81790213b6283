"""Rows of what surrounds a count: versions, lags, blindness, late arrivals, competing endings."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from tracker.analysis.displacement import ALL, Displacement
from tracker.analysis.footing import footing
from tracker.analysis.placebo import Placebo
from tracker.analysis.triangle import triangle
from tracker.analysis.versions import versions
from tracker.export.lifetable import incidence
from tracker.export.rows_counts import LENGTHS, groups, lifespans
from tracker.export.stories import blind_suffixes
from tracker.export.tables import Row
from tracker.model.history import History
from tracker.model.views import Views


def with_takedowns(history: History) -> tuple[str, ...]:
    """Ids of the actions that hit anything."""
    known = {action.action_id for action in history.actions}
    return tuple(sorted({row.action_id for row in history.takedowns} & known))


def version_rows(history: History, views: Views) -> Iterator[Row]:
    """Rows of `replacement_counts`."""
    for action_id in with_takedowns(history):
        for row in versions(footing(history, views, action_id)):
            choice = row.choice
            yield {
                "action_id": action_id,
                "cohort": choice.cohort,
                "scope": choice.scope.value,
                "layer": choice.layer.value,
                "verdict_min": choice.verdict_min.value,
                "window": choice.window,
                "count_lo": row.count_lo,
                "count_hi": row.count_hi,
                "unknown": row.unknown,
                "of": row.of,
                "ratio_lo": row.ratio_lo,
                "ratio_hi": row.ratio_hi,
                "expected_by_chance": row.expected_by_chance,
                "chance_hi": row.chance_hi,
                "controls": row.controls,
                "excess_lo": row.excess_lo,
                "excess_hi": row.excess_hi,
                "primary": row.primary,
                "as_of": views.as_of,
            }


def placebo_rows(dates: Mapping[str, Sequence[Placebo]], as_of: datetime) -> Iterator[Row]:
    """Rows of `placebo_dates`."""
    for action_id, days in sorted(dates.items()):
        for row in days:
            yield {
                "action_id": action_id,
                "day": row.day,
                "count_lo": row.count_lo,
                "count_hi": row.count_hi,
                "as_of": as_of,
            }


def lag_rows(curves: Iterable[Displacement]) -> Iterator[Row]:
    """Rows of `first_replacements`."""
    for curve in curves:
        for lag in curve.lags if curve.cohort == ALL else ():
            yield {
                "action_id": curve.action_id,
                "predecessor": lag.predecessor,
                "cohort": lag.cohort.value,
                "domain": lag.name,
                "lag_lo_s": lag.lo,
                "lag_hi_s": lag.hi,
                "followed_until": lag.followed,
            }


def blindness_rows(history: History, views: Views) -> Iterator[Row]:
    """Rows of `suffix_blindness`."""
    for action in sorted(history.actions, key=lambda action: action.action_id):
        if action.action_id in with_takedowns(history):
            for row in blind_suffixes(history, views, action):
                if row.blind:
                    yield {
                        "action_id": action.action_id,
                        "suffix": row.suffix,
                        "sweeps": row.sweeps,
                        "sweeps_failed": row.sweeps_failed,
                        "looks": row.looks,
                        "looks_unsure": row.looks_unsure,
                        "unjudged": row.unjudged,
                    }


def triangle_rows(views: Views) -> Iterator[Row]:
    """Rows of `reporting_triangle`."""
    for week in triangle(views):
        for late, names in enumerate(week.found):
            if names is not None:
                yield {"appeared_week": week.monday, "weeks_later": late, "names": names}


def ending_rows(history: History, views: Views) -> Iterator[Row]:
    """Rows of `ending_curves`."""
    for group, lifetimes in groups(history, views).items():
        for bound in LENGTHS:
            for ending, steps in incidence(lifespans(lifetimes, bound)).items():
                for step in steps:
                    yield {
                        "curve_id": group.curve_id,
                        "bound": bound,
                        "ending": ending,
                        "t_s": step.t,
                        "n_event": step.n_event,
                        "share": step.share,
                    }
