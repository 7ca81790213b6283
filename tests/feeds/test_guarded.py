"""No list leads into a private network, however its address is spelt and at whichever hop."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from tests.feeds.server import ADDRESS, HOST, Published
from tests.feeds.test_watchlist import Reader
from tests.virtual import on_virtual_time
from tracker.clients.guard import guarded_client, unverified_context
from tracker.lab.http import Request, Response, serve
from tracker.model.facts import Batch, Reason

INSIDE = "inside.example"
FORMS = {
    "loopback": "127.0.0.1",
    "private": "10.0.0.7",
    "link-local": "169.254.169.254",
    "carrier": "100.64.0.1",
    "multicast": "224.0.0.1",
    "unspecified": "0.0.0.0",
    "loopback 6": "::1",
    "mapped": "::ffff:127.0.0.1",
    "nat64": "64:ff9b::7f00:1",
    "6to4": "2002:7f00:1::",
    "teredo": "2001:0:7f00:1:0:0:80ff:fffe",
    "unique local": "fd00::1",
}
ENTRIES = ("", "meta:", "misp:", "stix:", "cof:", "plain:", "hosts:", "ofac:", "announcements:")
UUID = "5f1d5a5e-0001-4a4e-9b1e-0242ac110002"


@dataclass
class Turning:
    """A `Dial`: the list's host is public, `inside.example` is what a test says, and what was connected to is kept."""

    port: int
    inside: Sequence[str]
    turns: Sequence[str] = (ADDRESS,)
    asked: int = 0
    connected: list[str] = field(default_factory=list)

    async def addresses(self, host: str) -> Sequence[str]:
        if host == HOST:
            self.asked += 1
            return (self.turns[min(self.asked, len(self.turns)) - 1],)
        return self.inside

    def endpoint(self, address: str, port: int) -> tuple[str, int]:
        self.connected.append(address)
        return ("127.0.0.1", self.port)


def polled(entry: str, published: Published, dial: Turning, polls: int = 1) -> list[Batch]:
    """Poll a list through the guarded client; each poll opens a connection of its own."""

    async def main() -> list[Batch]:
        server = await serve(published)
        dial.port = server.port
        reader, batches = Reader(entry), []
        try:
            for _ in range(polls):
                async with guarded_client(dial, ssl_context=unverified_context(), user_agent="t", timeout=1.0) as http:
                    batches += await reader.poll(http)
        finally:
            await server.close()
        return batches

    return on_virtual_time(main())


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("entry", ["", "meta:"])
def test_a_name_that_leads_inside_is_not_connected_to(entry: str, form: str) -> None:
    """All the ways to write an address of one's own network, behind a name."""
    dial = Turning(0, [FORMS[form]])
    (batch,) = polled(f"{entry}http://{INSIDE}/x.toml", Published("x"), dial)
    assert [gap.reason for gap in batch.gaps] == [Reason.BLOCKED_ADDRESS]
    assert dial.connected == []


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_kind_of_list_is_guarded_at_every_hop(entry: str) -> None:
    """The first answer is public, and sends the reader on to the inside."""
    moved = Published(answer=lambda _: Response(302, {"Location": f"http://{INSIDE}/"}))
    dial = Turning(0, ["::ffff:169.254.169.254"])
    (batch,) = polled(f"{entry}http://{HOST}/x.toml", moved, dial)
    assert [gap.reason for gap in batch.gaps] == [Reason.BLOCKED_ADDRESS]
    assert dial.connected == [ADDRESS]


@pytest.mark.parametrize("spelling", ["http://0x7f.1/", "http://2130706433/", "http://[::1]/", "http://127.1/"])
def test_spellings_of_numbers_are_what_they_resolve_to(spelling: str) -> None:
    """Whatever the resolver makes of them is checked, not the text."""
    (batch,) = polled(f"meta:{spelling}x.csv", Published("x"), Turning(0, ["127.0.0.1"]))
    assert [gap.reason for gap in batch.gaps] == [Reason.BLOCKED_ADDRESS]


def test_what_a_list_points_to_is_guarded_as_well() -> None:
    """The names kept elsewhere, and the events behind a manifest."""
    pointer = Published('[list]\nformat = "plain"\nlocation = "http://inside.example/names.txt"\n')
    (batch,) = polled(f"http://{HOST}/x.toml", pointer, Turning(0, ["10.0.0.7"]))
    assert [gap.reason for gap in batch.gaps] == [Reason.BLOCKED_ADDRESS]

    def feed(request: Request) -> Response:
        if request.path.endswith("manifest.json"):
            return Response(200, {}, f'{{"{UUID}": {{"timestamp": "1"}}}}'.encode())
        return Response(302, {"Location": f"http://{INSIDE}/"})

    batches = polled(f"misp:http://{HOST}/manifest.json", Published(answer=feed), Turning(0, ["fd00::1"]))
    assert [gap.reason for batch in batches for gap in batch.gaps] == [Reason.BLOCKED_ADDRESS]


def test_a_name_that_turns_inside_between_two_polls_is_refused() -> None:
    """It is resolved and checked for each connection, and the checked address is the one that is connected to."""
    dial = Turning(0, [], turns=(ADDRESS, "127.0.0.1"))
    published = Published("0.0.0.0 a.example\n")
    first, second = polled(f"hosts:http://{HOST}/hosts", published, dial, polls=2)
    assert [claim.domain for claim in first.claims] == ["a.example"]
    assert [gap.reason for gap in second.gaps] == [Reason.BLOCKED_ADDRESS]
    assert dial.connected == [ADDRESS]
