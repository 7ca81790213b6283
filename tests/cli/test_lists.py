"""`tracker lists`, `claims`, `announcements`: what others publish, and what a person makes of it."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from tests.cli.calling import Said, tracker
from tests.stages.test_drafting import RELEASE
from tracker.feeds.memory import Memory
from tracker.model.facts import Batch, Cursor, Gap, Reason
from tracker.model.names import DomainName
from tracker.model.times import When
from tracker.model.watching import Claim, ClaimKind, Pap, Source, Tlp
from tracker.reading import desk
from tracker.settings import Database, Settings

NOW = datetime(2024, 9, 6, tzinfo=UTC)
ENTRY = "meta:https://lists.example/network.csv"
CLAIM = Claim(
    kind=ClaimKind.REGISTERED,
    domain=DomainName("rrn.so"),
    source=Source("meta:network.1f3c", "Meta", "https://lists.example/network.csv", "…, row 7", "abc", NOW),
    operation_id="doppelganger",
    when=When.of("2024-09-05"),
    raw="rrn[.]so | Registration date: 9/5/2024",
    tlp=Tlp.AMBER,
    pap=Pap.AMBER,
)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """A folder with settings and a database in which a list is held back, a claim is kept, and a release waits."""
    monkeypatch.chdir(tmp_path)
    request.addfinalizer(structlog.reset_defaults)  # `tracker run` turns the log to the stderr of its call
    (tmp_path / "tracker.toml").write_text(f'[lists]\nwatchlists = ["bundled:brands", "{ENTRY}"]\n')
    memory = Memory.of(ENTRY, "https://lists.example/network.csv", None)
    read = Memory.of(ENTRY, memory.location, memory.applied(NOW, {}, "text", 4))
    held = read.held(NOW, 1, "https://lists.example/network.csv shrank from 4 names to 1: not applied")
    gap = Gap(source="bundled:brands", scope="x", first=NOW, last=NOW, reason=Reason.UNREACHABLE, detail="no file")
    with desk(Settings(database=Database(url="tracker.db")), "test") as (stored, _, run, now):
        stored.log.append(run, Batch(claims=(CLAIM,), announcements=(RELEASE,), gaps=(gap,)), now)
        stored.log.append(run, held, now)
    return tmp_path


def shown(*arguments: str) -> Said:
    """One call, as CSV."""
    return tracker(*arguments, "--format", "csv")


def test_a_list_that_is_held_back_is_shown_and_approved(here: Path) -> None:
    """How each list is, and the one command that lets a list that really shrank be applied."""
    brands, meta = shown("lists", "show").rows
    assert (brands["state"], brands["note"]) == ("failing", "no file")
    assert (meta["kind"], meta["state"], meta["names"]) == ("meta", "held", "4")
    assert meta["note"] == "4 names before, 1 now; if it really shrank: tracker lists approve"
    said = tracker("lists", "approve", ENTRY, "--reviewer", "AB")
    assert (said.status, said.err) == (
        0,
        f"{ENTRY} is applied at its next reading, with 1 names or what it has by then\n",
    )
    assert shown("lists", "show").rows[1]["state"] == "approved"
    again = tracker("lists", "approve", ENTRY, "--reviewer", "AB")
    assert (again.status, again.err.startswith(f"tracker: {ENTRY} is not held back")) == (2, True)
    assert tracker("lists", "approve", ENTRY, "--reviewer", " ").status == 2


def test_a_list_whose_memory_is_damaged_is_shown_and_read_anew_when_a_person_says_so(here: Path) -> None:
    """The line says what is wrong and what can be done; the other lists are shown beside it."""
    with desk(Settings(database=Database(url="tracker.db")), "test") as (stored, _, run, now):
        stored.log.append(run, Batch(cursor=Cursor(ENTRY, "{broken")), now)
    brands, meta = shown("lists", "show").rows
    assert (brands["state"], meta["state"]) == ("failing", "damaged")
    assert "damaged" in meta["note"] and "tracker lists approve" in meta["note"]
    assert tracker("lists", "approve", ENTRY, "--reviewer", "AB").status == 0
    assert shown("lists", "show").rows[1]["state"] != "damaged"


def test_claims_are_shown_with_their_provenance_and_adopted(here: Path) -> None:
    """Whose name it is said to be, where, since when; a watch made of it inherits, and the claim shows it."""
    (row,) = shown("claims", "--unwatched", "--source", "meta").rows
    assert (row["domain"], row["when"], row["ours"], row["listed_first"]) == (
        "rrn.so",
        "2024-09-05",
        "",
        "2024-09-06T00:00:00Z",
    )
    assert (row["tlp"], row["revision"], row["raw"]) == ("TLP:AMBER", "abc", "rrn[.]so | Registration date: 9/5/2024")
    assert tracker("watch", "add", "rrn.so", "--adopt").status == 0
    (watch,) = shown("watch", "list").rows
    assert (watch["kind"], watch["operation"], watch["tlp"], watch["pap"]) == (
        "adopted",
        "doppelganger",
        "TLP:AMBER",
        "PAP:AMBER",
    )
    assert [row["ours"] for row in shown("claims").rows] == ["adopted"]
    assert shown("claims", "--unwatched").rows == []
    refused = tracker("watch", "add", "nobody.example", "--adopt")
    assert (refused.status, "no list that was read names nobody.example" in refused.err) == (2, True)


def test_an_announcement_is_seen_drafted_and_dismissed(here: Path) -> None:
    """From the status to a file that `tracker check` accepts, and out of the way again."""
    assert "tracker announcements draft 2024-09-04-24-1103" in tracker("status").out
    (row,) = shown("announcements", "list").rows
    assert (row["id"], row["status"], row["mentions"]) == (
        "2024-09-04-24-1103",
        "waits",
        "washingtonpost[.]pm rrn[.]world",
    )
    assert tracker("announcements", "draft", row["id"]).out.startswith("# Begun from a press release")
    assert tracker("announcements", "draft", row["id"], "-o", "seizure.toml").status == 0
    assert (
        tracker("check", "seizure.toml").out
        == "seizure.toml: 0 names, 0 duplicates, 0 refused, 0 takedowns, 0 claims\n"
    )
    assert tracker("announcements", "draft", row["id"], "-o", "seizure.toml").status == 2
    assert tracker("announcements", "dismiss", row["id"], "--note", "no list").status == 0
    assert shown("announcements", "list").rows == []
    assert [row["status"] for row in shown("announcements", "list", "--all").rows] == ["dismissed"]
    assert tracker("announcements", "draft", "nothing").status == 2


def test_an_unknown_kind_of_list_is_refused(here: Path) -> None:
    """By every command that reads the settings' lists, with what there is instead."""
    (here / "tracker.toml").write_text('[lists]\nwatchlists = ["taxii:https://lists.example"]\n')
    for command in (("check",), ("lists", "show"), ("run", "--once")):
        said = tracker(*command)
        assert (said.status, "no list is of the kind 'taxii'" in said.err) == (2, True), command


def test_a_list_that_was_read_is_read(here: Path) -> None:
    """A cursor after the last gap says that the list works."""
    memory = Memory.of("bundled:brands", "bundled:brands", Cursor("bundled:brands", "{}"))
    cursor = memory.applied(replace(When.of("2024-09-07")).at, {}, "text", 12)
    with desk(Settings(database=Database(url="tracker.db")), "test") as (stored, _, run, now):
        stored.log.append(run, Batch(cursor=cursor), now)
    row = shown("lists", "show").rows[0]
    assert (row["state"], row["names"], row["changed_at"]) == ("read", "12", "2024-09-07T00:00:00Z")
