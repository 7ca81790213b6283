"""Rows of lists over time: when a list first had a row, in which version, and when it last had it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from tracker.model.facts import Batch, Reading
from tracker.model.history import History
from tracker.model.watching import Announcement, Claim, Source, Takedown


def dated(batch: Batch, history: History, now: datetime) -> Batch:
    """The batch of a list that was read, its rows dated by what the log knows, and the rows that have left it.

    A row said before in the same words keeps the version and the place that first said it. One that is no longer said
    stays true of its time: the last reading that had it is noted, and nothing is taken back.
    """
    if not batch.readings:
        return replace(batch, announcements=tuple(_decided(batch.announcements, history)))
    claims = {row.key: row for row in history.claims}
    takedowns = {row.key: row for row in history.takedowns}
    said = {row.key for row in batch.claims}
    hit = {row.key for row in batch.takedowns}
    return replace(
        batch,
        claims=(
            *(_claim(row, claims.get(row.key), now) for row in batch.claims),
            *(
                replace(row, source=gone)
                for row in history.claims
                if row.key not in said and (gone := _left(row.source, batch.readings)) != row.source
            ),
        ),
        takedowns=(
            *(_takedown(row, takedowns.get(row.key), now) for row in batch.takedowns),
            *(
                replace(row, sources=all_gone)
                for row in history.takedowns
                if row.key not in hit
                and (all_gone := tuple(_left(source, batch.readings) for source in row.sources)) != row.sources
            ),
        ),
    )


def _claim(row: Claim, known: Claim | None, now: datetime) -> Claim:
    if known is None:
        return replace(row, source=replace(row.source, first=now))
    first = known.source.first or now
    if replace(known, source=row.source) == row:
        return replace(known, source=replace(known.source, first=first, last=None))
    return replace(row, source=replace(row.source, first=first))


def _takedown(row: Takedown, known: Takedown | None, now: datetime) -> Takedown:
    before = {source.source_id: source for source in known.sources} if known else {}
    same = known is not None and replace(known, sources=row.sources) == row
    return replace(
        row, sources=tuple(_source(source, before.get(source.source_id), now, same) for source in row.sources)
    )


def _source(source: Source, known: Source | None, now: datetime, same: bool) -> Source:
    if known is None:
        return replace(source, first=now)
    kept = known if same and known.title == source.title and known.url == source.url else source
    return replace(kept, first=known.first or now, last=None)


def _left(source: Source, readings: Iterable[Reading]) -> Source:
    """The source of a row that the readings lack; as it was when it is of another list, or had left already."""
    for reading in readings:
        if source.last is None and source.first is not None and reading.holds(source):
            return replace(source, last=reading.before or source.first)
    return source


def _decided(announcements: Iterable[Announcement], history: History) -> Iterator[Announcement]:
    """An announcement read again does not come back to a desk that it has left."""
    known = {row.announcement_id: row for row in history.announcements}
    for row in announcements:
        before = known.get(row.announcement_id)
        yield row if before is None else replace(row, status=before.status, note=before.note)
