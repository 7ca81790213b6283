"""`tracker status` and `tracker health` without a daemon: an empty database, a fresh one, a wrong one."""

from pathlib import Path

import pytest

from tests.cli.calling import tracker
from tests.stages.fakes import NOW, RRN, look, run
from tracker.model.facts import Batch
from tracker.storage.database import open_database
from tracker.storage.log import SqlLog
from tracker.storage.migrate import upgrade


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database with one look."""
    file = tmp_path / "tracker.db"
    engine = open_database(file)
    upgrade(engine, NOW)
    SqlLog(engine).append(run(), Batch(observations=(look(RRN, NOW),)), NOW)
    engine.dispose()
    return file


@pytest.mark.parametrize(
    ("now", "status", "said"),
    [
        ("2024-09-05T15:00:00Z", 0, "healthy\n"),
        ("2024-09-07T15:00:00Z", 1, "delegation: last success 2024-09-04T15:00:00Z\n"),
    ],
)
def test_health_is_the_age_of_the_last_success(database: Path, now: str, status: int, said: str) -> None:
    """Fresh within two days, else one line per stale source and status 1, for a HEALTHCHECK."""
    found = tracker("--database", database, "health", "--now", now)
    assert (found.status, found.out) == (status, said)


def test_status_is_data(database: Path) -> None:
    """In a pipe CSV with fixed columns."""
    said = tracker("--database", database, "status")
    assert said.status == 0
    assert {"what": "source", "item": "delegation", "value": "", "at": "2024-09-04T15:00:00Z", "note": ""} in said.rows
    assert tracker("--database", database, "status", "--format", "names").out.splitlines() == ["delegation"] * 2


@pytest.mark.parametrize("command", ["status", "report", "export"])
def test_no_database_is_told(tmp_path: Path, command: str) -> None:
    """Status 2, one line, and no file is made."""
    file = tmp_path / "none.db"
    said = tracker("--database", file, command)
    assert (said.status, len(said.err.splitlines())) == (2, 1)
    assert "no database at" in said.err
    assert not file.exists()


def test_without_a_database_nothing_is_healthy(tmp_path: Path) -> None:
    """Status 1 and the reason on stdout, as for every other ailment."""
    said = tracker("--database", tmp_path / "none.db", "health")
    assert (said.status, said.out) == (1, f"no database at {tmp_path / 'none.db'}\n")


def test_an_unreadable_instant_is_refused(database: Path) -> None:
    """A date without zone would be guessed; it is not."""
    said = tracker("--database", database, "health", "--now", "2024-09-05T15:00:00")
    assert said.status == 2
    assert "--now wants a day such as 2024-09-05, or an instant with its zone" in said.err
