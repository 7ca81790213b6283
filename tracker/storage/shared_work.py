"""Due times and notes for any number of processes: every answer is read from the tables, nothing is remembered."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Engine, delete, func, select

from tracker.ports import Due
from tracker.storage.database import among, reading, upsert, writing
from tracker.storage.log_tables import table
from tracker.storage.statements import chunks
from tracker.storage.work import DUE_FIELDS, due_of
from tracker.storage.work_tables import DueRow, NoteRow

_Key = tuple[str, str]


class SharedWork:
    """The `Work` port beside other processes. What is `gathered` is seen by others after `flush`, in one piece."""

    def __init__(self, engine: Engine, *, gathered: bool = False) -> None:
        self._engine = engine
        self._gathered = gathered
        self._unwritten: dict[_Key, Due | None] = {}
        self._unwritten_notes: dict[str, str] = {}

    def due(self, kind: str, now: datetime, limit: int) -> tuple[Due, ...]:
        """What is due by `now`, the longest overdue first."""
        # As many more as may be moved away by what is not written yet.
        found = self._read(kind, by=now, limit=limit + len(self._unwritten))
        due = [row for row in found.values() if row.due_at <= now]
        return tuple(sorted(due, key=lambda row: (row.due_at, row.key))[:limit])

    def next_due(self) -> datetime | None:
        """When the next thing of any kind is due; None when nothing is."""
        self.flush()
        with reading(self._engine) as connection:
            return connection.execute(select(func.min(table(DueRow).c.due_at))).scalar()

    def schedule(self, rows: Collection[Due]) -> None:
        """Insert rows, or move those that exist; of two rows with one (kind, key) the last holds."""
        self._unwritten |= {(due.kind, due.key): due for due in rows}
        self._changed()

    def drop(self, kind: str, keys: Collection[str]) -> None:
        """Forget rows; those that do not exist are no error."""
        self._unwritten |= dict.fromkeys((kind, key) for key in keys)
        self._changed()

    def scheduled(self, kind: str) -> Mapping[str, Due]:
        """All rows of a kind by key, due or not."""
        found = self._read(kind)
        return {key: found[key] for key in sorted(found)}

    def rows(self, kind: str, keys: Collection[str]) -> tuple[Due, ...]:
        """The rows of the keys that are scheduled, in the order of the keys."""
        found: dict[str, Due] = {}
        for some in chunks(keys):
            found |= self._read(kind, keys=some)
        return tuple(found[key] for key in keys if key in found)

    def get(self, key: str) -> str | None:
        """A note; None when there is none."""
        return self.notes([key]).get(key)

    def notes(self, keys: Collection[str]) -> Mapping[str, str]:
        """The notes of the keys that are kept."""
        rows = table(NoteRow)
        found: dict[str, str] = {}
        with reading(self._engine) as connection:
            for some in chunks(keys):
                query = select(rows.c.key, rows.c.value).where(among(connection, rows.c.key, some))
                found |= {row[0]: row[1] for row in connection.execute(query)}
        return found | {key: self._unwritten_notes[key] for key in keys if key in self._unwritten_notes}

    def put(self, key: str, value: str) -> None:
        """Keep or overwrite a note."""
        self._unwritten_notes[key] = value
        self._changed()

    def flush(self) -> None:
        """Store what was gathered, in one transaction, always in the same order so that no two writers lock out each
        other."""
        if not self._unwritten and not self._unwritten_notes:
            return
        rows = table(DueRow)
        kept = [due for _, due in sorted(self._unwritten.items()) if due is not None]
        with writing(self._engine, ordered=False) as connection:
            upsert(connection, rows, [{field: getattr(due, field) for field in DUE_FIELDS} for due in kept])
            dropped = sorted(key for key, due in self._unwritten.items() if due is None)
            for kind in sorted({kind for kind, _ in dropped}):
                for some in chunks(key for of, key in dropped if of == kind):
                    connection.execute(delete(rows).where(rows.c.kind == kind, among(connection, rows.c.key, some)))
            notes = [{"key": key, "value": value} for key, value in sorted(self._unwritten_notes.items())]
            upsert(connection, table(NoteRow), notes)
        self._unwritten.clear()
        self._unwritten_notes.clear()

    def _changed(self) -> None:
        if not self._gathered:
            self.flush()

    def _read(
        self, kind: str, *, by: datetime | None = None, keys: list[str] | None = None, limit: int | None = None
    ) -> dict[str, Due]:
        """Stored rows of a kind, with what is not written yet in place of them."""
        rows = table(DueRow)
        query = select(rows).where(rows.c.kind == kind).order_by(rows.c.due_at, rows.c.key).limit(limit)
        with reading(self._engine) as connection:
            if by is not None:
                query = query.where(rows.c.due_at <= by)
            if keys is not None:
                query = query.where(among(connection, rows.c.key, keys))
            found = {row["key"]: due_of(row) for row in connection.execute(query).mappings()}
        for (of, key), due in self._unwritten.items():
            if of == kind:
                found.pop(key, None)
                if due is not None:
                    found[key] = due
        return found
