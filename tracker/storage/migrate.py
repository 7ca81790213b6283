"""The schema of the log and the work, brought up to date by the migrations that come with the program."""

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, inspect, text

import tracker
from tracker.ports import StorageTrouble
from tracker.storage import look_tables, queue_schema, work_tables
from tracker.storage.database import explained, name_of, reading, sqlite_file, writing
from tracker.storage.lock import sole_instance, without_workers
from tracker.storage.log_tables import LOG
from tracker.storage.view_tables import PREFIX

if TYPE_CHECKING:
    from alembic.config import Config

METADATA = LOG
TABLES = (look_tables, work_tables)  # importing them puts their tables into the metadata

HEAD = "0006"
"""The newest revision; kept here so that opening a database that is up to date does not import Alembic."""

REPEATED = 86_400.0
"""Seconds between two copies of one revision within which the later one replaces the earlier."""


class WrongSchema(StorageTrouble):
    """The database is not of this version of the program; the message says what to do."""


def revision(engine: Engine) -> str | None:
    """The revision of the database; None when it has none."""
    with reading(engine) as connection:
        return _revision(connection)


def ensure_current(engine: Engine) -> None:
    """Raise StorageTrouble unless the database is there and has the schema of this version. Nothing is written."""
    file = sqlite_file(engine)
    if file is not None and not file.exists():
        raise StorageTrouble(f"no database at {file}")
    _refuse_newer(engine, found := revision(engine))
    if found != HEAD:
        raise WrongSchema(f"{name_of(engine)} has no schema of this version yet: run `tracker db upgrade`")


def upgrade_alone(engine: Engine, now: datetime) -> None:
    """As `upgrade`, for whoever works beside a daemon; raises DatabaseInUse when one would lose its schema."""
    with reading(engine) as connection:
        found = _revision(connection)
        if found == HEAD and queue_schema.is_current(connection):
            return
    _refuse_newer(engine, found)
    with sole_instance(engine):
        upgrade(engine, now)


def upgrade(engine: Engine, now: datetime) -> Path | None:
    """Bring the database to the newest revision, or raise WrongSchema when it is newer than the program.

    An SQLite database that holds anything is copied first; the copy, named by `now`, is returned. Nothing to do costs
    one query.
    """
    with reading(engine) as connection:
        found = _revision(connection)
        if found == HEAD and queue_schema.is_current(connection):
            return None
    _refuse_newer(engine, found)
    copy = None if found is None else _copy(engine, found, now)
    from alembic import command  # noqa: PLC0415 - half a second that most starts do not need

    with without_workers(engine), writing(engine) as connection:
        command.upgrade(alembic_config(connection), "head")
        queue_schema.bring_up(connection)
    return copy


def differences(engine: Engine) -> Sequence[str]:
    """How the tables differ from what this version wants, one line each; empty when they agree."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415 - as above
    from alembic.migration import MigrationContext  # noqa: PLC0415

    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"include_name": include_name})
        found = [str(difference) for difference in compare_metadata(context, METADATA)]
        if not queue_schema.is_current(connection):
            found.append("the tables of the queue are of another version")
        return found


def damage(engine: Engine) -> Sequence[str]:
    """What SQLite's own check of a file finds, one line each; PostgreSQL looks after its pages itself."""
    if engine.dialect.name != "sqlite":
        return []
    with reading(engine) as connection:
        found = list(connection.exec_driver_sql("PRAGMA integrity_check").scalars())
        found += [f"row {row[1]} of {row[0]} refers to nothing" for row in _strays(connection)]
    return [line for line in found if line != "ok"]


def include_name(name: str | None, kind: str, _: object) -> bool:
    """Whether Alembic should look at a thing of the database: views and the queue are not its business."""
    return kind != "table" or not (name or "").startswith((PREFIX, queue_schema.PREFIX))


def scripts() -> Path:
    """The folder of migrations: inside the package when installed, beside it in a checkout."""
    package = Path(tracker.__file__).parent
    installed = package / "_migrations"
    return installed if installed.is_dir() else package.parent / "migrations"


def _strays(connection: Connection) -> Sequence[Any]:
    return connection.exec_driver_sql("PRAGMA foreign_key_check").all()


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: Any = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found if isinstance(found, str) else None


def _refuse_newer(engine: Engine, found: str | None) -> None:
    # Revisions are numbered, so a database that this version does not know is one that it has yet to learn.
    if found is not None and found > HEAD:
        raise WrongSchema(
            f"{name_of(engine)} is of revision {found}, newer than this program ({HEAD}): use a newer tracker"
        )


def _copy(engine: Engine, found: str, now: datetime) -> Path | None:
    file = sqlite_file(engine)
    if file is None:
        return None
    copy = file.with_name(f"{file.name}.{found}.{now:%Y%m%dT%H%M%SZ}.bak")
    partial = copy.with_suffix(".partial")
    try:
        # Made before it is filled: who may not read the original does not read the copy either.
        partial.touch(mode=0o600)
        partial.chmod(file.stat().st_mode & 0o777)
        # Not through a transaction of ours: VACUUM refuses to run in one.
        with explained(engine), closing(engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
            cursor.execute("VACUUM INTO ?", (str(partial),))
        partial.rename(copy)
        # An upgrade that fails again and again, each time started anew, must not fill the disk with copies.
        for earlier in file.parent.glob(f"{escape(file.name)}.{found}.*.bak"):
            if 0 <= copy.stat().st_mtime - earlier.stat().st_mtime < REPEATED and earlier != copy:
                earlier.unlink()
    except OSError as error:
        raise StorageTrouble(f"{copy}: {error.strerror}") from error
    except StorageTrouble as error:
        raise StorageTrouble(f"no copy, so no upgrade: {error}") from error
    finally:
        for left in file.parent.glob(f"{escape(file.name)}.*.partial*"):  # with journals, also of one that was killed
            left.unlink(missing_ok=True)
    return copy


def alembic_config(connection: Connection) -> "Config":
    """What Alembic needs to migrate over this connection."""
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(scripts()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
