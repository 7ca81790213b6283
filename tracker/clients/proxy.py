"""Through somebody else's door: a proxy that candidates are visited from, so that they do not see where we are.

The guard stays in front of it: names are resolved and checked here, and the proxy is asked for the checked address.
"""

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_SCHEMES: Final = {"http": 8080, "socks5": 1080}
_HEAD_LIMIT: Final = 8 * 1024
_SOCKS_ADDRESS: Final = {1: 4, 4: 16}

Read = Callable[[int], Awaitable[bytes]]
Write = Callable[[bytes], Awaitable[None]]


class ProxyRefused(OSError):
    """The proxy did not open the way; the message says what it answered."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where the proxy is and what it speaks: `http` (CONNECT) or `socks5`, without credentials."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> "Proxy | None":
        """Read `http://HOST:PORT` or `socks5://HOST:PORT`; None for an empty text, ValueError for any other."""
        if not url:
            return None
        parts = urlsplit(url)
        if parts.scheme not in _SCHEMES or not parts.hostname or parts.username or parts.path.strip("/") or parts.query:
            raise ValueError(f"pages.proxy: {url!r} is neither http://HOST:PORT nor socks5://HOST:PORT")
        return cls(parts.scheme, parts.hostname, parts.port or _SCHEMES[parts.scheme])

    async def open(self, address: str, port: int, read: Read, write: Write) -> None:
        """Ask over a fresh connection to the proxy for one to `address`; raises ProxyRefused or OSError."""
        if self.scheme == "socks5":
            await _socks5(address, port, read, write)
        else:
            await _connect(address, port, read, write)

    async def stream(self, address: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection through the proxy; raises ProxyRefused or OSError."""
        reader, writer = await asyncio.open_connection(self.host, self.port)

        async def write(data: bytes) -> None:
            writer.write(data)
            await writer.drain()

        with ExitStack() as kept:  # of a caller who was cancelled, too, nothing stays open
            kept.callback(writer.close)
            await self.open(address, port, reader.read, write)
            kept.pop_all()
        return reader, writer


async def _connect(address: str, port: int, read: Read, write: Write) -> None:
    target = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    await write(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode("ascii"))
    head = bytearray()
    while not head.endswith(b"\r\n\r\n"):  # one byte at a time: what follows belongs to the tunnel
        head += await _exactly(1, read)
        if len(head) > _HEAD_LIMIT:
            raise ProxyRefused("the proxy's answer has no end")
    status = head.split(b"\r\n", 1)[0].decode("latin-1")
    if status.split(" ")[1:2] != ["200"]:
        raise ProxyRefused(f"the proxy answered {status[:100]!r}")


async def _socks5(address: str, port: int, read: Read, write: Write) -> None:
    await write(b"\x05\x01\x00")
    if await _exactly(2, read) != b"\x05\x00":
        raise ProxyRefused("the proxy wants credentials or is no SOCKS 5")
    packed = ipaddress.ip_address(address).packed
    kind = b"\x01" if len(packed) == _SOCKS_ADDRESS[1] else b"\x04"
    await write(b"\x05\x01\x00" + kind + packed + port.to_bytes(2, "big"))
    _, code, _, kind_of_bound = await _exactly(4, read)
    if code or kind_of_bound not in _SOCKS_ADDRESS:
        raise ProxyRefused(f"the proxy answered code {code}")
    await _exactly(_SOCKS_ADDRESS[kind_of_bound] + 2, read)


async def _exactly(count: int, read: Read) -> bytes:
    data = b""
    while len(data) < count:
        part = await read(count - len(data))
        if not part:
            raise ProxyRefused("the proxy closed the connection")
        data += part
    return data
