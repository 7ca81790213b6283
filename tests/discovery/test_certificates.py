"""Certificate logs as a discovery source: what is found, what is remembered, and what a failure leaves behind."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lab.ctworld import START, Bench, bench, run, world
from tracker.decoders.certificates import describe
from tracker.discovery.certificates import READERS, Certificates, Share
from tracker.discovery.cover import Tailing
from tracker.discovery.ledger import LedgerError, load
from tracker.discovery.logged import Hit, Match, hosts
from tracker.lab.ctlog import CtLog
from tracker.lab.http import Response
from tracker.lab.world import Fault
from tracker.model.facts import Batch, Cursor, Reason, Technique
from tracker.model.names import DomainName
from tracker.model.times import iso
from tracker.model.watching import Watch, WatchKind
from tracker.ports import Watches

RRN = Watch(kind=WatchKind.PREDECESSOR, label="rrn", since=START, name=DomainName("rrn.media"))
EAGER = Tailing(partial_patience=timedelta(0))


def matcher(watches: Watches) -> Match:
    """Registrable names of two labels whose first label is watched."""

    def match(names: Sequence[str]) -> list[Hit]:
        return [
            Hit(watch.key, name, DomainName(".".join(name.split(".")[-2:])), "same label under another suffix")
            for name in names
            for watch in watches
            if name.split(".")[-2] == watch.label
        ]

    return match


def source(on: Bench, tailing: Tailing = EAGER, contact: str = "mailto:test@example.org") -> Certificates:
    """A fresh source, as after a restart."""
    return Certificates(on.directory, matcher, on.clock, vantage="lab", contact=contact, tailing=tailing)


async def collect(
    on: Bench, cursor: Cursor | None = None, tailing: Tailing = EAGER
) -> tuple[list[Batch], Cursor | None]:
    """All batches of one call, and the cursor that they leave."""
    batches = [batch async for batch in source(on, tailing).discover([RRN], cursor)]
    for batch in batches:
        cursor = batch.cursor or cursor
    return batches, cursor


def found(batches: list[Batch]) -> list[tuple[str, str]]:
    """(name, timestamp) of every sighting."""
    return [(row.name, row.facts["timestamp"][0]) for batch in batches for row in batch.sightings]


def next_index(cursor: Cursor | None) -> int:
    """Where the only log's ledger stands."""
    assert cursor is not None
    (row,) = load(cursor.state).rows.values()
    assert row.next_index is not None
    return row.next_index


def test_a_verified_entry_becomes_a_sighting_with_its_certificate() -> None:
    """Facts carry log, place, time and names; the artefact is the precertificate that agrees with the proved leaf."""

    async def main() -> None:
        async with bench(world(), START + timedelta(hours=6)) as on:
            batches, _ = await collect(on)
            (sighting,) = [row for batch in batches for row in batch.sightings]
            artefact, proof = [row for batch in batches for row in batch.artefacts]
            assert sighting.facts["proof"] == (proof.artefact_id,)
            assert (sighting.watch_key, sighting.name, sighting.technique) == (RRN.key, "rrn.so", Technique.CERTIFICATE)
            assert sighting.at == on.clock.moment
            assert sighting.facts["timestamp"] == (iso(START + timedelta(hours=5)),)
            assert sighting.facts["verified"] == ("verified",)
            assert sighting.facts["names"] == ("rrn.so", "www.rrn.so")
            assert sighting.facts["issuer"] == ("CN=Lab Candidates CA,O=Lab",)
            assert sighting.facts["sha256"] == (artefact.artefact_id,) == (describe(artefact.body).sha256,)
            assert sighting.artefact_id == artefact.artefact_id
            assert artefact.source_url.startswith("https://ct.lab.example/lab/tile/data/")

    run(main)


def test_restarts_lose_and_repeat_nothing() -> None:
    """Read hour by hour, each time by a new source with the stored cursor: every entry once, as in a single reading."""

    async def main() -> None:
        async with bench(world(), START) as on:
            cursor: Cursor | None = None
            seen: list[tuple[str, str]] = []
            for hour in range(0, 100, 7):
                on.clock.moment = START + timedelta(hours=hour)
                batches, cursor = await collect(on, cursor)
                seen += found(batches)
                assert next_index(cursor) == on.server.log.size(on.clock.moment)
            assert seen == [
                ("rrn.so", iso(START + timedelta(hours=5))),
                ("rrn.so", iso(START + timedelta(hours=30))),
                ("rrn.world", iso(START + timedelta(hours=31))),
            ]

    run(main)


def test_the_first_reading_starts_near_the_head_and_says_what_it_skipped() -> None:
    """Entries before the catch-up are a gap from the oldest watch to the first entry that was read."""

    async def main() -> None:
        async with bench(world(), START + timedelta(days=3)) as on:
            batches, cursor = await collect(on, tailing=replace(EAGER, catch_up_entries=300))
            (gap,) = [gap for batch in batches for gap in batch.gaps]
            assert (gap.reason, gap.scope, gap.first) == (Reason.NOT_ASKED, "ct.lab.example/lab", START)
            assert START < gap.last < on.clock.moment
            head = on.server.log.size(on.clock.moment)
            first = (head - 300) // 256 * 256
            assert f"entries 0 to {first - 1} " in gap.detail
            assert next_index(cursor) == head
            assert not any(asked.endswith("tile/data/000") for asked in on.asked)

    run(main)


