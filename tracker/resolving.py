"""Composition for `tracker resolve`: a DNS client without a database, for names that somebody has at hand."""

import asyncio
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from tracker.clients.dns import DnsClient
from tracker.clients.dnssweep import Answer
from tracker.clients.guard import forbidden
from tracker.clients.system import SystemClock, SystemDial
from tracker.engine.budget import Rate, TokenBudget
from tracker.model.names import DomainName
from tracker.ports import Budget

COLUMNS = ("domain", "presence", "reason", "name_servers", "server", "attempts")
_AT_ONCE = 100_000  # names held in memory together; only past these do rows of the next appear


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How hard servers are asked: questions per second to one server (0 = no limit), questions under way, patience."""

    rate: float
    in_flight: int
    timeout: float
    tries: int


class _NoLimit:
    """The budget of somebody who said `--rate 0`, for a server of their own."""

    async def take(self, server: str, amount: int = 1) -> None:
        return

    def refused(self, server: str, retry_after: float | None) -> None:
        return

    def blocked_until(self, server: str) -> datetime | None:
        return None


async def _client(roots: Sequence[str], limits: Limits) -> DnsClient:
    clock, rng = SystemClock(), random.SystemRandom()
    burst = max(1, min(limits.in_flight, round(limits.rate))) if limits.rate else max(1, limits.in_flight // 16)
    budget: Budget = _NoLimit()
    if limits.rate:
        budget = TokenBudget(Rate(limits.rate, burst), clock, rng)
    return DnsClient(
        SystemDial(),
        budget,
        clock,
        rng,
        roots,
        check=forbidden,
        in_flight=limits.in_flight,
        burst=burst,
        timeout=limits.timeout,
        tries=limits.tries,
    )


def resolved(
    names: Iterable[DomainName], server: tuple[str, int] | None, roots: Sequence[str], limits: Limits
) -> Iterator[tuple[object, ...]]:
    """One row of COLUMNS per distinct name, in the order of first mention; raises ValueError for limits below one."""
    with asyncio.Runner() as runner:
        asked = runner.run(_client(roots, limits))
        waiting = iter(dict.fromkeys(names))
        while part := list(islice(waiting, _AT_ONCE)):
            looking = asked.delegations(part) if server is None else asked.ask_server(part, server)
            yield from map(_row, runner.run(looking))


def _row(answer: Answer) -> tuple[object, ...]:
    return (
        answer.name,
        answer.presence.value,
        answer.reason.value,
        ";".join(answer.name_servers),
        answer.server,
        answer.attempts,
    )
