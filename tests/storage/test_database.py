"""Opening databases, and what goes wrong with them in one line."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.contract_log import T0, run, sighting
from tests.diskful import full_disk
from tests.storage.conftest import MakeDatabase
from tracker.model.facts import Batch
from tracker.ports import StorageTrouble
from tracker.storage.database import conninfo, name_of, open_database, reading, sqlite_file, writing
from tracker.storage.lock import DatabaseInUse, one_of_many, sole_instance, without_workers
from tracker.storage.log import SqlLog
from tracker.storage.work import SqlWork


def test_paths_and_urls(tmp_path: Path) -> None:
    """A path is SQLite, a URL says what it is, anything else is refused; passwords are never named."""
    assert sqlite_file(open_database(tmp_path / "a b.db")) == tmp_path / "a b.db"
    assert sqlite_file(open_database(f"sqlite:///{tmp_path}/c.db")) == tmp_path / "c.db"
    server = open_database("postgresql://ann:secret@db.example/churn")
    assert server.dialect.driver == "psycopg"
    assert sqlite_file(server) is None
    assert "secret" not in name_of(server)
    with pytest.raises(ValueError, match="no storage for mysql"):
        open_database("mysql://host/x")
    for wrong in ("postgresql://ann:sec/ret@x@db.example/churn", "postgresql://ann:secret@db.example:ret/churn"):
        with pytest.raises(ValueError, match="the address of the database") as refusal:
            open_database(wrong)
        assert "ret" not in str(refusal.value)
    assert name_of(open_database("postgresql://db.example/churn?user=ann&password=secret")) == (
        "postgresql://db.example/churn"
    )


def test_sqlite_is_set_up_for_a_writer_and_readers(sqlite: MakeDatabase) -> None:
    """Write-ahead log, foreign keys, patience with locks."""
    with reading(sqlite()) as connection:
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "foreign_keys")]
        assert found == ["wal", 1]
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 1


def test_a_reader_sees_one_moment(database: Engine) -> None:
    """What is written while somebody reads is not half there for the reader."""
    log = SqlLog(database)
    with reading(database) as connection:
        count = text("SELECT count(*) FROM sightings")
        assert connection.execute(count).scalar() == 0
        log.append(run(), Batch(sightings=(sighting("rrn.so", T0),)), T0)
        assert connection.execute(count).scalar() == 0
    assert len(log.history().sightings) == 1


def test_writers_wait_for_each_other(database: Engine) -> None:
    """Two threads that append at the same time both succeed, and no row number is shared."""

    def write(part: str) -> None:
        log = SqlLog(database)
        for number in range(20):
            log.append(run(number), Batch(sightings=(sighting(f"{part}{number}.so", T0),)), T0)

    threads = [threading.Thread(target=write, args=(part,)) for part in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(SqlLog(database).history().sightings) == 40


def test_a_writer_that_reads_first_is_not_overtaken(database: Engine) -> None:
    """What a transaction has read stays true until it has written: others wait, and nobody fails."""
    second = threading.Thread(target=SqlWork(database).put, args=("note", "second"))
    notes = text("SELECT count(*) FROM notes")
    with writing(database) as connection:
        assert connection.execute(notes).scalar() == 0
        second.start()
        second.join(timeout=0.3)
        assert second.is_alive()
        connection.execute(text("INSERT INTO notes (key, value) VALUES ('note', 'first')"))
    second.join()
    assert SqlWork(database).get("note") == "second"


def test_trouble_is_one_line(tmp_path: Path) -> None:
    """A folder that is not there, a file that is no database, a server that is away: a line that names the database."""
    (tmp_path / "text.db").write_text("this is no database, however long the text is" * 100)
    for where, reason in (
        (tmp_path / "no" / "such.db", "unable to open"),
        (tmp_path / "text.db", "not a database"),
        ("postgresql://ann:secret@127.0.0.1:1/churn?connect_timeout=2", "refused"),
    ):
        with pytest.raises(StorageTrouble, match=reason) as trouble, reading(open_database(where)) as connection:
            connection.execute(text("SELECT 1 FROM nothing"))
        assert "\n" not in str(trouble.value)
        assert "secret" not in str(trouble.value)


def test_a_full_disk_leaves_the_log_as_it_was(sqlite: MakeDatabase) -> None:
    """A batch that does not fit is refused in one line, and nothing of it is there."""
    engine = sqlite()
    log = SqlLog(engine)
    log.append(run(), Batch(sightings=(sighting("rrn.so", T0),)), T0)
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    many = tuple(sighting(f"n{number}.so", T0) for number in range(5000))
    with pytest.raises(StorageTrouble, match="full"):
        log.append(run(2), Batch(sightings=many), T0)
    assert len(log.history().sightings) == 1
    assert len(log.history().runs) == 1


def test_one_instance_per_database(make_database: MakeDatabase) -> None:
    """A second instance is refused with a clear line; when the first ends, the next may start."""
    engine = make_database()
    again = open_database(engine.url.render_as_string(hide_password=False))
    with sole_instance(engine):
        with pytest.raises(DatabaseInUse, match="in use"), sole_instance(again):
            pass
        with sole_instance(make_database()):
            pass
    with sole_instance(again):
        pass
    again.dispose()


def test_a_full_disk_is_no_reason_not_to_hold_the_lock(sqlite: MakeDatabase) -> None:
    """The number of the process is a courtesy; what is wrong with the disk is said where something is stored."""
    engine = sqlite()
    with full_disk(), sole_instance(engine), pytest.raises(DatabaseInUse, match="unknown"), sole_instance(engine):
        pass


def test_the_lock_dies_with_its_process(sqlite: MakeDatabase) -> None:
    """A killed instance leaves no lock behind, and while it lives the message names it."""
    engine = sqlite()
    code = (
        "import sys, time; from tracker.storage.lock import sole_instance\n"
        "from tracker.storage.database import open_database\n"
        "with sole_instance(open_database(sys.argv[1])):\n    print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", code, str(sqlite_file(engine))], stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(DatabaseInUse, match=f"process {holder.pid}"), sole_instance(engine):
            pass
    finally:
        holder.kill()
        holder.communicate()
    with sole_instance(engine):
        pass


def cut_off(engine: Engine) -> None:
    """As a server that is started again does: every connection is gone, and every lock with it."""
    with engine.connect() as connection:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        connection.execute(text(f"{others} AND pid <> pg_backend_pid()"))


def test_a_lock_that_went_with_the_server_is_taken_again(postgres: MakeDatabase) -> None:
    """PostgreSQL was started again: whoever held it asks, and holds it as before."""
    engine, other = postgres(), postgres()
    admin = open_database(conninfo(engine))
    with sole_instance(engine) as still:
        assert still()
        cut_off(admin)
        assert not still()
        assert still()
        with pytest.raises(DatabaseInUse), sole_instance(admin):
            pass
    with sole_instance(admin), sole_instance(other):
        pass
    admin.dispose()


def test_a_lock_that_somebody_else_took_meanwhile_is_theirs(postgres: MakeDatabase) -> None:
    """Two planners would do everything twice: the one that lost it is refused until the other one ends."""
    engine = postgres()
    admin = open_database(conninfo(engine))
    with sole_instance(engine) as still:
        cut_off(admin)
        with sole_instance(admin), pytest.raises(DatabaseInUse, match="another instance"):
            still()
        assert not still()
    with one_of_many(engine) as still:
        cut_off(admin)
        with without_workers(admin), pytest.raises(DatabaseInUse, match="being upgraded"):
            still()
        assert not still()
    admin.dispose()
