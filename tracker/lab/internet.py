"""The lab's internet: starts every server on loopback and tells the product's `Dial` where each public address is."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from types import TracebackType

from tracker.lab import authority, geography
from tracker.lab.ctlog import CtLogServer
from tracker.lab.dns import LabDns
from tracker.lab.http import serve
from tracker.lab.lists import ListServer
from tracker.lab.rdap import LabRdap
from tracker.lab.stories import SEIZURE_HOST
from tracker.lab.web import LabWeb
from tracker.lab.whois import LabWhois
from tracker.lab.world import World
from tracker.ports import Clock

DNS, WHOIS, HTTP, HTTPS = 53, 43, 80, 443
Endpoints = dict[tuple[str, int], tuple[str, int]]


class LabDial:
    """Public addresses become loopback ports; an address that nobody plays is refused like a host that is down."""

    def __init__(self, world: World, clock: Clock, endpoints: Mapping[tuple[str, int], tuple[str, int]]) -> None:
        self._world, self._clock, self._endpoints = world, clock, endpoints

    async def addresses(self, host: str) -> Sequence[str]:
        """Infrastructure from the map, anything else from the story of the registrable name; raises OSError."""
        if host in self._world.hosts:
            return (self._world.hosts[host],)
        labels = host.split(".")
        for start in range(len(labels) - 1):
            state = self._world.state(".".join(labels[start:]), self._clock.now())
            if state is not None:
                if state.delegated and state.addresses:
                    return state.addresses
                break
        raise OSError(f"{host} has no address")

    def endpoint(self, address: str, port: int) -> tuple[str, int]:
        """Where that is on loopback; port 1 refuses the connection."""
        return self._endpoints.get((address, port), ("127.0.0.1", 1))


class Internet:
    """All servers of a world, up between `async with` and its end. `dial` is what the product is given."""

    def __init__(self, world: World, clock: Clock, lists: ListServer, *, noise: int) -> None:
        self._world, self._clock, self._lists, self._noise = world, clock, lists, noise
        self._endpoints: Endpoints = {}
        self._stack = AsyncExitStack()
        self.dial = LabDial(world, clock, self._endpoints)

    async def __aenter__(self) -> "Internet":
        world, clock = self._world, self._clock
        trusted = authority.infrastructure(world.seed)
        dns = LabDns(world, clock)
        self._stack.push_async_callback(dns.close)
        for address, endpoint in (await dns.start()).items():
            self._endpoints[address, DNS] = endpoint
        for service, port in ((LabRdap(world, clock), HTTPS), (LabWhois(world, clock), WHOIS)):
            self._stack.push_async_callback(service.close)
            self._play(service.hosts, port, await service.start())
        web = LabWeb(world, clock)
        self._stack.push_async_callback(web.close)
        for port, real in zip((HTTP, HTTPS), await web.start(), strict=True):
            for host in (*geography.HOSTS, *geography.SERVICES, SEIZURE_HOST):
                self._endpoints[geography.web_address(host), port] = ("127.0.0.1", real)
        log = CtLogServer(world, clock, trusted, noise=self._noise)
        self._stack.push_async_callback(log.close)
        self._play([geography.CT_HOST], HTTPS, await log.start())
        lists = await serve(self._lists.answer, trusted.server_context(geography.FEED_HOST))
        self._stack.push_async_callback(lists.close)
        self._play([geography.FEED_HOST], HTTPS, lists.port)
        return self

    def _play(self, hosts: Iterable[str], port: int, real: int) -> None:
        """From now on these hosts answer on a loopback port."""
        for host in hosts:
            self._endpoints[self._world.hosts[host], port] = ("127.0.0.1", real)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()
