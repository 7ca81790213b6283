"""One instance per database."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from tracker.ports import StorageTrouble
from tracker.storage.database import explained, name_of, sqlite_file

INSTANCE_LOCK = 0x64_63_74_02
WORKERS_LOCK = 0x64_63_74_03

WAITS = (0.1, 0.2, 0.4, None)
"""Seconds between tries: a server lets go of a killed process's lock a moment after its end."""


Still = Callable[[], bool]
"""Whether a lock was ours all the time; False when it was lost with its connection and is taken again by this. Raises
DatabaseInUse when somebody else has taken it meanwhile, and StorageTrouble while the server is away."""


class DatabaseInUse(StorageTrouble):
    """Another instance works on the database; the message says which."""


@contextmanager
def sole_instance(engine: Engine) -> Iterator[Still]:
    """Hold the database for one instance; raises DatabaseInUse. The lock dies with the process, however that ends.

    On a server it also dies with its connection: whoever works for long asks what this gives before each piece of work.
    """
    file = sqlite_file(engine)
    if engine.dialect.name == "postgresql":
        refusal = "is in use by another instance: stop it first"
        with _held(engine, "pg_try_advisory_lock", INSTANCE_LOCK, refusal) as still:
            yield still
    elif file is not None:
        with _beside(file):
            yield always
    else:
        yield always


def always() -> bool:
    """The `Still` of a lock that cannot be lost."""
    return True


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
def one_of_many(engine: Engine) -> Iterator[Still]:
    """Work beside others on a PostgreSQL database, not migrated meanwhile; raises DatabaseInUse while it is."""
    if engine.dialect.name != "postgresql":
        yield always
        return
    refusal = "is being upgraded: try again when that is done"
    with _held(engine, "pg_try_advisory_lock_shared", WORKERS_LOCK, refusal) as still:
        yield still


@contextmanager
def without_workers(engine: Engine) -> Iterator[None]:
    """Keep workers away while the schema changes; raises DatabaseInUse when some are there."""
    if engine.dialect.name != "postgresql":
        yield
        return
    with _held(engine, "pg_try_advisory_lock", WORKERS_LOCK, "has workers: stop them before it is upgraded"):
        yield


@contextmanager
def _held(engine: Engine, taking: str, lock: int, refusal: str) -> Iterator[Still]:
    lease = _Lease(engine, taking, lock, refusal)
    lease.take()
    try:
        yield lease.still
    finally:
        lease.let_go()


@dataclass(slots=True)
class _Lease:
    """A session lock of PostgreSQL. It lives as long as its connection, which is kept apart from the pool."""

    engine: Engine
    taking: str
    lock: int
    refusal: str
    connection: Connection | None = None

    def take(self) -> None:
        """Take it, or raise DatabaseInUse."""
        with explained(self.engine):
            connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            connection.detach()
            for wait in WAITS:
                if connection.execute(text(f"SELECT {self.taking}(:lock)"), {"lock": self.lock}).scalar():
                    self.connection = connection
                    return
                if wait is None:
                    break
                time.sleep(wait)
            connection.close()
            raise DatabaseInUse(f"{name_of(self.engine)} {self.refusal}")

    def still(self) -> bool:
        """As `Still`."""
        if self.connection is not None:
            with suppress(DatabaseError):
                self.connection.execute(text("SELECT 1"))
                return True
            self.let_go()
        self.take()
        return False

    def let_go(self) -> None:
        """Not left to the end of the connection, which the server notices when it gets round to it."""
        connection, self.connection = self.connection, None
        if connection is None:
            return
        unlock = self.taking.replace("_try_advisory_lock", "_advisory_unlock")
        with suppress(SQLAlchemyError):
            connection.execute(text(f"SELECT {unlock}(:lock)"), {"lock": self.lock})
        with suppress(SQLAlchemyError):
            connection.close()
