"""The DNS client: which names are delegated, asked at the parent zones' own servers, not at a resolver."""

import asyncio
import random
from collections.abc import Iterable, Mapping, Sequence

from tracker.clients.dnscuts import Cuts, ZoneCut
from tracker.clients.dnsinquiry import Inquiry
from tracker.clients.dnsmeans import Check, Counts, Health, means
from tracker.clients.dnsrecords import Profile, profile
from tracker.clients.dnsresolver import SecondOpinion
from tracker.clients.dnssweep import Answer, Plan, Sweeper, SweepResult, answers, malformed
from tracker.decoders.dnswire import NS_IN, Malformed, name_wire
from tracker.model.facts import Presence, Reason
from tracker.model.names import DomainName
from tracker.ports import Budget, Clock, Dial

_STUBBORN_BURSTS, _STUBBORN_NAMES = 50, 1_000  # met with silence before a server that the user named is given up


class DnsClient:
    """One client per process. No answer is cached; zone cuts are, for their TTL by the loop's clock.

    `roots` are addresses of root servers; `check` says why an address must not be asked. `timeout` is seconds per
    attempt, `tries` attempts per question, `in_flight` questions under way at once, `burst` how many of them are taken
    from a server's budget, and sent, together. `resolver` gives a second opinion on single names that stay in doubt.
    """

    def __init__(
        self,
        dial: Dial,
        budget: Budget,
        clock: Clock,
        rng: random.Random,
        roots: Sequence[str],
        *,
        check: Check,
        in_flight: int = 1000,
        burst: int = 20,
        timeout: float = 2.0,
        tries: int = 4,
        resolver: tuple[str, int] | None = None,
    ) -> None:
        self._means = means(
            dial=dial,
            budget=budget,
            clock=clock,
            rng=rng,
            check=check,
            in_flight=in_flight,
            burst=burst,
            timeout=timeout,
            tries=tries,
        )
        self._cuts = Cuts(self._means, roots)
        self._sweeper = Sweeper(self._means, self._cuts)
        self._second = None if resolver is None else SecondOpinion(self._means, resolver)

    @property
    def counts(self) -> Counts:
        """What went over the wire so far, malformed replies and strays included."""
        return self._means.counts

    async def cut(self, suffix: str) -> ZoneCut:
        """The zone cut for one suffix; a cut without servers says why."""
        return (await self._cuts.find([suffix], Health()))[suffix]

    async def sweep(
        self, labels: Sequence[str], suffixes: Sequence[str], seen: Mapping[str, str] | None = None
    ) -> SweepResult:
        """Ask every label under every suffix. `seen` gives labels known to be there, by suffix: the best canaries."""
        return await self.sweep_plan(dict.fromkeys(suffixes, tuple(labels)), seen)

    async def sweep_plan(self, plan: Plan, seen: Mapping[str, str] | None = None) -> SweepResult:
        """Ask other labels under each suffix. Raises ValueError for a label that is none, nothing for the network."""
        return await self._sweeper.sweep(plan, seen or {})

    async def delegations(self, names: Iterable[DomainName], *, keep: bool = False) -> list[Answer]:
        """One answer per distinct name, in the order of first mention, each asked at the servers of its parent zone.

        With `keep` plain denials keep their packets, too, at the price of reading each in full.
        """
        distinct = list(dict.fromkeys(names))
        health = Health()
        cuts = await self._cuts.find({name.partition(".")[2] for name in distinct}, health)
        groups: dict[tuple[str, ...], dict[bytes, DomainName]] = {}
        found: dict[DomainName, Answer] = {}
        for name in distinct:
            cut = cuts[name.partition(".")[2]]
            if not cut.servers:
                found[name] = _without_servers(name, cut)
                continue
            try:
                groups.setdefault(cut.servers, {})[name_wire(name) + NS_IN] = name
            except Malformed:
                found[name] = malformed(name)

        async def one(servers: tuple[str, ...], questions: Mapping[bytes, DomainName]) -> None:
            outcomes = await Inquiry(self._means, servers, health, keep=keep).ask(sorted(questions, key=len))
            found.update(answers(questions, outcomes))

        await asyncio.gather(*(one(servers, questions) for servers, questions in groups.items()))
        return await self._explained([found[name] for name in distinct])

    async def _explained(self, parents: list[Answer]) -> list[Answer]:
        """The answers, with the resolver's word as reason where the parents left a doubt. The doubt itself stays."""
        doubtful = [
            answer.name
            for answer in parents
            if answer.presence is Presence.INDETERMINATE and answer.reason is not Reason.MALFORMED
        ]
        if self._second is None or not doubtful:
            return parents
        opinions = await self._second.ask(doubtful)
        return [
            answer
            if (opinion := opinions.get(answer.name)) is None
            else answer._replace(reason=opinion.reason, name_servers=opinion.name_servers)
            for answer in parents
        ]

    async def ask_server(self, names: Iterable[DomainName], endpoint: tuple[str, int]) -> list[Answer]:
        """The same question put to one server as it is: no zone cuts, no canaries, no guard. For a server the user
        named.
        """
        distinct = list(dict.fromkeys(names))
        found: dict[DomainName, Answer] = {}
        questions: dict[bytes, DomainName] = {}
        for name in distinct:
            try:
                questions[name_wire(name) + NS_IN] = name
            except Malformed:
                found[name] = malformed(name)
        server = f"[{endpoint[0]}]:{endpoint[1]}" if ":" in endpoint[0] else f"{endpoint[0]}:{endpoint[1]}"
        strikes = max(_STUBBORN_BURSTS, _STUBBORN_NAMES // self._means.burst)
        inquiry = Inquiry(self._means, [server], Health(), endpoint=endpoint, strikes=strikes, patient=True)
        found.update(answers(questions, await inquiry.ask(sorted(questions, key=len))))
        return [found[name] for name in distinct]

    async def profile(self, name: DomainName, name_servers: Sequence[str]) -> Profile:
        """What a delegated name publishes, asked at its own name servers: its operator can see that."""
        return await profile(self._means, name, name_servers)


def _without_servers(name: DomainName, cut: ZoneCut) -> Answer:
    # What is below a name that does not exist does not exist either (RFC 8020).
    if cut.reason is Reason.NXDOMAIN:
        return Answer(name, Presence.ABSENT, Reason.NXDOMAIN)
    return Answer(name, Presence.INDETERMINATE, cut.reason or Reason.NO_SERVER, (), "", 0)
