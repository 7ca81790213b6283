"""The soak in small: a few names for three weeks, through lost memory and SIGKILL; the log is what it would be."""

from datetime import datetime
from pathlib import Path

import pytest

from benchmarks.soak import Told, judged, lives
from benchmarks.soakchild import played_to_the_end
from benchmarks.soakworld import Size, doubles, looks_of, year
from tracker.model.facts import Presence
from tracker.storage.database import open_database
from tracker.storage.log import SqlLog

SIZE = Size(names=12, suffixes=5, days=24)


def assert_sound(database: Path) -> None:
    """No false birth, no false death, nothing missed, nothing twice, no fault, and views as if derived anew."""
    found = judged(database, SIZE)
    assert (found.marks.false_births, found.marks.false_deaths, found.marks.missed) == ((), (), ())
    assert (found.doubled, found.faults, found.differ) == ((), (), False)
    assert found.marks.births >= 12 and found.marks.deaths > 0


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three weeks in which everything in memory is lost five times, at random points of a pass."""
    said: list[tuple[datetime, int]] = []
    database = tmp_path_factory.mktemp("soak") / "year.db"
    played_to_the_end(SIZE, database, range(5), lambda at, lost: said.append((at, lost)))
    assert said[-1][1] == 5
    return database


def test_memory_may_be_lost_in_the_middle_of_a_pass(played: Path) -> None:
    """What was gathered and not stored is done again; a fifth of the days each source was away."""
    assert_sound(played)


def test_the_process_may_be_killed_at_any_instant(tmp_path: Path) -> None:
    """SIGKILL, really: the next life goes on from the database; nothing is lost, nothing is there twice."""
    told = Told()
    lives(tmp_path / "year.db", SIZE, kills=1, losses=1, told=told, weigh=False)
    assert (told.kills, told.losses) == (1, 1)
    assert_sound(tmp_path / "year.db")


def test_the_soak_would_notice(played: Path) -> None:
    """Names whose true lives are others than those that were played are false births."""
    engine = open_database(played)
    history = SqlLog(engine).history()
    engine.dispose()
    assert doubles(history) == [] and looks_of(history) > 500
    assert any(span.presence is Presence.INDETERMINATE for spans in history.spans.values() for span in spans)
    other = Size(names=12, suffixes=5, days=24, seed=8)
    assert year(other).truth != year(SIZE).truth
    assert judged(played, other).marks.false_births
