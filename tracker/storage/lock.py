"""One instance per database."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError

from tracker.ports import StorageTrouble
from tracker.storage.database import explained, name_of, sqlite_file

INSTANCE_LOCK = 0x64_63_74_02
WORKERS_LOCK = 0x64_63_74_03

WAITS = (0.1, 0.2, 0.4, None)
"""Seconds between tries: a server lets go of a killed process's lock a moment after its end."""


class DatabaseInUse(StorageTrouble):
    """Another instance works on the database; the message says which."""


@contextmanager
def sole_instance(engine: Engine) -> Iterator[None]:
    """Hold the database for one instance; raises DatabaseInUse. The lock dies with the process, however that ends."""
    file = sqlite_file(engine)
    if engine.dialect.name == "postgresql":
        with _held(engine, "pg_try_advisory_lock", INSTANCE_LOCK, "is in use by another instance: stop it first"):
            yield
    elif file is not None:
        with _beside(file):
            yield
    else:
        yield


@contextmanager
def _beside(database: Path) -> Iterator[None]:
    path = database.with_name(database.name + ".lock")
    try:
        opened = path.open("a+b", buffering=0)
    except OSError as error:
        raise StorageTrouble(f"{path}: {error.strerror}") from error
    with opened as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            holder = lock.read(20).decode("ascii", "replace").strip() or "unknown"
            raise DatabaseInUse(f"{database} is in use by process {holder}: stop it first") from error
        with suppress(OSError):  # who holds it is said to others; a full disk is no reason not to hold it
            lock.truncate(0)
            lock.write(f"{os.getpid()}\n".encode())
        yield


@contextmanager
def one_of_many(engine: Engine) -> Iterator[None]:
    """Work beside others on a PostgreSQL database, not migrated meanwhile; raises DatabaseInUse while it is."""
    if engine.dialect.name != "postgresql":
        yield
        return
    with _held(engine, "pg_try_advisory_lock_shared", WORKERS_LOCK, "is being upgraded: try again when that is done"):
        yield


@contextmanager
def without_workers(engine: Engine) -> Iterator[None]:
    """Keep workers away while the schema changes; raises DatabaseInUse when some are there."""
    if engine.dialect.name != "postgresql":
        yield
        return
    with _held(engine, "pg_try_advisory_lock", WORKERS_LOCK, "has workers: stop them before it is upgraded"):
        yield


@contextmanager
def _held(engine: Engine, taking: str, lock: int, refusal: str) -> Iterator[None]:
    # Session locks live as long as their connection, so this one is kept apart from the pool and closed in the end.
    with explained(engine), engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.detach()
        for wait in WAITS:
            if connection.execute(text(f"SELECT {taking}(:lock)"), {"lock": lock}).scalar():
                break
            if wait is None:
                raise DatabaseInUse(f"{name_of(engine)} {refusal}")
            time.sleep(wait)
        try:
            yield
        finally:
            # Not left to the end of the connection, which the server notices when it gets round to it.
            with suppress(DatabaseError):
                connection.execute(text(f"SELECT {taking.replace('_try_advisory_lock', '_advisory_unlock')}({lock})"))
