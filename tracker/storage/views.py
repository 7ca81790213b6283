"""Where views are kept between derivations. Only what differs is written; losing all of it costs one derivation."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, Table, bindparam, delete, insert, inspect, select, text
from sqlmodel import SQLModel

from tracker.model import views as nouns
from tracker.model.views import Replacement, Views
from tracker.storage import view_tables as tables
from tracker.storage.database import reading, writing
from tracker.storage.log_tables import table
from tracker.storage.rows import reader, to_row
from tracker.storage.statements import CHUNK

KINDS: dict[str, tuple[type, type[SQLModel]]] = {
    "candidates": (nouns.Candidate, tables.CandidateRow),
    "evidence": (nouns.Evidence, tables.EvidenceRow),
    "assessments": (nouns.Assessment, tables.AssessmentRow),
    "states": (nouns.StateSpan, tables.StateRow),
    "episodes": (nouns.Episode, tables.EpisodeRow),
    "lifetimes": (nouns.Lifetime, tables.LifetimeRow),
    "appearances": (nouns.Appearance, tables.AppearanceRow),
    "replacements": (nouns.Replacement, tables.ReplacementRow),
}
"""Each part of the views, its noun and its table."""

STEP = 1 << 20
"""Distance between neighbours when rows are first placed: room for twenty halvings."""

Placed = list[tuple[int, Any]]


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the tables hold, as this object last read or wrote it."""

    revision: int
    views: Views
    places: dict[str, list[int]]

    def is_of(self, row: RowMapping) -> bool:
        """Whether the tables still hold it. A rebuilt table counts its revisions from one again."""
        stored = (row["revision"], row["as_of"], row["rules_version"])
        return stored == (self.revision, self.views.as_of, self.views.rules_version)


class SqlViewStore:
    """The `ViewStore` port."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._kept: _Kept | None = None

    def load(self) -> Views | None:
        """The views as last replaced; None when there are none, or when they are of another version's shape."""
        with reading(self._engine) as connection:
            self._kept = self._current(connection)
        return None if self._kept is None else self._kept.views

    def replacements(self) -> tuple[Replacement, ...]:
        """The replacements alone, none while there are no views: a small part of what `load` reads."""
        with reading(self._engine) as connection:
            row = _derived(connection)
            if row is None:
                return ()
            if self._kept is not None and self._kept.is_of(row):
                return self._kept.views.replacements
            found = _read(connection, Replacement, table(tables.ReplacementRow))
        return tuple(noun for _, noun in found)

    def replace(self, views: Views) -> None:
        """Make the tables say `views`, writing only rows that are new or gone."""
        with writing(self._engine) as connection:
            kept = self._current(connection)
            if kept is None:
                _rebuild(connection)
            places = {}
            for part, (_, model) in KINDS.items():
                before = [] if kept is None else list(zip(kept.places[part], getattr(kept.views, part), strict=True))
                places[part] = _write(connection, model, before, getattr(views, part))
            revision = 1 if kept is None else kept.revision + 1
            derived = table(tables.DerivedRow)
            connection.execute(delete(derived))
            connection.execute(
                insert(derived).values(
                    shape=tables.shape(), revision=revision, as_of=views.as_of, rules_version=views.rules_version
                )
            )
        self._kept = _Kept(revision, views, places)

    def _current(self, connection: Connection) -> _Kept | None:
        """What the tables hold now; read only when somebody else has replaced it."""
        row = _derived(connection)
        if row is None:
            return None
        if self._kept is not None and self._kept.is_of(row):
            return self._kept
        places: dict[str, list[int]] = {}
        parts: dict[str, tuple[Any, ...]] = {}
        for part, (kind, model) in KINDS.items():
            found = _read(connection, kind, table(model))
            places[part] = [place for place, _ in found]
            parts[part] = tuple(noun for _, noun in found)
        views = Views(as_of=row["as_of"], rules_version=row["rules_version"], **parts)
        return _Kept(row["revision"], views, places)


def _derived(connection: Connection) -> RowMapping | None:
    """The row that says what the tables hold; None when there is none, or when their shape is another version's."""
    derived = table(tables.DerivedRow)
    if not inspect(connection).has_table(derived.name):
        return None
    # By name of the columns that every version has had: another version's table may lack any other.
    if connection.execute(text(f"SELECT shape FROM {derived.name}")).scalar() != tables.shape():
        return None
    return connection.execute(select(derived)).mappings().one()


def _read(connection: Connection, kind: type[Any], rows: Table) -> Placed:
    """All rows of a table as nouns, each with its place, in this order."""
    columns = rows.columns.keys()
    read, place = reader(kind, columns), columns.index("place")
    return [(row[place], read(row)) for row in connection.execute(select(rows).order_by(rows.c.place))]


def _rebuild(connection: Connection) -> None:
    """Drop every table of views, also those that only an older version knew, and make them anew."""
    for name in inspect(connection).get_table_names():
        if name.startswith(tables.PREFIX):
            connection.execute(text(f'DROP TABLE "{name}"'))
    tables.VIEWS.create_all(connection)


def _write(connection: Connection, model: type[SQLModel], before: Placed, wanted: Sequence[Any]) -> list[int]:
    """Make the table hold `wanted` in this order; the place of each."""
    rows = table(model)
    kept = _keep(before, wanted)
    places = _place(kept)
    if places is None:
        kept = [None] * len(wanted)
        places = [STEP * number for number in range(1, len(wanted) + 1)]
    gone = {place for place, _ in before} - {place for place in kept if place is not None}
    if gone:
        connection.execute(delete(rows).where(rows.c.place == bindparam("gone")), [{"gone": place} for place in gone])
    new = ((noun, place) for noun, place, old in zip(wanted, places, kept, strict=True) if old is None)
    # A few at a time: all rows of a derivation, each as a mapping, would take more room than the views themselves.
    while some := [{**to_row(noun), "place": place} for noun, place in islice(new, CHUNK)]:
        connection.execute(insert(rows), some)
    return places


def _keep(before: Placed, wanted: Sequence[Any]) -> list[int | None]:
    """For each wanted noun the place of an equal stored one, or None. The same object is found without comparing."""
    by_identity = {id(noun): place for place, noun in before}
    kept = [by_identity.pop(id(noun), None) for noun in wanted]
    if by_identity and None in kept:
        by_content: dict[Any, list[int]] = {}
        for place, noun in reversed(before):
            if id(noun) in by_identity:
                by_content.setdefault(noun, []).append(place)
        for index, noun in enumerate(wanted):
            if kept[index] is None and by_content.get(noun):
                kept[index] = by_content[noun].pop()
    return kept


def _place(kept: Sequence[int | None]) -> list[int] | None:
    """Rising places, new ones in the room between kept ones; None when there is no room or the order changed."""
    places: list[int] = []
    last: int | None = None
    start = 0
    while start < len(kept):
        stop = start
        while stop < len(kept) and kept[stop] is None:
            stop += 1
        new, place = stop - start, kept[stop] if stop < len(kept) else None
        if place is None:
            places.extend((last or 0) + STEP * number for number in range(1, new + 1))
        else:
            below = place - STEP * (new + 1) if last is None else last
            step = (place - below) // (new + 1)
            if step < 1:
                return None
            places.extend(below + step * number for number in range(1, new + 1))
            places.append(place)
            last = place
        start = stop + 1
    return places
