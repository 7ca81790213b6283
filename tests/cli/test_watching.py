"""`tracker watch`, as people run it."""

from pathlib import Path

import pytest

from tests.cli.calling import Said, tracker
from tests.cli.stored import stored
from tracker.cli.watching import COLUMNS


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where the database will be; the first command makes it."""
    return tmp_path / "tracker.db"


def watch(database: Path, *arguments: str) -> Said:
    """A `tracker watch` command on the database."""
    return tracker("--database", database, "watch", *arguments)


def test_a_name_is_added_listed_paused_resumed_and_removed(database: Path) -> None:
    """Defanged is fine; every change is one line on stderr, and the row stays when the watch ends."""
    said = watch(database, "add", "rrn[.]media", "--seized-on", "2024-09-04", "--source", "https://example.org/n")
    assert (said.status, said.out, said.err) == (0, "", "watching rrn.media\n")
    (row,) = watch(database, "list").rows
    assert tuple(row) == COLUMNS
    assert (row["domain"], row["label"], row["cohort"], row["status"]) == ("rrn.media", "rrn", "own_brand", "active")
    for verb, status in (("pause", "paused"), ("resume", "active"), ("remove", "removed")):
        said = watch(database, verb, "rrn.media")
        assert (said.status, said.err) == (0, f"predecessor:rrn.media is {status}\n")
        assert [row["status"] for row in watch(database, "list").rows] == [status]


def test_kinds_of_watches(database: Path) -> None:
    """A brand that is imitated, a name adopted from a claim."""
    watch(database, "add", "faz.net", "--protected", "--source", "us", "--brand", "FAZ")
    watch(database, "add", "claimed.so", "--adopt", "--source", "a report", "--why", "named by the report")
    rows = {row["domain"]: row for row in watch(database, "list").rows}
    assert (rows["faz.net"]["kind"], rows["faz.net"]["cohort"], rows["faz.net"]["brand"]) == ("protected", "", "FAZ")
    assert (rows["claimed.so"]["kind"], rows["claimed.so"]["why"]) == ("adopted", "named by the report")
    assert watch(database, "list", "--format", "names").out.split() == ["claimed.so", "faz.net"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("add", "co.uk", "--source", "x"), "co.uk is a public suffix"),
        (("add", "not a name", "--source", "x"), "has no dot"),
        (("add", "rrn.media", "--source", "x", "--cohort", "ours"), "'ours' is not a valid Cohort"),
        (("add", "rrn.media", "--source", "x", "--seized-on", "yesterday"), "yesterday"),
        (("pause", "rrn.media"), "rrn.media is not watched"),
    ],
)
def test_what_makes_no_sense_is_refused(database: Path, arguments: tuple[str, ...], reason: str) -> None:
    """One line that says why, status 2, and nothing is watched."""
    said = watch(database, *arguments)
    assert said.status == 2
    assert said.err.startswith("tracker: ") and reason in said.err
    assert len(said.err.splitlines()) == 1
    listed = watch(database, "list")
    assert listed.rows == []


def test_listing_makes_no_database(database: Path) -> None:
    """Only reading: a wrong path is told, not created."""
    said = watch(database, "list")
    assert said.status == 2
    assert "no database at" in said.err
    assert not database.exists()


def test_a_complaint_is_written_down_and_answered(tmp_path: Path) -> None:
    """Reported, then answered without repeating the day: one line each; a stranger's name is refused."""
    database = stored(tmp_path)
    who = ("--reported-to", "Example Registrar", "--channel", "mail")
    said = watch(database, "note", "rrn[.]so", *who, "--at", "2024-09-10", "--reference", "T-1")
    assert (said.status, said.err) == (0, "rrn.so: reported to Example Registrar on 2024-09-10, no answer yet\n")
    said = watch(database, "note", "rrn.so", *who, "--answer", "suspended", "--answered-at", "2024-09-12")
    assert said.err == "rrn.so: reported to Example Registrar on 2024-09-10, suspended\n"
    said = watch(database, "note", "stranger.example", *who)
    assert (said.status, "neither watched nor" in said.err) == (2, True)
