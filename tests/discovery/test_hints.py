"""Names tiles as hints: what they save, what they must not be taken for, and what happens when they are gone."""

import base64
import gzip
import json
from dataclasses import replace
from datetime import timedelta

from tests.discovery.test_certificates import RRN, collect, found, next_index
from tests.lab.ctworld import START, Bench, bench, run, world
from tracker.decoders import notes
from tracker.decoders.merkle import leaf_hash, verify_inclusion
from tracker.discovery.cover import Reading, Tailing
from tracker.discovery.ledger import load
from tracker.discovery.proofs import MARKS_KEPT, Marks
from tracker.lab.http import Request, Response
from tracker.lab.world import Issuance
from tracker.model.facts import Batch, Cursor, Reason
from tracker.model.times import iso

BY_NAMES = Tailing(partial_patience=timedelta(0), reading=Reading.NAMES)
FOURTH = START + timedelta(days=4)
WANTED = [
    ("rrn.so", iso(START + timedelta(hours=5))),
    ("rrn.so", iso(START + timedelta(hours=30))),
    ("rrn.world", iso(START + timedelta(hours=31))),
]


def verified(batches: list[Batch]) -> list[str]:
    """How sure each sighting is, in order."""
    return [row.facts["verified"][0] for batch in batches for row in batch.sightings]


def owed(cursor: Cursor | None) -> tuple[int, ...]:
    """Entries of the only log that are still to be fetched."""
    assert cursor is not None
    (row,) = load(cursor.state).rows.values()
    return row.owed


def refusing(on: Bench, text: str) -> None:
    """From now on files with the text in their path are out of order."""
    on.spoil = lambda request, made: Response(503) if text in request.path else made


