"""The fault script of a log, end to end: whatever it does, no wrong sighting, no lost entry, no stopped source.

Which test plays which fault: test_fault_script.py.
"""

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.discovery.test_certificates import EAGER, collect, found, next_index
from tests.discovery.test_hints import BY_NAMES, WANTED
from tests.lab.ctworld import HOST, START, bench, run, world
from tracker.clients.ctdirectory import Directory
from tracker.discovery.certificates import dropped
from tracker.discovery.cover import Tailing
from tracker.discovery.ledger import dump, load
from tracker.lab.ctlog import CtLog
from tracker.lab.http import Request, Response
from tracker.lab.world import Issuance
from tracker.model.facts import Cursor, Reason

FOURTH = START + timedelta(days=4)
Spoil = Callable[[bytes], bytes]


def trailing(body: bytes) -> bytes:
    """Bytes behind the last entry."""
    return body + b"\x00\x01\x02"


def out_of_place(body: bytes) -> bytes:
    """The last entry's leaf_index is another's; the extensions of the lab's entries are all alike."""
    at = body.rindex(b"\x00\x08\x00\x00\x05")
    return body[: at + 9] + bytes((body[at + 9] ^ 1,)) + body[at + 10 :]


def unknown_kind(body: bytes) -> bytes:
    """The first entry is of a type that nobody defined."""
    return body[:8] + b"\x00\x07" + body[10:]


def flipped(body: bytes) -> bytes:
    """One bit of a certificate, so that the leaf is another."""
    return body[:120] + bytes((body[120] ^ 4,)) + body[121:]


@pytest.mark.parametrize("tailing", [EAGER, BY_NAMES], ids=["data", "names"])
@pytest.mark.parametrize("spoil", [trailing, out_of_place, unknown_kind, flipped])
def test_a_spoiled_data_tile_costs_time_and_nothing_else(spoil: Spoil, tailing: Tailing) -> None:
    """The gap says what is wrong, the ledger waits before the tile, and all is found when the tile is sound again."""

    async def main() -> None:
        async with bench(world(), FOURTH) as on:

            def spoiling(request: Request, made: Response | None) -> Response | None:
                if made is None or "/tile/data/" not in request.path:
                    return made
                body = gzip.decompress(made.body) if made.body[:2] == b"\x1f\x8b" else made.body
                return replace(made, body=spoil(body), headers={})

            on.spoil = spoiling
            batches, cursor = await collect(on, tailing=tailing)
            gaps = [gap for batch in batches for gap in batch.gaps]
            assert (found(batches), {gap.reason for gap in gaps}) == ([], {Reason.MALFORMED})
            on.spoil = lambda _, made: made
            again, cursor = await collect(on, cursor, tailing)
            assert sorted(found(again)) == WANTED
            assert next_index(cursor) == on.server.log.size(FOURTH)

    run(main)


def test_a_stale_checkpoint_is_patience_not_alarm() -> None:
    """A log that repeats the head of yesterday is neither read nor accused; an older one than that is an alarm."""

    async def main() -> None:
        async with bench(world(), START + timedelta(days=1)) as on:
            _, cursor = await collect(on)
            stale, older = (on.server.log.checkpoint(START + timedelta(hours=hours)) for hours in (24, 12))
            stands = next_index(cursor)
            on.clock.moment = FOURTH
            for body, reasons in ((stale, []), (older, [Reason.MALFORMED]), (stale, [])):
                on.spoil = lambda request, made, b=body: Response(200, {}, b) if "checkpoint" in request.path else made
                batches, cursor = await collect(on, cursor)
                assert [gap.reason for batch in batches for gap in batch.gaps] == reasons
                assert next_index(cursor) == stands
            on.spoil = lambda _, made: made
            batches, cursor = await collect(on, cursor)
            assert len(found(batches)) == 2

    run(main)


@pytest.mark.parametrize("what", ["key", "origin", "line"])
def test_a_head_that_the_log_did_not_sign_is_evidence(what: str) -> None:
    """Wrong key, wrong origin, a fourth line: nothing is read, and the note is kept as it came."""

    async def main() -> None:
        async with bench(world(), FOURTH) as on:
            good = on.server.log.checkpoint(FOURTH)
            bad = {
                "key": CtLog(replace(world(), seed=2), noise=10).checkpoint(FOURTH),
                "origin": good.replace(b"ct.lab.example/lab", b"ct.lab.example/other"),
                "line": good.replace(b"\n\n", b"\nextension\n\n", 1),
            }[what]
            on.spoil = lambda request, made: Response(200, {}, bad) if "checkpoint" in request.path else made
            batches, _ = await collect(on)
            (artefact,) = [row for batch in batches for row in batch.artefacts]
            assert (artefact.kind, artefact.body, found(batches)) == ("ct-misbehaviour", bad, [])

    run(main)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"Retry-After": "90"}, 90.0), ({"Retry-After": "Sun, 01 Sep 2024 00:01:30 GMT"}, 90.0), ({}, None)],
    ids=["seconds", "HTTP date", "absent"],
)
def test_a_throttled_log_is_left_alone_as_long_as_it_says(headers: dict[str, str], seconds: float | None) -> None:
    """Seconds, a date, or nothing: the budget hears it, and a gap says that the log asked for patience."""

    async def main() -> None:
        async with bench(world(), FOURTH) as on:
            on.spoil = lambda request, made: Response(429, headers) if "checkpoint" in request.path else made
            batches, _ = await collect(on)
            assert [gap.reason for batch in batches for gap in batch.gaps] == [Reason.RATE_LIMITED]
            assert on.budget.refusals == [("ct.lab.example", seconds)]

    run(main)


