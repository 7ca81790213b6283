"""Bodies of raw replies grow old; the facts read from them, and that they were there, stay."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, func, select, update

from tracker.storage.database import writing
from tracker.storage.log_tables import ArtefactRow, table
from tracker.storage.statements import chunks


def discard_bodies(engine: Engine, days: int, megabytes: int, now: datetime) -> int:
    """Drop bodies older than `days`, then the oldest until the rest fits into `megabytes`; how many. 0 = no limit."""
    with writing(engine) as connection:
        dropped = _drop(connection, _older(connection, now - timedelta(days=days))) if days else 0
        return dropped + (_drop(connection, _surplus(connection, megabytes * 10**6)) if megabytes else 0)


def _older(connection: Connection, before: datetime) -> list[int]:
    rows = table(ArtefactRow)
    query = select(rows.c.row_id).where(rows.c.body.is_not(None), rows.c.recorded_at < before)
    return list(connection.execute(query).scalars())


def _surplus(connection: Connection, room: int) -> list[int]:
    """The oldest bodies that have to go; asked for row by row only when there is too much."""
    rows = table(ArtefactRow)
    size = func.length(rows.c.body)
    total = int(connection.execute(select(func.sum(size))).scalar() or 0)
    found: list[int] = []
    if total > room:
        oldest = select(rows.c.row_id, size).where(rows.c.body.is_not(None)).order_by(rows.c.recorded_at, rows.c.row_id)
        for row_id, length in connection.execute(oldest):
            if total <= room:
                break
            found.append(row_id)
            total -= length
    return found


def _drop(connection: Connection, row_ids: list[int]) -> int:
    rows = table(ArtefactRow)
    for some in chunks(row_ids):
        connection.execute(update(rows).where(rows.c.row_id.in_(some)).values(body=None))
    return len(row_ids)
