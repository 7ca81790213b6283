"""The fault script of a log, line by line: which test plays it, and the faults that no other module plays.

`SCRIPT` is the table. A line whose test is renamed or loses its case is a failure here.
"""

import importlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from tests.discovery.test_certificates import collect, found, next_index
from tests.discovery.test_hints import WANTED
from tests.lab.ctworld import HOST, START, Bench, bench, run, world
from tracker.discovery.cover import Tailing
from tracker.lab.ctjson import JsonFace
from tracker.lab.ctlog import CtLog, Logged
from tracker.lab.http import Request, Response
from tracker.lab.world import Issuance
from tracker.model.facts import Reason

FOURTH = START + timedelta(days=4)

HERE, FAULTS, SOURCE = "discovery.test_fault_script", "discovery.test_faults", "discovery.test_certificates"
STATIC, TILES, NOTES, LISTS = (
    "clients.test_ctstatic",
    "decoders.test_tiles",
    "decoders.test_notes",
    "decoders.test_loglist",
)
TYPED = "test_spoiled_answers_end_in_typed_failures"
TILE_SPOILED = "test_a_spoiled_data_tile_costs_time_and_nothing_else"
UNSIGNED = "test_a_head_that_the_log_did_not_sign_is_evidence"

SCRIPT = {
    "short reads": (HERE, "test_a_log_that_gives_few_entries_at_once_is_read_whole"),
    "empty entries": (HERE, "test_no_entries_where_the_tree_has_some_is_misbehaviour"),
    "429 with Retry-After in seconds": (FAULTS, "test_a_throttled_log_is_left_alone_as_long_as_it_says", "seconds"),
    "429 with Retry-After as HTTP date": (FAULTS, "test_a_throttled_log_is_left_alone_as_long_as_it_says", "HTTP date"),
    "429 without Retry-After": (FAULTS, "test_a_throttled_log_is_left_alone_as_long_as_it_says", "absent"),
    "500 bursts": (FAULTS, "test_bursts_of_errors_delay_and_do_not_lose", 500),
    "502 bursts": (FAULTS, "test_bursts_of_errors_delay_and_do_not_lose", 502),
    "hang mid-body": (STATIC, TYPED, "hang mid-body"),
    "body truncated": (STATIC, TYPED, "body truncated"),
    "gzip with header": (STATIC, TYPED, "gzip with header"),
    "gzip without header": (STATIC, TYPED, "gzip without header"),
    "gzip bomb": (STATIC, TYPED, "gzip bomb"),
    "partial tile replaced by the full one": (STATIC, "test_a_partial_tile_that_is_gone_is_cut_from_the_full_one"),
    "stale checkpoint": (FAULTS, "test_a_stale_checkpoint_is_patience_not_alarm"),
    "checkpoint going backwards": (FAULTS, "test_a_stale_checkpoint_is_patience_not_alarm"),
    "fork": (SOURCE, "test_a_fork_is_an_alarm_with_evidence_and_the_source_lives_on"),
    "two roots at one size": (STATIC, "test_going_back_and_two_roots_at_one_size_are_noticed"),
    "wrong origin": (FAULTS, UNSIGNED, "origin"),
    "wrong key": (FAULTS, UNSIGNED, "key"),
    "extra body line": (FAULTS, UNSIGNED, "line"),
    "grease lines": (NOTES, "test_strangers_lines_are_passed_over"),
    "leaf_index mismatch": (FAULTS, TILE_SPOILED, "out_of_place"),
    "data tile with trailing bytes": (FAULTS, TILE_SPOILED, "trailing"),
    "unknown entry_type": (FAULTS, TILE_SPOILED, "unknown_kind"),
    "unparsable DER": (HERE, "test_a_certificate_that_is_none_is_a_gap_and_its_names_are_found"),
    "SAN with NUL": (FAULTS, "test_odd_names_are_found_all_the_same"),
    "SAN with 500 names": (FAULTS, "test_odd_names_are_found_all_the_same"),
    "IDN SAN": (FAULTS, "test_odd_names_are_found_all_the_same"),
    "IP-only SAN": (FAULTS, "test_odd_names_are_found_all_the_same"),
    "list with state missing": (LISTS, "test_retired_rejected_and_stateless_logs_are_not_followed"),
    "shard edge": (LISTS, "test_shards_are_chosen_by_expiry"),
    "log disappearing between refreshes": (
        FAULTS,
        "test_a_log_that_leaves_the_list_is_left_alone_and_taken_up_where_it_was",
    ),
    "log turning read-only with final_tree_head": (
        SOURCE,
        "test_a_read_only_log_is_read_to_its_end_and_then_left_alone",
    ),
}
"""Line of the script → module below `tests`, test, and the case of it that plays the line."""


