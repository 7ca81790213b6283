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
        (
            ("add", "rrn.media", "--source", "x", "--cohort", "ours"),
            "--cohort: there is no 'ours'; there are own_brand, imitated",
        ),
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


FORMS = {
    "with its day": ("--seized-on", "2024-09-10", "--source", "https://example.org/notice"),
    "with its instant": ("--seized-on", "2024-09-10T12:00:00Z", "--source", "a notice"),
    "of an operation": ("--seized-on", "2024-09-10", "--source", "a notice", "--operation", "doppelganger"),
    "without a takedown": ("--source", "a report"),
    "imitated": ("--seized-on", "2024-09-10", "--source", "a notice", "--cohort", "imitated", "--brand", "Le Monde"),
    "protected": ("--protected", "--brand", "Der Spiegel"),
    "adopted": ("--adopt", "--source", "a report", "--why", "named by the report"),
    "marked": ("--source", "a report", "--tlp", "tlp:amber", "--pap", "pap:red"),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_whatever_can_be_watched_can_be_published(database: Path, tmp_path: Path, form: tuple[str, ...]) -> None:
    """Data package of every profile, every other format and the report, of a database that holds nothing else."""
    assert watch(database, "add", "example-outlet.com", *form).status == 0
    for profile in ("house", "shared", "public"):
        formats = "csv,stix,misp,dnstwist,names" if profile == "house" else "csv"
        said = tracker(
            "--database", database, "export", "--profile", profile, "--format", formats, "--out", tmp_path / profile
        )
        assert (said.status, said.out) == (0, "") and said.err.startswith("wrote ")
    assert (tmp_path / "house" / "data" / "actions.csv").exists()
    said = tracker("--database", database, "report", "--out", tmp_path / "report")
    assert said.status == 0 and (tmp_path / "report" / "report.html").exists()


def test_a_seizure_to_come_is_refused(database: Path) -> None:
    """It would head the next report."""
    said = watch(database, "add", "rrn.media", "--source", "x", "--seized-on", "2999-01-01")
    assert (said.status, watch(database, "list").rows) == (2, [])
    assert "2999-01-01 has not happened yet" in said.err


def test_a_brand_is_not_taken_down(database: Path) -> None:
    """Being imitated and being seized are two things: one call says one of them."""
    said = watch(database, "add", "faz.net", "--protected", "--seized-on", "2024-09-10", "--source", "x")
    assert said.status == 2 and "--protected" in said.err
