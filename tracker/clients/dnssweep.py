"""A sweep: labels under suffixes, asked at the parents between canaries. A sweep is a measurement, not a look-up."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from string import ascii_lowercase
from typing import NamedTuple

from tracker.clients.dnscuts import Cuts, ZoneCut
from tracker.clients.dnsinquiry import Inquiry, Outcome, Outcomes
from tracker.clients.dnsmeans import Health, Means
from tracker.decoders.dnswire import NS_IN, SOA_IN, Malformed, label_wire, name_wire, question_name
from tracker.model.facts import CanaryResult, Presence, Reason
from tracker.model.names import DomainName

_CHUNK = 2048  # questions between an opening and a closing canary, and so the width of a suffix's instants
_GROUPS = 64  # sets of servers asked at the same time
_NIC = "nic"

Plan = Mapping[str, Sequence[str]]
"""Suffix → labels to ask under it. Labels shared by many suffixes should be one object."""


class Answer(NamedTuple):
    """What is known of one name at its parent. `attempts` is 0 when it could not be asked; `server` is an address.

    `packet` is the reply as it came; empty in sweeps, and where denials are not kept for a plain NXDOMAIN.
    """

    name: DomainName
    presence: Presence
    reason: Reason
    name_servers: tuple[str, ...] = ()
    server: str = ""
    attempts: int = 1
    packet: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuffixResult:
    """One suffix of a sweep. With canary GOOD every asked name that is not among the `exceptions` was absent, no
    earlier than `first`.

    With any other canary nothing was learned of the names that are not listed; `reason` says what the canary met.
    """

    suffix: str
    canary: CanaryResult
    reason: Reason
    first: datetime
    last: datetime
    asked: int
    exceptions: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class SweepResult:
    """All suffixes of a sweep, sorted; each was asked or says why not."""

    first: datetime
    last: datetime
    suffixes: tuple[SuffixResult, ...]


class Sweeper:
    """Runs sweeps. Remembers per suffix which way of knowing it worked last time: it saves questions, no more."""

    def __init__(self, means: Means, cuts: Cuts) -> None:
        self._means, self._cuts = means, cuts
        self._ways: dict[str, int] = {}

    async def sweep(self, plan: Plan, seen: Mapping[str, str]) -> SweepResult:
        """Ask every name of `plan`. `seen` maps a suffix to a label that was seen under it before: its first canary."""
        means, first, health = self._means, self._means.clock.now(), Health()
        strangers = (
            "".join(means.rng.choices(ascii_lowercase, k=20)),
            "".join(means.rng.choices(ascii_lowercase, k=20)),
        )
        cuts = await self._cuts.find(plan, health)
        groups: dict[tuple[str, ...], list[str]] = {}
        results: list[SuffixResult] = []
        for suffix in sorted(plan):
            if cuts[suffix].servers:
                groups.setdefault(cuts[suffix].servers, []).append(suffix)
            else:
                results.append(self._unasked(suffix, cuts[suffix], first))
        turn, wires = asyncio.Semaphore(_GROUPS), _Wires()

        async def one(servers: tuple[str, ...], suffixes: list[str]) -> None:
            async with turn:
                for part in _chunks(suffixes, plan):
                    chunk = _Chunk(means, servers, health, self._ways, strangers, wires)
                    results.extend(await chunk.run({suffix: plan[suffix] for suffix in part}, seen))

        await asyncio.gather(*(one(servers, suffixes) for servers, suffixes in groups.items()))
        return SweepResult(first, means.clock.now(), tuple(sorted(results, key=lambda result: result.suffix)))

    def _unasked(self, suffix: str, cut: ZoneCut, first: datetime) -> SuffixResult:
        reason = cut.reason or Reason.NO_SERVER
        canary = CanaryResult.MISSING if reason is Reason.NXDOMAIN else CanaryResult.UNREACHABLE
        now = self._means.clock.now()
        return SuffixResult(suffix=suffix, canary=canary, reason=reason, first=first, last=now, asked=0)


def _chunks(suffixes: Sequence[str], plan: Plan) -> Iterator[list[str]]:
    part: list[str] = []
    size = 0
    for suffix in suffixes:
        part.append(suffix)
        size += len(plan[suffix])
        if size >= _CHUNK:
            yield part
            part, size = [], 0
    if part:
        yield part


class _Wires:
    """Labels in wire form, made once per list of labels."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[Sequence[str], list[bytes]]] = {}

    def of(self, labels: Sequence[str]) -> list[bytes]:
        made = self._made.get(id(labels))
        if made is None or made[0] is not labels:
            made = self._made[id(labels)] = (labels, sorted({label_wire(label) for label in labels}, key=len))
        return made[1]


