"""Composition for `tracker resolve`, and the DNS client of every other composition: names at hand, no database."""

import asyncio
import random
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice

from tracker.clients.dns import DnsClient
from tracker.clients.dnsrecords import Profile
from tracker.clients.dnsresolver import endpoint_of
from tracker.clients.dnssweep import Answer
from tracker.clients.guard import forbidden
from tracker.clients.system import SystemClock, SystemDial
from tracker.engine.budget import Rate, TokenBudget
from tracker.model.facts import Presence
from tracker.model.names import DomainName
from tracker.ports import Budget, Clock, Dial
from tracker.settings import Dns

COLUMNS = ("domain", "presence", "reason", "name_servers", "server", "attempts")
__all__ = ["COLUMNS", "PROFILE_COLUMNS", "NoLimit", "dns_client", "endpoint_of", "profiled", "resolved"]

PROFILE = ("a", "aaaa", "caa", "mx", "ns", "soa_mname", "txt")
PROFILE_COLUMNS = (*COLUMNS, "resolving", "resolving_reason", *PROFILE, "ttl")

_AT_ONCE = 100_000  # names held in memory together; only past these do rows of the next appear


class NoLimit:
    """The budget of somebody who said `--rate 0`, for a server of their own."""

    async def take(self, server: str, amount: int = 1) -> None:
        return

    def refused(self, server: str, retry_after: float | None) -> None:
        return

    def blocked_until(self, server: str) -> datetime | None:
        return None


def dns_client(
    asked: Dns,
    dial: Dial,
    clock: Clock,
    rng: random.Random,
    shared: Callable[[str, Rate, Rate | None], Budget] | None = None,
) -> DnsClient:
    """The DNS client that the settings describe; a rate of 0 is no limit. Raises ValueError for limits below one.

    `shared` makes a budget that other processes draw on as well.
    """
    budget: Budget = NoLimit()
    burst = max(1, min(asked.in_flight, round(asked.rate))) if asked.rate else max(1, asked.in_flight // 16)
    if asked.rate:
        overall = Rate(asked.global_rate, max(1, round(asked.global_rate))) if asked.global_rate else None
        rate = Rate(asked.rate, max(1, round(asked.rate)))
        budget = shared("dns", rate, overall) if shared else TokenBudget(rate, clock, rng, overall=overall)
    return DnsClient(
        dial,
        budget,
        clock,
        rng,
        asked.roots,
        check=forbidden,
        in_flight=asked.in_flight,
        burst=burst,
        timeout=asked.timeout,
        tries=asked.tries,
        resolver=_resolver(asked.resolver),
    )


def _resolver(text: str) -> tuple[str, int] | None:
    try:
        return endpoint_of(text) if text else None
    except ValueError as error:
        raise ValueError(f"dns.resolver wants ADDR or ADDR:PORT, not {text!r}") from error


async def _client(asked: Dns) -> DnsClient:
    return dns_client(asked, SystemDial(), SystemClock(), random.SystemRandom())


def resolved(names: Iterable[DomainName], server: tuple[str, int] | None, asked: Dns) -> Iterator[tuple[object, ...]]:
    """One row of COLUMNS per distinct name, in the order of first mention; raises ValueError for limits below one."""
    with asyncio.Runner() as runner:
        client = runner.run(_client(asked))
        waiting = iter(dict.fromkeys(names))
        while part := list(islice(waiting, _AT_ONCE)):
            looking = client.delegations(part) if server is None else client.ask_server(part, server)
            yield from map(_row, runner.run(looking))


def profiled(names: Iterable[DomainName], asked: Dns) -> Iterator[tuple[object, ...]]:
    """One row of PROFILE_COLUMNS per distinct name: what delegated ones publish, asked at their own servers."""
    with asyncio.Runner() as runner:
        client = runner.run(_client(asked))
        for answer in runner.run(client.delegations(names)):
            found: tuple[object, ...] = ("",) * (len(PROFILE_COLUMNS) - len(COLUMNS))
            if answer.presence is Presence.PRESENT:
                found = _profile(runner.run(client.profile(answer.name, answer.name_servers)))
            yield (*_row(answer), *found)


def _profile(seen: Profile) -> tuple[object, ...]:
    facts = (";".join(seen.facts.get(key, ())) for key in PROFILE)
    ttls = ";".join(f"{key}={seconds}" for key, seconds in sorted(seen.ttls.items()))
    return (seen.presence.value, seen.reason.value, *facts, ttls)


def _row(answer: Answer) -> tuple[object, ...]:
    return (
        answer.name,
        answer.presence.value,
        answer.reason.value,
        ";".join(answer.name_servers),
        answer.server,
        answer.attempts,
    )
