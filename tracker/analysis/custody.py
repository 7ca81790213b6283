"""In whose hands a name was at each look at its delegation: the operator's, a registry's, an authority's, nobody's."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice
from operator import lt
from typing import NamedTuple, TypeVar

from tracker.analysis.absence import swept_absences
from tracker.analysis.index import SEIZURE_KINDS, HistoryIndex
from tracker.analysis.nameservers import ServerClass, ServerRule, ServerRules
from tracker.analysis.timeline import Moment
from tracker.model.facts import NO_FACTS, Facts, Layer, Presence, Span
from tracker.model.names import DomainName
from tracker.model.times import from_iso
from tracker.model.views import Ending, State

HOLDS = frozenset({"serverHold", "clientHold"})
SEIZURE_LOCKS = frozenset({"serverDeleteProhibited", "serverTransferProhibited", "serverUpdateProhibited"})
LEAVING = frozenset({"redemptionPeriod", "pendingDelete"})
UNCONFIRMED = "seizure_server_unconfirmed"
UNTOLD = "undelegated.registration_unknown"
"""Not in the zone, and the registry did not say why: it may be held just as well."""


class Hold(NamedTuple):
    """What one look at the delegation amounts to, once the looks around it are known.

    `alive` = delegated, and not to an authority, sinkhole or registrar's waiting room; None when the look could not
    tell. `state` None leaves the state to the layers above. `registry` marks an end that the registry itself made.
    """

    first: datetime
    last: datetime
    presence: Presence
    alive: bool | None
    state: State | None
    rule_id: str
    registry: bool = False
    cause: Ending | None = None
    run: int = 0


class Look(NamedTuple):
    """One look of one probe, cut out of its span. A tuple, as holds and moments are: a year has millions of them."""

    first: datetime
    last: datetime
    presence: Presence
    facts: Facts


_RANK = {Presence.INDETERMINATE: 0, Presence.ABSENT: 1, Presence.PRESENT: 2}


_Timed = TypeVar("_Timed", Look, Hold, Moment)


def by_time(rows: list[_Timed]) -> list[_Timed]:
    """The rows by first and last moment; absences before presences of one instant, so that a contradiction reads as a
    flap, not as an end. Sorts in place."""
    firsts = [row[0] for row in rows]
    if not all(map(lt, firsts, islice(firsts, 1, None))):  # they mostly come as they were made, one after another
        rows.sort(key=lambda row: (row[0], row[1], _RANK[row[2]]))
    return rows


def looks(spans: Sequence[Span]) -> list[Look]:
    """The looks of some spans, by time."""
    found: list[Look] = []
    for span in spans:
        presence, facts = span.presence, span.facts
        found += [Look(look, look, presence, facts) for look in span.looks]
    return by_time(found)


class Looked:
    """The looks at one name, each list by time, made when it is first asked for. Those that could not tell are among
    them."""

    def __init__(self, index: HistoryIndex, name: DomainName) -> None:
        self.index, self.name = index, name

    @cached_property
    def delegation(self) -> Sequence[Look]:
        """Looks at the parent, and the absences that sweeps proved."""
        swept = swept_absences(self.index, self.name, Layer.DELEGATED)
        found = looks(self.index.spans(self.name, Layer.DELEGATED))
        return by_time([*found, *(Look(row.first, row.last, Presence.ABSENT, {}) for row in swept)]) if swept else found

    @cached_property
    def registration(self) -> Sequence[Look]:
        """What the registry said."""
        return looks(self.index.spans(self.name, Layer.REGISTERED))

    @cached_property
    def addresses(self) -> Sequence[Look]:
        """What the name's own servers said."""
        return looks(self.index.spans(self.name, Layer.RESOLVING))

    @cached_property
    def pages(self) -> Sequence[Look]:
        """What the page probe read."""
        return looks(self.index.pages(self.name))


