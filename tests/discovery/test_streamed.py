"""A certstream server on loopback, heard by the discovery source that a user would switch on."""

import asyncio
import json
import random
from collections.abc import Sequence

from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from tests.analysis.histories import at
from tests.virtual import on_virtual_time
from tracker.clients.certstream import CertstreamClient
from tracker.discovery.matching import WatchMatcher
from tracker.discovery.streamed import CertStream
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Batch, Cursor, Reason
from tracker.model.names import DomainName
from tracker.model.watching import Cohort, Watch, WatchKind

WATCH = Watch(
    kind=WatchKind.PREDECESSOR,
    label="holylandherald",
    since=at("2024-08-28"),
    name=DomainName("holylandherald.com"),
    cohort=Cohort.OWN_BRAND,
)
MATCHER = WatchMatcher(Suffixes.bundled(), 12.0)
HEARTBEAT = '{"message_type": "heartbeat", "timestamp": 1.0}'


class Now:
    """A clock that somebody sets."""

    def __init__(self, moment: str) -> None:
        self.moment = at(moment)

    def now(self):
        """The moment that was set."""
        return self.moment


def told(*names: str) -> str:
    """A message about a certificate with these names."""
    return json.dumps(
        {"message_type": "certificate_update", "data": {"leaf_cert": {"all_domains": names}, "seen": 1.0}}
    )


async def taken(source: CertStream, cursor: Cursor | None = None) -> Batch:
    """The one batch of a call."""
    (batch,) = [batch async for batch in source.discover([WATCH], cursor)]
    return batch


async def hear(url: str, clock: Now, messages: int, **options: float) -> tuple[CertStream, CertstreamClient]:
    """A source that has heard so many messages."""
    client = CertstreamClient(url, clock, random.Random(1), **options)  # type: ignore[arg-type]
    source = CertStream(client, MATCHER, clock)
    await taken(source)
    while len(client._came) < messages:  # noqa: ASYNC110 - a socket has no event for "the other side has read"
        await asyncio.sleep(0.005)
    return source, client


def sending(messages: Sequence[str], *, then_close: bool = False):
    """A server's part: say all this, then stay or hang up."""

    async def handler(socket: ServerConnection) -> None:
        for message in messages:
            await socket.send(message)
        if not then_close:
            await socket.wait_closed()

    return handler


async def listen(handler, **options: object):
    """A server on a free port of loopback, and its address."""
    server = await serve(handler, "127.0.0.1", 0, **options)  # type: ignore[arg-type]
    return server, f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


def test_a_name_that_is_heard_is_a_sighting_and_proves_nothing() -> None:
    """The lookalike is put forward, marked unverified and without a log's time; other names leave no trace."""

    async def story() -> None:
        server, url = await listen(sending([HEARTBEAT, told("www.holylandherald.pw"), told("bakery.example")]))
        clock = Now("2024-09-05T10:00")
        source, client = await hear(url, clock, 2)
        batch = await taken(source)
        (row,) = batch.sightings
        assert (row.name, row.watch_key, row.source) == ("holylandherald.pw", WATCH.key, "certstream")
        assert row.facts["verified"] == ("unverified",) and "timestamp" not in row.facts
        assert not batch.gaps
        assert (await taken(source)).sightings == ()
        await client.close()
        server.close()

    on_virtual_time(story())


def test_a_server_that_hangs_up_is_a_gap_until_it_is_back() -> None:
    """The connection ends, in good order or not: from then on nothing is known, and that is said."""

    async def story() -> None:
        server, url = await listen(sending([told("holylandherald.pw")], then_close=True))
        clock = Now("2024-09-05T10:00")
        source, client = await hear(url, clock, 1)
        server.close()
        await server.wait_closed()
        await asyncio.sleep(0.05)
        clock.moment = at("2024-09-05T11:00")
        first = await taken(source)
        assert [row.name for row in first.sightings] == ["holylandherald.pw"]
        assert first.gaps[-1].last == at("2024-09-05T11:00") and first.gaps[-1].reason is Reason.UNREACHABLE
        clock.moment = at("2024-09-05T12:00")
        (gap,) = (await taken(source)).gaps
        assert (gap.first, gap.last) == (at("2024-09-05T11:00"), at("2024-09-05T12:00"))
        await client.close()

    on_virtual_time(story())


def test_silence_is_a_gap_and_no_peace() -> None:
    """A server that says nothing, heartbeats included, is as good as gone."""

    async def story() -> None:
        server, url = await listen(sending([]))
        clock = Now("2024-09-05T10:00")
        source, client = await hear(url, clock, 0, silence=0.05)
        await asyncio.sleep(0.2)
        clock.moment = at("2024-09-05T10:05")
        assert (await taken(source)).gaps[-1].reason is Reason.TIMEOUT
        await client.close()
        server.close()

    on_virtual_time(story())


def test_what_comes_faster_than_it_is_taken_is_said_to_be_lost() -> None:
    """The memory is bounded; what does not fit is counted, not forgotten in silence."""

    async def story() -> None:
        server, url = await listen(sending([told(f"n{number}.example") for number in range(5)]))
        source, client = await hear(url, Now("2024-09-05T10:00"), 3, kept=3)
        while client._lost is None or client._lost[1] < 2:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.005)
        (gap,) = (await taken(source)).gaps
        assert gap.reason is Reason.NOT_ASKED and "2 messages" in gap.detail
        await client.close()
        server.close()

    on_virtual_time(story())


def test_the_time_between_two_processes_is_a_gap() -> None:
    """The cursor says when somebody last listened; what was said since then nobody heard."""

    async def story() -> None:
        server, url = await listen(sending([HEARTBEAT]))
        source, client = await hear(url, Now("2024-09-05T10:00"), 0)
        cursor = (await taken(source)).cursor
        await client.close()
        clock = Now("2024-09-06T10:00")
        again = CertstreamClient(url, clock, random.Random(1))
        gap = (await taken(CertStream(again, MATCHER, clock), cursor)).gaps[0]
        assert (gap.first, gap.last) == (at("2024-09-05T10:00"), at("2024-09-06T10:00"))
        await again.close()
        server.close()

    on_virtual_time(story())


def test_a_redirect_is_not_followed() -> None:
    """The settings name one server; where it would send us nobody chose."""
    asked: list[str] = []

    async def story() -> None:
        def away(connection: ServerConnection, request: Request) -> Response:
            asked.append(request.path)
            response = connection.respond(302, "")
            response.headers["Location"] = "/elsewhere"
            return response

        server, url = await listen(sending([]), process_request=away)
        clock = Now("2024-09-05T10:00")
        client = CertstreamClient(url, clock, random.Random(1))
        client.start()
        await asyncio.sleep(0.1)
        clock.moment = at("2024-09-05T11:00")
        assert client.take()[1][-1].reason is Reason.UNREACHABLE
        await client.close()
        server.close()

    on_virtual_time(story())
    assert set(asked) == {"/"}
