"""A small HTTP/1.1 server for the lab's hosts: keep-alive, and answers that can go wrong on purpose."""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

_HEAD_LIMIT = 65_536
_BODY_LIMIT = 1_048_576


@dataclass(frozen=True, slots=True)
class Request:
    """One question. `host` has no port, `path` keeps its query, header names are lower case."""

    method: str
    host: str
    path: str
    headers: Mapping[str, str]
    peer: tuple[str, int]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """One answer. With `cut` only so many bytes of the body are sent; then the line is closed, or silent if `hang`."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: int | None = None
    hang: bool = False


Answer = Callable[[Request], Response | None]
"""What a server says, without waiting. None is silence: the client waits until it gives up."""


class Server:
    """A listening server; `port` is the loopback port that the system chose."""

    def __init__(self, listener: asyncio.Server, lines: set[asyncio.Transport]) -> None:
        self._listener = listener
        self._lines = lines
        self.port: int = listener.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and drop every open line, silent ones included."""
        self._listener.close()
        for line in tuple(self._lines):
            line.abort()
        await self._listener.wait_closed()


async def serve(answer: Answer, ssl_context: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> Server:
    """Listen on a free port of `host` and answer every request with `answer(request)`."""
    lines: set[asyncio.Transport] = set()
    loop = asyncio.get_running_loop()
    return Server(await loop.create_server(lambda: _Line(answer, lines), host, 0, ssl=ssl_context), lines)


class _Line(asyncio.Protocol):
    """One connection; requests are answered one after the other."""

    def __init__(self, answer: Answer, lines: set[asyncio.Transport]) -> None:
        self._answer = answer
        self._lines = lines
        self._data = bytearray()
        self._silent = False
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._lines.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._lines.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._data += data
        while not self._silent and not self._transport.is_closing():
            end = self._data.find(b"\r\n\r\n")
            if end < 0:
                if len(self._data) > _HEAD_LIMIT:
                    self._refuse(431)
                return
            first, *lines = self._data[:end].decode("latin-1").split("\r\n")
            words = first.split(" ")
            headers = {
                name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
            }
            length = headers.get("content-length", "0")
            if len(words) != 3 or not length.isdecimal() or int(length) > _BODY_LIMIT:
                self._refuse(400)
                return
            if len(self._data) < end + 4 + int(length):
                return
            body = bytes(self._data[end + 4 : end + 4 + int(length)])
            del self._data[: end + 4 + int(length)]
            peer = self._transport.get_extra_info("peername")
            host = headers.get("host", "").rpartition(":")[0] or headers.get("host", "")
            request = Request(words[0], host.lower(), words[1], headers, (peer[0], peer[1]), body)
            self._reply(request, self._answer(request))

    def _refuse(self, status: int) -> None:
        self._transport.write(f"HTTP/1.1 {status} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        self._transport.close()

    def _reply(self, request: Request, response: Response | None) -> None:
        if response is None:
            self._silent = True
            return
        last = request.headers.get("connection", "").lower() == "close"
        phrase = HTTPStatus(response.status).phrase
        head = {**response.headers, "Content-Length": str(len(response.body))}
        if last:
            head["Connection"] = "close"
        lines = [f"HTTP/1.1 {response.status} {phrase}", *(f"{name}: {value}" for name, value in head.items()), "", ""]
        body = b"" if request.method == "HEAD" else response.body
        self._transport.write(
            "\r\n".join(lines).encode("latin-1") + (body if response.cut is None else body[: response.cut])
        )
        if response.cut is not None and response.hang:
            self._silent = True
        elif response.cut is not None or last:
            self._transport.close()
