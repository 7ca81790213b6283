"""New names from certificate logs: every fresh entry of the followed logs is read, proved and matched.

A name in a certificate was chosen by whoever asked for the certificate. It is a sighting of an intent, not of a site.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tracker.clients.ctdirectory import Directory
from tracker.clients.ctlogs import Head, LogFailure, LogMisbehaved, LogReader, Slice
from tracker.decoders.loglist import LogInfo, Protocol
from tracker.decoders.trees import TILE_WIDTH
from tracker.discovery.ledger import LedgerError, LogRow, dump, load
from tracker.discovery.logged import Entries, Match, evidence
from tracker.model.facts import Batch, Cursor, Gap, Reason, Technique
from tracker.ports import Clock, Watches

ID = "certificates"
BATCH_ENTRIES = 20 * TILE_WIDTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Tailing:
    """How logs are followed. `catch_up_entries` are read back from the head of a log that is met for the first time.

    `partial_patience` is how long a partial tile may wait to become full; `most_entries` bounds what one call reads of
    one log, so that a backlog does not hold up the others for ever. `wanted` are substrings of log addresses; without
    any, every static log is followed.
    """

    catch_up_entries: int = 20_000
    partial_patience: timedelta = timedelta(minutes=10)
    most_entries: int = 200_000
    wanted: tuple[str, ...] = ()

    def follows(self, info: LogInfo) -> bool:
        """Whether this log is one of ours."""
        if self.wanted:
            return any(text in info.url for text in self.wanted)
        return info.protocol is Protocol.STATIC


DEFAULTS = Tailing()


@dataclass(frozen=True, slots=True)
class _Step:
    row: LogRow
    batch: Batch


class Certificates:
    """The discovery source. `matcher` makes, for the watches of a call, what finds their lookalikes among host names.

    `contact` is what the User-Agent tells the logs' operators; without one nothing is asked.
    """

    id = ID
    technique = Technique.CERTIFICATE

    def __init__(
        self,
        directory: Directory,
        matcher: Callable[[Watches], Match],
        clock: Clock,
        *,
        vantage: str,
        contact: str,
        tailing: Tailing = DEFAULTS,
    ) -> None:
        self._directory = directory
        self._matcher = matcher
        self._clock = clock
        self._vantage = vantage
        self._contact = contact
        self._tailing = tailing
        self._listed_until: datetime | None = None

    async def discover(self, watches: Watches, cursor: Cursor | None) -> AsyncIterator[Batch]:
        """One batch per log and stretch of entries, each with the cursor that follows from it."""
        now = self._clock.now()
        if not self._contact.strip():
            yield Batch(
                gaps=(self._gap("logs", now, now, Reason.NOT_ASKED, "no contact is configured, so no log is read"),)
            )
            return
        if not watches:
            return
        try:
            rows = {} if cursor is None else load(cursor.state)
        except LedgerError as error:
            yield Batch(gaps=(self._gap("logs", now, now, Reason.MALFORMED, str(error)),))
            return
        followed, problem = await self._followed(rows, now)
        if problem is not None:
            yield problem
        rows.update(followed)
        entries = Entries(self._matcher(watches), self._clock, self._vantage, self.id)
        since = min((watch.since for watch in watches), default=now)
        tails = {
            log_id: self._tail(row, entries, since) for log_id, row in sorted(followed.items()) if not row.finished
        }
        try:
            while tails:
                steps = await asyncio.gather(*(anext(tail, None) for tail in tails.values()))
                for log_id, step in zip(tuple(tails), steps, strict=True):
                    if step is None:
                        del tails[log_id]
                        continue
                    rows[log_id] = step.row
                    yield replace(step.batch, cursor=Cursor(self.id, dump(rows)))
        finally:
            for tail in tails.values():
                await tail.aclose()

    async def _followed(self, rows: dict[str, LogRow], now: datetime) -> tuple[dict[str, LogRow], Batch | None]:
        """The logs to read, from the list; where that fails, those of the last good list or of the ledger."""
        problem: Batch | None = None
        try:
            known = await self._directory.logs()
            listed = known.to_follow(now)
        except LogFailure as failure:
            last_good = self._directory.known
            listed = tuple(row.info for row in rows.values()) if last_good is None else last_good.to_follow(now)
            problem = self._failed("log list", self._listed_until or now, now, failure)
        self._listed_until = now
        fresh = [info for info in listed if info.holds_fresh(now) and self._tailing.follows(info)]
        return {
            info.log_id: replace(rows[info.log_id], info=info) if info.log_id in rows else LogRow(info=info)
            for info in fresh
        }, problem

    async def _tail(self, row: LogRow, entries: Entries, since: datetime) -> AsyncGenerator[_Step, None]:
        """Read one log on from where the ledger stands; a failure ends this, and the ledger stays where it was."""
        reader = self._directory.reader(row.info)
        try:
            head = await reader.head()
            self._check_final(row.info, head)
            if row.head is not None and head.size <= row.head.size:
                await reader.prove(row.head, head)
            met = row.next_index is None
            row, first, last = self._plan(row, head)
            if first >= last:
                gaps = self._skipped(row.info, first, since, head.at) if met else ()
                row = replace(row, head=row.head or head, next_index=first, until=self._clock.now())
                yield _Step(row, Batch(gaps=gaps))
                return
            async with aclosing(self._groups(reader, first, last, head)) as groups:
                async for group in groups:
                    if row.head is not None:
                        await reader.prove(row.head, head)
                    found = entries.read(reader, group)
                    gaps = found.gaps
                    if met:
                        gaps += self._skipped(row.info, first, since, entries.moment(group[0].entries[0]))
                        met = False
                    done = group[-1].first + len(group[-1].entries)
                    row = replace(row, head=head, next_index=done, until=self._clock.now())
                    yield _Step(row, replace(found, gaps=gaps))
        except LogFailure as failure:
            now = self._clock.now()
            batch = self._failed(row.info.origin, row.until or now, now, failure)
            yield _Step(replace(row, until=now), batch)

    def _plan(self, row: LogRow, head: Head) -> tuple[LogRow, int, int]:
        """What to read now: [first, last), and the row with the waiting of a partial tile noted."""
        now, tailing = self._clock.now(), self._tailing
        first = row.next_index
        if first is None:
            first = max(0, head.size - tailing.catch_up_entries)
            first -= first % TILE_WIDTH
        last = head.size
        whole = head.size - head.size % TILE_WIDTH if row.info.protocol is Protocol.STATIC else head.size
        if whole < last and first < last:
            waiting = row.partial_since if row.partial_since is not None and first >= whole else None
            due = row.info.final is not None or tailing.partial_patience <= now - (waiting or now)
            if not due:
                last = whole
            row = replace(row, partial_since=None if due else waiting or now)
        else:
            row = replace(row, partial_since=None)
        return row, first, min(last, max(first, first + tailing.most_entries))

    async def _groups(self, reader: LogReader, first: int, last: int, head: Head) -> AsyncGenerator[list[Slice], None]:
        group: list[Slice] = []
        count = 0
        async for part in reader.entries(first, last, head):
            group.append(part)
            count += len(part.entries)
            if count >= BATCH_ENTRIES:
                yield group
                group, count = [], 0
        if group:
            yield group

    @staticmethod
    def _check_final(info: LogInfo, head: Head) -> None:
        size, root = info.final or (head.size, head.root)
        if head.size > size or (head.size == size and head.root != root):
            raise LogMisbehaved("the tree differs from the final tree head in the log list", head.raw)

    def _skipped(self, info: LogInfo, first: int, since: datetime, reached: datetime) -> tuple[Gap, ...]:
        if first == 0:
            return ()
        detail = f"entries 0 to {first - 1} were logged before we came and are not read"
        return (self._gap(info.origin, min(since, reached), reached, Reason.NOT_ASKED, detail),)

    def _failed(self, scope: str, first: datetime, last: datetime, failure: LogFailure) -> Batch:
        gap = self._gap(scope, min(first, last), last, failure.reason, failure.detail)
        if isinstance(failure, LogMisbehaved) and failure.evidence:
            return Batch(gaps=(gap,), artefacts=(evidence(failure.evidence, scope, last, self._vantage),))
        return Batch(gaps=(gap,))

    def _gap(self, scope: str, first: datetime, last: datetime, reason: Reason, detail: str) -> Gap:
        return Gap(source=self.id, scope=scope, first=first, last=last, reason=reason, detail=detail)
