"""The small server: two kinds of question, one answer each, and nobody can hold it up."""

import asyncio
import http.client
from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from tracker.web.server import HEAD_LIMIT, MOST_CLIENTS, Page, endpoint, serving

PAGES = {"/healthz": lambda: Page(b"healthy\n")}


def answered(ask: Callable[[int], object]) -> object:
    """What a blocking client gets from the running server."""

    async def both() -> object:
        async with serving("127.0.0.1:0", PAGES) as port:
            return await asyncio.to_thread(ask, port)

    return asyncio.run(both())


def request(method: str, path: str) -> Callable[[int], tuple[int, dict[str, str], bytes]]:
    """One question by a foreign client."""

    def ask(port: int) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request(method, path)
        reply = connection.getresponse()
        return reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read()

    return ask


def test_a_page_is_read() -> None:
    """Status, type, length and body, as any client expects; a query string does not matter."""
    status, headers, body = answered(request("GET", "/healthz?x=1"))
    assert (status, body) == (200, b"healthy\n")
    assert headers["content-type"] == "text/plain; charset=utf-8"
    assert headers["connection"] == "close"


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("HEAD", "/healthz", 200, b""),
        ("POST", "/healthz", 405, b"only GET and HEAD\n"),
        ("GET", "/etc/passwd", 404, b"there are /healthz\n"),
        ("GET", "/../healthz", 404, b"there are /healthz\n"),
    ],
)
def test_other_questions_are_answered_without_harm(method: str, path: str, status: int, body: bytes) -> None:
    """Nothing but the pages exists, and nothing can be sent in."""
    found = answered(request(method, path))
    assert (found[0], found[2]) == (status, body)


@pytest.mark.parametrize("sent", [b"\x00" * 200 + b"\r\n\r\n", b"GET\r\n\r\n", b"A" * (HEAD_LIMIT + 1), b""])
def test_rubbish_ends_the_connection_and_nothing_else(sent: bytes) -> None:
    """No question, half a question, a question without end: the next client is served."""

    async def both() -> tuple[bytes, bytes]:
        async with serving("127.0.0.1:0", PAGES) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(sent)
            writer.write_eof()
            try:
                rubbish = await reader.read()
            except ConnectionResetError:
                rubbish = b""
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /healthz HTTP/1.0\r\n\r\n")
            return rubbish, await reader.read()

    rubbish, good = asyncio.run(both())
    assert rubbish == b"" or rubbish.startswith(b"HTTP/1.1 4")
    assert good.startswith(b"HTTP/1.1 200 OK\r\n") and good.endswith(b"healthy\n")


def test_too_many_clients_are_sent_away_and_the_block_still_ends() -> None:
    """Silent connections do not pile up; when the daemon stops, they do not hold it."""

    async def crowd() -> bytes:
        async with serving("127.0.0.1:0", PAGES) as port:
            silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(MOST_CLIENTS)]
            await asyncio.sleep(0)
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /healthz HTTP/1.0\r\n\r\n")
            try:
                late = await reader.read()
            except ConnectionResetError:
                late = b""
            for _, other in silent:
                other.close()
            return late

    assert asyncio.run(crowd()) == b""


@pytest.mark.parametrize(
    ("listen", "where"),
    [
        ("127.0.0.1:9108", ("127.0.0.1", 9108)),
        (":9108", ("127.0.0.1", 9108)),
        ("[::1]:9108", ("::1", 9108)),
        ("0.0.0.0:80", ("0.0.0.0", 80)),
    ],
)
def test_where_to_listen(listen: str, where: tuple[str, int]) -> None:
    """Without a host it is this machine alone."""
    assert endpoint(listen) == where


@pytest.mark.parametrize("listen", ["9108", "localhost:", "localhost:http", "localhost:99999"])
def test_a_place_that_is_none_is_refused(listen: str) -> None:
    """The message names the setting."""
    with pytest.raises(ValueError, match=r"daemon\.listen wants HOST:PORT"):
        endpoint(listen)


def test_a_port_that_is_taken_is_refused() -> None:
    """A daemon that cannot be asked how it is does not start as if it could."""

    async def twice() -> None:
        async with serving("127.0.0.1:0", PAGES) as port, serving(f"127.0.0.1:{port}", PAGES):
            pass

    with pytest.raises(ValueError, match=r"daemon\.listen: 127\.0\.0\.1:\d+: "):
        asyncio.run(twice())


@pytest.mark.parametrize(("listen", "said"), [("127.0.0.1:0", 0), ("localhost:0", 0), ("0.0.0.0:0", 1)])
def test_listening_beyond_this_machine_is_said(listen: str, said: int) -> None:
    """Loopback is quiet; anything else is one line in the log."""

    async def briefly() -> None:
        async with serving(listen, PAGES):
            pass

    with capture_logs() as lines:
        asyncio.run(briefly())
    assert sum("beyond this machine" in line["event"] for line in lines) == said