def custody(looked: Looked, rules: ServerRules) -> tuple[Hold, ...]:
    """Every look at the delegation of a name, sweeps included, by time, with what it amounts to."""
    registration = [look for look in looked.registration if look.presence is not Presence.INDETERMINATE]
    notice = looked.index.seizures.get(looked.name)
    held: list[Hold] = []
    for run in _runs(looked.delegation, rules):
        held += _Judge(run, registration, looked.pages, notice).holds()
    definite = iter(held)
    unsure = Presence.INDETERMINATE
    return tuple(
        Hold(look.first, look.last, unsure, None, None, "indeterminate") if look.presence is unsure else next(definite)
        for look in looked.delegation
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """Consecutive definite looks with the same answer. `after` and `before` are the definite looks around it."""

    number: int
    presence: Presence
    rule: ServerRule | None
    looks: tuple[Look, ...]
    after: datetime | None
    before: datetime | None


def _runs(delegation: Sequence[Look], rules: ServerRules) -> list[_Run]:
    """Cut the definite looks where presence or server set changes; a look that learnt no servers changes nothing."""
    groups: list[tuple[Presence, frozenset[str], list[Look]]] = []
    classes: dict[frozenset[str], ServerRule | None] = {}
    unsure, facts, servers = Presence.INDETERMINATE, NO_FACTS, frozenset[str]()
    for look in delegation:
        if look.presence is unsure:
            continue
        if look.facts is not facts:  # all looks of a span share them
            facts, servers = look.facts, frozenset(look.facts.get("ns", ()))
        if groups and groups[-1][0] is look.presence:
            presence, known, members = groups[-1]
            if not servers or not known or servers == known:
                groups[-1] = (presence, known or servers, members)
                members.append(look)
                continue
        groups.append((look.presence, servers, [look]))
    for _, servers, _ in groups:
        if servers not in classes:
            classes[servers] = rules.classify(servers)
    return [
        _Run(
            number=number,
            presence=presence,
            rule=classes[servers],
            looks=tuple(members),
            after=groups[number - 1][2][-1].first if number else None,
            before=groups[number + 1][2][0].first if number + 1 < len(groups) else None,
        )
        for number, (presence, servers, members) in enumerate(groups)
    ]


class _Ruling(NamedTuple):
    alive: bool
    state: State | None
    rule_id: str
    registry: bool = False
    cause: Ending | None = None


_CLASSES = {
    ServerClass.SINKHOLED: (False, State.SINKHOLED, True, Ending.HELD),
    ServerClass.HELD: (False, State.HELD, False, Ending.HELD),
    ServerClass.EXPIRED: (False, State.PARKED, False, Ending.EXPIRED),
    ServerClass.PARKED: (True, State.PARKED, False, None),
}
"""Whether the name is still its operator's, its state, whether a registry did it, and the ending that follows."""


class _Judge:
    """Reads one run of delegation looks together with what other probes saw while it lasted."""

    def __init__(self, run: _Run, registration: Sequence[Look], pages: Sequence[Look], notice: datetime | None) -> None:
        self._run = run
        self._registration = _within(registration, run)
        self._instants = [look.first for look in self._registration]
        self._expires_at = _expiry(registration, run.looks[-1].last)
        self._seized_by = self._seizure_witness(_within(pages, run), notice)

    def holds(self) -> list[Hold]:
        """What each look of the run amounts to."""
        run = self._run
        if run.presence is Presence.ABSENT:
            return [Hold(look.first, look.last, look.presence, *self._absent(look), run.number) for look in run.looks]
        ruling = self._present()  # the same for all of them
        return [Hold(look.first, look.last, look.presence, *ruling, run.number) for look in run.looks]

    def _present(self) -> _Ruling:
        rule = self._run.rule
        if rule is None:
            return _Ruling(True, None, "delegated")
        if rule.server_class is ServerClass.SEIZED:
            if not self._seized_by:
                return _Ruling(True, None, UNCONFIRMED)
            return _Ruling(False, State.SEIZED, f"seized.{self._seized_by}", True, Ending.SEIZED)
        alive, state, registry, cause = _CLASSES[rule.server_class]
        return _Ruling(alive, state, f"{state}.{rule.rule_id}", registry, cause)

    def _absent(self, look: Look) -> _Ruling:
        beside = self._registration_beside(look)
        lapsed = self._expires_at is not None and self._expires_at <= look.last
        gone = Ending.EXPIRED if lapsed else Ending.DELETED
        if beside is None:
            return _Ruling(False, State.UNDELEGATED, UNTOLD)
        if beside.presence is Presence.ABSENT:
            return _Ruling(False, State.UNDELEGATED, "undelegated.not_registered", True, gone)
        status = frozenset(beside.facts.get("status", ()))
        if status & HOLDS:
            return _Ruling(False, State.HELD, "held.status", True, Ending.HELD)
        if status & LEAVING:
            return _Ruling(False, State.UNDELEGATED, "undelegated.leaving", True, gone)
        return _Ruling(False, State.UNDELEGATED, "undelegated.registered", False, Ending.DARK)

    def _registration_beside(self, look: Look) -> Look | None:
        """The registry's word at that time, within the run: its last since the absence was first seen, else an earlier
        one that explains it, else its next, else its last. That a name was in order says nothing of why it then went.
        """
        began = bisect_left(self._instants, self._run.looks[0].first)
        place = bisect_right(self._instants, look.last)
        if place > began:
            return self._registration[place - 1]
        before = self._registration[began - 1] if began else None
        if before is not None and _explains(before):
            return before
        return self._registration[began] if began < len(self._registration) else before

    def _seizure_witness(self, pages: Sequence[Look], notice: datetime | None) -> str:
        """Who says that this delegation to a seizure server is a seizure; empty when nobody does."""
        if notice is not None and notice <= self._run.looks[-1].last:
            return "notice"
        if any(SEIZURE_KINDS & frozenset(page.facts.get("kind", ())) for page in pages):
            return "banner"
        if any(frozenset(look.facts.get("status", ())) >= SEIZURE_LOCKS for look in self._registration):
            return "status"
        return ""


def _explains(word: Look) -> bool:
    """Whether what the registry said makes a name leave the zone."""
    return word.presence is Presence.ABSENT or bool(frozenset(word.facts.get("status", ())) & (HOLDS | LEAVING))


def _within(others: Sequence[Look], run: _Run) -> Sequence[Look]:
    """The looks of another probe that fall after the run's predecessor and before its successor."""
    instants = [look.first for look in others]
    first = 0 if run.after is None else bisect_right(instants, run.after)
    last = len(others) if run.before is None else bisect_left(instants, run.before)
    return others[first:last]


def _expiry(registration: Sequence[Look], until: datetime) -> datetime | None:
    """The expiry date that the registry last stated by `until`."""
    stated = [text for look in registration if look.first <= until for text in look.facts.get("expires_at", ())]
    return from_iso(stated[-1]) if stated else None
