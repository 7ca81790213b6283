"""Seizures that the tracker saw itself, before or without any list that says so."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import DAY, Bounds, Precision, When, midnight
from tracker.model.views import REPLACEMENT_VERDICTS, State, StateSpan, Views
from tracker.model.watching import Action, ActionKind, Cohort, Source, Takedown, Watch, WatchKind

LabelOf = Callable[[DomainName], str]
SOURCE = Source("observed", "seen by the tracker: a seizure server, and a second witness")
OWN_WITNESSES = frozenset({"seized.banner", "seized.status"})
"""Rules whose second witness is what was seen; a published notice is a takedown of its own."""
SAME_EVENT = 30 * DAY
"""A list that names the domain within that time of what was seen tells of the same seizure."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen and is not on record yet. `watches` are replacements that were seized: the next generation."""

    actions: tuple[Action, ...] = ()
    takedowns: tuple[Takedown, ...] = ()
    watches: tuple[Watch, ...] = ()


def observed(history: History, views: Views, label_of: LabelOf, now: datetime) -> Observed:
    """Seizures of watched names and of replacements that no takedown on record tells of.

    The seizures of one operation on one UTC day are one action; each takedown keeps its own bounds.
    """
    watches = {
        watch.name: watch
        for watch in sorted(history.watches, key=lambda watch: watch.kind is not WatchKind.ADOPTED)
        if watch.name is not None and watch.kind in (WatchKind.PREDECESSOR, WatchKind.ADOPTED)
    }
    heirs = {name: watch for name, watch in _heirs(history, views, label_of, now).items() if name not in watches}
    on_record = _moments(history.takedowns, history.actions)
    found: dict[str, Takedown] = {}
    actions: dict[str, Action] = {}
    born: dict[str, Watch] = {}
    for span in views.states:
        watch = watches.get(span.name) or heirs.get(span.name)
        seen = span.since.hi
        # Without a look before, nobody saw it happen: it may be years old.
        if watch is None or seen is None or span.since.lo is None or not _witnessed(span):
            continue
        if any(_same(span.since, moment) for moment in on_record[span.name]):
            continue
        action = _action(watch.operation_id, seen)
        takedown = _takedown(action, span.name, watch, span.since)
        actions[action.action_id] = action
        found[takedown.key] = takedown
        on_record[span.name].append(seen)
        if span.name in heirs:
            born[watch.key] = watch
    return Observed(tuple(actions.values()), tuple(found.values()), tuple(born.values()))


def settled(takedowns: Sequence[Takedown], actions: Sequence[Action]) -> tuple[Takedown, ...]:
    """Takedowns without those that we saw and that a list has named since: one seizure is counted once."""
    ours = {action.action_id for action in actions if action.sources == (SOURCE,)}
    if not ours:
        return tuple(takedowns)
    listed = _moments([row for row in takedowns if row.action_id not in ours], actions)
    return tuple(
        row
        for row in takedowns
        if row.action_id not in ours or not any(_same(row.effective, moment) for moment in listed[row.domain])
    )


def _same(seen: Bounds, moment: datetime) -> bool:
    """Whether a stated moment may be that of what was seen, give or take."""
    after = seen.lo is None or moment >= seen.lo - SAME_EVENT
    return after and (seen.hi is None or moment <= seen.hi + SAME_EVENT)


def _witnessed(span: StateSpan) -> bool:
    return span.state is State.SEIZED and span.rule_id in OWN_WITNESSES


def _heirs(history: History, views: Views, label_of: LabelOf, now: datetime) -> dict[DomainName, Watch]:
    """Replacements as the predecessors that they would be, each with markings and cohort of what it replaced."""
    by_key = {watch.key: watch for watch in history.watches}
    heirs: dict[DomainName, Watch] = {}
    for row in views.assessments:
        before = by_key.get(row.watch_key)
        label = label_of(row.name)
        if (
            row.verdict in REPLACEMENT_VERDICTS
            and before is not None
            and before.kind is WatchKind.PREDECESSOR
            and label
        ):
            heirs[row.name] = replace(
                before,
                label=label,
                name=row.name,
                since=now,
                aliases=(),
                generation=before.generation + 1,
                why=f"replaced {before.name}, and was seized in turn",
                sources=(SOURCE,),
            )
    return heirs


def _action(operation_id: str, seen: datetime) -> Action:
    day = midnight(seen)
    return Action(
        action_id="-".join(filter(None, ("observed", operation_id, f"{day:%Y-%m-%d}"))),
        operation_id=operation_id,
        kind=ActionKind.SEIZURE,
        authority="",
        when=When(day, Precision.DAY),
        title="Seizure that the tracker saw",
        sources=(SOURCE,),
    )


def _takedown(action: Action, name: DomainName, watch: Watch, since: Bounds) -> Takedown:
    return Takedown(
        action_id=action.action_id,
        domain=name,
        cohort=watch.cohort or Cohort.OWN_BRAND,
        brand=watch.brand,
        effective=since,
        sources=(SOURCE,),
    )


def _moments(takedowns: Sequence[Takedown], actions: Sequence[Action]) -> defaultdict[DomainName, list[datetime]]:
    """When each domain was hit, as far as it is known: by the takedown's own bounds, else by its announcement."""
    announced = {action.action_id: action.when for action in actions}
    found: defaultdict[DomainName, list[datetime]] = defaultdict(list)
    for row in takedowns:
        when = announced.get(row.action_id)
        moment = row.effective.hi or (when.at if when else None)
        if moment is not None:
            found[row.domain].append(moment)
    return found
