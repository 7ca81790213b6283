"""Where a suffix is asked about: zone cuts and their servers, found by walking down from the root."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zlib import crc32

from tracker.clients.dnsinquiry import Inquiry, Outcome
from tracker.clients.dnsmeans import Health, Means
from tracker.decoders.delegation import Finding
from tracker.decoders.dnswire import NS, NS_IN, SOA, Malformed, addresses_of, name_wire
from tracker.model.facts import Presence, Reason

_SHORTEST_TTL, _LONGEST_TTL, _NEGATIVE_TTL = 60, 8 * 86_400, 3_600
_RESOLVED_HOSTS = 4  # of a cut without glue; more would only be spares of spares


@dataclass(frozen=True, slots=True)
class ZoneCut:
    """The zone in which names under a suffix are delegated, and the addresses of its servers in order of preference.

    Without servers the cut could not be used, and `reason` says why: NXDOMAIN means that the suffix itself does not
    exist, anything else that we could not find out.
    """

    zone: str
    servers: tuple[str, ...]
    reason: Reason | None = None


class Cuts:
    """Zone cuts, remembered for their TTL by the loop's clock. Failures are not remembered."""

    def __init__(self, means: Means, roots: Sequence[str]) -> None:
        self._means = means
        self._root = ZoneCut("", tuple(roots))
        self._known: dict[str, tuple[float, ZoneCut]] = {}

    async def find(self, suffixes: Iterable[str], health: Health) -> dict[str, ZoneCut]:
        """The cut for each suffix. Level by level, so that a thousand suffixes cost as many questions and few waits."""
        wanted = set(suffixes)
        cuts: dict[str, ZoneCut] = {"": self._root}
        levels: dict[int, set[str]] = {}
        for suffix in wanted:
            labels = suffix.split(".") if suffix else []
            for depth in range(1, len(labels) + 1):
                levels.setdefault(depth, set()).add(".".join(labels[-depth:]))
        for depth in sorted(levels):
            await self._level(sorted(levels[depth]), cuts, health)
        return {suffix: cuts[suffix] for suffix in wanted}

    async def _level(self, names: list[str], cuts: dict[str, ZoneCut], health: Health) -> None:
        now = asyncio.get_running_loop().time()
        groups: dict[tuple[str, ...], list[str]] = {}
        for name in names:
            above = cuts[name.partition(".")[2]]
            known = self._known.get(name)
            if not above.servers:
                cuts[name] = above
            elif known is not None and known[0] > now:
                cuts[name] = known[1]
            else:
                groups.setdefault(above.servers, []).append(name)
        await asyncio.gather(*(self._ask(servers, group, cuts, health) for servers, group in groups.items()))

    async def _ask(self, servers: tuple[str, ...], names: list[str], cuts: dict[str, ZoneCut], health: Health) -> None:
        questions: dict[bytes, str] = {}
        for name in names:
            try:
                questions[name_wire(name) + NS_IN] = name
            except Malformed:
                cuts[name] = ZoneCut(name, (), Reason.MALFORMED)
        outcomes = await Inquiry(self._means, servers, health).ask(sorted(questions, key=len))
        now = asyncio.get_running_loop().time()
        for _, absent in outcomes.absent:
            for question in absent:
                name = questions.pop(question)
                self._keep(name, ZoneCut(name, (), Reason.NXDOMAIN), now, _NEGATIVE_TTL)
                cuts[name] = self._known[name][1]
        for question, name in questions.items():
            cuts[name] = await self._cut(name, cuts[name.partition(".")[2]], outcomes.found[question], now)

    async def _cut(self, name: str, above: ZoneCut, outcome: Outcome, now: float) -> ZoneCut:
        finding, reply = outcome.finding, outcome.reply
        if reply is None or finding.presence is Presence.INDETERMINATE:
            return ZoneCut(name, (), finding.reason)
        ttl = min((r.ttl for r in (*reply.answer, *reply.authority) if r.rtype in {NS, SOA}), default=_NEGATIVE_TTL)
        if finding.reason is Reason.NXDOMAIN:
            return self._keep(name, ZoneCut(name, (), Reason.NXDOMAIN), now, ttl)
        if finding.reason is Reason.AUTHORITATIVE and finding.name_servers:
            # The parent's servers serve the child too: they have just shown it.
            return self._keep(name, ZoneCut(name, above.servers), now, ttl)
        if not finding.name_servers:
            return self._keep(name, above, now, ttl)  # no cut here: the zone above answers
        addresses = await self._addresses(finding, outcome)
        allowed = [address for address in addresses if self._means.check(address) is None]
        if not allowed:
            return ZoneCut(name, (), Reason.FORBIDDEN if addresses else Reason.NO_SERVER)
        return self._keep(name, ZoneCut(name, _in_order(allowed)), now, ttl)

    async def _addresses(self, finding: Finding, outcome: Outcome) -> list[str]:
        glue = outcome.reply.additional if outcome.reply is not None else ()
        addresses = [address for host in finding.name_servers for address in addresses_of(glue, host)]
        for host in () if addresses else finding.name_servers[:_RESOLVED_HOSTS]:
            try:
                addresses += await self._means.dial.addresses(host)
            except OSError:
                continue
        return addresses

    def _keep(self, name: str, cut: ZoneCut, now: float, ttl: int) -> ZoneCut:
        self._known[name] = (now + min(max(ttl, _SHORTEST_TTL), _LONGEST_TTL), cut)
        return cut


def _in_order(addresses: Iterable[str]) -> tuple[str, ...]:
    """IPv4 where there is any, in an order that differs between sets of servers but never between runs."""
    distinct = sorted(set(addresses), key=lambda address: (":" in address, address))
    ours = [address for address in distinct if ":" not in address] or distinct
    turn = crc32(" ".join(ours).encode()) % len(ours)
    return tuple(ours[turn:] + ours[:turn])
