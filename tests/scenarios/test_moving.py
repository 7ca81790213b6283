"""A watch outgrows its file: the log of a played story moves to PostgreSQL, and all that is said of it stays."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, select, text

from tests.cli.calling import tracker
from tests.scenarios.conftest import Played
from tests.storage.conftest import NOW, MakeDatabase, postgres  # noqa: F401 - a fixture
from tracker.analysis.derivation import Judge
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Batch, Cursor, Run
from tracker.ports import StorageTrouble
from tracker.storage.copying import copied
from tracker.storage.database import conninfo, open_database, reading, writing
from tracker.storage.log import SqlLog
from tracker.storage.log_tables import AppendRow, WatchRow, table
from tracker.storage.migrate import METADATA

pytestmark = pytest.mark.xdist_group("replay")


@pytest.fixture(scope="module")
def moved(postgres: MakeDatabase, short: Played) -> Iterator[str]:  # noqa: F811
    """The address of a database into which the story was copied by the command."""
    address = conninfo(postgres(empty=True))
    said = tracker("--database", short.database, "db", "copy", "--to", address)
    assert (said.status, said.err) == (0, "both databases hold the same\n")
    assert {row["table"] for row in said.rows} == set(METADATA.tables)
    for row in said.rows:
        assert (row["rows"], row["checksum"]) == (row["rows_there"], row["checksum_there"])
        assert row["written"] == row["rows"]
    assert sum(int(row["rows"]) for row in said.rows) > 1000
    yield address


def test_the_log_is_the_same_and_can_be_continued(short: Played, moved: str) -> None:
    """Equal history and conclusions; the next rows get numbers after those that were brought along."""
    here, there = SqlLog(open_database(short.database)), SqlLog(open_database(moved))
    history = here.history()
    assert there.history() == history
    judge = Judge(Suffixes.bundled())
    assert judge.derive(there.history()) == judge.derive(history)
    engine = open_database(moved)
    with reading(engine) as connection:
        newest = connection.execute(select(table(AppendRow).c.append_id).order_by(text("1 DESC"))).scalars().first()
        due = connection.execute(text("SELECT count(*) FROM due")).scalar()
    assert due and newest
    run = Run(run_id="later", stage="test", started_at=NOW, vantage="lab", versions={})
    SqlLog(engine).append(run, Batch(cursor=Cursor("later", "1")), NOW)
    with writing(engine) as connection:
        appended = connection.execute(select(table(AppendRow)).where(text("append_id > :newest")), {"newest": newest})
        assert appended.one()
        connection.execute(text("DELETE FROM cursors WHERE source = 'later'"))
        connection.execute(text("DELETE FROM runs WHERE run_id = 'later'"))
        connection.execute(text("DELETE FROM appends WHERE append_id > :newest"), {"newest": newest})


def test_exports_of_both_are_the_same_bytes(short: Played, moved: str, tmp_path: Path) -> None:
    """Every file of the data package."""
    packages = []
    for name, address in (("file", str(short.database)), ("server", moved)):
        assert tracker("--database", address, "export", "--out", tmp_path / name).status == 0
        files = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        packages.append({str(path.relative_to(tmp_path / name)): path.read_bytes() for path in files})
    assert len(packages[0]) > 10
    assert packages[0] == packages[1]


def test_an_interrupted_copy_goes_on(
    short: Played,
    postgres: MakeDatabase,  # noqa: F811
) -> None:
    """It stops anywhere; begun again, it writes only what is missing, and what has changed in between."""
    source, target = open_database(short.database), postgres()
    inserts = 0

    def pulled_plug(*_: object) -> None:
        nonlocal inserts
        inserts += 1
        if inserts == 20:
            raise KeyboardInterrupt

    event.listen(target, "before_cursor_execute", lambda *call: pulled_plug() if "INSERT" in call[2] else None)
    with pytest.raises(KeyboardInterrupt):
        list(copied(source, target, 100))
    with writing(target) as connection:
        watches = connection.execute(select(table(WatchRow).c.row_id)).scalars().all()
        if watches:
            connection.execute(text("UPDATE watches SET why = 'spoiled' WHERE row_id = :row"), {"row": watches[0]})
        connection.execute(text("INSERT INTO notes (key, value) VALUES ('stray', 'of another time')"))
        already = sum(connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in METADATA.tables)
    rows = list(copied(source, target, 100))
    assert all(row.equal for row in rows)
    total = sum(row.rows for row in rows)
    assert 0 < already < total
    assert sum(row.written for row in rows) <= total - already + 3
    assert sum(row.written for row in copied(source, target, 100)) == 0


def test_another_log_is_not_overwritten(short: Played, postgres: MakeDatabase) -> None:  # noqa: F811
    """A database with a log of its own is refused, and keeps it."""
    other = postgres()
    run = Run(run_id="other", stage="test", started_at=NOW, vantage="here", versions={})
    SqlLog(other).append(run, Batch(cursor=Cursor("feed", "7")), NOW)
    with pytest.raises(StorageTrouble, match="a log of its own"):
        list(copied(open_database(short.database), other))
    assert SqlLog(other).cursor("feed") == Cursor("feed", "7")
