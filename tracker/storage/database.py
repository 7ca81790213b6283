"""One way to open the database, SQLite by path or PostgreSQL by URL, and two ways to use it: reading and writing."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import disk_usage
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Table,
    any_,
    bindparam,
    create_engine,
    event,
    func,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DatabaseError

from tracker.ports import StorageTrouble

BUSY_SECONDS = 10
ROOM = 64 * 2**20
"""Free bytes below which a disk counts as full: a pass, a report and the write-ahead log have to fit."""
APPEND_LOCK = 0x64_63_74_01
"""PostgreSQL advisory lock that makes writers follow one another, so that row numbers rise in the order of commits."""

PATIENCE: dict[str, str] = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
"""For PostgreSQL, unless its URL says otherwise: a server that vanished without a word is noticed within a minute."""

PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={BUSY_SECONDS * 1000}")


def open_database(where: str | Path) -> Engine:
    """An engine for a path (SQLite), a `sqlite:` or a `postgresql:` URL; raises ValueError for others."""
    address = str(where)
    if "://" not in address:
        address = f"sqlite:///{address}"
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:  # neither is repeated: it may quote a password
        raise ValueError("the address of the database is none: postgresql://USER@HOST:PORT/NAME, or a path") from error
    if "@" in (url.host or ""):
        raise ValueError("the address of the database holds more than one @: give the password apart from it")
    match url.get_backend_name():
        case "sqlite":
            engine = create_engine(url.set(drivername="sqlite+pysqlite"))
            event.listen(engine, "connect", _set_pragmas)
            event.listen(engine, "begin", _begin)
            return engine
        case "postgresql":
            patience = {key: value for key, value in PATIENCE.items() if key not in url.query}
            return create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, connect_args=patience)
        case other:
            raise ValueError(f"no storage for {other} databases: give a path or a postgresql:// URL")


def sqlite_file(engine: Engine) -> Path | None:
    """The file of an SQLite database; None for PostgreSQL and for a database in memory."""
    if engine.dialect.name != "sqlite" or not engine.url.database or engine.url.database == ":memory:":
        return None
    return Path(engine.url.database)


def same(one: Engine, other: Engine) -> bool:
    """Whether both are one database, by whichever path a file was named."""
    files = sqlite_file(one), sqlite_file(other)
    if files[0] is not None and files[1] is not None:
        return files[0].resolve() == files[1].resolve()
    return name_of(one) == name_of(other)


def name_of(engine: Engine) -> str:
    """How messages call the database; passwords are left out."""
    url = engine.url.set(drivername="postgresql", password=None, query={})
    return str(sqlite_file(engine) or url.render_as_string())


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one moment of the database throughout."""
    options = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with explained(engine), engine.connect().execution_options(**options) as connection:
        yield connection


def conninfo(engine: Engine) -> str:
    """The address of a PostgreSQL database as its driver wants it, password and all: not for messages."""
    url = engine.url.set(drivername="postgresql", query=PATIENCE | dict(engine.url.query))
    return url.render_as_string(hide_password=False)


@contextmanager
def writing(engine: Engine, *, ordered: bool = True) -> Iterator[Connection]:
    """One transaction; a second writer waits instead of failing half-way. Nothing is kept when the block raises.

    Rows whose numbers tell nothing need not be `ordered`: on PostgreSQL their writers go side by side.
    """
    with (
        explained(engine),
        engine.connect().execution_options(immediate=True) as connection,
        connection.begin(),
    ):
        if ordered and engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": APPEND_LOCK})
        yield connection


def insert_ignoring(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert the rows whose unique columns are new; others are left as they are."""
    if rows:
        statement, values = _bulk(connection, table, rows)
        connection.execute(statement.on_conflict_do_nothing(), values)


def upsert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows, or overwrite those that have the same primary key, which no two of the rows may share."""
    if rows:
        statement, values = _bulk(connection, table, rows)
        keys = [column.name for column in table.primary_key]
        changes = {name: statement.excluded[name] for name in rows[0] if name not in keys}
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changes), values)


def _bulk(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> tuple[Any, Any]:
    """An insertion of the rows and its values. PostgreSQL is handed columns as arrays: one statement, not one a row."""
    if connection.dialect.name != "postgresql":
        return sqlite.insert(table), rows
    arrays = [func.unnest(bindparam(name, type_=postgresql.ARRAY(table.c[name].type))) for name in rows[0]]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    return postgresql.insert(table).from_select(list(rows[0]), select(*arrays)), columns


def among(connection: Connection, column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """Whether a column has one of the values, no more than a few hundred; PostgreSQL gets them as one array."""
    if connection.dialect.name != "postgresql":
        return column.in_(values)
    return column == any_(bindparam(None, list(values), type_=postgresql.ARRAY(column.type), unique=True))


def unwritable(engine: Engine, room: int = ROOM, busy_seconds: float = BUSY_SECONDS) -> str:
    """Why nothing can be stored now (read-only, locked for `busy_seconds`, less than `room` bytes left); empty when it
    can. Nothing is changed.
    """
    try:
        with explained(engine), engine.connect().execution_options(immediate=True) as connection:
            if engine.dialect.name == "sqlite":
                raw: Any = connection.connection.driver_connection
                raw.execute(f"PRAGMA busy_timeout = {round(busy_seconds * 1000)}")
            try:
                connection.execute(text("DELETE FROM due WHERE kind = 'none'"))
            finally:
                connection.rollback()
                if engine.dialect.name == "sqlite":
                    raw.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    except StorageTrouble as trouble:
        return str(trouble)
    file = sqlite_file(engine)
    free = None if file is None else disk_usage(file.resolve().parent).free
    return "" if free is None or free >= room else f"{file}: only {free // 2**20} MB are left on its disk"


@contextmanager
def explained(engine: Engine) -> Iterator[None]:
    """A disk that is full or read-only, a lock, a server that is away: one line instead of a trace of the driver."""
    try:
        yield
    except (DatabaseError, sqlite3.Error) as error:
        reason = " ".join(str(getattr(error, "orig", error)).split())
        raise StorageTrouble(f"{name_of(engine)}: {reason}") from error


def _set_pragmas(connection: DBAPIConnection, _: object) -> None:
    # The driver must not begin transactions by itself: it would begin them as readers that fail when they turn writers.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
