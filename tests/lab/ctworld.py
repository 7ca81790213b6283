"""A small world with a certificate log on loopback, and a client that reaches it: for tests of both ends."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TypeVar

import httpx

from tracker.clients.ctdirectory import Directory
from tracker.clients.guard import guarded_client
from tracker.lab.authority import infrastructure
from tracker.lab.ctlog import HOST, CtLog, CtLogServer
from tracker.lab.http import Request, Response, serve
from tracker.lab.loop import VirtualLoop
from tracker.lab.world import Fault, Issuance, World

Result = TypeVar("Result")

START = datetime(2024, 8, 28, tzinfo=UTC)
ADDRESS = "45.80.0.10"
ISSUED = tuple(
    Issuance(START + timedelta(hours=hour), (name, f"www.{name}"), serial)
    for serial, (hour, name) in enumerate(
        [(5, "rrn.so"), (30, "rrn.so"), (31, "rrn.world"), (90, "50statesoflie.cc")], 1
    )
)


def world(*faults: Fault, days: int = 5, issuances: tuple[Issuance, ...] = ISSUED) -> World:
    """Five days, four certificates, and the faults given."""
    return World(
        scenario_id="ct",
        seed=1,
        start=START,
        end=START + timedelta(days=days),
        suffixes={},
        stories={},
        issuances=issuances,
        faults=faults,
        hosts={HOST: ADDRESS},
    )


@dataclass
class SetClock:
    """A clock that the test sets."""

    moment: datetime

    def now(self) -> datetime:
        """The moment that was set."""
        return self.moment


@dataclass
class FreeBudget:
    """Lets everything pass and remembers what it was told."""

    taken: list[str] = field(default_factory=list)
    refusals: list[tuple[str, float | None]] = field(default_factory=list)
    blocked: datetime | None = None

    async def take(self, server: str, amount: int = 1) -> None:
        """Always at once."""
        self.taken.append(server)

    def refused(self, server: str, retry_after: float | None) -> None:
        """Noted."""
        self.refusals.append((server, retry_after))

    def blocked_until(self, server: str) -> datetime | None:
        """What the test set."""
        return self.blocked


class Written(dict[str, str]):
    """Notes in memory."""

    def put(self, key: str, value: str) -> None:
        """Write."""
        self[key] = value


@dataclass(frozen=True)
class LoopbackDial:
    """One public host on one loopback port."""

    port: int

    async def addresses(self, host: str) -> Sequence[str]:
        """The host's public address; raises OSError for any other host."""
        if host != HOST:
            raise OSError(f"{host} is not there")
        return (ADDRESS,)

    def endpoint(self, address: str, port: int) -> tuple[str, int]:
        """Where the server really listens."""
        return "127.0.0.1", self.port


@dataclass
class Bench:
    """Both ends at work: the lab's log, what the client is made of, and a hook that may spoil any answer."""

    server: CtLogServer
    clock: SetClock
    budget: FreeBudget
    http: httpx.AsyncClient
    directory: Directory
    asked: list[str] = field(default_factory=list)
    spoil: Callable[[Request, Response | None], Response | None] = lambda _, response: response


@cache
def _usual_log(noise: int) -> CtLog:
    return CtLog(world(), noise=noise)


@asynccontextmanager
async def bench(lab: World, moment: datetime, *, noise: int = 1_200) -> AsyncIterator[Bench]:
    """The log of `lab` on loopback at a moment that the test may move."""
    trusted = infrastructure(lab.seed)
    clock, budget = SetClock(moment), FreeBudget()
    usual = lab.issuances == ISSUED and lab.end == START + timedelta(days=5)
    server = CtLogServer(lab, clock, trusted, noise=noise, log=_usual_log(noise) if usual else None)

    def answer(request: Request) -> Response | None:
        made.asked.append(request.path)
        return made.spoil(request, server.answer(request))

    listening = await serve(answer, trusted.server_context(HOST))
    dial = LoopbackDial(listening.port)
    http = guarded_client(dial, ssl_context=trusted.client_context(), user_agent="test/1 (mailto:test@example.org)")
    try:
        async with http:
            made = Bench(server, clock, budget, http, Directory(http, budget, clock, f"https://{HOST}/log_list.json"))
            yield made
    finally:
        await listening.close()


def run(main: Callable[[], Awaitable[Result]]) -> Result:
    """Run on virtual time, so that waiting costs nothing."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main())  # type: ignore[arg-type]