class _Chunk:
    """Some suffixes of one set of servers: opening canaries, the questions, closing canaries."""

    def __init__(
        self,
        means: Means,
        servers: tuple[str, ...],
        health: Health,
        ways: dict[str, int],
        strangers: tuple[str, str],
        wires: _Wires,
    ) -> None:
        self._means, self._servers, self._health = means, servers, health
        self._ways, self._strangers, self._wires = ways, strangers, wires
        self._failed: dict[str, tuple[CanaryResult, Reason]] = {}

    async def run(self, plan: Plan, seen: Mapping[str, str]) -> list[SuffixResult]:
        first = self._means.clock.now()
        await self._canaries(list(plan), seen, self._strangers[0])
        good = [suffix for suffix in plan if suffix not in self._failed]
        ends = {suffix: name_wire(suffix) + NS_IN for suffix in good}
        questions = [label + ends[suffix] for suffix in good for label in self._wires.of(plan[suffix])]
        questions.sort(key=len)  # equal lengths travel together
        outcomes = await self._ask(questions)
        await self._canaries(good, seen, self._strangers[1])
        last = self._means.clock.now()
        exceptions: dict[str, list[Answer]] = {}
        for question, outcome in outcomes.found.items():
            if outcome.finding.presence is not Presence.ABSENT:
                name = DomainName(question_name(question))
                exceptions.setdefault(name.partition(".")[2], []).append(_answer(name, outcome))
        return [
            self._result(suffix, first, last, len(plan[suffix]), exceptions.get(suffix, []), suffix in ends)
            for suffix in plan
        ]

    def _result(
        self, suffix: str, first: datetime, last: datetime, asked: int, exceptions: list[Answer], swept: bool
    ) -> SuffixResult:
        canary, reason = self._failed.get(suffix, (CanaryResult.GOOD, Reason.DELEGATED))
        if canary is CanaryResult.WILDCARD:
            exceptions = []  # a zone that has every name says nothing about these
        elif canary is not CanaryResult.GOOD:
            exceptions = [answer for answer in exceptions if answer.presence is Presence.PRESENT]
        return SuffixResult(
            suffix=suffix,
            canary=canary,
            reason=reason,
            first=first,
            last=last,
            asked=asked if swept else 0,
            exceptions=tuple(sorted(exceptions, key=lambda answer: answer.name)),
        )

    async def _ask(self, questions: Sequence[bytes]) -> Outcomes:
        return await Inquiry(self._means, self._servers, self._health).ask(questions)

    async def _canaries(self, suffixes: Sequence[str], seen: Mapping[str, str], stranger: str) -> None:
        """Fill `_failed`. Ways of knowing: 0 a name seen there before, 1 nic.SUFFIX, 2 the zone's own SOA."""
        waiting = {suffix: self._ways.get(suffix, 0 if suffix in seen else 1) for suffix in suffixes}
        strange = {name_wire(f"{stranger}.{suffix}") + NS_IN: suffix for suffix in suffixes}
        first_round = True
        while waiting:
            known = {_way_question(way, suffix, seen): suffix for suffix, way in waiting.items()}
            asked = {**known, **strange} if first_round else known
            found = (await self._ask(sorted(asked, key=len))).found
            if first_round:
                for question, suffix in strange.items():
                    self._judge_stranger(suffix, found.get(question))
            first_round = False
            again: dict[str, int] = {}
            for question, suffix in known.items():
                way, outcome = waiting[suffix], found.get(question)
                presence = Presence.ABSENT if outcome is None else outcome.finding.presence
                if presence is Presence.PRESENT:
                    self._ways[suffix] = way
                elif presence is Presence.ABSENT and (following := self._following(way, suffix, seen)) is not None:
                    again[suffix] = following
                elif presence is Presence.ABSENT:
                    self._ways.pop(suffix, None)
                    self._failed.setdefault(suffix, (CanaryResult.MISSING, Reason.NXDOMAIN))
                elif outcome is not None:
                    self._failed.setdefault(suffix, (CanaryResult.UNREACHABLE, outcome.finding.reason))
            waiting = again

    def _following(self, way: int, suffix: str, seen: Mapping[str, str]) -> int | None:
        """The way to try when `way` found nothing there. A remembered way is no reason to skip the better ones."""
        remembered = self._ways.pop(suffix, None)
        best = 0 if suffix in seen else 1
        if remembered is not None and remembered > best:
            return best
        return way + 1 if way < 2 else None

    def _judge_stranger(self, suffix: str, outcome: Outcome | None) -> None:
        if outcome is None or outcome.finding.presence is Presence.ABSENT:
            return
        wild = outcome.finding.presence is Presence.PRESENT
        canary = CanaryResult.WILDCARD if wild else CanaryResult.UNREACHABLE
        self._failed[suffix] = (canary, Reason.WILDCARD if wild else outcome.finding.reason)


def _way_question(way: int, suffix: str, seen: Mapping[str, str]) -> bytes:
    if way == 2:
        return name_wire(suffix) + SOA_IN
    return name_wire(f"{seen.get(suffix, _NIC) if way == 0 else _NIC}.{suffix}") + NS_IN


def _answer(name: DomainName, outcome: Outcome) -> Answer:
    finding = outcome.finding
    return Answer(name, finding.presence, finding.reason, finding.name_servers, outcome.server, outcome.attempts)


def answers(names: Mapping[bytes, DomainName], outcomes: Outcomes) -> dict[DomainName, Answer]:
    """The outcome of an inquiry per name; `names` maps each question that was asked to its name."""
    found = {
        names[question]: _answer(names[question], outcome)._replace(packet=outcome.packet)
        for question, outcome in outcomes.found.items()
    }
    attempts = outcomes.attempts
    for server, absent in outcomes.absent:
        for question in absent:
            name = names[question]
            found[name] = Answer(name, Presence.ABSENT, Reason.NXDOMAIN, (), server, attempts.get(question, 1))
    return found


def malformed(name: DomainName) -> Answer:
    """A name that does not fit into a question (a label above 63 bytes, say)."""
    return Answer(name, Presence.INDETERMINATE, Reason.MALFORMED, (), "", 0)


__all__ = ["Answer", "Malformed", "Plan", "SuffixResult", "SweepResult", "Sweeper", "answers", "malformed"]
