"""The lab's HTTP server, read by httpx."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest

from tests.virtual import on_virtual_time
from tracker.lab.http import Request, Response, Server, serve


def _with(
    answer: Callable[[Request], Response | None], use: Callable[[Server, httpx.AsyncClient], Awaitable[None]]
) -> None:
    async def run() -> None:
        server = await serve(answer)
        try:
            async with httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{server.port}", trust_env=False, timeout=0.3
            ) as client:
                await use(server, client)
        finally:
            await server.close()

    on_virtual_time(run())


def test_requests_of_one_line_are_answered_in_turn() -> None:
    """Keep-alive: fifty questions, each with its own answer, all from one client port."""
    peers = set()

    def answer(request: Request) -> Response:
        peers.add(request.peer)
        return Response(200, {"X-Host": request.host}, request.path.encode() + request.body)

    async def use(_: Server, client: httpx.AsyncClient) -> None:
        for number in range(50):
            reply = await client.post(f"/a?n={number}", headers={"Host": "Log.example:8443"}, content=b"!")
            assert (reply.content, reply.headers["x-host"]) == (f"/a?n={number}!".encode(), "log.example")

    _with(answer, use)
    assert len(peers) == 1


def test_head_has_length_but_no_body() -> None:
    """A HEAD answer tells the length and sends nothing, so the next answer is not misread."""

    async def use(_: Server, client: httpx.AsyncClient) -> None:
        assert (await client.head("/")).headers["content-length"] == "3"
        assert (await client.get("/")).text == "abc"

    _with(lambda _: Response(body=b"abc"), use)


def test_silence_lasts_until_the_client_gives_up() -> None:
    """None as answer is a timeout for the client, and does not keep the server from closing."""

    async def use(_: Server, client: httpx.AsyncClient) -> None:
        with pytest.raises(httpx.ReadTimeout):
            await client.get("/")

    _with(lambda _: None, use)


@pytest.mark.parametrize(("hang", "error"), [(False, httpx.RemoteProtocolError), (True, httpx.ReadTimeout)])
def test_a_body_can_be_cut(hang: bool, error: type[Exception]) -> None:
    """A cut body ends in a closed line or in silence, never in a short body that looks whole."""

    async def use(_: Server, client: httpx.AsyncClient) -> None:
        with pytest.raises(error):
            await client.get("/")

    _with(lambda _: Response(body=b"0123456789", cut=4, hang=hang), use)


def test_nonsense_is_refused() -> None:
    """A request line that is none gets 400 and a closed line."""

    async def use(server: Server, _: httpx.AsyncClient) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"nonsense\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
        writer.close()

    _with(lambda _: Response(), use)
