"""How many names replaced those an action took down, by when: lower and upper curves, lags, coverage."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker.analysis.answers import Answer, answers, predecessors
from tracker.analysis.lags import Lag, lag_of
from tracker.analysis.placement import origin, origins, possibly_after, surely_after
from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import Bounds
from tracker.model.views import (
    REPLACEMENT_VERDICTS,
    Appearance,
    Assessment,
    Candidate,
    Replacement,
    Verdict,
    Views,
)
from tracker.model.watching import Action, Cohort, Takedown

ALL = "all"
COHORTS = (Cohort.OWN_BRAND.value, Cohort.IMITATED.value, ALL)
"""Cohort columns in printing order.

`all` counts each name once; it is a sum of unlike things and never the primary figure.
"""


@dataclass(frozen=True, slots=True)
class Step:
    """From `at` on the count is `count`."""

    at: datetime
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Displacement:
    """N(t) of one action and cohort at one layer: `lower` = surely by then, `upper` = possibly by then. A verdict that
    a source which failed could make or undo is in `upper` alone; `lags` take verdicts as they are.

    `covered_*` counts seized names with at least one replacement so far, out of `of`; `ratio_*` is N at `as_of` /
    `of` and may exceed one. Measurement bounds only: one action is one decision, so nothing here is a sampling
    interval.
    """

    action_id: str
    cohort: str
    layer: Layer
    verdict_min: Verdict
    origin: Bounds
    lower: tuple[Step, ...]
    upper: tuple[Step, ...]
    lags: tuple[Lag, ...]
    of: int
    covered_lo: int
    covered_hi: int
    ratio_lo: float | None
    ratio_hi: float | None
    as_of: datetime


def count_at(steps: Sequence[Step], moment: datetime) -> int:
    """The count that a step curve has reached at `moment`, steps at that instant included."""
    reached = bisect_right(steps, moment, key=lambda step: step.at)
    return steps[reached - 1].count if reached else 0


def actions_by_id(history: History) -> dict[str, Action]:
    """The actions of a history by their id."""
    return {action.action_id: action for action in history.actions}


def takedowns_of(history: History, action_id: str, cohort: str = ALL) -> tuple[Takedown, ...]:
    """The takedowns of one action and cohort, by domain."""
    rows = [row for row in history.takedowns if row.action_id == action_id and cohort in (ALL, row.cohort)]
    return tuple(sorted(rows, key=lambda row: row.domain))


def replacements(
    history: History,
    candidates: Sequence[Candidate],
    assessments: Sequence[Assessment],
    appearances: Sequence[Appearance],
    counted: Collection[Verdict] = REPLACEMENT_VERDICTS,
) -> tuple[Replacement, ...]:
    """One row per (action, predecessor, name) whose verdict is among those `counted`, sorted by that.

    Names that came before the action are included: whether they answer it is for the windows to say.
    """
    domains = predecessors(history)
    takedowns: defaultdict[DomainName, list[Takedown]] = defaultdict(list)
    for takedown in history.takedowns:
        takedowns[takedown.domain].append(takedown)
    techniques = {row.key: row.techniques[0] for row in candidates}
    seen: defaultdict[tuple[str, DomainName], list[Appearance]] = defaultdict(list)
    for row in appearances:
        seen[(row.watch_key, row.name)].append(row)
    found = [
        Replacement(
            action_id=takedown.action_id,
            predecessor=takedown.domain,
            name=row.name,
            cohort=takedown.cohort,
            verdict=row.verdict,
            bits=row.bits,
            appearances=tuple(seen[(row.watch_key, row.name)]),
            technique=techniques[(row.watch_key, row.name)],
            reviewed=row.reviewed,
        )
        for row in assessments
        if row.verdict in counted and row.watch_key in domains
        for takedown in takedowns.get(domains[row.watch_key], ())
    ]
    return tuple(sorted(found, key=lambda row: (row.action_id, row.predecessor, row.name)))


def displacement(
    history: History, views: Views, action_id: str, cohort: str = ALL, layer: Layer = Layer.DELEGATED
) -> Displacement:
    """N(t), lags and coverage of one action; raises KeyError for an unknown action."""
    action = actions_by_id(history)[action_id]
    takedowns = takedowns_of(history, action_id, cohort)
    opens_at = origins(history, action, takedowns)
    start = origin(history, action)
    found = answers(history, views, action_id, opens_at, layer)
    lower, covered_lo, upper, covered_hi = _reached(found, opens_at, start.lo or action.when.at)
    called = {domain: [(row.name, row.place) for row in rows if row.called] for domain, rows in found.items()}
    return Displacement(
        action_id=action_id,
        cohort=cohort,
        layer=layer,
        verdict_min=Verdict.LIKELY,
        origin=start,
        lower=lower,
        upper=upper,
        lags=tuple(lag_of(row, opens_at[row.domain], called.get(row.domain, ()), views.as_of) for row in takedowns),
        of=len(takedowns),
        covered_lo=covered_lo,
        covered_hi=covered_hi,
        ratio_lo=share(lower[-1].count if lower else 0, len(takedowns)),
        ratio_hi=share(upper[-1].count if upper else 0, len(takedowns)),
        as_of=views.as_of,
    )


def displacements(history: History, views: Views, layer: Layer = Layer.DELEGATED) -> tuple[Displacement, ...]:
    """Every action that has takedowns x every cohort, by action id and in `COHORTS` order."""
    hit = sorted({row.action_id for row in history.takedowns} & set(actions_by_id(history)))
    return tuple(displacement(history, views, action_id, cohort, layer) for action_id in hit for cohort in COHORTS)


def share(count: int, of: int) -> float | None:
    """Count per seized name; None when there is none to divide by."""
    return count / of if of else None


def _reached(
    found: Mapping[DomainName, Iterable[Answer]],
    opens_at: Mapping[DomainName, Bounds],
    start: datetime,
) -> tuple[tuple[Step, ...], int, tuple[Step, ...], int]:
    """The curve and the number of domains answered, surely and then possibly; a name counts once, whatever number of
    domains it answers."""
    surely: dict[DomainName, datetime] = {}
    possibly: dict[DomainName, datetime] = {}
    covered_lo: set[DomainName] = set()
    covered_hi: set[DomainName] = set()
    for predecessor, rows in found.items():
        opens = opens_at[predecessor]
        for name, place, _, sure in rows:
            if possibly_after(opens, place):
                covered_hi.add(predecessor)
                earliest = max(place.lo or start, start)
                possibly[name] = min(earliest, possibly.get(name, earliest))
            if sure and surely_after(opens, place) and place.hi is not None:
                covered_lo.add(predecessor)
                surely[name] = min(place.hi, surely.get(name, place.hi))
    return _steps(surely.values()), len(covered_lo), _steps(possibly.values()), len(covered_hi)


def _steps(moments: Iterable[datetime]) -> tuple[Step, ...]:
    steps: list[Step] = []
    for count, moment in enumerate(sorted(moments), start=1):
        if steps and steps[-1].at == moment:
            steps.pop()
        steps.append(Step(moment, count))
    return tuple(steps)
