"""Composition for those who tend the database: bring it up to date, look whether it is sound."""

from dataclasses import dataclass
from pathlib import Path

from tracker.clients.system import SystemClock
from tracker.settings import Settings
from tracker.storage import migrate
from tracker.storage.database import StorageTrouble, name_of, open_database
from tracker.storage.lock import sole_instance

__all__ = ["StorageTrouble", "Upgraded", "faults", "upgraded"]


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
