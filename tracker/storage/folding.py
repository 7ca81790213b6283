"""Looks become spans: an equal look lengthens the open span of its (name, probe, vantage), another begins one.

Looks that told nothing form spans of their own beside the definite ones: that we could not see is no change of what
there was to see, and a year with a fifth of its days lost must not cut every name into a hundred pieces.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, text, update

from tracker.model.facts import Observation, Presence, canonical
from tracker.model.times import utc
from tracker.storage.database import among, insert_ignoring
from tracker.storage.log_tables import table
from tracker.storage.look_tables import FactsRow, SegmentRow, SpanArtefactRow, SpanRow
from tracker.storage.rows import digest
from tracker.storage.spans import Looks
from tracker.storage.statements import Stamp, chunks, interned

_Key = tuple[str, str, str, bool]
"""Name, probe, vantage, and whether the looks told something."""
_Content = tuple[str, str, str, int]

KEY_COLUMNS = ("name", "probe", "vantage")
CONTENT_COLUMNS = ("layer", "presence", "reason", "facts_id")
LOOKS_COLUMNS = Looks._fields


@dataclass(slots=True)
class _Span:
    """A span while a batch is folded. `row_id` is None until it is stored."""

    key: _Key
    content: _Content
    looks: Looks
    row_id: int | None = None
    is_open: bool = True
    changed: bool = False
    sealed: list[tuple[int, bytes]] = field(default_factory=list)
    artefact_ids: dict[str, None] = field(default_factory=dict)
    has_reply: bool = False

    def lengthen(self, at: int, lag: int) -> None:
        """Add a look; a full chunk is put aside first."""
        self.changed = True
        if self.looks.full:
            self.sealed.append((self.looks.begun_at, self.looks.sealed()))
            self.looks = Looks.begin(at, lag)
        else:
            self.looks = self.looks.add(at, lag)

    def columns(self) -> dict[str, Any]:
        """What an update may change."""
        return {"is_open": self.is_open} | {name: getattr(self.looks, name) for name in LOOKS_COLUMNS}


def append_looks(
    connection: Connection, observations: Sequence[Observation], stamp: Stamp, span_break: timedelta
) -> frozenset[str]:
    """Fold observations, in the order given, into the stored spans; the ids of artefacts that add nothing.

    A look in the very second of the last equal one is the same look. One that is older than the last is a span of its
    own: it may contradict what was seen since. The first reply behind a span stands for all of its looks.
    """
    if not observations:
        return frozenset()
    recorded = int(stamp.recorded_at.timestamp())
    texts = [canonical(look.facts) for look in observations]
    digests = {content: digest(content) for content in set(texts)}
    facts = interned(connection, table(FactsRow), {name: content for content, name in digests.items()})
    newest = _open_spans(connection, {look.name for look in observations}, {look.probe for look in observations})
    _find_replies(connection, {look.name for look in observations if look.artefact_ids}, newest)
    stored = list(newest.values())
    begun: list[_Span] = []
    repeated: set[str] = set()
    for look, content_text in zip(observations, texts, strict=True):
        key = (str(look.name), look.probe, look.vantage, look.presence is not Presence.INDETERMINATE)
        content = (look.layer.value, look.presence.value, look.reason.value, facts[digests[content_text]])
        at = int(utc(look.at).timestamp() // 1)
        span = newest.get(key)
        if span is None or at < span.looks.last_at or not _continues(span, content, at, span_break):
            late = span is not None and at < span.looks.last_at
            if span is not None and not late:
                span.is_open, span.changed = False, True
            span = _Span(key, content, Looks.begin(at, recorded - at), is_open=not late)
            begun.append(span)
            if not late:
                newest[key] = span
        elif at > span.looks.last_at:
            span.lengthen(at, recorded - at)
        if span.has_reply:
            repeated.update(look.artefact_ids)
        elif look.artefact_ids:
            span.changed = span.has_reply = True
            span.artefact_ids.update(dict.fromkeys(look.artefact_ids))
    _store(connection, [span for span in stored if span.changed], begun, stamp)
    _store_parts(connection, [*stored, *begun], stamp)
    return frozenset(repeated.difference(*(span.artefact_ids for span in (*stored, *begun))))


def _continues(span: _Span, content: _Content, at: int, span_break: timedelta) -> bool:
    return span.content == content and at - span.looks.last_at <= span_break.total_seconds()


def _open_spans(connection: Connection, names: set[Any], probes: set[str]) -> dict[_Key, _Span]:
    """The open spans of the probes at the names: a batch is mostly of one probe, and the others have as many."""
    spans = table(SpanRow)
    columns = [spans.c[name] for name in ("row_id", *KEY_COLUMNS, *CONTENT_COLUMNS, *LOOKS_COLUMNS)]
    found: dict[_Key, _Span] = {}
    for some in chunks(names):
        # The condition is spelled as in the partial index, or SQLite would not use it.
        asked = select(*columns).where(text("is_open"), among(connection, spans.c.name, some))
        asked = asked.where(among(connection, spans.c.probe, sorted(probes)))
        for row_id, name, probe, vantage, layer, presence, reason, facts_id, *looks in connection.execute(asked):
            key = (name, probe, vantage, presence != Presence.INDETERMINATE)
            found[key] = _Span(key, (layer, presence, reason, facts_id), Looks(*looks), row_id)
    return found


def _find_replies(connection: Connection, names: set[Any], spans: Mapping[_Key, _Span]) -> None:
    links = table(SpanArtefactRow)
    asked = {span.row_id: span for span in spans.values() if span.key[0] in names}
    for some in chunks(asked):
        for row_id in connection.execute(select(links.c.span_row_id).where(links.c.span_row_id.in_(some))).scalars():
            asked[row_id].has_reply = True


def _store(connection: Connection, changed: Sequence[_Span], begun: Sequence[_Span], stamp: Stamp) -> None:
    spans = table(SpanRow)
    if changed:
        # Before the insertions: a new open span may take the place of one that is closed here.
        connection.execute(
            update(spans).where(spans.c.row_id == bindparam("of_row")),
            [{"of_row": span.row_id, "append_id": stamp.append_id, **span.columns()} for span in changed],
        )
    if begun:
        rows = []
        for span in begun:
            name, probe, vantage, _ = span.key
            layer, presence, reason, facts_id = span.content
            row = {"name": name, "probe": probe, "vantage": vantage, "layer": layer, "presence": presence}
            rows.append(row | {"reason": reason, "facts_id": facts_id} | stamp.columns() | span.columns())
        statement = insert(spans).returning(spans.c.row_id, sort_by_parameter_order=True)
        for span, row_id in zip(begun, connection.execute(statement, rows).scalars(), strict=True):
            span.row_id = row_id


def _store_parts(connection: Connection, spans: Sequence[_Span], stamp: Stamp) -> None:
    segments = [
        {"span_row_id": span.row_id, "begun_at": begun_at, "coded": coded}
        for span in spans
        for begun_at, coded in span.sealed
    ]
    if segments:
        connection.execute(insert(table(SegmentRow)), segments)
    links = [
        {"span_row_id": span.row_id, "artefact_id": artefact_id, **stamp.columns()}
        for span in spans
        for artefact_id in span.artefact_ids
    ]
    insert_ignoring(connection, table(SpanArtefactRow), links)
