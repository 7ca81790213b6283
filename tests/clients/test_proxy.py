"""Visits through a proxy: the guard stays in front, and the candidate sees the proxy alone."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest

from tests.lab.ctworld import FreeBudget, SetClock, run
from tests.lab.registryworld import NOW, Dial
from tracker.clients.guard import ForbiddenAddress, forbidden, guarded_client, unverified_context
from tracker.clients.proxy import Proxy
from tracker.lab.authority import candidates
from tracker.lab.http import Response, serve
from tracker.model.facts import Presence, Reason
from tracker.model.names import DomainName
from tracker.probes.certificate import CertificateProbe

PUBLIC, SIX = "45.80.0.10", "2a00:1450::10"


class Door:
    """A proxy of one kind on loopback that remembers what it was asked for and leads to the given ports."""

    def __init__(self, scheme: str, ports: dict[int, int], refusal: bytes = b"") -> None:
        self.scheme, self.ports, self.refusal = scheme, ports, refusal
        self.asked: list[tuple[str, int]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One tunnel."""
        try:
            host, port = await (self._socks if self.scheme == "socks5" else self._connect)(reader, writer)
        except asyncio.IncompleteReadError:
            return
        self.asked.append((host, port))
        if self.refusal:
            writer.write(self.refusal)
            writer.close()
            return
        writer.write(b"\x05\0\0\x01\0\0\0\0\0\0" if self.scheme == "socks5" else b"HTTP/1.1 200 Open\r\nVia: x\r\n\r\n")
        back, forth = await asyncio.open_connection("127.0.0.1", self.ports[port])
        await asyncio.gather(_pump(reader, forth), _pump(back, writer))

    async def _connect(self, reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> tuple[str, int]:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        host, _, port = head.split()[1].rpartition(":")
        return host, int(port)

    async def _socks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[str, int]:
        assert await reader.readexactly(3) == b"\x05\x01\x00"
        writer.write(b"\x05\x00")
        kind = (await reader.readexactly(4))[3]
        packed = await reader.readexactly(4 if kind == 1 else 16)
        return ".".join(map(str, packed)) if kind == 1 else packed.hex(), int.from_bytes(await reader.readexactly(2))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(4096):
        writer.write(data)
    writer.close()


def _through(door: Door, main: Callable[[Proxy, Dial], Awaitable[object]], known: list[str]) -> object:
    async def whole() -> object:
        site = await serve(lambda request: Response(200, {}, request.host.encode()))
        secure = await serve(
            lambda request: Response(200, {}, b"secret " + request.host.encode()),
            candidates(1).server_context("rrn.so"),
        )
        door.ports |= {80: site.port, 443: secure.port}
        proxy = await asyncio.start_server(door.serve, "127.0.0.1", 0)
        url = f"{door.scheme}://127.0.0.1:{proxy.sockets[0].getsockname()[1]}"
        way = Proxy.of(url)
        assert way is not None
        try:
            return await main(way, Dial({"rrn.so": known}, {}))
        finally:
            proxy.close()
            await site.close()
            await secure.close()

    return run(whole)


async def _pages(way: Proxy, dial: Dial) -> list[str]:
    async with guarded_client(dial, ssl_context=unverified_context(), user_agent="t", proxy=way) as client:
        found = [(await client.get(url)).text for url in ("http://rrn.so/", "https://rrn.so/")]
    assert dial.connected == [], "nobody is connected to from here"
    return found


@pytest.mark.parametrize("scheme", ["http", "socks5"])
def test_pages_come_through_the_proxy(scheme: str) -> None:
    """Plain and TLS alike; the proxy is asked for the checked address, not for a name that it would look up again."""
    door = Door(scheme, {})
    assert _through(door, _pages, [PUBLIC]) == ["rrn.so", "secret rrn.so"]
    assert door.asked == [(PUBLIC, 80), (PUBLIC, 443)]


@pytest.mark.parametrize("scheme", ["http", "socks5"])
def test_six_too(scheme: str) -> None:
    """An IPv6 address is written as each protocol wants it."""
    door = Door(scheme, {})
    assert _through(door, _pages, [SIX]) == ["rrn.so", "secret rrn.so"]
    written = "2a001450000000000000000000000010" if scheme == "socks5" else f"[{SIX}]"
    assert door.asked == [(written, 80), (written, 443)]


@pytest.mark.parametrize("scheme", ["http", "socks5"])
def test_the_guard_stands_before_the_proxy(scheme: str) -> None:
    """A name that leads inside is not asked of the proxy either: it may stand where inside is reachable."""

    async def main(way: Proxy, dial: Dial) -> None:
        with pytest.raises(ForbiddenAddress):
            await _pages(way, dial)

    door = Door(scheme, {})
    _through(door, main, ["169.254.169.254"])
    assert door.asked == []


@pytest.mark.parametrize(
    ("scheme", "refusal"),
    [
        ("http", b"HTTP/1.1 403 Forbidden\r\n\r\n"),
        ("http", b"HTTP/1.1 200"),
        ("http", b"x" * 10_000),
        ("socks5", b"\x05\x02\0\x01\0\0\0\0\0\0"),
        ("socks5", b""),
        ("socks5", b"\x05\0\0\x07"),
    ],
)
def test_a_proxy_that_refuses_is_a_failure_to_connect(scheme: str, refusal: bytes) -> None:
    """It says nothing about the candidate."""

    async def main(way: Proxy, dial: Dial) -> None:
        with pytest.raises(httpx.ConnectError):
            await _pages(way, dial)

    door = Door(scheme, {}, refusal or b"\x05")
    _through(door, main, [PUBLIC])


@pytest.mark.parametrize("scheme", ["http", "socks5"])
def test_certificates_come_through_it_as_well(scheme: str) -> None:
    """Else the handshake would tell the operator what the page fetch hides."""

    async def main(way: Proxy, dial: Dial) -> tuple[Presence, Reason]:
        probe = CertificateProbe(dial, forbidden, FreeBudget(), SetClock(NOW), "lab", proxy=way)
        (batch,) = [batch async for batch in probe.observe([DomainName("rrn.so")])]
        assert dial.connected == []
        return batch.observations[0].presence, batch.observations[0].reason

    door = Door(scheme, {})
    assert _through(door, main, [PUBLIC]) == (Presence.PRESENT, Reason.CERTIFICATE)
    assert door.asked == [(PUBLIC, 443)]


def test_settings_that_name_no_proxy_are_refused() -> None:
    """Nothing is guessed: a scheme, a host, no credentials, no path."""
    assert Proxy.of("") is None
    assert Proxy.of("socks5://127.0.0.1") == Proxy("socks5", "127.0.0.1", 1080)
    for text in ("127.0.0.1:8080", "https://x:1", "http://", "http://user:secret@x:1", "http://x:1/path", "socks4://x"):
        with pytest.raises(ValueError, match=r"pages\.proxy"):
            Proxy.of(text)
