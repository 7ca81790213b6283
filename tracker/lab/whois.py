"""The lab's WHOIS: one dialect for every registry without RDAP, with its terms of use and its registrant."""

import asyncio

from tracker.lab.world import NameState, World
from tracker.model.times import iso
from tracker.ports import Clock

THROTTLED = "Query limit exceeded. Try again later.\r\n\r\nNo match for domain.\r\n"
"""As real servers do it: the refusal comes with words that would read as an absence."""
_TERMS = (
    "TERMS OF USE: The data are provided for information only. You agree that you will not use high-volume,\r\n"
    "automated processes, that excessive queries may be limited, and that a name not found here may not be\r\n"
    "available for registration.\r\n"
)


class LabWhois:
    """Plays every WHOIS host of the world on one port; `hosts` are their names."""

    def __init__(self, world: World, clock: Clock) -> None:
        self._world, self._clock = world, clock
        self.hosts = frozenset(row.host for row in world.suffixes.values() if row.registration == "whois")
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.Transport] = set()

    async def start(self) -> int:
        """Listen; the loopback port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Line(self, self._lines), "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def close(self) -> None:
        """Stop listening and drop every open line."""
        if self._server is not None:
            self._server.close()
            for line in tuple(self._lines):
                line.abort()
            await self._server.wait_closed()

    def answer(self, question: str) -> str | None:
        """The reply to one line; None is silence."""
        now = self._clock.now()
        name = question.rpartition(" ")[2].partition("/")[0].lower()
        fault = self._world.fault("whois", name, now)
        if fault is not None:
            return {"silence": None, "throttle": THROTTLED, "garbage": "\x00\xff<html>"}.get(fault.kind, "")
        state = self._world.state(name, now)
        body = f'No match for "{name.upper()}".\r\n' if state is None else record(state)
        return f"{body}\r\n>>> Last update of WHOIS database: {iso(now)} <<<\r\n\r\n{_TERMS}"


def record(state: NameState) -> str:
    """One registered name in the dialect of the lab."""
    rows = [
        ("Domain Name", state.name.upper()),
        ("Registry Domain ID", f"{len(state.name)}-LAB"),
        ("Updated Date", iso(state.updated_at)),
        ("Creation Date", iso(state.registered_at)),
        ("Registry Expiry Date", iso(state.expires_at)),
        ("Registrar", state.registrar.name),
        ("Registrar IANA ID", str(state.registrar.iana_id)),
        ("Registrar Abuse Contact Email", state.registrar.abuse_email),
        *(("Domain Status", f"{status} https://icann.org/epp#{status}") for status in state.statuses),
        ("Registrant Name", "Lab Person"),
        ("Registrant Email", f"owner@{state.name}"),
        *(("Name Server", server.upper()) for server in state.name_servers),
        ("DNSSEC", "unsigned"),
    ]
    return "".join(f"{key}: {value}\r\n" for key, value in rows)


class _Line(asyncio.Protocol):
    """One connection: a line in, a reply out, closed; after silence it stays open until the other side gives up."""

    def __init__(self, registry: LabWhois, lines: set[asyncio.Transport]) -> None:
        self._registry, self._lines = registry, lines
        self._data = bytearray()
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._lines.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._lines.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._data += data
        if b"\n" not in self._data:
            return
        reply = self._registry.answer(self._data.decode("ascii", "replace").strip())
        if reply is not None:
            self._transport.write(reply.encode())
            self._transport.close()
