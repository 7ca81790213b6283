"""The lab's internet: starts every server on loopback and tells the product's `Dial` where each public address is."""

import ssl
from collections.abc import Mapping, Sequence
from types import TracebackType

from tracker.lab import authority, geography
from tracker.lab.ctlog import CtLogServer
from tracker.lab.dns import LabDns
from tracker.lab.http import Server, serve
from tracker.lab.lists import ListServer
from tracker.lab.rdap import LabRdap
from tracker.lab.web import LabWeb
from tracker.lab.whois import LabWhois
from tracker.lab.world import World
from tracker.ports import Clock

DNS, WHOIS, HTTP, HTTPS = 53, 43, 80, 443


class LabDial:
    """Public addresses become loopback ports; an address that nobody plays is refused like a host that is down."""

    def __init__(self, world: World, clock: Clock, endpoints: Mapping[tuple[str, int], tuple[str, int]]) -> None:
        self._world = world
        self._clock = clock
        self._endpoints = endpoints

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
