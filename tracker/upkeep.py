"""Composition for those who tend the watch: bring its database up to date, look whether all is sound."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from tracker.clients.system import SystemClock, expired
from tracker.ports import StorageTrouble
from tracker.reading import Unreadable, opened
from tracker.settings import Settings
from tracker.stages.health import complaints
from tracker.storage import copying, migrate
from tracker.storage.database import name_of, open_database, same, unwritable
from tracker.storage.lock import sole_instance

__all__ = ["COPIED", "StorageTrouble", "Upgraded", "ailments", "copied", "faults", "upgraded"]


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What an upgrade did; `before` is None for a database that was empty, `copy` the SQLite file kept from before."""

    database: str
    before: str | None
    after: str
    copy: Path | None


def upgraded(settings: Settings) -> Upgraded:
    """Migrate the database of the settings; raises StorageTrouble (in use, newer than the program, unreachable)."""
    engine = open_database(settings.database.address)
    try:
        with sole_instance(engine):
            before = migrate.revision(engine)
            copy = migrate.upgrade(engine, SystemClock().now())
            return Upgraded(name_of(engine), before, migrate.HEAD, copy)
    finally:
        engine.dispose()


def faults(settings: Settings) -> list[str]:
    """What is wrong with the database, one line each; raises StorageTrouble when it cannot be looked at."""
    engine = open_database(settings.database.address)
    try:
        migrate.ensure_current(engine)
        return [*migrate.differences(engine), *migrate.damage(engine)]
    finally:
        engine.dispose()


def ailments(settings: Settings, now: datetime) -> list[str]:
    """Why the watch cannot be relied on, one line each; empty when it can. Nothing is changed, also on a sick disk."""
    found = []
    if settings.identity.ca_file:
        try:
            found += [expired(settings.identity.ca_file, now)]
        except ValueError as error:
            found += [str(error)]
    try:
        with opened(settings) as stored:
            found += complaints(stored.log.history(), stored.work, now)
        database = open_database(settings.database.address)
        try:
            found += [unwritable(database)]
        finally:
            database.dispose()
    except (Unreadable, StorageTrouble) as error:
        found += [str(error)]
    return [line for line in found if line]


COPIED = ("table", "rows", "rows_there", "written", "checksum", "checksum_there")
"""Columns of a copy, one row a table; `written` rows were missing or different before."""


def copied(settings: Settings, to: str) -> Iterator[tuple[object, ...]]:
    """Copy the database into that of `to`, table by table, and compare; a row of COPIED for each.

    Raises StorageTrouble when either is in use, the source is of another version, or the target holds another log, and
    ValueError for an address that is none.
    """
    where = replace(settings.database, url=to)
    with ExitStack() as stack:
        source, target = open_database(settings.database.address), open_database(where.address)
        for engine in (source, target):
            stack.callback(engine.dispose)
        migrate.ensure_current(source)
        if same(source, target):
            raise StorageTrouble(f"{name_of(target)} is where the log is already: name another database")
        stack.enter_context(sole_instance(source))
        stack.enter_context(sole_instance(target))
        migrate.upgrade(target, SystemClock().now())
        for row in copying.copied(source, target):
            yield (row.table, row.rows, row.rows_there, row.written, row.checksum, row.checksum_there)
