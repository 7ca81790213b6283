"""Spans in memory. A chunk of looks is decoded once; later only what was added to it is read."""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from sys import intern
from types import MappingProxyType

from sqlalchemy import Connection, RowMapping, select

from tracker.model.facts import NO_FACTS, Facts, Layer, Presence, Reason, Span
from tracker.model.instants import Instants
from tracker.model.names import DomainName
from tracker.storage.folding import LOOKS_COLUMNS
from tracker.storage.log_tables import table
from tracker.storage.look_tables import FactsRow, SegmentRow, SpanArtefactRow, SpanRow
from tracker.storage.rows import read_facts
from tracker.storage.spans import Looks, Reader, expand_sealed


@dataclass(slots=True)
class _Entry:
    """One span and how far it is decoded: `base` looks are in segments, `settled` in those and in finished runs."""

    name: DomainName
    probe: str
    layer: Layer
    vantage: str
    presence: Presence
    reason: Reason
    facts: Facts
    reader: Reader
    begun_at: int
    base: int = 0
    settled: int = 0
    looks: "array[int]" = field(default_factory=lambda: array("q"))
    artefact_ids: tuple[str, ...] = ()
    span: Span | None = None

    def seal(self, begun_at: int, coded: bytes, limit: int | None) -> None:
        """A segment was put aside: it holds all looks after the earlier segments."""
        self._settle(self.base, expand_sealed(begun_at, coded), limit)
        self.base = self.settled

    def update(self, row: RowMapping, limit: int | None) -> None:
        """Decode what the newest chunk has gained."""
        if row["begun_at"] != self.begun_at:
            self.begun_at = row["begun_at"]
            self.reader = Reader(self.begun_at)
        tail = Looks(**{name: row[name] for name in LOOKS_COLUMNS})
        self._settle(self.settled, self.reader.finished(tail.coded), limit)
        self.looks.extend(_recorded(self.reader.open_run(tail), limit))

    def _settle(self, known: int, more: Iterable[tuple[int, int]], limit: int | None) -> None:
        # Spans that were handed out look at the same array: what is cut off here comes back as it was.
        del self.looks[known:]
        self.looks.extend(_recorded(more, limit))
        self.settled = len(self.looks)

    def noun(self) -> Span:
        """The span; the same object as long as nothing was added."""
        if self.span is None:
            self.span = Span(
                name=self.name,
                probe=self.probe,
                layer=self.layer,
                vantage=self.vantage,
                presence=self.presence,
                reason=self.reason,
                facts=self.facts,
                looks=Instants(self.looks, len(self.looks)),
                artefact_ids=self.artefact_ids,
            )
        return self.span


def _recorded(looks: Iterable[tuple[int, int]], limit: int | None) -> Iterator[int]:
    """Instants of the looks that were recorded by `limit`."""
    return (at for at, lag in looks if limit is None or at + lag <= limit)


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
                self.entries[row["row_id"]] = self._entry(row)
                self.of_name.setdefault(row["name"], []).append(row["row_id"])
        self._read_segments(connection)
        for row in rows:
            self.entries[row["row_id"]].update(row, self.limit)
        self._read_links(connection)
        for row in rows:
            self.entries[row["row_id"]].span = None
        self._arrange({row["name"] for row in rows})
        return [(row["name"], row["append_id"]) for row in rows]

    def _entry(self, row: RowMapping) -> _Entry:
        return _Entry(
            name=DomainName(intern(row["name"])),
            probe=intern(row["probe"]),
            layer=Layer(row["layer"]),
            vantage=intern(row["vantage"]),
            presence=Presence(row["presence"]),
            reason=Reason(row["reason"]),
            facts=self.facts.get(row["facts_id"], NO_FACTS),
            reader=Reader(row["begun_at"]),
            begun_at=row["begun_at"],
        )

    def _new_rows(self, connection: Connection) -> list[RowMapping]:
        spans = table(SpanRow)
        query = select(spans).where(spans.c.append_id > self.seen_append).order_by(spans.c.row_id)
        if self.limit is not None:
            query = query.where(spans.c.recorded_at <= datetime.fromtimestamp(self.limit, UTC))
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
            query = query.where(links.c.recorded_at <= datetime.fromtimestamp(self.limit, UTC))
        for row in connection.execute(query).mappings():
            self.seen_link = row["row_id"]
            if entry := self.entries.get(row["span_row_id"]):
                entry.artefact_ids = (*entry.artefact_ids, row["artefact_id"])

    def _arrange(self, names: set[str]) -> None:
        spans = dict(self.spans)
        for name in names:
            some = [self.entries[row_id] for row_id in self.of_name[name] if self.entries[row_id].looks]
            if some:
                some.sort(key=lambda entry: (entry.probe, entry.vantage, entry.looks[0]))
                spans[DomainName(name)] = tuple(entry.noun() for entry in some)
        if len(spans) != len(self.spans):
            spans = {name: spans[name] for name in sorted(spans)}
        self.spans = MappingProxyType(spans)
