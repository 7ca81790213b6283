"""A few pages over HTTP/1.1 on a local port: one request per connection, read by machines, nothing to send in."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address

import structlog

logger = structlog.get_logger()

PATIENCE = 5.0
"""Seconds for a client to send its question and to take the answer."""
HEAD_LIMIT = 8192
MOST_CLIENTS = 16
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Page:
    """An answer."""

    body: bytes
    status: HTTPStatus = HTTPStatus.OK
    kind: str = "text/plain; charset=utf-8"


Pages = Mapping[str, Callable[[], Page]]


def endpoint(listen: str) -> tuple[str, int]:
    """`HOST:PORT`, `[HOST]:PORT` or `:PORT` (loopback) as host and port; raises ValueError."""
    host, found, port = listen.rpartition(":")
    if not found or not port.isdecimal() or not 0 <= int(port) <= 65535:
        raise ValueError(f"daemon.listen wants HOST:PORT, not {listen!r}")
    return host.strip("[]") or LOOPBACK, int(port)


@asynccontextmanager
async def serving(listen: str, pages: Pages) -> AsyncIterator[int]:
    """Answer at `listen` until the block ends; gives the port. Raises ValueError when it cannot be listened there."""
    host, port = endpoint(listen)
    desk = _Desk(pages)
    try:
        server = await asyncio.start_server(desk.serve, host, port, limit=HEAD_LIMIT)
    except OSError as error:
        raise ValueError(f"daemon.listen: {listen}: {error.strerror or error}") from error
    if not _is_loopback(host):
        logger.warning("listening beyond this machine: whoever reaches the port learns how much is watched", on=listen)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _Desk:
    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._clients = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: read a head, answer, close. Whoever is slow, long or too many is dropped."""
        self._clients += 1
        try:
            if self._clients <= MOST_CLIENTS:
                async with asyncio.timeout(PATIENCE):
                    head = await reader.readuntil(b"\r\n\r\n")
                    writer.write(self._answer(head))
                    await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            self._clients -= 1
            writer.close()

    def _answer(self, head: bytes) -> bytes:
        method, _, rest = head.decode("latin-1").partition(" ")
        path = rest.partition(" ")[0].partition("?")[0]
        page = self._page(method, path)
        lines = (
            f"HTTP/1.1 {page.status.value} {page.status.phrase}",
            f"Content-Type: {page.kind}",
            f"Content-Length: {len(page.body)}",
            "Cache-Control: no-store",
            "Connection: close",
        )
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (b"" if method == "HEAD" else page.body)

    def _page(self, method: str, path: str) -> Page:
        if method not in {"GET", "HEAD"}:
            return Page(b"only GET and HEAD\n", HTTPStatus.METHOD_NOT_ALLOWED)
        if path not in self._pages:
            return Page(f"there are {', '.join(self._pages)}\n".encode(), HTTPStatus.NOT_FOUND)
        return self._pages[path]()
