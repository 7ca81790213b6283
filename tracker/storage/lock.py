"""One instance per database."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text

from tracker.storage.database import StorageTrouble, name_of, sqlite_file

INSTANCE_LOCK = 0x64_63_74_02


class DatabaseInUse(StorageTrouble):
    """Another instance works on the database; the message says which."""


@contextmanager
def sole_instance(engine: Engine) -> Iterator[None]:
    """Hold the database for one instance; raises DatabaseInUse. The lock dies with the process, however that ends."""
    file = sqlite_file(engine)
    if engine.dialect.name == "postgresql":
        with _advisory(engine):
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
        opened = path.open("a+", encoding="ascii")
    except OSError as error:
        raise StorageTrouble(f"{path}: {error.strerror}") from error
    with opened as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            holder = lock.read(20).strip() or "unknown"
            raise DatabaseInUse(f"{database} is in use by process {holder}: stop it first") from error
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


@contextmanager
def _advisory(engine: Engine) -> Iterator[None]:
    # Session locks live as long as their connection, so this one is kept apart from the pool.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": INSTANCE_LOCK}).scalar():
            raise DatabaseInUse(f"{name_of(engine)} is in use by another instance: stop it first")
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": INSTANCE_LOCK})
