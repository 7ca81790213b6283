"""The commands that read, on the database of a played story: what is printed, in which form, with which status."""

import csv
import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.calling import Said, tracker
from tests.scenarios.conftest import Played
from tracker.analysis.churn import week_of
from tracker.lab.geography import FEED_HOST
from tracker.model.names import defang
from tracker.model.times import from_iso, iso
from tracker.stages.status import COLUMNS
from tracker.storage.database import open_database
from tracker.storage.log import SqlLog

pytestmark = pytest.mark.xdist_group("replay")


def ask(played: Played, *arguments: object) -> Said:
    """A command on the database of the replay."""
    return tracker("--database", played.database, *arguments)


def test_status_tells_watches_verdicts_and_sources(short: Played) -> None:
    """What is watched, how many candidates of which verdict, how fresh each source is, what is due."""
    said = ask(short, "status")
    assert (said.status, said.err) == (0, "")
    rows = {(row["what"], row["item"]): row for row in said.rows}
    assert tuple(said.rows[0]) == COLUMNS
    assert rows["watched", "predecessor"]["value"] == str(len(short.replay.scenario.predecessors))
    judged = [row for row in said.rows if row["what"] == "candidates"]
    (derived_at,) = {row["at"] for row in judged}
    history = SqlLog(open_database(short.database)).history(from_iso(derived_at))
    put_forward = {(row.watch_key, row.name) for row in history.sightings if not row.watch_key.startswith("control:")}
    assert sum(int(row["value"]) for row in judged) == len(put_forward)
    for source in ("suffixes", "certificates", "delegation", "addresses", "registration", "certificate", "page"):
        assert rows["source", source]["at"] > "2025-03-01", source
        assert rows["source", source]["note"] == "", source
    assert any(item.startswith("look:") for what, item in rows if what == "due")


def test_status_in_every_form(short: Played) -> None:
    """A table for people, JSON lines for programs, bare items for pipes: the same rows each time."""
    count = len(ask(short, "status").rows)
    assert len(ask(short, "status", "--format", "names").out.splitlines()) == count
    objects = [json.loads(line) for line in ask(short, "status", "--format", "json").out.splitlines()]
    assert len(objects) == count
    assert set(objects[0]) == set(COLUMNS)
    table = ask(short, "status", "--format", "table").out
    assert "registration" in table and "," not in table.splitlines()[0]


def test_health_is_judged_as_of_an_instant(short: Played) -> None:
    """At the end of the story every source is fresh; a month later each is named and the status is 1."""
    end = short.replay.scenario.end
    assert ask(short, "health", "--now", iso(end)).status == 0
    said = ask(short, "health", "--now", iso(end + timedelta(days=30)))
    assert said.status == 1
    assert {line.partition(":")[0] for line in said.out.splitlines()} >= {"suffixes", "delegation", "page"}


def test_the_watch_list_shows_predecessors_and_controls(short: Played) -> None:
    """Every known name once, defanged nowhere because it is data; controls have a label and no name."""
    rows = ask(short, "watch", "list").rows
    names = {row["domain"] for row in rows if row["kind"] == "predecessor"}
    assert names == {row.name for row in short.replay.scenario.predecessors}
    controls = [row for row in rows if row["kind"] == "control"]
    assert controls and all(row["label"] and not row["domain"] for row in controls)
    assert set(ask(short, "watch", "list", "--format", "names").out.split()) == names


def test_a_successor_is_explained(short: Played) -> None:
    """Name defanged, verdict with bits, a sentence for and one against, rules with witnesses, the lifeline."""
    name = short.replay.score.found[0]
    said = ask(short, "explain", name)
    assert said.status == 0
    lines = said.out.splitlines()
    assert lines[0] == defang(name)
    assert any(line.startswith(("LIKELY (", "CONFIRMED (")) for line in lines)
    assert any("What would change it" in line for line in lines)
    assert "Lifeline" in lines


def test_what_was_known_earlier_is_explained_as_it_was_then(short: Played) -> None:
    """Before the notice nobody had put the successor forward: refused, not guessed."""
    said = ask(short, "explain", short.replay.score.found[0], "--as-of", iso(short.replay.scenario.notice))
    assert said.status == 2
    assert "never put forward" in said.err


def test_a_review_is_appended_and_overrides(short: Played, tmp_path: Path) -> None:
    """Ruled out by an analyst, a successor is no replacement any more; the rules' evidence stays visible."""
    shutil.copy(short.database, tmp_path / "tracker.db")
    copy = Played(short.replay, tmp_path)
    name = short.replay.score.found[0]
    said = ask(copy, "review", name, "--verdict", "ruled_out", "--reviewer", "AB", "--reason", "a museum")
    assert said.status == 0
    assert said.err.endswith(f"on {name} recorded\n")
    explained = ask(copy, "explain", name).out
    assert "RULED_OUT (" in explained
    assert "reviewed" in explained
    assert "LIKELY (" in ask(short, "explain", name).out


def test_the_report_is_written_for_a_week(short: Played, tmp_path: Path) -> None:
    """Three forms of one report; nothing on stdout; a week that is none is refused."""
    week = week_of(short.replay.scenario.notice)
    said = ask(short, "report", "--week", week, "--out", tmp_path / "report")
    assert (said.status, said.out) == (0, "")
    assert {path.name for path in (tmp_path / "report").iterdir()} >= {"report.html", "report.md", "report.json"}
    assert f"What changed in week {week}" in (tmp_path / "report" / "report.md").read_text()
    said = ask(short, "report", "--week", "2025-99", "--out", tmp_path / "none")
    assert said.status == 2
    assert not (tmp_path / "none").exists()