def test_a_partial_tile_waits_but_not_for_ever() -> None:
    """Within its patience the source reads whole tiles only; after it the partial tile as it is."""

    async def main() -> None:
        patient = Tailing(partial_patience=timedelta(minutes=10))
        async with bench(world(), START + timedelta(days=2)) as on:
            whole = on.server.log.size(on.clock.moment) // 256 * 256
            _, cursor = await collect(on, tailing=patient)
            assert next_index(cursor) == whole
            for minutes in (5, 9):
                on.clock.moment = START + timedelta(days=2, minutes=minutes)
                on.asked.clear()
                _, cursor = await collect(on, cursor, patient)
                assert (next_index(cursor), on.asked) == (whole, ["/lab/checkpoint"])
            on.clock.moment = START + timedelta(days=2, minutes=10)
            _, cursor = await collect(on, cursor, patient)
            assert next_index(cursor) == on.server.log.size(on.clock.moment) > whole

    run(main)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("throttle", Reason.RATE_LIMITED),
        ("error", Reason.SERVER_ERROR),
        ("silence", Reason.TIMEOUT),
        ("garbage", Reason.MALFORMED),
    ],
)
def test_a_day_of_trouble_is_a_gap_and_loses_nothing(kind: str, reason: Reason) -> None:
    """While the log fails there are gaps from the last success on and the cursor stays; then everything is read."""

    async def main() -> None:
        first, last = START + timedelta(days=1), START + timedelta(days=2)
        fault = Fault("ct", kind, first, last, 1.0, "request", 60)
        async with bench(world(fault), first - timedelta(hours=1)) as on:
            batches, cursor = await collect(on)
            stands, seen = next_index(cursor), found(batches)
            gaps = []
            for hours in (2, 12, 22):
                on.clock.moment = first + timedelta(hours=hours)
                batches, cursor = await collect(on, cursor)
                assert (next_index(cursor), found(batches)) == (stands, [])
                gaps += [gap for batch in batches for gap in batch.gaps if gap.scope != "log list"]
            assert {gap.reason for gap in gaps} == {reason}
            assert [gap.first for gap in gaps] == [first - timedelta(hours=1), *(gap.last for gap in gaps[:-1])]
            assert gaps[-1].last == first + timedelta(hours=22)
            on.clock.moment = last + timedelta(hours=1)
            batches, cursor = await collect(on, cursor)
            assert next_index(cursor) == on.server.log.size(on.clock.moment)
            assert len(seen + found(batches)) == 3

    run(main)


def test_a_fork_is_an_alarm_with_evidence_and_the_source_lives_on() -> None:
    """Two histories of one log: a gap, the signed note as artefact, no sighting, and the ledger unmoved."""

    async def main() -> None:
        async with bench(world(), START + timedelta(days=1)) as on:
            _, cursor = await collect(on)
            stands = next_index(cursor)
            good, on.server.log = on.server.log, CtLog(replace(world(), issuances=world().issuances[1:]), noise=1_200)
            on.clock.moment += timedelta(days=1)
            batches, cursor = await collect(on, cursor)
            (gap,) = [gap for batch in batches for gap in batch.gaps]
            (artefact,) = [row for batch in batches for row in batch.artefacts]
            assert (gap.reason, next_index(cursor), found(batches)) == (Reason.MALFORMED, stands, [])
            assert (artefact.kind, artefact.body) == ("ct-misbehaviour", on.server.log.checkpoint(on.clock.moment))
            on.server.log = good
            batches, cursor = await collect(on, cursor)
            assert [name for name, _ in found(batches)] == ["rrn.so", "rrn.world"]

    run(main)


def test_no_contact_no_question() -> None:
    """Without a contact nothing is asked, and a gap says so."""

    async def main() -> None:
        async with bench(world(), START) as on:
            batches = [batch async for batch in source(on, contact=" ").discover([RRN], None)]
            ((gap,),) = [batch.gaps for batch in batches]
            assert (gap.reason, on.asked, on.budget.taken) == (Reason.NOT_ASKED, [], [])

    run(main)


def test_without_the_list_the_known_logs_are_still_read() -> None:
    """After a restart with the list unreachable, the ledger knows the logs; the failure is a gap of its own."""

    async def main() -> None:
        async with bench(world(), START + timedelta(hours=1)) as on:
            _, cursor = await collect(on)
            on.spoil = lambda request, made: Response(503) if request.path == "/log_list.json" else made
            on.clock.moment += timedelta(days=2)
            batches, cursor = await collect(on, cursor)
            assert [gap.scope for batch in batches for gap in batch.gaps] == ["log list"]
            assert len(found(batches)) == 3

    run(main)


