"""Spans in memory. Their looks stay coded until somebody asks for them: a process that starts reads rows, not looks."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from sys import intern
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, select

from tracker.model.facts import NO_FACTS, Facts, Layer, Presence, Reason, Span
from tracker.model.instants import Instants
from tracker.model.names import DomainName
from tracker.storage.folding import CONTENT_COLUMNS, KEY_COLUMNS, LOOKS_COLUMNS
from tracker.storage.log_tables import table
from tracker.storage.look_tables import FactsRow, SegmentRow, SpanArtefactRow, SpanRow
from tracker.storage.rows import read_facts
from tracker.storage.spans import Looks, expand_sealed, instants

_COLUMNS = ("row_id", "append_id", *KEY_COLUMNS, *CONTENT_COLUMNS, *LOOKS_COLUMNS)
_LAYERS = {str(layer): layer for layer in Layer}
_PRESENCES = {str(presence): presence for presence in Presence}
_REASONS = {str(reason): reason for reason in Reason}

_Sealed = tuple[tuple[int, bytes], ...]


def _themselves(seconds: "array[int]") -> "array[int]":
    return seconds


@dataclass(slots=True)
class SpanMirror:
    """All spans by name, as recorded by `limit` (epoch seconds; None = everything)."""

    limit: int | None = None
    seen_append: int = 0
    seen_segment: int = 0
    seen_link: int = 0
    seen_facts: int = 0
    of_name: dict[DomainName, dict[int, Span]] = field(default_factory=dict)
    sealed: dict[int, _Sealed] = field(default_factory=dict)
    links: dict[int, tuple[str, ...]] = field(default_factory=dict)
    facts: dict[int, Facts] = field(default_factory=dict)
    spans: Mapping[DomainName, tuple[Span, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def sync(self, connection: Connection) -> list[tuple[DomainName, int]]:
        """Read what was added since the last time; which names changed by which append."""
        self._read_facts(connection)
        self._read_segments(connection)
        self._read_links(connection)
        spans = table(SpanRow)
        query = select(*(spans.c[name] for name in _COLUMNS))
        query = query.where(spans.c.append_id > self.seen_append).order_by(spans.c.row_id)
        if self.limit is not None:
            query = query.where(spans.c.recorded_at <= datetime.fromtimestamp(self.limit, UTC))
        changed: dict[DomainName, int] = {}
        for row in connection.execute(query):
            name, append_id = self._read(row)
            changed[name] = max(append_id, changed.get(name, 0))
            self.seen_append = max(append_id, self.seen_append)
        self._arrange(changed)
        return list(changed.items())

    def _read(self, row: Sequence[Any]) -> tuple[DomainName, int]:
        """Make the span of a row anew; whose it is, and the append that changed it last."""
        row_id, append_id, name, probe, vantage, layer, presence, reason, facts_id, *tail = row
        domain = DomainName(intern(name))
        looks = self._looks(self.sealed.get(row_id, ()), Looks(*tail))
        of_name = self.of_name.setdefault(domain, {})
        if looks is not None:
            of_name[row_id] = Span(
                name=domain,
                probe=intern(probe),
                layer=_LAYERS[layer],
                vantage=intern(vantage),
                presence=_PRESENCES[presence],
                reason=_REASONS[reason],
                facts=self.facts.get(facts_id, NO_FACTS),
                looks=looks,
                artefact_ids=self.links.get(row_id, ()),
            )
        return domain, append_id

    def _looks(self, sealed: _Sealed, tail: Looks) -> Instants | None:
        """The looks in the chunks of a span; None when all of them were recorded after the limit."""
        chunks = (*sealed, (tail.begun_at, tail.sealed()))
        if self.limit is None:
            return Instants(chunks[0][0], tail.last_at, chunks, instants)
        limit = self.limit
        looks = (look for begun_at, coded in chunks for look in expand_sealed(begun_at, coded))
        seconds = array("q", [at for at, lag in looks if at + lag <= limit])
        return Instants(seconds[0], seconds[-1], seconds, _themselves) if seconds else None

    def _read_facts(self, connection: Connection) -> None:
        facts = table(FactsRow)
        query = select(facts.c.facts_id, facts.c.facts).where(facts.c.facts_id > self.seen_facts)
        for facts_id, text in connection.execute(query):
            self.facts[facts_id] = read_facts(text)
            self.seen_facts = max(self.seen_facts, facts_id)

    def _read_segments(self, connection: Connection) -> None:
        rows = table(SegmentRow)
        query = select(rows.c.segment_id, rows.c.span_row_id, rows.c.begun_at, rows.c.coded)
        query = query.where(rows.c.segment_id > self.seen_segment).order_by(rows.c.segment_id)
        for segment_id, row_id, begun_at, coded in connection.execute(query):
            self.seen_segment = segment_id
            self.sealed[row_id] = (*self.sealed.get(row_id, ()), (begun_at, coded))

    def _read_links(self, connection: Connection) -> None:
        links = table(SpanArtefactRow)
        query = select(links.c.row_id, links.c.span_row_id, links.c.artefact_id)
        query = query.where(links.c.row_id > self.seen_link).order_by(links.c.row_id)
        if self.limit is not None:
            query = query.where(links.c.recorded_at <= datetime.fromtimestamp(self.limit, UTC))
        for link_id, row_id, artefact_id in connection.execute(query):
            self.seen_link = link_id
            self.links[row_id] = (*self.links.get(row_id, ()), artefact_id)

    def _arrange(self, names: Iterable[DomainName]) -> None:
        spans = dict(self.spans)
        for name in names:
            some = self.of_name[name].values()
            if some:
                spans[name] = tuple(sorted(some, key=lambda span: (span.probe, span.vantage, span.first)))
        if len(spans) != len(self.spans):
            spans = {name: spans[name] for name in sorted(spans)}
        self.spans = MappingProxyType(spans)
