"""Spans in memory. A chunk of looks is decoded once; later only what was added to it is read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType

from sqlalchemy import Connection, RowMapping, select

from tracker.model.facts import NO_FACTS, Facts, Layer, Presence, Reason, Span
from tracker.model.names import DomainName
from tracker.storage.folding import LOOKS_COLUMNS
from tracker.storage.log_tables import table
from tracker.storage.look_tables import FactsRow, SegmentRow, SpanArtefactRow, SpanRow
from tracker.storage.rows import read_facts
from tracker.storage.spans import Looks, Reader, expand_sealed


@lru_cache(maxsize=1 << 16)
def _instant(second: int) -> datetime:
    """Names that were looked at together share their instants."""
    return datetime.fromtimestamp(second, UTC)


@dataclass(slots=True)
class _Entry:
    """One span and how far it is decoded: `base` looks are in segments, `settled` in those and in finished runs."""

    row: RowMapping
    facts: Facts
    reader: Reader
    base: int = 0
    settled: int = 0
    looks: tuple[datetime, ...] = ()
    artefact_ids: tuple[str, ...] = ()
    span: Span | None = None

    def seal(self, begun_at: int, coded: bytes, limit: int | None) -> None:
        """A segment was put aside: it holds all looks after the earlier segments."""
        self.looks = self.looks[: self.base] + _instants(expand_sealed(begun_at, coded), limit)
        self.base = self.settled = len(self.looks)

    def update(self, row: RowMapping, limit: int | None) -> None:
        """Decode what the newest chunk has gained."""
        if row["begun_at"] != self.row["begun_at"]:
            self.reader = Reader(row["begun_at"])
        self.row = row
        tail = Looks(**{name: row[name] for name in LOOKS_COLUMNS})
        settled = self.looks[: self.settled] + _instants(self.reader.finished(tail.coded), limit)
        self.settled = len(settled)
        self.looks = settled + _instants(self.reader.open_run(tail), limit)

    def noun(self) -> Span:
        """The span; the same object as long as nothing was added."""
        if self.span is None:
            self.span = Span(
                name=DomainName(self.row["name"]),
                probe=self.row["probe"],
                layer=Layer(self.row["layer"]),
                vantage=self.row["vantage"],
                presence=Presence(self.row["presence"]),
                reason=Reason(self.row["reason"]),
                facts=self.facts,
                looks=self.looks,
                artefact_ids=self.artefact_ids,
            )
        return self.span


def _instants(looks: Iterable[tuple[int, int]], limit: int | None) -> tuple[datetime, ...]:
    """Instants of the looks that were recorded by `limit`."""
    return tuple(_instant(at) for at, lag in looks if limit is None or at + lag <= limit)


@dataclass(slots=True)
class SpanMirror:
    """All spans by name, as recorded by `limit` (epoch seconds; None = everything)."""

    limit: int | None = None
    seen_append: int = 0
    seen_segment: int = 0
    seen_link: int = 0
    seen_facts: int = 0
    entries: dict[int, _Entry] = field(default_factory=dict)
    of_name: dict[str, list[int]] = field(default_factory=dict)
    facts: dict[int, Facts] = field(default_factory=dict)
    spans: Mapping[DomainName, tuple[Span, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def sync(self, connection: Connection) -> list[tuple[str, int]]:
        """Read what was added since the last time; which names changed by which append."""
        rows = self._new_rows(connection)
        if not rows:
            return []
        self._read_facts(connection)
        for row in rows:
            if row["row_id"] not in self.entries:
                facts = self.facts.get(row["facts_id"], NO_FACTS)
                self.entries[row["row_id"]] = _Entry(row, facts, Reader(row["begun_at"]))
                self.of_name.setdefault(row["name"], []).append(row["row_id"])
        self._read_segments(connection)
        for row in rows:
            self.entries[row["row_id"]].update(row, self.limit)
        self._read_links(connection)
        for row in rows:
            self.entries[row["row_id"]].span = None
        self._arrange({row["name"] for row in rows})
        return [(row["name"], row["append_id"]) for row in rows]

    def _new_rows(self, connection: Connection) -> list[RowMapping]:
        spans = table(SpanRow)
        query = select(spans).where(spans.c.append_id > self.seen_append).order_by(spans.c.row_id)
        if self.limit is not None:
            query = query.where(spans.c.recorded_at <= _instant(self.limit))
        rows = list(connection.execute(query).mappings())
        self.seen_append = max((row["append_id"] for row in rows), default=self.seen_append)
        return rows

    def _read_facts(self, connection: Connection) -> None:
        facts = table(FactsRow)
        for row in connection.execute(select(facts).where(facts.c.facts_id > self.seen_facts)).mappings():
            self.facts[row["facts_id"]] = read_facts(row["facts"])
            self.seen_facts = max(self.seen_facts, row["facts_id"])

    def _read_segments(self, connection: Connection) -> None:
        segments = table(SegmentRow)
        query = select(segments).where(segments.c.segment_id > self.seen_segment).order_by(segments.c.segment_id)
        for row in connection.execute(query).mappings():
            self.seen_segment = row["segment_id"]
            if entry := self.entries.get(row["span_row_id"]):
                entry.seal(row["begun_at"], row["coded"], self.limit)

    def _read_links(self, connection: Connection) -> None:
        links = table(SpanArtefactRow)
        query = select(links).where(links.c.row_id > self.seen_link).order_by(links.c.row_id)
        if self.limit is not None:
            query = query.where(links.c.recorded_at <= _instant(self.limit))
        for row in connection.execute(query).mappings():
            self.seen_link = row["row_id"]
            if entry := self.entries.get(row["span_row_id"]):
                entry.artefact_ids = (*entry.artefact_ids, row["artefact_id"])

    def _arrange(self, names: set[str]) -> None:
        spans = dict(self.spans)
        for name in names:
            some = [self.entries[row_id] for row_id in self.of_name[name] if self.entries[row_id].looks]
            if some:
                some.sort(key=lambda entry: (entry.row["probe"], entry.row["vantage"], entry.looks[0]))
                spans[DomainName(name)] = tuple(entry.noun() for entry in some)
        if len(spans) != len(self.spans):
            spans = {name: spans[name] for name in sorted(spans)}
        self.spans = MappingProxyType(spans)
