"""How facts become rows of the log once: what is said again unchanged adds nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, insert, select
from sqlmodel import SQLModel

from tracker.storage.database import insert_ignoring
from tracker.storage.log_tables import table
from tracker.storage.rows import digest, to_row

CHUNK = 500
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What an append puts on its rows: the moment, in whole seconds, and its own number."""

    recorded_at: datetime
    append_id: int

    def columns(self) -> dict[str, Any]:
        """As columns."""
        return {"recorded_at": self.recorded_at, "append_id": self.append_id}


def chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    """The items in lists short enough for one `IN (…)`."""
    everything = list(items)
    for start in range(0, len(everything), CHUNK):
        yield everything[start : start + CHUNK]


def append_keyed(
    connection: Connection, model: type[SQLModel], nouns: Sequence[tuple[str, object]], stamp: Stamp
) -> None:
    """Add (key, noun) pairs, each unless the newest row of its key as of the stamp says the same."""
    if not nouns:
        return
    rows_of = table(model)
    newest: dict[str, bytes] = {}
    for keys in chunks({key for key, _ in nouns}):
        known = select(rows_of.c.key, rows_of.c.digest).where(
            rows_of.c.key.in_(keys), rows_of.c.recorded_at <= stamp.recorded_at
        )
        oldest_first = known.order_by(rows_of.c.recorded_at, rows_of.c.row_id)
        newest.update((row[0], row[1]) for row in connection.execute(oldest_first))
    added = []
    for key, noun in nouns:
        row = to_row(noun)
        content = digest(list(row.values()))
        if newest.get(key) != content:
            newest[key] = content
            added.append({**row, **stamp.columns(), "key": key, "digest": content})
    if added:
        connection.execute(insert(rows_of), added)


def append_once(
    connection: Connection,
    model: type[SQLModel],
    nouns: Sequence[object],
    stamp: Stamp,
    identity: tuple[str, ...] | None = None,
) -> None:
    """Add nouns whose `identity` columns (all, unless given) have not been seen together before."""
    rows = []
    for noun in nouns:
        row = to_row(noun)
        identifying = list(row.values()) if identity is None else [row[column] for column in identity]
        rows.append({**row, **stamp.columns(), "digest": digest(identifying)})
    insert_ignoring(connection, table(model), rows)


def interned(connection: Connection, shared: Table, contents: Mapping[bytes, Any]) -> dict[bytes, int]:
    """The ids of contents, by digest, in a table of (id, digest, content); new ones are added."""
    number, _, value = shared.columns
    ids: dict[bytes, int] = {}
    for digests in chunks(contents):
        found = select(shared.c.digest, number).where(shared.c.digest.in_(digests))
        ids.update((row[0], row[1]) for row in connection.execute(found))
        missing = [wanted for wanted in digests if wanted not in ids]
        if missing:
            connection.execute(insert(shared), [{"digest": new, value.name: contents[new]} for new in missing])
            found = select(shared.c.digest, number).where(shared.c.digest.in_(missing))
            ids.update((row[0], row[1]) for row in connection.execute(found))
    return ids
