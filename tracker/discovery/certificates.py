"""New names from certificate logs: every fresh entry of the followed logs is read, proved and matched.

A name in a certificate was chosen by whoever asked for the certificate. It is a sighting of an intent, not of a site.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zlib import crc32

from tracker.clients.ctdirectory import Directory
from tracker.clients.ctlogs import Head, LogFailure, LogMisbehaved, LogReader, LogUnavailable, NoNames
from tracker.decoders.loglist import LogInfo, Protocol
from tracker.decoders.trees import TILE_WIDTH
from tracker.discovery.cover import Reading, Tailing, sentence
from tracker.discovery.ledger import Ledger, LedgerError, LogRow, dump, farthest, load
from tracker.discovery.logged import Entries, Match, Seen
from tracker.discovery.proofs import Marks, evidence
from tracker.discovery.stretches import OWED_KEPT, Stretch, by_data, by_names, settled
from tracker.model.facts import Artefact, Batch, Cursor, Gap, Reason, Technique
from tracker.ports import Clock, Watches

NAMELESS_FOR = timedelta(days=1)
"""How long a log that offered no names tiles is read by its data before it is asked for them again."""

DEFAULTS = Tailing()
SOURCE = "certificates"
"""What facts of all readers name as their source."""
READERS = (SOURCE, *(f"{SOURCE}/{number}" for number in range(1, 17)))
"""The cursors that there may be: of a single reader, or of each of several."""


@dataclass(frozen=True, slots=True)
class Share:
    """The logs of one of `readers`: each log has one, told by its id alone, so that nobody needs to agree on it."""

    number: int = 0
    readers: int = 1

    @property
    def reader(self) -> str:
        """Whose cursor it is."""
        return SOURCE if self.readers == 1 else f"{SOURCE}/{self.number + 1}"

    def has(self, log: LogInfo) -> bool:
        """Whether this reader reads the log."""
        return crc32(log.log_id.encode()) % self.readers == self.number


ALL_LOGS = Share()


@dataclass(frozen=True, slots=True)
class _Step:
    row: LogRow
    seen: tuple[Seen, ...] = ()
    gaps: tuple[Gap, ...] = ()
    artefacts: tuple[Artefact, ...] = ()


class Certificates:
    """The discovery source. `matcher` makes, for the watches of a call, what finds their lookalikes among host names.

    `contact` is what the User-Agent tells the logs' operators; without one nothing is asked. `tell` hears, in a
    sentence, which part of the logs is read whenever that changes. Of several readers each reads its `share`, and goes
    on where another one had left a log: `elsewhere` gives the cursors of all.
    """

    id = SOURCE
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
        tell: Callable[[str], object] = str,
        share: Share = ALL_LOGS,
        elsewhere: Callable[[str], Cursor | None] = lambda _: None,
    ) -> None:
        self.id = share.reader
        self._share = share
        self._elsewhere = elsewhere
        self._directory = directory
        self._matcher = matcher
        self._clock = clock
        self._vantage = vantage
        self._contact = contact
        self._tailing = tailing
        self._tell = tell
        self._told = ""
        self._listed_until: datetime | None = None
        self._nameless: dict[str, datetime] = {}

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
            ledger = Ledger() if cursor is None else load(cursor.state)
            rows, marks = self._taken_over(ledger), Marks(ledger.sighted)
        except LedgerError as error:
            yield Batch(gaps=(self._gap("logs", now, now, Reason.MALFORMED, str(error)),))
            return
        followed, problem = await self._followed(rows, now)
        if problem is not None:
            yield problem
        rows.update(followed)
        entries = Entries(self._matcher(watches), marks, self._clock, self._vantage, SOURCE)
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
                    fresh = [each for each in step.seen if each.mark not in marks]
                    for each in fresh:
                        if each.mark:  # only now: what is marked and what is stored must be the same
                            marks.add(each.mark)
                    kept = [artefact for each in fresh for artefact in each.artefacts]
                    yield Batch(
                        sightings=tuple(each.sighting for each in fresh),
                        artefacts=tuple({row.artefact_id: row for row in (*kept, *step.artefacts)}.values()),
                        gaps=step.gaps,
                        cursor=Cursor(self.id, dump(Ledger(rows, marks.kept))),
                    )
        finally:
            for tail in tails.values():
                await tail.aclose()

    def _taken_over(self, ledger: Ledger) -> dict[str, LogRow]:
        """The logs of this reader, its own ledger first: another number of readers is another division."""
        others = [self._elsewhere(name) for name in READERS if name != self.id]
        rows = farthest([ledger, *(load(cursor.state) for cursor in others if cursor is not None)])
        return {log_id: row for log_id, row in rows.items() if self._share.has(row.info)}

    async def _followed(self, rows: dict[str, LogRow], now: datetime) -> tuple[dict[str, LogRow], Batch | None]:
        """The logs to read, from the list; where that fails, those of the last good list or of the ledger."""
        problem: Batch | None = None
        try:
            known = await self._directory.logs()
            listed = known.to_follow(now)
            if lost := dropped(rows, {info.log_id for info in known.logs}, now):
                listed = tuple(row.info for row in rows.values())
                detail = f"the log list shrank: {lost} of {len(rows)} logs that are read are gone; they are kept"
                problem = Batch(gaps=(self._gap("log list", now, now, Reason.MALFORMED, detail),))
        except LogFailure as failure:
            last_good = self._directory.known
            listed = tuple(row.info for row in rows.values()) if last_good is None else last_good.to_follow(now)
            gap, raw = self._failed("log list", self._listed_until or now, now, failure)
            problem = Batch(gaps=(gap,), artefacts=raw)
        self._listed_until = now
        readable = [info for info in listed if info.holds_fresh(now) and self._share.has(info)]
        fresh = self._tailing.chosen(readable)
        self._say(sentence(fresh, readable, self._tailing, self._nameless))
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
            if row.owed:
                found, owed = await settled(reader, entries, {index: [] for index in row.owed}, head)
                row = replace(row, owed=owed)
                yield _Step(row, found.seen, found.gaps)
            met = row.next_index is None
            row, first, last = self._plan(row, head)
            if first >= last:
                gaps = self._skipped(row.info, first, since, head.at) if met else ()
                row = replace(row, head=row.head or head, next_index=first, until=self._clock.now())
                yield _Step(row, gaps=gaps)
                return
            async with aclosing(self._stretches(reader, entries, first, last, head)) as stretches:
                async for stretch in stretches:
                    if row.head is not None:
                        await reader.prove(row.head, head)
                    gaps = stretch.found.gaps
                    if met:
                        reached = head.at if stretch.timestamp is None else entries.moment(stretch.timestamp)
                        gaps += self._skipped(row.info, first, since, reached)
                        met = False
                    owed = (*row.owed, *stretch.owed)
                    if len(owed) > OWED_KEPT:
                        raise LogUnavailable(Reason.UNREACHABLE, f"{len(owed)} entries are owed by {row.info.origin}")
                    row = replace(row, head=head, next_index=stretch.done, until=self._clock.now(), owed=owed)
                    yield _Step(row, stretch.found.seen, gaps)
        except LogFailure as failure:
            now = self._clock.now()
            gap, raw = self._failed(row.info.origin, row.until or now, now, failure)
            yield _Step(replace(row, until=now), gaps=(gap,), artefacts=raw)

    async def _stretches(
        self, reader: LogReader, entries: Entries, first: int, last: int, head: Head
    ) -> AsyncGenerator[Stretch, None]:
        """By names where that is wanted and offered; the rest, or all of it, by data."""
        log_id, now = reader.info.log_id, self._clock.now()
        nameless = self._nameless.get(log_id)
        offered = nameless is None or now - nameless >= NAMELESS_FOR
        if self._tailing.means(reader.info) == Reading.NAMES and offered:
            try:
                async with aclosing(by_names(reader, entries, first, last, head)) as found:
                    async for stretch in found:
                        first = stretch.done
                        yield stretch
            except NoNames:
                self._nameless[log_id] = now
        if first == last:
            return
        async with aclosing(by_data(reader, entries, first, last, head)) as rest:
            async for stretch in rest:
                yield stretch

    def _say(self, coverage: str) -> None:
        if coverage != self._told:
            self._told = coverage
            self._tell(coverage)

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

    def _failed(
        self, scope: str, first: datetime, last: datetime, failure: LogFailure
    ) -> tuple[Gap, tuple[Artefact, ...]]:
        gap = self._gap(scope, min(first, last), last, failure.reason, failure.detail)
        if isinstance(failure, LogMisbehaved) and failure.evidence:
            return gap, (evidence(failure.evidence, scope, last, self._vantage),)
        return gap, ()

    def _gap(self, scope: str, first: datetime, last: datetime, reason: Reason, detail: str) -> Gap:
        return Gap(source=SOURCE, scope=scope, first=first, last=last, reason=reason, detail=detail)


def dropped(rows: Mapping[str, LogRow], listed: Collection[str], now: datetime) -> int:
    """How many logs that are read and still take certificates a list has lost; 0 for one, or for up to half of them.

    A log that retires stays in the list with its state. Several gone at once is a list that was cut short.
    """
    fresh = [log_id for log_id, row in rows.items() if row.info.holds_fresh(now)]
    gone = [log_id for log_id in fresh if log_id not in listed]
    return len(gone) if len(gone) > max(1, len(fresh) // 2) else 0
