"""Migrations: from nothing to the newest schema, never from a newer one, and SQLite is copied before."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Engine, text

from tests.contract_log import T0, run, sighting
from tests.diskful import full_disk
from tests.storage.conftest import NOW, MakeDatabase
from tracker.model.facts import Batch
from tracker.model.names import DomainName
from tracker.model.watching import Pap, Source, Tlp
from tracker.ports import StorageTrouble
from tracker.storage import migrate
from tracker.storage.database import open_database, reading, sqlite_file, writing
from tracker.storage.lock import DatabaseInUse, sole_instance
from tracker.storage.log import SqlLog
from tracker.storage.migrate import (
    HEAD,
    WrongSchema,
    damage,
    differences,
    ensure_current,
    revision,
    upgrade,
    upgrade_alone,
)


def test_an_empty_database_gets_the_schema_of_the_models(make_database: MakeDatabase) -> None:
    """The migrations and the tables agree, and a second upgrade has nothing to do."""
    engine = make_database(empty=True)
    assert revision(engine) is None
    with pytest.raises(WrongSchema, match="db upgrade"):
        ensure_current(engine)
    assert upgrade(engine, NOW) is None
    assert revision(engine) == HEAD
    assert differences(engine) == []
    ensure_current(engine)
    assert upgrade(engine, NOW) is None
    SqlLog(engine).append(run(), Batch(sightings=(sighting("rrn.so", T0),)), T0)


def test_every_older_schema_becomes_the_newest(make_database: MakeDatabase) -> None:
    """Whatever revision a database stopped at, what it held is still there afterwards."""
    engine = make_database(empty=True)
    with writing(engine) as connection:
        command.upgrade(migrate.alembic_config(connection), "0001")
        connection.execute(text("INSERT INTO notes (key, value) VALUES ('kept', 'yes')"))
    upgrade(engine, NOW)
    assert (revision(engine), differences(engine)) == (HEAD, [])
    with reading(engine) as connection:
        assert connection.execute(text("SELECT value FROM notes")).scalar() == "yes"


def test_a_difference_is_found(database: Engine) -> None:
    """A column or table that the models do not know shows."""
    with writing(database) as connection:
        connection.execute(text("ALTER TABLE notes ADD COLUMN surprise INTEGER"))
        connection.execute(text("CREATE TABLE stray (x INTEGER)"))
    found = " ".join(differences(database))
    assert "surprise" in found
    assert "stray" in found


def test_a_newer_database_is_refused(database: Engine) -> None:
    """One clear line, and nothing is touched."""
    with writing(database) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(WrongSchema, match="newer than this program") as refusal:
        upgrade(database, NOW)
    assert "\n" not in str(refusal.value)
    with pytest.raises(WrongSchema, match="newer than this program"):
        ensure_current(database)
    assert revision(database) == "9999"


def test_sqlite_is_copied_before_it_is_changed(sqlite: MakeDatabase) -> None:
    """The copy holds what the database held; an older revision stands in for one that has migrations to come."""
    engine = sqlite()
    SqlLog(engine).append(run(), Batch(sightings=(sighting("rrn.so", T0),)), T0)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    # Revision 0000 does not exist, so the migration fails after the copy was made: the case for which there is a copy.
    with pytest.raises(CommandError, match="0000"):
        upgrade(engine, NOW)
    file = sqlite_file(engine)
    assert file is not None
    (copy,) = file.parent.glob("*.bak")
    assert copy.name == "tracker.db.0000.20240904T150000Z.bak"
    with sqlite3.connect(copy) as copied:
        assert copied.execute("SELECT name FROM sightings").fetchall() == [("rrn.so",)]


def test_copies_are_as_private_as_the_database_and_do_not_pile_up(sqlite: MakeDatabase) -> None:
    """An upgrade that fails and is begun again by a supervisor, every minute: one copy, for the owner's eyes only."""
    engine = sqlite()
    file = sqlite_file(engine)
    assert file is not None
    file.chmod(0o600)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    for minute in range(3):
        with pytest.raises(CommandError, match="0000"):
            upgrade(engine, NOW + timedelta(minutes=minute))
    (copy,) = file.parent.glob("*.bak")
    assert copy.name == "tracker.db.0000.20240904T150200Z.bak"
    assert copy.stat().st_mode & 0o777 == 0o600


def test_no_copy_no_upgrade(sqlite: MakeDatabase) -> None:
    """A disk without room for the copy: one line, no half a copy, and the database is as it was."""
    engine = sqlite()
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    file = sqlite_file(engine)
    assert file is not None
    with full_disk(4096), pytest.raises(StorageTrouble, match="no copy, so no upgrade: "):
        upgrade(engine, NOW)
    assert [path.name for path in file.parent.iterdir() if ".bak" in path.name or ".partial" in path.name] == []
    assert revision(engine) == "0001"


