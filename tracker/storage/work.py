"""Due times and notes, beside the log but no part of it."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Engine, RowMapping, delete, func, select

from tracker.ports import Due
from tracker.storage.database import reading, upsert, writing
from tracker.storage.log_tables import table
from tracker.storage.statements import chunks
from tracker.storage.work_tables import DueRow, NoteRow


class SqlWork:
    """The `Work` port."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def due(self, kind: str, now: datetime, limit: int) -> tuple[Due, ...]:
        """What is due by `now`, the longest overdue first."""
        rows = table(DueRow)
        query = select(rows).where(rows.c.kind == kind, rows.c.due_at <= now).order_by(rows.c.due_at, rows.c.key)
        with reading(self._engine) as connection:
            return tuple(_due(row) for row in connection.execute(query.limit(limit)).mappings())

    def next_due(self) -> datetime | None:
        """When the next thing of any kind is due; None when nothing is."""
        with reading(self._engine) as connection:
            return connection.execute(select(func.min(table(DueRow).c.due_at))).scalar()

    def schedule(self, rows: Collection[Due]) -> None:
        """Insert rows, or move those that exist; of two rows with one (kind, key) the last holds."""
        newest = {(row.kind, row.key): row for row in rows}
        values = [
            {"kind": due.kind, "key": due.key, "due_at": due.due_at, "origin": due.origin, "attempts": due.attempts}
            for due in newest.values()
        ]
        with writing(self._engine) as connection:
            upsert(connection, table(DueRow), values)

    def drop(self, kind: str, keys: Collection[str]) -> None:
        """Forget rows; those that do not exist are no error."""
        rows = table(DueRow)
        with writing(self._engine) as connection:
            for some in chunks(keys):
                connection.execute(delete(rows).where(rows.c.kind == kind, rows.c.key.in_(some)))

    def scheduled(self, kind: str) -> Mapping[str, Due]:
        """All rows of a kind by key, due or not."""
        rows = table(DueRow)
        query = select(rows).where(rows.c.kind == kind).order_by(rows.c.key)
        with reading(self._engine) as connection:
            return {row["key"]: _due(row) for row in connection.execute(query).mappings()}

    def get(self, key: str) -> str | None:
        """A note; None when there is none."""
        notes = table(NoteRow)
        with reading(self._engine) as connection:
            return connection.execute(select(notes.c.value).where(notes.c.key == key)).scalar()

    def put(self, key: str, value: str) -> None:
        """Keep or overwrite a note."""
        with writing(self._engine) as connection:
            upsert(connection, table(NoteRow), [{"key": key, "value": value}])


def _due(row: RowMapping) -> Due:
    return Due(row["kind"], row["key"], row["due_at"], row["origin"], row["attempts"])
