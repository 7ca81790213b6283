"""Whether what was concluded about time is true: bounds of states and episodes against the instants of the story."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from tracker.analysis.custody import UNTOLD
from tracker.analysis.nameservers import ServerClass, ServerRules, bundled
from tracker.analysis.states import NOT_SEEN
from tracker.lab.world import NameState, Story, World
from tracker.model.facts import Layer
from tracker.model.times import Bounds, iso
from tracker.model.views import Episode, State, StateSpan, Views

SEEN_AFTER = timedelta(hours=18)
"""What lasts this long on both sides must be seen of a name that is looked at for its own sake."""
LATEST = timedelta(days=2)
"""Ends in the last days of a story need not be confirmed any more."""
_CUSTODY = {State.SEIZED, State.SINKHOLED, State.HELD, State.UNDELEGATED}
_CLASSES = {
    ServerClass.SEIZED: State.SEIZED,
    ServerClass.SINKHOLED: State.SINKHOLED,
    ServerClass.HELD: State.HELD,
    ServerClass.EXPIRED: State.PARKED,
}
Era = tuple[datetime, State | None, datetime | None]
"""From an instant on: the state that delegation and registry give (None = in the zone, whatever is behind), and the
registration that it belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bracketing:
    """How many bounds were held against the story, how wide they were, and what was wrong.

    `wrong` are bounds that hold no true transition, `unseen` true transitions of long standing that no episode has.
    Open bounds, and those that reach back before the story, have no width.
    """

    checked: int = 0
    widths: tuple[timedelta, ...] = ()
    wrong: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()


def bracketed(views: Views, world: World, named: Iterable[str], servers: ServerRules | None = None) -> Bracketing:
    """Check every state and every episode at DELEGATED of the names of the story; those `named` must be seen, too."""
    rules = servers or bundled()
    eras = {name: _eras(story, rules) for name, story in world.stories.items()}
    spans: dict[str, list[StateSpan]] = {}
    for span in views.states:
        spans.setdefault(span.name, []).append(span)
    lives: dict[str, list[Episode]] = {}
    for row in views.episodes:
        if row.layer is Layer.DELEGATED:
            lives.setdefault(row.name, []).append(row)
    claims = [
        (f"{name} {what} in {_shown(bounds)}", bounds, true)
        for name in sorted(eras)
        for what, bounds, true in _claims(eras[name], spans.get(name, ()), lives.get(name, ()))
    ]
    widths = [
        bounds.hi - bounds.lo
        for _, bounds, _ in claims
        if bounds.hi is not None and bounds.lo is not None and bounds.lo >= world.start
    ]
    unseen = [text for name in sorted(set(named)) for text in _unseen(name, eras[name], lives.get(name, ()), world)]
    return Bracketing(
        checked=len(claims),
        widths=tuple(sorted(widths)),
        wrong=tuple(text for text, _, true in claims if not true),
        unseen=tuple(unseen),
    )


def _eras(story: Story, rules: ServerRules) -> tuple[Era, ...]:
    """The story of one name as delegation and registry tell it, equal neighbours joined."""
    found: list[Era] = [(datetime.min.replace(tzinfo=story.changes[0].tzinfo), State.UNDELEGATED, None)]
    for moment, state in zip(story.changes, story.states, strict=True):
        era = (moment, _state(state, rules), None if state is None else state.registered_at)
        if era[1:] != found[-1][1:]:
            found.append(era)
    return tuple(found)


def _state(state: NameState | None, rules: ServerRules) -> State | None:
    if state is None:
        return State.UNDELEGATED
    if not state.delegated:
        held = any(status.endswith("Hold") for status in state.statuses)
        return State.HELD if held else State.UNDELEGATED
    rule = rules.classify(state.name_servers)
    return None if rule is None else _CLASSES.get(rule.server_class)


def _coarse(state: State) -> State | None:
    return state if state in _CUSTODY else None


def _claims(
    eras: Sequence[Era], spans: Sequence[StateSpan], lives: Sequence[Episode]
) -> Iterator[tuple[str, Bounds, bool]]:
    """What the views say of one name's transitions: in words, within which bounds, and whether it is true."""
    told = [span for span in spans if span.rule_id != NOT_SEEN]
    for before, span in zip((None, *told), told, strict=False):
        state = _coarse(span.state)
        if before is not None and _coarse(before.state) is state:
            continue
        # Where the registry could not tell, "not in the zone" leaves open whether the name is held.
        meant = {State.HELD, State.UNDELEGATED} if span.rule_id == UNTOLD else {state}
        true = any(_within(at, span.since) and era in meant for at, era, _ in eras)
        yield f"became {span.state}", span.since, true
    begins, ends = _begins(eras), _ends(eras)
    for row in lives:
        yield "began", row.start, any(_within(at, row.start) for at in begins)
        if row.end is not None:
            yield "ended", row.end, any(_within(at, row.end) for at in ends)


def _begins(eras: Sequence[Era]) -> list[datetime]:
    """Instants at which the name came into the zone, or in it into other hands."""
    return [
        at
        for (_, was, registered), (at, state, again) in pairwise(eras)
        if state is None and (was is not None or registered != again)
    ]


def _ends(eras: Sequence[Era]) -> list[datetime]:
    return [
        at
        for (_, was, registered), (at, state, again) in pairwise(eras)
        if was is None and (state is not None or registered != again)
    ]


def _within(at: datetime, bounds: Bounds) -> bool:
    return (bounds.lo is None or at > bounds.lo) and (bounds.hi is None or at <= bounds.hi)


def _unseen(name: str, eras: Sequence[Era], lives: Sequence[Episode], world: World) -> Iterator[str]:
    """Begins and ends inside the story that lasted on both sides and stand in no episode."""
    starts, stops = [row.start for row in lives], [row.end for row in lives if row.end is not None]
    changes = sorted({*_begins(eras), *_ends(eras)})
    around = (datetime.min.replace(tzinfo=world.start.tzinfo), *changes, world.end)
    for before, at, after in zip(around, changes, around[2:], strict=False):
        lasting = at - before >= SEEN_AFTER and after - at >= SEEN_AFTER and at < world.end - LATEST
        if not lasting or at <= world.start:
            continue
        begins = at in _begins(eras)
        if not any(_within(at, bounds) for bounds in (starts if begins else stops)):
            yield f"{name} {'began' if begins else 'ended'} at {iso(at)}, which no episode says"


def _shown(bounds: Bounds) -> str:
    lo = "" if bounds.lo is None else iso(bounds.lo)
    hi = "" if bounds.hi is None else iso(bounds.hi)
    return f"({lo}, {hi}]"
