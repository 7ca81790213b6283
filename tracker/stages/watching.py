"""Change the watch by hand: rows are appended, what was seen stays."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.model.facts import Batch, Run
from tracker.model.names import DomainName
from tracker.model.times import Precision, When
from tracker.model.watching import (
    Action,
    ActionKind,
    Claim,
    Cohort,
    Operation,
    Pap,
    Source,
    Takedown,
    Tlp,
    Watch,
    WatchKind,
    WatchStatus,
    stricter,
)
from tracker.ports import Log
from tracker.stages.planner import Planner


class NotWatched(ValueError):
    """No watch has this name."""


class NotClaimed(ValueError):
    """Nobody says anything about this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants watched. With `seized` it was hit by an action of its own."""

    name: DomainName
    label: str
    kind: WatchKind
    cohort: Cohort
    source: Source
    brand: str = ""
    operation: str = ""
    seized: When | None = None
    why: str = ""
    tlp: Tlp = Tlp.CLEAR
    pap: Pap = Pap.CLEAR


def add(log: Log, planner: Planner, wish: Wish, run: Run, now: datetime) -> Watch:
    """Append a watch, and its takedown when a day of seizure is given; raises ValueError for one that is to come."""
    if wish.seized is not None and wish.seized.at > now:
        raise ValueError(f"a seizure on {wish.seized.text} has not happened yet: --seized-on wants a day that was")
    if wish.kind is WatchKind.ADOPTED:
        wish = adopted(wish, log.history().claims)
    known = {watch.key: watch for watch in log.watches()}
    watch = Watch(
        kind=wish.kind,
        label=wish.label,
        since=now,
        name=wish.name,
        operation_id=wish.operation,
        cohort=wish.cohort if wish.kind is not WatchKind.PROTECTED else None,
        brand=wish.brand,
        # The outlet's own site is no lookalike of itself.
        own=(wish.name,) if wish.kind is WatchKind.PROTECTED else (),
        tlp=wish.tlp,
        pap=wish.pap,
        why=wish.why,
        sources=(wish.source,),
    )
    if watch.key in known:
        before = known[watch.key]
        watch = replace(
            before,
            status=WatchStatus.ACTIVE,
            why=wish.why or before.why,
            tlp=stricter(wish.tlp, before.tlp),
            pap=stricter(wish.pap, before.pap),
        )
    actions: tuple[Action, ...] = ()
    takedowns: tuple[Takedown, ...] = ()
    if wish.seized is not None:
        action = _action(wish, wish.seized, log.history().actions)
        actions = (action,)
        takedowns = (
            Takedown(
                action_id=action.action_id,
                domain=wish.name,
                cohort=wish.cohort,
                brand=wish.brand,
                sources=(wish.source,),
            ),
        )
    operations = (Operation(wish.operation, wish.operation),) if wish.operation else ()
    log.append(run, Batch(operations=operations, actions=actions, takedowns=takedowns, watches=(watch,)), now)
    planner.changed([watch], log.history(), now)
    planner.taken_down(takedowns, actions, log.watches(), now)
    return watch


def _action(wish: Wish, seized: When, known: Sequence[Action]) -> Action:
    """The action of that day and operation: domains added later join it, with their sources and the finer moment.

    Its title names no source: a domain of it may be restricted, and who reported that with it.
    """
    day = seized.text[:10]
    action_id = "-".join(filter(None, (wish.source.source_id, day, wish.operation)))
    before = next((action for action in known if action.action_id == action_id), None)
    moments = [before.when, seized] if before else [seized]
    sources = (*(before.sources if before else ()), wish.source)
    return Action(
        action_id=action_id,
        operation_id=wish.operation,
        kind=ActionKind.SEIZURE,
        authority="",
        when=min(moments, key=lambda when: when.precision is not Precision.SECOND),
        title=f"Seizures of {day}, as reported",
        sources=tuple(dict.fromkeys(sources)),
    )


def adopted(wish: Wish, claims: Sequence[Claim]) -> Wish:
    """The wish with what the claims about the name say: whose it is, who says so, and how it is marked.

    A marking of a list holds for what is made of it: the strictest one counts. Raises NotClaimed when nobody claims the
    name and nobody is named who does.
    """
    said = [claim for claim in claims if claim.domain == wish.name]
    if not said and not wish.source.title:
        raise NotClaimed(f"no list that was read names {wish.name}: say with --source who does")
    for claim in said:
        wish = replace(
            wish,
            operation=wish.operation or claim.operation_id,
            source=wish.source if wish.source.title else claim.source,
            tlp=stricter(wish.tlp, claim.tlp),
            pap=stricter(wish.pap, claim.pap),
        )
    return wish


def change(log: Log, planner: Planner, name: str, status: WatchStatus, run: Run, now: datetime) -> Sequence[Watch]:
    """Pause, remove or resume every watch of a name (or control label); raises NotWatched."""
    changed = [
        replace(watch, status=status)
        for watch in log.watches()
        if name in (watch.name, watch.key, watch.label if watch.name is None else None)
    ]
    if not changed:
        raise NotWatched(f"{name} is not watched")
    log.append(run, Batch(watches=tuple(changed)), now)
    planner.changed(changed, log.history(), now)
    return changed
