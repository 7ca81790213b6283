"""A database into another, row by row and checked: what is there already is compared, what is missing is added."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table, delete, func, insert, select, text, tuple_

from tracker.ports import StorageTrouble
from tracker.storage.database import name_of, reading, upsert, writing
from tracker.storage.log_tables import AppendRow, table
from tracker.storage.migrate import METADATA
from tracker.storage.rows import digest

CHUNK = 5_000
Key = tuple[Any, ...]
Rows = dict[Key, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Copied:
    """One table: its rows on either side, how many were written now, and a checksum over keys and contents of each."""

    table: str
    rows: int
    rows_there: int
    written: int
    checksum: str
    checksum_there: str

    @property
    def equal(self) -> bool:
        """Whether both sides hold the same."""
        return (self.rows, self.checksum) == (self.rows_there, self.checksum_there)


def copied(source: Engine, target: Engine, chunk: int = CHUNK) -> Iterator[Copied]:
    """Copy the log and the work, parents first; views are derived anew. Raises StorageTrouble for another log there.

    Interrupted and begun again it goes on where it stopped: rows that are there are compared, `chunk` by `chunk`, and
    rewritten only where they differ. Both databases must be of this version, and nobody may write to them meanwhile.
    """
    _refuse_another_log(source, target)
    for rows in METADATA.sorted_tables:
        yield _table(source, target, rows, chunk)


def _refuse_another_log(source: Engine, target: Engine) -> None:
    appends = table(AppendRow)
    with reading(target) as there:
        newest = there.execute(select(appends).order_by(appends.c.append_id.desc()).limit(1)).mappings().first()
    if newest is None:
        return
    with reading(source) as here:
        same = here.execute(select(appends).where(appends.c.append_id == newest["append_id"])).mappings().first()
    if same is None or dict(same) != dict(newest):
        raise StorageTrouble(f"{name_of(target)} holds a log of its own: copy into an empty database")


def _table(source: Engine, target: Engine, rows: Table, chunk: int) -> Copied:
    written, last = 0, None
    here_sum, there_sum = blake2b(digest_size=16), blake2b(digest_size=16)
    while True:
        with reading(source) as connection:
            here = _chunk(connection, rows, last, limit=chunk)
        upto = next(reversed(here)) if len(here) == chunk else None
        with reading(target) as connection:
            there = _chunk(connection, rows, last, upto)
        if here != there:
            with writing(target) as connection:
                written += _make_equal(connection, rows, here, there)
                there = _chunk(connection, rows, last, upto)  # as it is read back, not as it was meant
        for part, summed in ((here, here_sum), (there, there_sum)):
            for row in part.values():
                summed.update(digest(_plain(row)))
        if upto is None:
            break
        last = upto
    with writing(target) as connection:
        _continue_numbers(connection, rows)
    counts = []
    for engine in (source, target):
        with reading(engine) as connection:
            counts.append(connection.execute(select(func.count()).select_from(rows)).scalar_one())
    return Copied(rows.name, counts[0], counts[1], written, here_sum.hexdigest(), there_sum.hexdigest())


def _chunk(
    connection: Connection, rows: Table, after: Key | None, upto: Key | None = None, limit: int | None = None
) -> Rows:
    """Rows by key, in the order of the keys: those after `after`, no further than `upto`, no more than `limit`."""
    keys = _keys(connection, rows)
    query = select(rows).order_by(*keys)
    if after is not None:
        query = query.where(tuple_(*keys) > tuple_(*after))
    if upto is not None:
        query = query.where(tuple_(*keys) <= tuple_(*upto))
    names = [column.name for column in rows.primary_key]
    return {tuple(row[name] for name in names): dict(row) for row in connection.execute(query.limit(limit)).mappings()}


def _keys(connection: Connection, rows: Table) -> list[ColumnElement[Any]]:
    """The columns of the primary key, with texts in the order of their bytes as Python and SQLite have it."""
    order = "C" if connection.dialect.name == "postgresql" else "BINARY"
    return [column.collate(order) if column.type.python_type is str else column for column in rows.primary_key]


def _make_equal(connection: Connection, rows: Table, here: Rows, there: Rows) -> int:
    strays = [key for key in there if key not in here]
    columns = list(rows.primary_key)
    for key in strays:
        same = [column == value for column, value in zip(columns, key, strict=True)]
        connection.execute(delete(rows).where(*same))
    missing = [row for key, row in here.items() if key not in there]
    changed = [row for key, row in here.items() if key in there and row != there[key]]
    # Changed ones first: what was open may have been closed since, and a new one opened in its place.
    upsert(connection, rows, changed)
    if missing:
        connection.execute(insert(rows), missing)
    return len(missing) + len(changed) + len(strays)


def _continue_numbers(connection: Connection, rows: Table) -> None:
    """Rows that are added later get numbers after those that were brought along."""
    number = rows.autoincrement_column
    if connection.dialect.name != "postgresql" or number is None:
        return
    sequence = connection.execute(
        text("SELECT pg_get_serial_sequence(:name, :column)"), {"name": rows.name, "column": number.name}
    ).scalar()
    if sequence:
        newest = select(func.coalesce(func.max(number), 0) + 1)
        connection.execute(select(func.setval(sequence, newest.scalar_subquery(), False)))


def _plain(row: dict[str, Any]) -> list[Any]:
    return [value.hex() if isinstance(value, bytes) else value for value in row.values()]