def test_names_find_what_data_finds_and_fetch_only_what_matched() -> None:
    """The same sightings, just as verified, with data tiles fetched for matching entries alone."""

    async def main() -> None:
        async with bench(world(), FOURTH) as on:
            batches, cursor = await collect(on, tailing=BY_NAMES)
            assert sorted(found(batches)) == WANTED
            assert verified(batches) == ["verified"] * 3
            assert next_index(cursor) == on.server.log.size(FOURTH)
            places = {int(row.facts["index"][0]) // 256 for batch in batches for row in batch.sightings}
            assert len([path for path in on.asked if "/tile/data/" in path]) == len(places)

    run(main)


def test_an_entry_out_of_reach_leaves_a_hint_and_is_fetched_later() -> None:
    """The name is put forward at once as a hint; the entry is owed, and verified as soon as it can be had."""

    async def main() -> None:
        async with bench(world(), FOURTH) as on:
            refusing(on, "/tile/data/")
            batches, cursor = await collect(on, tailing=BY_NAMES)
            assert sorted(found(batches)) == WANTED
            assert verified(batches) == ["hint"] * 3
            assert all("proof" not in row.facts for batch in batches for row in batch.sightings)
            assert len(owed(cursor)) == 3
            again, cursor = await collect(on, cursor, BY_NAMES)
            assert (verified(again), len(owed(cursor))) == ([], 3)
            on.spoil = lambda _, made: made
            later, cursor = await collect(on, cursor, BY_NAMES)
            assert (sorted(found(later)), verified(later), owed(cursor)) == (WANTED, ["verified"] * 3, ())

    run(main)


def test_a_log_without_names_tiles_is_read_by_its_data() -> None:
    """Names are optional: where they are gone nothing is lost, and they are not asked for at every turn."""

    async def main() -> None:
        async with bench(world(), FOURTH) as on:
            on.spoil = lambda request, made: Response(404) if "/tile/names/" in request.path else made
            batches, cursor = await collect(on, tailing=BY_NAMES)
            assert found(batches) == WANTED
            assert verified(batches) == ["verified"] * 3
            assert next_index(cursor) == on.server.log.size(FOURTH)

    run(main)


def test_nonsense_in_a_names_tile_is_as_good_as_none() -> None:
    """A names tile that is no JSON or too short cannot be aligned with entries, so the data is read."""

    async def main() -> None:
        for body in (b"nonsense", b'{"Timestamp":1,"DNS":["a.example"]}\n'):
            async with bench(world(), FOURTH) as on:
                spoiled = Response(200, {}, body)
                on.spoil = lambda request, made, s=spoiled: s if "/tile/names/000" in request.path else made
                batches, _ = await collect(on, tailing=BY_NAMES)
                assert found(batches) == WANTED

    run(main)


def test_a_names_tile_that_makes_things_up_is_told_of() -> None:
    """A hint that its entry does not bear out becomes a gap, never a sighting."""

    async def main() -> None:
        async with bench(world(), FOURTH) as on:

            def lying(request: Request, made: Response | None) -> Response | None:
                if made is None or "/tile/names/000" not in request.path:
                    return made
                lines = gzip.decompress(made.body).decode().splitlines()
                lines[7] = json.dumps({**json.loads(lines[7]), "DNS": ["rrn.invented"]})
                return replace(made, body="\n".join(lines).encode(), headers={})

            on.spoil = lying
            batches, _ = await collect(on, tailing=BY_NAMES)
            assert sorted(found(batches)) == WANTED
            (gap,) = [gap for batch in batches for gap in batch.gaps]
            assert (gap.scope, gap.reason) == ("ct.lab.example/lab#7", Reason.MALFORMED)

    run(main)


def test_what_was_skipped_is_not_bounded_by_a_hint() -> None:
    """Met for the first time, a log read by names was not read before its head's own time: hints date nothing."""

    async def main() -> None:
        async with bench(world(), FOURTH) as on:
            batches, _ = await collect(on, tailing=replace(BY_NAMES, catch_up_entries=300))
            (gap,) = [gap for batch in batches for gap in batch.gaps]
            assert (gap.reason, gap.first, gap.last) == (Reason.NOT_ASKED, START, FOURTH)

    run(main)


def test_the_proof_can_be_checked_by_a_stranger() -> None:
    """From the stored artefact alone: leaf to root by the path, root to signature by the key."""

    async def main() -> None:
        for tailing in (BY_NAMES, replace(BY_NAMES, reading=Reading.DATA)):
            async with bench(world(), FOURTH) as on:
                batches, _ = await collect(on, tailing=tailing)
                kept = {row.artefact_id: row for batch in batches for row in batch.artefacts}
                for sighting in (row for batch in batches for row in batch.sightings):
                    told = json.loads(kept[sighting.facts["proof"][0]].body)
                    head, entry, path = told["head"], told["entry"], told["inclusion"]["path"]
                    leaf, root = base64.b64decode(entry["leaf"]), base64.b64decode(head["root"])
                    proof = [base64.b64decode(node) for node in path]
                    verify_inclusion(entry["index"], head["size"], leaf_hash(leaf), proof, root)
                    key, signed = base64.b64decode(told["log"]["key"]), base64.b64decode(head["signed"])
                    checkpoint = notes.verify_checkpoint(signed, told["log"]["origin"], key)
                    assert (checkpoint.size, checkpoint.root) == (head["size"], root)
                    assert b"rrn." in leaf

    run(main)


def test_one_issuance_is_sighted_once_whenever_it_comes_again() -> None:
    """The same certificate logged again days later, read by another call of another process: no second sighting."""
    twice = (
        Issuance(START + timedelta(hours=5), ("rrn.so",), 7),
        Issuance(START + timedelta(hours=50), ("rrn.so",), 7),
        Issuance(START + timedelta(hours=60), ("rrn.so",), 8),
    )

    async def main() -> None:
        async with bench(world(issuances=twice), START + timedelta(hours=10)) as on:
            first, cursor = await collect(on)
            on.clock.moment = FOURTH
            second, _ = await collect(on, cursor)
            assert [len(found(first)), len(found(second))] == [1, 1]
            assert found(second) == [("rrn.so", iso(START + timedelta(hours=60)))]

    run(main)


def test_what_is_remembered_is_bounded() -> None:
    """A thousand issuances and no more, the oldest forgotten first."""
    marks = Marks()
    for number in range(3 * MARKS_KEPT):
        marks.add(str(number))
    assert marks.kept == tuple(str(number) for number in range(2 * MARKS_KEPT, 3 * MARKS_KEPT))
    assert "0" not in marks
    assert str(3 * MARKS_KEPT - 1) in Marks(marks.kept)


def test_coverage_is_told_once_and_when_it_changes() -> None:
    """At the start, and not at every read."""

    async def main() -> None:
        from tests.discovery.test_certificates import matcher
        from tracker.discovery.certificates import Certificates

        async with bench(world(), START) as on:
            told: list[str] = []
            source = Certificates(
                on.directory,
                matcher,
                on.clock,
                vantage="lab",
                contact="x@example.org",
                tailing=BY_NAMES,
                tell=told.append,
            )
            for _ in range(2):
                [batch async for batch in source.discover([RRN], None)]
            (line,) = told
            assert line == (
                "1 of 1 certificate logs that may hold today's certificates are followed, of 1 of 1 operators; "
                "at most 0.3 GB a day (5.3 for a log without names tiles)"
            )

    run(main)
