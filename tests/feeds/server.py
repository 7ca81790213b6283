"""A list server on loopback, met through the guarded client at a public address."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import httpx

from tests.virtual import on_virtual_time
from tracker.clients.guard import guarded_client, unverified_context
from tracker.lab.http import Request, Response, serve

HOST, ADDRESS = "lists.example", "45.80.0.10"
URL = f"http://{HOST}/watchlist.toml"
Result = TypeVar("Result")


@dataclass
class Published:
    """What the server says: a text with an ETag, or whatever `answer` says instead. `asked` keeps every request."""

    text: str = ""
    answer: Callable[[Request], Response | None] | None = None
    asked: list[Request] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def __call__(self, request: Request) -> Response | None:
        self.asked.append(request)
        reply = self.answer(request) if self.answer else self._text(request)
        self.statuses.append(reply.status if reply else 0)
        return reply

    def _text(self, request: Request) -> Response:
        tag = f'"{hashlib.sha256(self.text.encode()).hexdigest()[:8]}"'
        if request.headers.get("if-none-match") == tag:
            return Response(304, {"ETag": tag})
        return Response(200, {"ETag": tag}, self.text.encode())


@dataclass
class OneDoor:
    """A `Dial` that knows one public address and leads it to a loopback port; others are refused."""

    port: int = 1

    async def addresses(self, host: str) -> Sequence[str]:
        if host != HOST:
            raise OSError(f"{host} has no address")
        return (ADDRESS,)

    def endpoint(self, address: str, port: int) -> tuple[str, int]:
        return ("127.0.0.1", self.port if address == ADDRESS else 1)


@asynccontextmanager
async def client(published: Published | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """The guarded client; with a server behind it if something is published."""
    server = await serve(published) if published is not None else None
    door = OneDoor(server.port if server else 1)
    try:
        async with guarded_client(door, ssl_context=unverified_context(), user_agent="test", timeout=0.3) as http:
            yield http
    finally:
        if server is not None:
            await server.close()


def with_client(published: Published | None, use: Callable[[httpx.AsyncClient], Awaitable[Result]]) -> Result:
    """Run something with that client."""

    async def main() -> Result:
        async with client(published) as http:
            return await use(http)

    return on_virtual_time(main())
