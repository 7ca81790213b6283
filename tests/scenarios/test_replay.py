"""A seizure and what comes after it, from list to report: the whole story in small."""

import csv
import hashlib
import random
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests.scenarios.conftest import Played, play
from tracker.analysis.derivation import Judge
from tracker.lab.world import Fault
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Layer, Presence
from tracker.model.times import from_iso
from tracker.model.views import Ending
from tracker.storage.database import open_database
from tracker.storage.log import SqlLog

pytestmark = pytest.mark.xdist_group("replay")
WRITTEN = (
    "measurement.csv",
    "report.html",
    "report.md",
    "report.json",
    "datapackage.json",
    "SHA256SUMS",
    "manifest.json",
)


def test_every_successor_is_found_and_no_stranger_accused(short: Played) -> None:
    """The tracker got no hint; it found both successors by its own discovery and linked them by its own rules."""
    assert short.replay.score.failures == ()
    assert short.replay.score.precision == 1.0
    assert short.replay.score.recall == 1.0


def test_the_bounds_hold_what_the_script_says(short: Played) -> None:
    """Each appearance lies between the last definite absence and the first proof, less than a day apart."""
    rows = {row.name: row for row in short.replay.views.appearances if row.layer is Layer.DELEGATED}
    for name in short.replay.score.found:
        bounds = rows[name].bounds
        assert bounds.lo is not None and bounds.hi is not None
        assert bounds.hi - bounds.lo < timedelta(days=1)
    row = next(
        row
        for row in short.replay.rows
        if (row.cohort, row.basis, row.layer, row.window) == ("own_brand", "replay", Layer.DELEGATED, "8d")
    )
    assert row.count_lo <= 2 <= row.count_hi
    assert row.expected_by_chance == 0.0


def test_label_alone_never_makes_a_replacement(short: Played) -> None:
    """Two families are needed; the printed ablation begins at zero and ends at everything."""
    verdicts = dict(short.replay.verdicts)
    assert verdicts["label only"] == 0
    assert verdicts["+ certificates"] == verdicts["+ pages"] == 2


def test_the_predecessors_end_by_seizure(short: Played) -> None:
    """Every seized name has one life at DELEGATED, and it ended as seized."""
    seized = {row.domain for row in short.replay.history.takedowns}
    endings = {
        row.name: row.ending
        for row in short.replay.views.episodes
        if row.layer is Layer.DELEGATED and row.name in seized
    }
    assert endings == dict.fromkeys(seized, Ending.SEIZED)


def test_the_same_bytes_twice(short: Played, tmp_path: Path) -> None:
    """A second replay writes the same report, tables and descriptor, byte for byte."""
    again = play(tmp_path / "again")
    files = [*WRITTEN, *(f"data/{path.name}" for path in sorted((short.folder / "data").glob("*.csv")))]
    digests = [
        [hashlib.sha256((played.folder / name).read_bytes()).hexdigest() for name in files] for played in (short, again)
    ]
    assert dict(zip(files, digests[0], strict=True)) == dict(zip(files, digests[1], strict=True))


def test_keystone_incremental_equals_from_scratch(short: Played) -> None:
    """At random moments of the replay the views brought up to date step by step equal those derived from nothing."""
    log = SqlLog(open_database(short.database))
    start, end = short.replay.scenario.start, short.replay.scenario.end
    chance = random.Random(7)
    chosen = sorted(start + timedelta(seconds=chance.randrange(int((end - start).total_seconds()))) for _ in range(24))
    judge = Judge(Suffixes.bundled())
    views, memory = judge.derive(log.history(chosen[0]))
    for before, moment in pairwise(chosen):
        history = log.history(moment)
        views, memory = judge.derive_again(history, views, memory, log.touched(before))
        assert views == judge.derive(history)[0], moment


def test_measurement_csv_has_the_contract_columns(short: Played) -> None:
    """The columns that a researcher's script relies on, in their order, and instants with Z."""
    with (short.folder / "measurement.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert ",".join(rows[0]) == (
        "action,cohort,basis,layer,verdict_min,window,count_lo,count_hi,unknown,of,share_lo,share_hi,"
        "expected_by_chance,published,assumed,as_of"
    )
    assert {row["basis"] for row in rows} >= {"claim:first", "claim:second", "claims:both", "claims:either", "replay"}
    assert "observed" not in {row["basis"] for row in rows}
    assert all(from_iso(row["as_of"]) for row in rows)


def test_claims_help_nobody(short: Played) -> None:
    """Claims arrive a day before the end; every successor was LIKELY before that already."""
    log = SqlLog(open_database(short.database))
    earlier = log.history(short.replay.scenario.end - timedelta(days=1, hours=1))
    assert earlier.claims == ()
    views, _ = Judge(Suffixes.bundled()).derive(earlier)
    assert {row.name for row in views.replacements} == set(short.replay.score.found)


@pytest.mark.slow
def test_failing_sources_widen_bounds_and_invent_nothing(short: Played, tmp_path: Path) -> None:
    """With each source down for a fifth of the days: the same replacements, no birth or death that was none."""
    faulty = play(tmp_path / "faulty", faults=True)
    assert faulty.replay.score.failures == ()
    assert faulty.replay.score.found == short.replay.score.found
    assert {row.name for row in faulty.replay.views.candidates} <= {
        row.name for row in short.replay.views.candidates
    } | set(faulty.replay.score.found)
    seized = {row.domain for row in faulty.replay.history.takedowns}
    ended = {row.name for row in faulty.replay.views.episodes if row.end is not None and row.layer is Layer.DELEGATED}
    assert ended <= seized
    assert any(
        span.presence is Presence.INDETERMINATE for rows in faulty.replay.history.spans.values() for span in rows
    )


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["generated", "short"])
@pytest.mark.parametrize(
    ("source", "kind"), [("dns", "silence"), ("rdap", "throttle"), ("whois", "throttle"), ("ct", "error")]
)
def test_a_week_without_one_source_sharpens_nothing(tmp_path: Path, scenario: str, source: str, kind: str) -> None:
    """Less data never raises a lower count nor lowers an upper one: a week's outage, in a story of two weeks and in
    one that ends before the source is back."""
    whole = play(tmp_path / "whole", scenario)
    notice = whole.replay.scenario.notice
    outage = Fault(source, kind, notice, notice + timedelta(days=7), 1.0, "day")
    without = play(tmp_path / source, scenario, extra_faults=[outage])
    kept = {_key(row): row for row in without.replay.rows}
    for row in whole.replay.rows:
        if row.basis == "replay":
            assert kept[_key(row)].count_lo <= row.count_lo
            assert kept[_key(row)].count_hi >= row.count_hi


def _key(row):
    return (row.cohort, row.basis, row.layer, row.window)
