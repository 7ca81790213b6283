"""A small world for tests that speak DNS: two registries, a hosting platform, a few names; and its loopback `Dial`."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar, cast

from tests.virtual import on_virtual_time
from tracker.clients.dns import DnsClient
from tracker.clients.guard import forbidden
from tracker.lab.dns import LabDns
from tracker.lab.world import Fault, NameState, Registrar, Registry, Story, World

START = datetime(2024, 9, 1, tzinfo=UTC)
NOON = START + timedelta(hours=12)
ROOT = "198.41.0.4"
ALPHA = Registry(
    "alpha", (("ns1.alpha.example", "45.90.1.1"), ("ns2.alpha.example", "45.90.1.2")), "rdap", "rdap.alpha.example"
)
BETA = Registry("beta", (("ns1.beta.example", "45.90.2.1"),), "rdap", "rdap.beta.example")
PLATFORM = Registry("platform", (("ns1.platform.example", "45.90.3.1"),), "none", "", wildcard=True)
SUFFIXES = {
    "so": ALPHA,
    "to": ALPHA,
    "com": ALPHA,
    "co.so": ALPHA,
    "uk": BETA,
    "co.uk": BETA,
    "eu.com": BETA,
    "pages.com": PLATFORM,
}
HOST = ("ns1.host.example", "ns2.host.example")
HOSTS = {
    "a.root-servers.net": ROOT,
    "ns1.host.example": "45.91.0.1",
    "ns2.host.example": "45.91.0.2",
    **{host: address for registry in (ALPHA, BETA, PLATFORM) for host, address in registry.name_servers},
}
Result = TypeVar("Result")


class FixedClock:
    """A clock that a test sets."""

    def __init__(self, now: datetime = NOON) -> None:
        self.at = now

    def now(self) -> datetime:
        return self.at


class Unlimited:
    """A budget that never makes anybody wait and notes who was asked how often."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, int]] = []
        self.blocked: dict[str, datetime] = {}
        self.on_take: Callable[[], None] = lambda: None

    async def take(self, server: str, amount: int = 1) -> None:
        self.taken.append((server, amount))
        self.on_take()

    def refused(self, server: str, retry_after: float | None) -> None:
        self.blocked[server] = NOON + timedelta(minutes=1)

    def blocked_until(self, server: str) -> datetime | None:
        return self.blocked.get(server)

    def questions(self, server: str) -> int:
        return sum(amount for asked, amount in self.taken if asked == server)


class MapDial:
    """Public addresses to loopback by a map; what is not in it is a closed port."""

    def __init__(self, endpoints: Mapping[str, tuple[str, int]], hosts: Mapping[str, str] = HOSTS) -> None:
        self.endpoints = dict(endpoints)
        self.hosts = dict(hosts)

    async def addresses(self, host: str) -> Sequence[str]:
        if host not in self.hosts:
            raise OSError(f"{host} has no address")
        return [self.hosts[host]]

    def endpoint(self, address: str, port: int) -> tuple[str, int]:
        return self.endpoints.get(address, ("127.0.0.1", 1))


def state(
    name: str, *, servers: tuple[str, ...] = HOST, delegated: bool = True, addresses: tuple[str, ...] = ("45.92.0.1",)
) -> NameState:
    """A registered name as the lab has it."""
    return NameState(
        name=name,
        suffix=name.partition(".")[2],
        registered_at=START,
        updated_at=START,
        expires_at=START + timedelta(days=365),
        registrar=Registrar("Registrar", 1, "abuse@registrar.example"),
        statuses=(),
        name_servers=servers,
        delegated=delegated,
        addresses=addresses,
        page=None,
    )


def world(*states: NameState, faults: Sequence[Fault] = (), stories: Sequence[Story] = ()) -> World:
    """The names are there from the start; `stories` may change in time."""
    told = {one.name: Story(one.name, (START,), (one,)) for one in states} | {story.name: story for story in stories}
    return World(
        scenario_id="dns",
        seed=1,
        start=START,
        end=START + timedelta(days=3),
        suffixes=SUFFIXES,
        stories=told,
        issuances=(),
        faults=tuple(faults),
        hosts=HOSTS,
    )


def trouble(kind: str, share: float = 1.0, *, unit: str = "request", first: datetime = START) -> Fault:
    """Trouble of the lab's name servers from `first` on."""
    return Fault("dns", kind, first, START + timedelta(days=3), share, unit)


class Net:
    """A running lab and a client in it."""

    def __init__(self, client: DnsClient, clock: FixedClock, budget: Unlimited, dial: MapDial) -> None:
        self.client, self.clock, self.budget, self.dial = client, clock, budget, dial


def client_for(
    dial: MapDial,
    budget: Unlimited,
    clock: FixedClock,
    *,
    tries: int = 4,
    timeout: float = 0.05,
    burst: int = 50,
    in_flight: int = 500,
) -> DnsClient:
    """A client with short time-outs and a seeded generator."""
    return DnsClient(
        dial,
        budget,
        clock,
        random.Random(7),
        [ROOT],
        check=forbidden,
        in_flight=in_flight,
        burst=burst,
        timeout=timeout,
        tries=tries,
    )


def in_lab(
    played: World, use: Callable[[Net], Awaitable[Result]], *, timeout: float = 0.05, down: Sequence[str] = ()
) -> Result:
    """Start the world's name servers, hand a client to `use`, close everything. `down` addresses are closed ports."""

    async def run() -> Result:
        clock, budget = FixedClock(), Unlimited()
        lab = LabDns(played, clock)
        try:
            dial = MapDial({address: where for address, where in (await lab.start()).items() if address not in down})
            return await use(Net(client_for(dial, budget, clock, timeout=timeout), clock, budget, dial))
        finally:
            await lab.close()

    return on_virtual_time(run())


class Scripted(asyncio.DatagramProtocol):
    """A name server whose every reply the test decides: `replies(packet)` gives the packets to send back."""

    def __init__(self, replies: Callable[[bytes], Sequence[bytes]]) -> None:
        self._replies = replies
        self.asked: list[bytes] = []
        self.peers: list[tuple[str, int]] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.asked.append(data)
        self.peers.append(addr)
        for reply in self._replies(data):
            self._transport.sendto(reply, addr)


async def scripted(
    replies: Callable[[bytes], Sequence[bytes]],
) -> tuple[Scripted, asyncio.BaseTransport, tuple[str, int]]:
    """A scripted server on loopback: the server, its transport, where it is."""
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(lambda: Scripted(replies), ("127.0.0.1", 0))
    return server, transport, transport.get_extra_info("sockname")[:2]
