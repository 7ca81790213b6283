"""Placebo dates: the primary figure of days on which nothing happened, judged as if the action had come then.

What the log knew afterwards is hidden, so that the answer to the real action lends no strength to a date before it.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.analysis.chance import poisson_limit
from tracker.analysis.displacement import actions_by_id
from tracker.analysis.footing import closing, footing
from tracker.analysis.versions import PRIMARY, versions
from tracker.model.facts import Span
from tracker.model.history import History
from tracker.model.times import DAY, UNBOUNDED, When, midnight
from tracker.model.views import Views
from tracker.model.watching import Action

MOST = 5
"""So many dates, two days apart: their windows do not overlap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placebo:
    """The count of the primary figure had the action come on `day`. Chance and strangers are all it can hold."""

    day: datetime
    count_lo: int
    count_hi: int


def placebos(history: History, derive: Callable[[History], Views], action_id: str) -> tuple[Placebo, ...]:
    """The last days before the action whose windows ended before it and on which its labels were already swept.

    Verdicts rest on what was known at the end of each window. Empty when nobody looked before the action.
    """
    action = actions_by_id(history)[action_id]
    domains = {row.domain for row in history.takedowns if row.action_id == action_id}
    labels = {watch.label for watch in history.watches if watch.name in domains}
    swept = [
        sweep.last for sweep in history.sweeps if any(not labels.isdisjoint(part.labels) for part in sweep.coverage)
    ]
    day = midnight(action.when.at) - 2 * DAY
    found: list[Placebo] = []
    while swept and day > min(swept) and len(found) < MOST:
        pretended = _pretended(history, action, day)
        base = footing(pretended, derive(pretended), action_id)
        named = next(row for row in versions(base) if row.choice == PRIMARY)
        found.append(Placebo(day=day, count_lo=named.count_lo, count_hi=named.count_hi))
        day -= 2 * DAY
    return tuple(reversed(found))


def per_day(found: Sequence[Placebo]) -> float | None:
    """Upper 95 % limit (exact Poisson) of what one placebo date gives, by the possible counts; None without any."""
    return poisson_limit(sum(row.count_hi for row in found)) / len(found) if found else None


def placebo_dates(history: History, derive: Callable[[History], Views]) -> Mapping[str, Sequence[Placebo]]:
    """The placebo dates of every action that hit anything, by action id; each date is judged anew by `derive`."""
    known = {action.action_id for action in history.actions}
    hit = sorted({takedown.action_id for takedown in history.takedowns} & known)
    return {action_id: placebos(history, derive, action_id) for action_id in hit}


def _pretended(history: History, action: Action, day: datetime) -> History:
    """The log had it ended with the first day after an action on `day`, with that action alone."""
    shift = midnight(action.when.at) - day
    moved = replace(action, when=When(action.when.at - shift, action.when.precision))
    cut = closing(moved, 1)
    known = history.taken_down_at.get(action.action_id)
    spans = {name: kept for name, rows in history.spans.items() if (kept := _before(rows, cut))}
    return replace(
        history,
        as_of=cut,
        actions=(moved,),
        takedowns=tuple(
            replace(row, effective=UNBOUNDED) for row in history.takedowns if row.action_id == action.action_id
        ),
        claims=(),
        watches=tuple(row for row in history.watches if row.since < cut),
        sightings=tuple(row for row in history.sightings if row.at < cut),
        spans=spans,
        sweeps=tuple(row for row in history.sweeps if row.last < cut),
        gaps=tuple(row for row in history.gaps if row.first < cut),
        reviews=(),
        taken_down_at={} if known is None else {action.action_id: known - shift},
    )


def _before(rows: tuple[Span, ...], cut: datetime) -> tuple[Span, ...]:
    """The spans without the looks from `cut` on."""
    return tuple(
        row if row.last < cut else replace(row, looks=tuple(row.looks[: bisect_left(row.looks, cut)]))
        for row in rows
        if row.first < cut
    )
