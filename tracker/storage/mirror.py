"""The log in memory, brought up to date by reading only what was appended since, so that asking often costs little."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Row, RowMapping, Table, func, select

from tracker.analysis.observed import settled
from tracker.model.acts import Complaint, Mute
from tracker.model.facts import Canary, CanaryResult, Coverage, Gap, Review, Run, Sighting, Sweep
from tracker.model.history import History
from tracker.model.watching import Action, Announcement, Claim, Operation, Takedown, Watch
from tracker.storage import log_tables as tables
from tracker.storage.log_tables import table
from tracker.storage.look_tables import CanaryRow, CoverageRow, SetRow, SweepRow
from tracker.storage.rows import from_row, reader
from tracker.storage.span_mirror import SpanMirror
from tracker.storage.sweeps import read_members

EMPTY_AS_OF = datetime(1970, 1, 1, tzinfo=UTC)
"""The `as_of` of the history of an empty log."""

ALL = frozenset({*tables.PARTS, "runs"})
"""What can be read apart. A run is news with every append, also with one that brought nothing."""
NAMING = frozenset({"sightings", "reviews"})
"""Parts of which every row counts and says something of a name."""

Noun = TypeVar("Noun")


def _after(connection: Connection, rows: Table, seen: int, as_of: datetime | None) -> Sequence[Row[Any]]:
    query = select(rows).where(rows.c.row_id > seen).order_by(rows.c.row_id)
    if as_of is not None:
        query = query.where(rows.c.recorded_at <= as_of)
    return connection.execute(query).all()


@dataclass(slots=True)
class _Newest(Generic[Noun]):
    """Keyed facts: the newest row of each key, sorted by key."""

    kind: type[Noun]
    rows: Table
    seen: int = 0
    newest: dict[str, tuple[datetime, Noun]] = field(default_factory=dict)
    nouns: tuple[Noun, ...] = ()

    def sync(self, connection: Connection, as_of: datetime | None) -> Sequence[Row[Any]]:
        """Read new rows; they are returned as well."""
        fresh = _after(connection, self.rows, self.seen, as_of)
        read = reader(self.kind, self.rows.columns.keys())
        for row in fresh:
            known = self.newest.get(row.key)
            if known is None or known[0] <= row.recorded_at:
                self.newest[row.key] = (row.recorded_at, read(row))
        if fresh:
            self.seen = fresh[-1].row_id
            self.nouns = tuple(self.newest[key][1] for key in sorted(self.newest))
        return fresh


@dataclass(slots=True)
class _Every(Generic[Noun]):
    """Facts of which every row counts, sorted by `order` and then by when they were stored."""

    kind: type[Noun]
    rows: Table
    order: tuple[str, ...]
    seen: int = 0
    nouns: tuple[Noun, ...] = ()

    def sync(self, connection: Connection, as_of: datetime | None) -> Sequence[Row[Any]]:
        """Read new rows; they are returned as well."""
        fresh = _after(connection, self.rows, self.seen, as_of)
        if fresh:
            self.seen = fresh[-1].row_id
            new = map(reader(self.kind, self.rows.columns.keys()), fresh)
            self.nouns = tuple(sorted((*self.nouns, *new), key=attrgetter(*self.order)))
        return fresh


@dataclass(slots=True)
class _Sweeps:
    """Sweeps, put together from rows, coverage and the sets that they share; sorted by (first, sweep id)."""

    seen: int = 0
    seen_set: int = 0
    sets: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    nouns: tuple[Sweep, ...] = ()

    def sync(self, connection: Connection, as_of: datetime | None) -> None:
        """Read new sweeps."""
        fresh = _after(connection, table(SweepRow), self.seen, as_of)
        if not fresh:
            return
        self._read_sets(connection)
        parts: dict[int, list[Coverage]] = {}
        rows = table(CoverageRow)
        query = select(rows).where(rows.c.sweep_row_id > self.seen).order_by(rows.c.sweep_row_id, rows.c.position)
        for row in connection.execute(query).mappings():
            parts.setdefault(row["sweep_row_id"], []).append(self._coverage(row))
        self.seen = fresh[-1].row_id
        new = [
            replace(from_row(Sweep, {**row._mapping, "coverage": "[]"}), coverage=tuple(parts.get(row.row_id, ())))
            for row in fresh
        ]
        self.nouns = tuple(sorted((*self.nouns, *new), key=attrgetter("first", "sweep_id")))

    def _read_sets(self, connection: Connection) -> None:
        rows = table(SetRow)
        for row in connection.execute(select(rows).where(rows.c.set_id > self.seen_set)).mappings():
            self.sets[row["set_id"]] = read_members(row["members"])
            self.seen_set = max(self.seen_set, row["set_id"])

    def _coverage(self, row: RowMapping) -> Coverage:
        return Coverage(
            labels=self.sets[row["labels_set"]],
            suffixes=self.sets[row["suffixes_set"]],
            canary=CanaryResult(row["canary"]),
            first=row["first"],
            last=row["last"],
            exceptions=self.sets[row["exceptions_set"]],
        )


class Mirror:
    """Facts recorded no later than `limit` (whole seconds); with None everything, and `sync` follows the log."""

    def __init__(self, limit: datetime | None = None) -> None:
        self._limit = limit
        self.seen = 0
        self.newest: datetime | None = None
        self.touched: dict[str, int] = {}
        self._unread: set[str] = set()
        self._keyed: dict[str, _Newest[Any]] = {
            "operations": _Newest(Operation, table(tables.OperationRow)),
            "actions": _Newest(Action, table(tables.ActionRow)),
            "takedowns": _Newest(Takedown, table(tables.TakedownRow)),
            "claims": _Newest(Claim, table(tables.ClaimRow)),
            "watches": _Newest(Watch, table(tables.WatchRow)),
            "announcements": _Newest(Announcement, table(tables.AnnouncementRow)),
            "complaints": _Newest(Complaint, table(tables.ComplaintRow)),
        }
        self._runs = _Newest(Run, table(tables.RunRow))
        self._every: dict[str, _Every[Any]] = {
            "sightings": _Every(Sighting, table(tables.SightingRow), ("watch_key", "name", "at")),
            "gaps": _Every(Gap, table(tables.GapRow), ("first", "source", "scope", "last")),
            "reviews": _Every(Review, table(tables.ReviewRow), ("at",)),
            "canaries": _Every(Canary, table(CanaryRow), ("at", "source", "name")),
            "mutes": _Every(Mute, table(tables.MuteRow), ("at", "scope", "value")),
        }
        self._sweeps = _Sweeps()
        self._spans = SpanMirror(None if limit is None else int(limit.timestamp()))
        self._taken_down_at: Mapping[str, datetime] = MappingProxyType({})

    def sync(self, connection: Connection, only: Collection[str] = ALL) -> None:
        """Read what was appended since the last time; one query when that is nothing. What is not in `only` waits.

        Afterwards `seen` is the number of the last append and `newest` the newest moment of recording; when all was
        read, `touched` has the last append that said something of a name.
        """
        self._unread |= self._news(connection)
        brought = self._unread.intersection(only)
        if not brought:
            return
        self._unread -= brought
        if "runs" in brought:
            self._runs.sync(connection, self._limit)
        for part, keyed in self._keyed.items():
            if part in brought:
                fresh = keyed.sync(connection, self._limit)
                if part == "takedowns":
                    self._date_takedowns(fresh)
                if part == "claims":
                    self._touch((row.domain, row.append_id) for row in fresh)
        for part, every in self._every.items():
            if part in brought:
                fresh = every.sync(connection, self._limit)
                if part in NAMING:
                    self._touch((row.name, row.append_id) for row in fresh)
        if "sweeps" in brought:
            self._sweeps.sync(connection, self._limit)
        if "observations" in brought:
            self._touch(self._spans.sync(connection))

    def history(self, as_of: datetime) -> History:
        """Everything in here, called the history as of `as_of`."""
        parts = {part: rows.nouns for part, rows in (self._keyed | self._every).items()}
        parts["takedowns"] = settled(parts["takedowns"], parts["actions"])
        return History(
            as_of=as_of,
            **parts,
            spans=self._spans.spans,
            sweeps=self._sweeps.nouns,
            runs=self._runs.nouns,
            taken_down_at=self._taken_down_at,
        )

    def watches(self) -> tuple[Watch, ...]:
        """The newest row of each watch that was read, sorted by key."""
        return self._keyed["watches"].nouns

    def sightings(self) -> tuple[Sighting, ...]:
        """Every sighting that was read, sorted by watch, name, at."""
        return self._every["sightings"].nouns

    def _news(self, connection: Connection) -> frozenset[str]:
        """The parts of batches that were appended since the last time."""
        appends = table(tables.AppendRow)
        last, newest = func.max(appends.c.append_id), func.max(appends.c.recorded_at)
        query = select(last, newest, appends.c.brought).where(appends.c.append_id > self.seen)
        news = connection.execute(query.group_by(appends.c.brought)).all()
        if not news:
            return frozenset()
        self.seen = max(row[0] for row in news)
        recorded = datetime.fromtimestamp(max(row[1] for row in news), UTC)
        self.newest = recorded if self.newest is None else max(recorded, self.newest)
        return frozenset({"runs"}).union(
            part for row in news for bit, part in enumerate(tables.PARTS) if row[2] >> bit & 1
        )

    def _touch(self, names: Iterable[tuple[str, int]]) -> None:
        for name, append_id in names:
            self.touched[name] = max(append_id, self.touched.get(name, 0))

    def _date_takedowns(self, fresh: Sequence[Row[Any]]) -> None:
        if fresh:
            first = dict(self._taken_down_at)
            for row in fresh:
                first[row.action_id] = min(row.recorded_at, first.get(row.action_id, row.recorded_at))
            self._taken_down_at = MappingProxyType(dict(sorted(first.items())))