def _cases(test: object) -> set[object]:
    cases: set[object] = set()
    for mark in getattr(test, "pytestmark", ()):
        if mark.name == "parametrize":
            cases.update(mark.kwargs.get("ids") or ())
            for value in mark.args[1]:
                cases.update({getattr(value, "id", None), getattr(value, "__name__", None)})
                cases.update({value} if isinstance(value, str | int) else ())
    return cases


@pytest.mark.parametrize("line", SCRIPT)
def test_every_line_of_the_script_is_played(line: str) -> None:
    """The test exists, and so does the case of it."""
    module, name, *case = SCRIPT[line]
    test = getattr(importlib.import_module(f"tests.{module}"), str(name))
    assert set(case) <= _cases(test)


@asynccontextmanager
async def by_json(most: int) -> AsyncIterator[tuple[Bench, list[str]]]:
    """The same log by RFC 6962's interface, at most so many entries a reply; what was asked of it is in the list."""
    async with bench(world(), FOURTH, noise=300) as on:
        face, asked, url = JsonFace(on.server.log, most=most), [], f"https://{HOST}/json/"
        body = json.dumps({"version": "1", "operators": [{"name": "Lab", "logs": [face.listed(url)]}]}).encode()

        def answer(request: Request, made: Response | None) -> Response | None:
            if request.path == "/log_list.json":
                return Response(200, {}, body)
            asked.append(request.path)
            return face.answer(request.path.removeprefix("/json/"), on.clock.now())

        on.spoil = answer
        yield on, asked


BY_JSON = Tailing(partial_patience=timedelta(0), wanted=("json",))


@pytest.mark.parametrize("most", [1, 7, 32])
def test_a_log_that_gives_few_entries_at_once_is_read_whole(most: int) -> None:
    """A thousand are asked for, a handful come: reading goes on from what was given, and misses none."""

    async def main() -> None:
        async with by_json(most) as (on, asked):
            batches, cursor = await collect(on, tailing=BY_JSON)
            size = on.server.log.size(FOURTH)
            assert (sorted(found(batches)), next_index(cursor)) == (WANTED, size)
            assert sum("get-entries" in path for path in asked) == -(-size // most)

    run(main)


def test_no_entries_where_the_tree_has_some_is_misbehaviour() -> None:
    """An empty list is no end of the log: a gap with the reply as evidence, and the ledger waits."""

    async def main() -> None:
        async with by_json(100) as (on, _):
            sound = on.spoil
            on.spoil = lambda request, made: (
                Response(200, {}, b'{"entries":[]}') if "get-entries" in request.path else sound(request, made)
            )
            batches, cursor = await collect(on, tailing=BY_JSON)
            assert [gap.reason for batch in batches for gap in batch.gaps] == [Reason.MALFORMED]
            assert [row.body for batch in batches for row in batch.artefacts] == [b'{"entries":[]}']
            on.spoil = sound
            batches, cursor = await collect(on, cursor, BY_JSON)
            assert (sorted(found(batches)), next_index(cursor)) == (WANTED, on.server.log.size(FOURTH))

    run(main)


class Careless(CtLog):
    """A log that took a certificate without a validity that anybody can read, and has it in its tree."""

    def _leaf(self, index: int, row: Logged) -> bytes:
        leaf = super()._leaf(index, row)
        broken = leaf.replace(b"\x30\x1e\x17\x0d", b"\x31\x1e\x17\x0d")
        return broken if "broken" in row.names[0] else leaf


def test_a_certificate_that_is_none_is_a_gap_and_its_names_are_found() -> None:
    """Proved to be in the log and readable by nobody: the names that can be seen are matched, and a gap says so."""
    issued = (
        Issuance(START + timedelta(hours=1), ("broken.example", "rrn.shop"), 1),
        Issuance(START + timedelta(hours=2), ("rrn.world",), 2),
    )

    async def main() -> None:
        lab = world(issuances=issued)
        async with bench(lab, FOURTH, noise=300) as on:
            on.server.log = Careless(lab, noise=300)
            batches, cursor = await collect(on)
            assert sorted(name for name, _ in found(batches)) == ["rrn.shop", "rrn.world"]
            (gap,) = [gap for batch in batches for gap in batch.gaps if gap.reason is Reason.MALFORMED]
            assert "certificate of entry" in gap.detail and "names were salvaged" in gap.detail
            assert next_index(cursor) == on.server.log.size(FOURTH)

    run(main)