@pytest.mark.parametrize("status", [500, 502])
def test_bursts_of_errors_delay_and_do_not_lose(status: int) -> None:
    """Every third answer fails until the log has recovered; read again and again, each certificate is found once."""

    async def main() -> None:
        async with bench(world(), FOURTH) as on:
            on.spoil = lambda _, made: Response(status) if len(on.asked) % 3 == 0 and len(on.asked) < 60 else made
            cursor, seen = None, []
            for _ in range(40):
                batches, cursor = await collect(on, cursor)
                seen += found(batches)
            assert sorted(seen) == WANTED

    run(main)


def test_odd_names_are_found_all_the_same() -> None:
    """A NUL, 500 names in one certificate, an A-label, a bare address: each hit is found, nothing stops."""
    many = tuple(f"host{number}.example" for number in range(499))
    odd = (
        Issuance(START + timedelta(hours=1), ("rrn.so\x00.bank.example",), 1),
        Issuance(START + timedelta(hours=2), (*many, "rrn.shop"), 2),
        Issuance(START + timedelta(hours=3), ("xn--bcher-kva.example", "rrn.xn--bcher-kva"), 3),
        Issuance(START + timedelta(hours=4), ("192.0.2.1",), 4),
        Issuance(START + timedelta(hours=5), ("*.RRN.world.",), 5),
    )

    async def main() -> None:
        for tailing in (EAGER, BY_NAMES):
            async with bench(world(issuances=odd), FOURTH, noise=300) as on:
                batches, cursor = await collect(on, tailing=tailing)
                names = sorted(name for name, _ in found(batches))
                assert names == ["rrn.shop", "rrn.so", "rrn.world", "rrn.xn--bcher-kva"]
                assert next_index(cursor) == on.server.log.size(FOURTH)

    run(main)


def test_a_log_that_leaves_the_list_is_left_alone_and_taken_up_where_it_was() -> None:
    """Between two refreshes a log is gone: its ledger stays, and when it is back nothing is read twice or skipped."""

    async def main() -> None:
        async with bench(world(), START + timedelta(hours=10)) as on:
            first, cursor = await collect(on)
            stands = next_index(cursor)
            listed = json.loads(on.server.log.log_list())
            listed["operators"][0]["tiled_logs"] = []
            body = json.dumps(listed).encode()
            on.spoil = lambda request, made: Response(200, {}, body) if request.path == "/log_list.json" else made
            on.clock.moment += timedelta(days=2)
            assert (await collect(on, cursor))[0] == []
            on.spoil = lambda _, made: made
            on.clock.moment += timedelta(days=2)
            second, cursor = await collect(on, cursor)
            assert sorted(found(first) + found(second)) == WANTED
            assert next_index(cursor) > stands

    run(main)


def test_a_list_that_was_cut_short_is_not_believed() -> None:
    """Of four logs one or two may go; when three do, the list is wrong, the logs are read on, and a gap says so."""

    async def main() -> None:
        async with bench(world(), START + timedelta(hours=10)) as on:
            _, cursor = await collect(on)
            assert cursor is not None
            ledger = load(cursor.state)
            ((log_id, row),) = ledger.rows.items()
            others = {name: replace(row, info=replace(row.info, log_id=name)) for name in ("b", "c", "d")}
            rows, now = {log_id: row, **others}, on.clock.now()
            assert [dropped(rows, listed, now) for listed in ((log_id, "b", "c"), (log_id, "b"), (log_id,), ())] == [
                0,
                0,
                3,
                4,
            ]
            on.clock.moment += timedelta(days=2)
            on.directory = Directory(on.http, on.budget, on.clock, f"https://{HOST}/log_list.json")
            batches, _ = await collect(on, Cursor(cursor.source, dump(replace(ledger, rows=rows))))
            gaps = [gap for batch in batches for gap in batch.gaps if gap.scope == "log list"]
            assert [gap.reason for gap in gaps] == [Reason.MALFORMED]
            assert "the log list shrank: 3 of 4 logs" in gaps[0].detail

    run(main)
