"""In whose hands a name was at each look at its delegation: the operator's, a registry's, an authority's, nobody's."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from tracker.analysis.absence import swept_absences
from tracker.analysis.index import SEIZURE_KINDS, HistoryIndex
from tracker.analysis.nameservers import ServerClass, ServerRule, ServerRules
from tracker.model.facts import Facts, Layer, Presence, Span
from tracker.model.names import DomainName
from tracker.model.times import from_iso
from tracker.model.views import Ending, State

HOLDS = frozenset({"serverHold", "clientHold"})
SEIZURE_LOCKS = frozenset({"serverDeleteProhibited", "serverTransferProhibited", "serverUpdateProhibited"})
LEAVING = frozenset({"redemptionPeriod", "pendingDelete"})
UNCONFIRMED = "seizure_server_unconfirmed"
UNTOLD = "undelegated.registration_unknown"
"""Not in the zone, and the registry did not say why: it may be held just as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
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


@dataclass(frozen=True, slots=True)
class Look:
    """One look of one probe, cut out of its span."""

    first: datetime
    last: datetime
    presence: Presence
    facts: Facts


def looks(spans: Sequence[Span]) -> list[Look]:
    """The looks of some spans, by time."""
    found = [Look(look, look, span.presence, span.facts) for span in spans for look in span.looks]
    return sorted(found, key=order)


_RANK = {Presence.INDETERMINATE: 0, Presence.ABSENT: 1, Presence.PRESENT: 2}


class _Timed(Protocol):
    @property
    def first(self) -> datetime: ...
    @property
    def last(self) -> datetime: ...
    @property
    def presence(self) -> Presence: ...


def order(row: _Timed) -> tuple[datetime, datetime, int]:
    """Sort key: absences before presences of one instant, so that a contradiction reads as a flap, not as an end."""
    return (row.first, row.last, _RANK[row.presence])


def custody(index: HistoryIndex, name: DomainName, rules: ServerRules) -> tuple[Hold, ...]:
    """Every look at the delegation of `name`, sweeps included, by time, with what it amounts to."""
    delegation = looks(index.spans(name, Layer.DELEGATED))
    delegation += [
        Look(absence.first, absence.last, Presence.ABSENT, {})
        for absence in swept_absences(index, name, Layer.DELEGATED)
    ]
    delegation.sort(key=order)
    registration = [
        look for look in looks(index.spans(name, Layer.REGISTERED)) if look.presence is not Presence.INDETERMINATE
    ]
    pages = looks(index.pages(name))
    notice = index.seizures.get(name)
    held: list[Hold] = []
    for run in _runs(delegation, rules):
        judge = _Judge(run, registration, pages, notice)
        held += [judge.hold(look) for look in run.looks]
    held += [
        Hold(
            first=look.first,
            last=look.last,
            presence=look.presence,
            alive=None,
            state=None,
            rule_id="indeterminate",
        )
        for look in delegation
        if look.presence is Presence.INDETERMINATE
    ]
    return tuple(sorted(held, key=order))


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
    for look in delegation:
        if look.presence is Presence.INDETERMINATE:
            continue
        servers = frozenset(look.facts.get("ns", ()))
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

    def hold(self, look: Look) -> Hold:
        """What one look of the run amounts to."""
        ruling = self._absent(look) if self._run.presence is Presence.ABSENT else self._present()
        return Hold(
            first=look.first,
            last=look.last,
            presence=look.presence,
            alive=ruling.alive,
            state=ruling.state,
            rule_id=ruling.rule_id,
            registry=ruling.registry,
            cause=ruling.cause,
            run=self._run.number,
        )

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
