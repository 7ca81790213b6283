"""The reader of static logs against the lab's log, sound and spoiled."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.lab.ctworld import START, Bench, bench, run, world
from tracker.clients.ctlogs import Head, LogFailure, LogMisbehaved, LogReader, LogUnavailable, retry_after
from tracker.decoders.ctentries import Entry
from tracker.lab.ctlog import BEFORE, CtLog
from tracker.lab.http import Request, Response
from tracker.model.facts import Reason

THIRD = START + timedelta(days=3)


async def _reader(on: Bench) -> LogReader:
    (info,) = (await on.directory.logs()).to_follow(on.clock.now())
    return on.directory.reader(info)


async def _all(reader: LogReader, first: int, last: int, head: Head) -> list[Entry]:
    found: list[Entry] = []
    async for part in reader.entries(first, last, head):
        assert part.first == first + len(found)
        found += part.entries
    return found


def test_every_entry_is_read_and_proved() -> None:
    """From the first entry to the head, in order, with the names of the script among the noise."""

    async def main() -> None:
        async with bench(world(), THIRD) as on:
            reader = await _reader(on)
            head = await reader.head()
            entries = await _all(reader, 0, head.size, head)
            assert [entry.leaf_index for entry in entries] == list(range(head.size))
            assert [entry.names for entry in entries if entry.names[0].startswith("rrn")] == [
                ["rrn.so", "www.rrn.so"],
                ["rrn.so", "www.rrn.so"],
                ["rrn.world", "www.rrn.world"],
            ]
            assert head.at == THIRD

    run(main)


def test_starting_in_the_middle_needs_few_questions() -> None:
    """A reader that begins near the head proves its entries without the leaves before them."""

    async def main() -> None:
        async with bench(world(), THIRD, noise=3_000) as on:
            reader = await _reader(on)
            head = await reader.head()
            assert head.size > 1_500
            assert len(await _all(reader, head.size - 10, head.size, head)) == 10
            assert len(on.asked) <= 6

    run(main)


@pytest.mark.parametrize("hours", [1, 5, 30])
def test_growth_is_proved(hours: int) -> None:
    """The head of a later instant extends the earlier one, whether or not a tile was completed between them."""

    async def main() -> None:
        async with bench(world(), THIRD) as on:
            reader = await _reader(on)
            old = await reader.head()
            on.clock.moment += timedelta(hours=hours)
            new = await reader.head()
            assert new.size > old.size
            await reader.prove(old, new)
            assert len(await _all(reader, old.size, new.size, new)) == new.size - old.size

    run(main)


def test_a_fork_is_noticed() -> None:
    """A tree with one other leaf in its past is refused, however well it is signed."""

    async def main() -> None:
        async with bench(world(), THIRD) as on:
            reader = await _reader(on)
            old = await reader.head()
            other = CtLog(replace(world(), issuances=()), noise=1_200)
            on.server.log = other
            on.clock.moment += timedelta(hours=3)
            new = await reader.head()
            with pytest.raises(LogMisbehaved, match="does not extend") as caught:
                await reader.prove(old, new)
            assert caught.value.evidence == new.raw

    run(main)


def test_going_back_and_two_roots_at_one_size_are_noticed() -> None:
    """A smaller tree, or another root at the same size, is misbehaviour with the note as evidence."""

    async def main() -> None:
        async with bench(world(), THIRD) as on:
            reader = await _reader(on)
            head = await reader.head()
            with pytest.raises(LogMisbehaved, match="went back"):
                await reader.prove(replace(head, size=head.size + 1), head)
            with pytest.raises(LogMisbehaved, match="two roots"):
                await reader.prove(replace(head, root=bytes(32)), head)

    run(main)


Spoil = Callable[[Response], Response | None]


def _flip(place: int) -> Spoil:
    def flip(response: Response) -> Response:
        body = bytearray(gzip.decompress(response.body) if response.body[:2] == b"\x1f\x8b" else response.body)
        body[place] ^= 1
        return replace(response, body=bytes(body), headers={})

    return flip


@pytest.mark.parametrize(
    ("path", "spoil", "reason"),
    [
        pytest.param("checkpoint", _flip(-10), Reason.MALFORMED, id="signature flipped"),
        pytest.param(
            "checkpoint",
            lambda r: replace(r, body=r.body.replace(b"\n\n", b"\nextra\n\n", 1)),
            Reason.MALFORMED,
            id="extra body line",
        ),
        pytest.param(
            "checkpoint", lambda r: replace(r, body=bytes(200_000)), Reason.MALFORMED, id="checkpoint too long"
        ),
        pytest.param("tile/data/000", _flip(300), Reason.MALFORMED, id="leaf flipped"),
        pytest.param(
            "tile/data/000", _flip(-200), None, id="precertificate beside the leaf flipped"
        ),  # the precertificate beside the leaf is not in the tree
        pytest.param(
            "tile/data/001",
            lambda r: replace(r, body=r.body[:-1], headers={}),
            Reason.MALFORMED,
            id="data tile cut short",
        ),
        pytest.param(
            "tile/data/001",
            lambda r: replace(r, body=gzip.compress(bytes(40_000_000))),
            Reason.MALFORMED,
            id="gzip bomb",
        ),
        pytest.param("tile/data/001", lambda r: replace(r, cut=1_000), Reason.UNREACHABLE, id="body truncated"),
        pytest.param("tile/data/001", lambda r: replace(r, cut=1_000, hang=True), Reason.TIMEOUT, id="hang mid-body"),
        pytest.param("tile/0/", _flip(40), Reason.MALFORMED, id="hash tile flipped"),
        pytest.param("tile/1/", _flip(40), Reason.MALFORMED, id="upper hash tile flipped"),
        pytest.param("tile/1/", lambda r: replace(r, body=r.body[:-1]), Reason.MALFORMED, id="hash tile cut short"),
        pytest.param("tile/data/002", lambda _: Response(404), Reason.NO_SERVER, id="not there"),
        pytest.param("tile/data/002", lambda _: Response(500), Reason.SERVER_ERROR, id="server error"),
        pytest.param("tile/data/002", lambda _: Response(403), Reason.FORBIDDEN, id="forbidden"),
        pytest.param(
            "tile/data/002",
            lambda _: Response(302, {"Location": "https://elsewhere.example/"}),
            Reason.SERVER_ERROR,
            id="redirect",
        ),
        pytest.param("tile/data/002", lambda _: None, Reason.TIMEOUT, id="silence"),
        pytest.param(
            "tile/data/000", lambda r: replace(r, body=gzip.decompress(r.body), headers={}), None, id="no gzip"
        ),
        pytest.param("tile/data/000", lambda r: replace(r, headers={}), None, id="gzip without header"),
        pytest.param("tile/data/000", lambda r: r, None, id="gzip with header"),
    ],
)
def test_spoiled_answers_end_in_typed_failures(path: str, spoil: Spoil, reason: Reason | None) -> None:
    """Each ends in a failure with its reason, or in the right entries; never in wrong."""

    async def main() -> None:
        async with bench(world(), THIRD) as on:

            def spoiling(request: Request, response: Response | None) -> Response | None:
                return spoil(response) if response is not None and request.path.startswith(f"/lab/{path}") else response

            reader = await _reader(on)
            sound = await reader.head()
            on.spoil = spoiling
            if reason is None:
                head = await reader.head()
                assert len(await _all(reader, 0, head.size, head)) == head.size
                return
            with pytest.raises(LogFailure) as caught:
                head = await reader.head()
                await _all(reader, 0, head.size - 20, head)
            assert caught.value.reason is reason
            on.spoil = lambda _, response: response
            assert len(await _all(reader, 0, sound.size, sound)) == sound.size

    run(main)


def test_a_partial_tile_that_is_gone_is_cut_from_the_full_one() -> None:
    """Between checkpoint and tile the tile may have become full; what was signed is read all the same."""

    async def main() -> None:
        async with bench(world(), THIRD) as on:
            reader = await _reader(on)
            head = await reader.head()
            on.clock.moment += timedelta(days=2)
            entries = await _all(reader, 0, head.size, head)
            assert len(entries) == head.size

    run(main)


@pytest.mark.parametrize(("header", "seconds"), [({"Retry-After": "90"}, 90.0), ({}, None)])
def test_throttling_is_told_to_the_budget(header: dict[str, str], seconds: float | None) -> None:
    """A 429 is RATE_LIMITED, its Retry-After reaches the budget, and a blocked host is not asked at all."""

    async def main() -> None:
        async with bench(world(), THIRD) as on:
            reader = await _reader(on)
            on.spoil = lambda _, __: Response(429, header)
            with pytest.raises(LogUnavailable) as caught:
                await reader.head()
            assert caught.value.reason is Reason.RATE_LIMITED
            assert on.budget.refusals == [("ct.lab.example", seconds)]
            on.budget.blocked, before = on.clock.moment + timedelta(seconds=1), len(on.asked)
            with pytest.raises(LogUnavailable, match="left alone"):
                await reader.head()
            assert len(on.asked) == before

    run(main)


def test_retry_after_in_both_forms() -> None:
    """Seconds, a date, and what says nothing."""
    assert retry_after("120", START) == 120.0
    assert retry_after("Wed, 28 Aug 2024 00:02:00 GMT", START) == 120.0
    assert retry_after("Wed, 28 Aug 2023 00:02:00 GMT", START) == 0.0
    assert retry_after("soon", START) is None


def test_a_list_that_cannot_be_read_leaves_the_last_good_one() -> None:
    """The list is asked once a day; when it breaks, the last good one is still known."""

    async def main() -> None:
        async with bench(world(), THIRD) as on:
            good = await on.directory.logs()
            assert await on.directory.logs() is good
            on.spoil = lambda _, __: Response(200, {}, b"{}")
            on.clock.moment += timedelta(days=1)
            with pytest.raises(LogMisbehaved):
                await on.directory.logs()
            assert on.directory.known is good

    run(main)


def test_the_log_begins_before_the_scenario() -> None:
    """A reader meets a tree with a past; before that it is empty, and its head says so."""

    async def main() -> None:
        async with bench(world(), START) as on:
            reader = await _reader(on)
            assert (await reader.head()).size > 100
            on.clock.moment = START - BEFORE - timedelta(days=1)
            head = await reader.head()
            assert head.size == 0
            assert await _all(reader, 0, 0, head) == []

    run(main)
