"""A second opinion: a recursive resolver, asked where the parents leave a doubt. It explains a doubt, never ends it."""

import asyncio
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import ascii_lowercase

from tracker.clients.dnsinquiry import Inquiry, Outcome
from tracker.clients.dnsmeans import Health, Means
from tracker.decoders.dnswire import NS_IN, name_wire
from tracker.model.facts import Presence, Reason
from tracker.model.names import DomainName

PROVED_FOR = 3600.0
"""Seconds that a canary's result holds, good or bad."""
_THERE = "example.com"
_NOWHERE = ("invalid", "example.com")


def endpoint_of(text: str) -> tuple[str, int]:
    """ADDR, ADDR:PORT or [ADDR]:PORT, port 53 when it is left out; raises ValueError."""
    address, _, port = text.rpartition(":") if text.count(":") == 1 or "]:" in text else (text, "", "53")
    number = int(port)
    if not 0 < number < 65_536:
        raise ValueError(f"{port} is no port")
    return str(ipaddress.ip_address(re.sub(r"^\[(.*)\]$", r"\1", address))), number


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the resolver said: RESOLVER_FOUND or RESOLVER_DENIED. A cache may be as old as its TTL, and some filter."""

    reason: Reason
    name_servers: tuple[str, ...] = ()


class SecondOpinion:
    """Asks one resolver, which the user named, with RD=1. `quarantined` tells whether it failed its canaries.

    Canaries, hourly: two random names that cannot exist must be denied, and one that is always there found. A resolver
    that makes up names, or that does not answer, is left alone until the next canary.
    """

    def __init__(self, means: Means, endpoint: tuple[str, int]) -> None:
        # Its own budget line; the shared tails are those of servers that need no authority.
        self._means, self._endpoint = means, endpoint
        self._server = endpoint[0]
        self._proved_until = float("-inf")
        self._proving = asyncio.Lock()
        self.quarantined = False

    async def ask(self, names: list[DomainName]) -> Mapping[DomainName, Opinion]:
        """An opinion per name that the resolver spoke about clearly; nothing while it is quarantined."""
        if not names or not await self._sound():
            return {}
        questions = {name_wire(name) + NS_IN: name for name in dict.fromkeys(names)}
        found, denied = await self._put(sorted(questions, key=len))
        opinions = {questions[question]: Opinion(Reason.RESOLVER_DENIED) for question in denied}
        for question, outcome in found.items():
            finding = outcome.finding
            if finding.presence is Presence.PRESENT:
                opinions[questions[question]] = Opinion(Reason.RESOLVER_FOUND, finding.name_servers)
            elif finding.presence is Presence.ABSENT:
                opinions[questions[question]] = Opinion(Reason.RESOLVER_DENIED)
        return opinions

    async def _put(self, questions: list[bytes]) -> tuple[Mapping[bytes, Outcome], set[bytes]]:
        inquiry = Inquiry(self._means, [self._server], Health(), endpoint=self._endpoint, recurse=True)
        outcomes = await inquiry.ask(questions)
        return outcomes.found, {question for _, absent in outcomes.absent for question in absent}

    async def _sound(self) -> bool:
        async with self._proving:
            now = asyncio.get_running_loop().time()
            if now >= self._proved_until:
                self.quarantined = not await self._proves_itself()
                self._proved_until = now + PROVED_FOR
            return not self.quarantined

    async def _proves_itself(self) -> bool:
        rng = self._means.rng
        strange = [name_wire(f"{''.join(rng.choices(ascii_lowercase, k=20))}.{end}") + NS_IN for end in _NOWHERE]
        there = name_wire(_THERE) + NS_IN
        found, denied = await self._put([*strange, there])
        known = found.get(there)
        return set(strange) <= denied and known is not None and known.finding.presence is Presence.PRESENT