def test_whoever_works_beside_a_daemon_changes_no_schema_under_it(sqlite: MakeDatabase) -> None:
    """A newer command beside an older `tracker run` is refused; where there is nothing to change, it is let in."""
    engine = sqlite()
    with sole_instance(engine):
        upgrade_alone(engine, NOW)
        with writing(engine) as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '0005'"))
        with pytest.raises(DatabaseInUse):
            upgrade_alone(engine, NOW)


def test_a_database_of_the_first_version_keeps_its_claims(sqlite: MakeDatabase) -> None:
    """What a list kept by hand said before rows had versions and markings: unrestricted, and no reading known."""
    engine = sqlite(empty=True)
    with writing(engine) as connection:
        command.upgrade(migrate.alembic_config(connection), "0001")
        for table, values in (
            ("appends", "1, 'poll', AT, 'claims takedowns'"),
            (
                "claims",
                "1, AT, 1, 'k', x'00', 'belongs_to', 'rrn.so', 'meta', 'Meta', '', '', 'op', NULL, NULL, NULL, ''",
            ),
            (
                "takedowns",
                "1, AT, 1, 'k', x'00', 'a', 'rrn.media', 'own_brand', 'RRN', NULL, NULL, NULL, 1,"
                """ '[["doj","the notice","",""]]'""",
            ),
        ):
            row = values.replace("AT", "'2024-09-04 15:00:00.000000'")
            connection.execute(text(f"INSERT INTO {table} VALUES ({row})"))
    upgrade(engine, NOW)
    history = SqlLog(engine).history()
    (claim,), (takedown,) = history.claims, history.takedowns
    assert (claim.tlp, claim.pap, claim.source) == (Tlp.CLEAR, Pap.CLEAR, Source("meta", "Meta"))
    assert takedown.sources == (Source("doj", "the notice"),)


def test_a_database_of_the_third_version_keeps_its_looks(sqlite: MakeDatabase) -> None:
    """Appends name their runs, and every look comes back: two that are sealed, a run and a step that are not."""
    engine = sqlite(empty=True)
    with writing(engine) as connection:
        command.upgrade(migrate.alembic_config(connection), "0003")
        at, first = "'2024-09-04 15:00:00.000000'", 1_725_462_000
        for table, values in (
            ("appends", f"1, 'observe@a', {at}, 'observations cursor'"),
            ("runs", f"1, {at}, 1, 'observe@a', x'00', 'observe@a', 'observe', {at}, 'here', '{{}}'"),
            ("facts", "1, x'00', '{\"ns\":[\"x\"]}'"),
            (
                "spans",  # sealed: the first look (lag 5) and one after 900 s; open: two more after 3600 s each
                f"1, {at}, 1, 'rrn.so', 'delegation', 'DELEGATED', 'here', 'PRESENT', 'delegated', 1, true,"
                f" {first}, {first + 8100}, 3600, 5, 2, 900, 5, x'2aa038'",
            ),
        ):
            connection.execute(text(f"INSERT INTO {table} VALUES ({values})"))
    upgrade(engine, NOW)
    log = SqlLog(engine)
    (span,) = log.history().spans[DomainName("rrn.so")]
    assert [int(look.timestamp()) - first for look in span.looks] == [0, 900, 4500, 8100]
    assert [run.run_id for run in log.history().runs] == ["observe@a"]
    assert int((log.newest() or NOW).timestamp()) == first
    assert not differences(engine)


def test_the_head_is_the_newest_script() -> None:
    """The constant that saves an import names the last migration, and the history has one line."""
    script = ScriptDirectory(str(migrate.scripts()))
    assert script.get_heads() == [HEAD]
    assert [step.revision for step in script.walk_revisions()] == sorted(
        (step.revision for step in script.walk_revisions()), reverse=True
    )


def test_opening_an_upgraded_database_needs_no_alembic(sqlite: MakeDatabase) -> None:
    """A start with nothing to migrate is one query; a missing file is said, not made."""
    engine = sqlite()
    ensure_current(engine)
    missing = Path(str(sqlite_file(engine))).with_name("missing.db")
    with pytest.raises(StorageTrouble, match="no database at"):
        ensure_current(open_database(missing))
    assert not missing.exists()


def test_a_failed_migration_leaves_nothing(sqlite: MakeDatabase) -> None:
    """Schema changes are in one transaction with the note that they were made."""
    engine = sqlite(empty=True)
    with pytest.raises(ZeroDivisionError), writing(engine) as connection:
        migrate.METADATA.create_all(connection)
        _ = 1 / 0
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM sqlite_master")).scalar() == 0


def test_a_damaged_file_is_found(sqlite: MakeDatabase) -> None:
    """Rows that refer to nothing, and pages that do not add up."""
    engine = sqlite()
    SqlLog(engine).append(run(), Batch(sightings=(sighting("rrn.so", T0),)), T0)
    assert damage(engine) == []
    file = sqlite_file(engine)
    assert file is not None
    with sqlite3.connect(file) as connection:
        connection.execute("DELETE FROM appends")
    assert any("sightings" in line for line in damage(engine))
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("DELETE FROM sqlite_master WHERE name = 'ix_runs_key'")
    engine.dispose()
    assert any("never used" in line for line in damage(engine))