def test_the_export_is_a_data_package(short: Played, tmp_path: Path) -> None:
    """Every table that the descriptor names is there; a known moment gives the same bytes twice."""
    folders = tmp_path / "one", tmp_path / "two"
    for folder in folders:
        assert ask(short, "export", "--as-of", iso(short.replay.scenario.end), "--out", folder).status == 0
    descriptor = json.loads((folders[0] / "datapackage.json").read_text())
    for resource in descriptor["resources"]:
        with (folders[0] / resource["path"]).open(newline="", encoding="utf-8") as file:
            header = next(csv.reader(file))
        assert header == [field["name"] for field in resource["schema"]["fields"]]
    assert (folders[0] / "SHA256SUMS").read_bytes() == (folders[1] / "SHA256SUMS").read_bytes()


def test_an_unknown_exporter_names_the_known_ones(short: Played, tmp_path: Path) -> None:
    """A slip in `--format` writes nothing; status 2."""
    said = ask(short, "export", "--format", "xlsx", "--out", tmp_path / "x")
    assert said.status == 2
    assert "--format: there is no 'xlsx'; there are csv" in said.err
    assert not (tmp_path / "x").exists()


def test_lists_of_the_lab_are_in_the_log(short: Played) -> None:
    """Where every watch comes from: the polled list is named as its source's place."""
    places = {source.place for watch in short.replay.history.watches for source in watch.sources}
    assert any(FEED_HOST in place for place in places)


def unpacked(played: Played, folder: Path, *arguments: object) -> Path:
    """The evidence file on the first successor, written and unpacked."""
    name = played.replay.score.found[0]
    folder.mkdir()
    said = ask(played, "evidence", name, "--out", folder / "e.zip", *arguments)
    assert said.status == 0
    with zipfile.ZipFile(folder / "e.zip") as archive:
        archive.extractall(folder)
    return folder / f"evidence-{name}"


def checked(folder: Path) -> subprocess.CompletedProcess[str]:
    """What the check that comes with an evidence file says, run as its reader would, without this program."""
    return subprocess.run([sys.executable, "-I", "verify.py"], cwd=folder, capture_output=True, text=True, check=False)


def test_an_evidence_file_has_all_that_a_complaint_needs(short: Played, tmp_path: Path) -> None:
    """Plain English, raw DNS, RDAP, certificate, log proof and page with hashes and times, contact, custody."""
    folder = unpacked(short, tmp_path / "first")
    text = (folder / "README.md").read_text(encoding="utf-8")
    name = short.replay.score.found[0]
    assert f"**{defang(name)} is likely to be a replacement of" in text
    assert "Abuse contact of the registrar" in text and "abuse@" in text
    assert name not in text.replace(f"/{name}", "").replace(f"//{name}", "")  # names are defanged, sources are not
    with (folder / "custody.csv").open(encoding="utf-8", newline="") as file:
        custody = list(csv.DictReader(file))
    assert {row["kind"] for row in custody} >= {"dns", "rdap", "certificate", "ct-proof", "page"}
    for row in custody:
        assert hashlib.sha256((folder / row["file"]).read_bytes()).hexdigest() == row["sha256"]
        assert row["retrieved_at"] <= row["recorded_at"] and row["stage"] in {"observe", "discover"}
    facts = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
    assert (facts["domain"], facts["cases"][0]["verdict"]) == (name, "LIKELY")


def test_an_evidence_file_is_checked_without_network_and_without_the_tracker(short: Played, tmp_path: Path) -> None:
    """Hashes, the entry's name, inclusion and the log's signature hold; one changed byte anywhere is found."""
    folder = unpacked(short, tmp_path / "first")
    said = checked(folder)
    assert (said.returncode, said.stderr) == (0, "")
    lines = said.stdout.splitlines()
    assert len(lines) >= 4 and all(line.startswith("holds ") for line in lines)
    (folder / "README.md").write_text("forged", encoding="utf-8")
    assert checked(folder).returncode == 1
    proof = next(folder.glob("artefacts/*-ct-proof-*.json"))
    told = json.loads(proof.read_bytes())
    told["head"]["size"] += 1
    proof.write_text(json.dumps(told), encoding="utf-8")
    broken = [line for line in checked(folder).stdout.splitlines() if line.startswith("BROKEN")]
    assert len(broken) == 3


def test_an_evidence_file_is_the_same_for_the_same_log_and_moment(short: Played, tmp_path: Path) -> None:
    """Written twice, the same bytes; as of an earlier moment, only what was known then."""
    end = iso(short.replay.scenario.end)
    first, again = (unpacked(short, tmp_path / word, "--as-of", end).parent for word in ("first", "again"))
    assert (first / "e.zip").read_bytes() == (again / "e.zip").read_bytes()
    seen = iso(short.replay.scenario.end - timedelta(days=4))
    earlier = unpacked(short, tmp_path / "earlier", "--as-of", seen)
    with (earlier / "custody.csv").open(encoding="utf-8", newline="") as file:
        assert all(row["recorded_at"] <= seen for row in csv.DictReader(file))


def test_few_actions_are_pooled_without_an_interval(short: Played) -> None:
    """The share over all actions, by cohort, and why it has no limits."""
    said = ask(short, "pool", "--days", "1", "--format", "csv")
    assert said.status == 0
    assert said.out.splitlines()[0].startswith("cohort,days,actions,unit,of,with_one_lo,with_one_hi,share_lo,share_hi")
    assert "own_brand,1,1,domains," in said.out
    assert "1 of the 10 actions that a sampling interval needs" in said.out
