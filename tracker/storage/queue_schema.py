"""The tables of Procrastinate, which come with that library and are brought up to date like ours."""

import re
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Connection, text

PREFIX = "procrastinate_"
"""Of everything that Procrastinate makes."""
NOTED = "SELECT obj_description(to_regclass('procrastinate_jobs')), to_regclass('procrastinate_jobs') IS NOT NULL"
NAMED = re.compile(r"(\d+)\.(\d+)\.(\d+)_")


def is_current(connection: Connection) -> bool:
    """Whether the tables are those of the library at hand; SQLite needs none."""
    if connection.dialect.name != "postgresql":
        return True
    noted, there = connection.execute(text(NOTED)).one()
    return bool(there) and noted == _ours()


def bring_up(connection: Connection) -> None:
    """Make the tables, or take the library's own steps from the version that made them; the version is noted there."""
    if is_current(connection):
        return
    noted, there = connection.execute(text(NOTED)).one()
    # Many statements in one text are for the driver alone: SQLAlchemy would look for parameters in them.
    cursor = connection.connection.cursor()
    for script in _steps(_numbers(noted or "0.0.0")) if there else (_schema(),):
        cursor.execute(script)
    cursor.execute(f"COMMENT ON TABLE procrastinate_jobs IS '{_ours()}'")


def _ours() -> str:
    return f"procrastinate {version('procrastinate')}"


def _numbers(named: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", named)[:3])


def _schema() -> str:
    return (_sql() / "schema.sql").read_text(encoding="utf-8")


def _steps(since: tuple[int, ...]) -> Iterator[str]:
    for path in sorted((_sql() / "migrations").glob("*.sql")):
        found = NAMED.match(path.name)
        if found is not None and tuple(map(int, found.groups())) > since:
            yield path.read_text(encoding="utf-8")


def _sql() -> Path:
    import procrastinate  # noqa: PLC0415 - a third of a second that only an upgrade needs

    return Path(procrastinate.__file__).parent / "sql"
