"""Due times and notes, beside the log but no part of it."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, Engine, RowMapping, delete, select

from tracker.ports import Due
from tracker.storage.database import reading, upsert, writing
from tracker.storage.log_tables import table
from tracker.storage.statements import chunks
from tracker.storage.work_tables import DueRow, NoteRow

SIGN = "visited"
DUE_FIELDS = ("kind", "key", "due_at", "origin", "attempts")
_SIGN = select(table(NoteRow).c.value).where(table(NoteRow).c.key == SIGN)


class SqlWork:
    """The `Work` port. Reads are answered from memory: rows are few and asked for all the time.

    A `visitor` writes beside the daemon (a watch added by hand); the daemon reads its rows again at the next pass. What
    is `gathered` is written by `flush`, once per pass: losing it in a crash repeats looks, and loses no fact.
    """

    def __init__(self, engine: Engine, *, visitor: bool = False, gathered: bool = False) -> None:
        self._engine = engine
        self._visitor = visitor
        self._gathered = gathered
        self._unwritten: dict[tuple[str, str], Due | None] = {}
        self._unwritten_notes: dict[str, str] = {}
        self._due: dict[str, dict[str, Due]] | None = None
        self._notes: dict[str, str] = {}

    def due(self, kind: str, now: datetime, limit: int) -> tuple[Due, ...]:
        """What is due by `now`, the longest overdue first."""
        rows = [row for row in self._rows(kind).values() if row.due_at <= now]
        return tuple(sorted(rows, key=lambda row: (row.due_at, row.key))[:limit])

    def next_due(self) -> datetime | None:
        """When the next thing of any kind is due; None when nothing is."""
        self.flush()
        self._forget_if_visited()
        return min((row.due_at for rows in self._all().values() for row in rows.values()), default=None)

    def schedule(self, rows: Collection[Due]) -> None:
        """Insert rows, or move those that exist; of two rows with one (kind, key) the last holds."""
        for due in rows:
            self._rows(due.kind)[due.key] = due
            self._unwritten[due.kind, due.key] = due
        self._changed()

    def drop(self, kind: str, keys: Collection[str]) -> None:
        """Forget rows; those that do not exist are no error."""
        for key in keys:
            if self._rows(kind).pop(key, None) is not None:
                self._unwritten[kind, key] = None
        self._changed()

    def scheduled(self, kind: str) -> Mapping[str, Due]:
        """All rows of a kind by key, due or not."""
        rows = self._rows(kind)
        return {key: rows[key] for key in sorted(rows)}

    def rows(self, kind: str, keys: Collection[str]) -> tuple[Due, ...]:
        """The rows of the keys that are scheduled, in the order of the keys."""
        known = self._rows(kind)
        return tuple(known[key] for key in keys if key in known)

    def notes(self, keys: Collection[str]) -> Mapping[str, str]:
        """The notes of the keys that are kept."""
        self._all()
        return {key: self._notes[key] for key in keys if key in self._notes}

    def get(self, key: str) -> str | None:
        """A note; None when there is none."""
        self._all()
        return self._notes.get(key)

    def put(self, key: str, value: str) -> None:
        """Keep or overwrite a note."""
        if self.get(key) == value:
            return
        self._notes[key] = self._unwritten_notes[key] = value
        self._changed()

    def _changed(self) -> None:
        if not self._gathered:
            self.flush()

    def flush(self) -> None:
        """Store what was not stored yet, in one transaction."""
        if not self._unwritten and not self._unwritten_notes:
            return
        rows = table(DueRow)
        kept = [due for due in self._unwritten.values() if due is not None]
        dropped: dict[str, list[str]] = {}
        for (kind, key), due in self._unwritten.items():
            if due is None:
                dropped.setdefault(kind, []).append(key)
        with writing(self._engine) as connection:
            upsert(connection, rows, [{field: getattr(due, field) for field in DUE_FIELDS} for due in kept])
            for kind, keys in dropped.items():
                for some in chunks(keys):
                    connection.execute(delete(rows).where(rows.c.kind == kind, rows.c.key.in_(some)))
            notes = [{"key": key, "value": value} for key, value in self._unwritten_notes.items()]
            upsert(connection, table(NoteRow), notes)
            self._visited(connection)
        self._unwritten.clear()
        self._unwritten_notes.clear()

    def _all(self) -> dict[str, dict[str, Due]]:
        self._load()
        assert self._due is not None
        return self._due

    def _rows(self, kind: str) -> dict[str, Due]:
        return self._all().setdefault(kind, {})

    def _load(self) -> None:
        """Read everything once, and again when a visitor has written."""
        if self._due is not None:
            return
        with reading(self._engine) as connection:
            due: dict[str, dict[str, Due]] = {}
            for row in connection.execute(select(table(DueRow))).mappings():
                due.setdefault(row["kind"], {})[row["key"]] = due_of(row)
            notes = connection.execute(select(table(NoteRow))).mappings()
            self._notes = {row["key"]: row["value"] for row in notes}
        self._due = due

    def _visited(self, connection: Connection) -> None:
        """A visitor leaves a sign, so that the daemon reads its rows again."""
        if self._visitor:
            count = int(connection.execute(_SIGN).scalar() or 0) + 1
            upsert(connection, table(NoteRow), [{"key": SIGN, "value": str(count)}])

    def _forget_if_visited(self) -> None:
        with reading(self._engine) as connection:
            sign = connection.execute(_SIGN).scalar()
        if self._due is not None and sign != self._notes.get(SIGN):
            self._due = None


def due_of(row: RowMapping) -> Due:
    """The noun of a stored row."""
    return Due(row["kind"], row["key"], row["due_at"], row["origin"], row["attempts"])