def test_a_read_only_log_is_read_to_its_end_and_then_left_alone() -> None:
    """At the final tree head reading stops, partial tile included, and nobody asks again."""

    async def main() -> None:
        async with bench(world(), START + timedelta(days=2)) as on:
            checkpoint = on.server.log.checkpoint(on.clock.moment).decode().split("\n")
            listed = json.loads(on.server.log.log_list())
            final = {"tree_size": int(checkpoint[1]), "sha256_root_hash": checkpoint[2]}
            listed["operators"][0]["tiled_logs"][0]["state"] = {
                "readonly": {"timestamp": iso(START), "final_tree_head": final}
            }
            body = json.dumps(listed).encode()
            on.spoil = lambda request, made: Response(200, {}, body) if request.path == "/log_list.json" else made
            _, cursor = await collect(on, tailing=Tailing())
            assert next_index(cursor) == int(checkpoint[1])
            on.asked.clear()
            assert (await collect(on, cursor))[0] == []
            assert on.asked == []

    run(main)


def test_a_backlog_is_read_in_bounded_calls() -> None:
    """One call reads at most so many entries of a log; the next goes on from there."""

    async def main() -> None:
        async with bench(world(), START + timedelta(days=3)) as on:
            bounded = replace(EAGER, most_entries=400)
            _, cursor = await collect(on, tailing=bounded)
            assert next_index(cursor) == 400
            _, cursor = await collect(on, cursor, bounded)
            assert next_index(cursor) == 800

    run(main)


def test_a_damaged_cursor_is_a_gap_not_a_guess() -> None:
    """A ledger that cannot be read stops the source: starting anew would skip entries silently."""

    async def main() -> None:
        async with bench(world(), START) as on:
            batches, _ = await collect(on, Cursor("certificates", '{"version":2}'))
            ((gap,),) = [batch.gaps for batch in batches]
            assert (gap.reason, on.asked) == (Reason.MALFORMED, [])

    run(main)


@given(
    st.binary(max_size=40).map(bytes.hex)
    | st.sampled_from(['{"version":1,"logs":{"a":{}}}', "[]", "1", '{"version":1}'])
)
@settings(max_examples=50)
def test_nonsense_is_no_ledger(text: str) -> None:
    """Only LedgerError comes out of a text that is none."""
    with pytest.raises(LedgerError):
        load(text)


def test_hosts_of_odd_names() -> None:
    """Wildcards, dots, case, NULs and U-labels are brought into one form; what has no dot is no host."""
    names = [
        "*.RRN.so",
        "rrn.so.",
        "good.example\x00.bad.example",
        "bücher.example",
        "a.*.b.example",
        "https://c.example/x",
    ]
    wanted = ["rrn.so", "rrn.so", "good.example", "bad.example", "xn--bcher-kva.example", "b.example", "c.example"]
    assert list(hosts(names)) == wanted
    assert list(hosts(["localhost", "", "*.", "*", "\x00", "two words", ".", "@"])) == []


def test_the_ledger_survives_its_text() -> None:
    """What is stored comes back equal, but for the note that a head was read from."""

    async def main() -> None:
        async with bench(world(), START + timedelta(days=1)) as on:
            _, cursor = await collect(on)
            assert cursor is not None
            ((log_id, row),) = load(cursor.state).rows.items()
            assert row.info.log_id == log_id
            assert row.info == (await on.directory.logs()).logs[0]
            assert row.head is not None
            assert (row.head.size, row.until) == (row.next_index, on.clock.moment)
            assert isinstance(row.head.at, datetime)

    run(main)


def test_each_log_has_one_reader_and_changes_hands_without_a_gap() -> None:
    """Of four readers one reads the only log; with two readers, or one, whoever has it goes on where it was left."""

    async def main() -> None:
        async with bench(world(), START + timedelta(hours=20)) as on:
            cursors: dict[str, Cursor] = {}
            seen: list[tuple[str, str]] = []

            async def round_of(readers: int) -> list[str]:
                """Everybody reads once; who found the log to be theirs."""
                busy = []
                for number in range(readers):
                    share = Share(number, readers)
                    reader = Certificates(
                        on.directory,
                        matcher,
                        on.clock,
                        vantage="lab",
                        contact="mailto:test@example.org",
                        tailing=EAGER,
                        share=share,
                        elsewhere=cursors.get,
                    )
                    assert reader.id == share.reader and share.reader in READERS
                    batches = [batch async for batch in reader.discover([RRN], cursors.get(reader.id))]
                    assert not any(batch.gaps for batch in batches)
                    assert {row.source for batch in batches for row in batch.sightings} <= {"certificates"}
                    seen.extend(found(batches))
                    for batch in batches:
                        if batch.cursor is not None:
                            cursors[batch.cursor.source] = batch.cursor
                            busy.append(reader.id)
                return sorted(set(busy))

            for hours, readers in ((20, 1), (31, 4), (60, 2), (90, 1)):
                on.clock.moment = START + timedelta(hours=hours)
                (whose,) = await round_of(readers)
                assert next_index(cursors[whose]) == on.server.log.size(on.clock.moment)
            assert [name for name, _ in seen] == ["rrn.so", "rrn.so", "rrn.world"]

    run(main)
