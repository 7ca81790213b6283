"""Composition for `tracker ct`: certificate logs listed, read and verified, beside a database or without one."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from tracker.clients.ctdirectory import Directory, own_network
from tracker.clients.ctlogs import Head, LogFailure, LogMisbehaved, LogReader
from tracker.clients.guard import guarded_client
from tracker.clients.system import Outside, machine
from tracker.decoders.ctentries import KINDS, Entry
from tracker.decoders.loglist import LogInfo
from tracker.discovery.certificates import READERS
from tracker.discovery.cover import Reading, Tailing, sentence
from tracker.discovery.ledger import LedgerError, LogRow, farthest, load
from tracker.engine.budget import Rate, TokenBudget
from tracker.model.times import iso
from tracker.reading import Unreadable, opened
from tracker.settings import Settings

__all__ = ["FAILED", "LOGS", "NAMES", "UNREACHABLE", "VERDICTS", "Audit", "LogFailure", "NoSuchLog", "machine"]

LOGS = (
    "log",
    "operator",
    "protocol",
    "state",
    "expiry_from",
    "expiry_until",
    "covers_today",
    "followed",
    "reading",
    "size",
    "next_index",
    "behind",
    "read_until",
    "lag_seconds",
    "owed",
    "url",
    "log_id",
)
NAMES = ("index", "timestamp", "type", "verified", "names", "issuer")
VERDICTS = ("check", "result", "detail")
OK, SKIPPED, FAILED, UNREACHABLE = "ok", "skipped", "failed", "unreachable"

Part = TypeVar("Part")
_BURST = 4


class NoSuchLog(ValueError):
    """No log, or more than one, answers to the text; the message names what there is."""


@dataclass(frozen=True, slots=True)
class Audit:
    """Three questions about certificate logs, each answered by a run of its own."""

    settings: Settings
    user_agent: str
    outside: Outside

    def logs(self) -> tuple[list[tuple[object, ...]], str]:
        """(rows of LOGS, what is covered in a sentence); raises LogFailure when the list cannot be had."""
        return asyncio.run(self._logs())

    def names(self, log: str, first: int | None, last: int | None, newest: int) -> Iterator[tuple[object, ...]]:
        """Rows of NAMES for entries [first, last), or the `newest`; raises NoSuchLog, ValueError or LogFailure.

        Every entry was proved to be in the signed tree before its row is given.
        """
        with asyncio.Runner() as runner:
            parts = self._names(log, first, last, newest)
            while rows := runner.run(_next(parts)):
                yield from rows

    def verify(self, log: str, first: int | None, last: int | None, newest: int) -> Iterator[tuple[str, ...]]:
        """Rows of VERDICTS, ended by the first that is FAILED or UNREACHABLE; raises NoSuchLog or ValueError.

        UNREACHABLE is a log that could not be asked, which says nothing against it.
        """
        with asyncio.Runner() as runner:
            parts = self._verify(log, first, last, newest)
            while rows := runner.run(_next(parts)):
                yield from rows

    @property
    def _tailing(self) -> Tailing:
        asked = self.settings.certificates
        return Tailing(wanted=asked.logs, operators=asked.operators, reading=Reading(asked.reading))

    @asynccontextmanager
    async def _directory(self) -> AsyncIterator[Directory]:
        asked, outside = self.settings.certificates, self.outside
        budget = TokenBudget(Rate(asked.rate, _BURST), outside.clock, random.Random(outside.rng.random()))
        own = own_network(asked.log_list_url)
        async with guarded_client(
            outside.dial, ssl_context=outside.trust, user_agent=self.user_agent, chosen=own
        ) as http:
            yield Directory(http, budget, outside.clock, asked.log_list_url)

    def _ledger(self) -> dict[str, LogRow]:
        """What a tracker's database remembers of the logs; nothing without one."""
        try:
            with opened(self.settings) as stored:
                cursors = [stored.log.cursor(reader) for reader in READERS]
            return farthest(load(cursor.state) for cursor in cursors if cursor is not None)
        except (Unreadable, LedgerError):
            return {}

    async def _logs(self) -> tuple[list[tuple[object, ...]], str]:
        now, tailing, ledger = self.outside.clock.now(), self._tailing, self._ledger()
        async with self._directory() as directory:
            listed = await directory.logs()
        fresh = listed.to_follow(now)
        followed = tailing.chosen(fresh)
        rows = [
            _log_row(info, ledger.get(info.log_id), now, tailing, info in fresh, info in followed)
            for info in sorted(listed.logs, key=lambda info: (info.operator, info.url))
        ]
        return rows, sentence(followed, fresh, tailing)

    async def _names(
        self, log: str, first: int | None, last: int | None, newest: int
    ) -> AsyncIterator[list[tuple[object, ...]]]:
        async with self._directory() as directory:
            reader = await _reader(directory, log)
            head = await reader.head()
            low, high = _range(first, last, newest, head)
            async for part in reader.entries(low, high, head):
                yield [_name_row(index, entry) for index, entry in enumerate(part.entries, part.first)]

    async def _verify(
        self, log: str, first: int | None, last: int | None, newest: int
    ) -> AsyncIterator[list[tuple[str, ...]]]:
        async with self._directory() as directory:
            reader = await _reader(directory, log)
            known = self._ledger().get(reader.info.log_id)
            step = "head"
            try:
                head = await reader.head()
                yield [(step, OK, f"size {head.size}, {iso(head.at)}, signed by the listed key")]
                step = "consistency"
                if known is None or known.head is None:
                    yield [(step, SKIPPED, "no earlier head is remembered here")]
                else:
                    await reader.prove(known.head, head)
                    yield [(step, OK, f"extends size {known.head.size} of {iso(known.head.at)}")]
                step = "entries"
                low, high = _range(first, last, newest, head)
                async for part in reader.entries(low, high, head):
                    end = part.first + len(part.entries) - 1
                    yield [(step, OK, f"{part.first} to {end}: leaf hashes are those of the signed tree")]
            except LogMisbehaved as failure:
                yield [(step, FAILED, failure.detail)]
            except LogFailure as failure:
                yield [(step, UNREACHABLE, failure.detail)]


async def _next(parts: AsyncIterator[Part]) -> Part | None:
    return await anext(parts, None)


async def _reader(directory: Directory, text: str) -> LogReader:
    """The one log whose id, address or description has the text in it."""
    logs = (await directory.logs()).logs
    found = [log for log in logs if text == log.log_id] or [
        log
        for log in logs
        if text.casefold().rstrip("/") in (log.url.casefold().rstrip("/"), log.description.casefold())
    ]
    found = found or [
        log for log in logs if text.casefold() in log.url.casefold() or text.casefold() in log.description.casefold()
    ]
    if len(found) != 1:
        raise NoSuchLog(
            f"{text!r} is in the name of {len(found)} logs: {', '.join(sorted(log.url for log in found)[:10])}"
            if found
            else f"no log is called {text!r}; `tracker ct logs` lists them"
        )
    return directory.reader(found[0])


def _range(first: int | None, last: int | None, newest: int, head: Head) -> tuple[int, int]:
    high = head.size if last is None else last
    low = max(0, high - newest) if first is None else first
    if not 0 <= low <= high <= head.size:
        raise ValueError(f"entries {low} to {high} are not in a log of {head.size}")
    return low, high


def _log_row(
    info: LogInfo, row: LogRow | None, now: datetime, tailing: Tailing, fresh: bool, followed: bool
) -> tuple[object, ...]:
    size = None if row is None or row.head is None else row.head.size
    place = None if row is None else row.next_index
    until = None if row is None else row.until
    return (
        info.description or info.origin,
        info.operator,
        info.protocol.value,
        info.state,
        iso(info.first),
        iso(info.last),
        _yes(fresh),
        _yes(followed),
        tailing.means(info) if followed else "",
        size,
        place,
        None if size is None or place is None else max(0, size - place),
        iso(until),
        None if until is None else round((now - until).total_seconds()),
        None if row is None else len(row.owed),
        info.url,
        info.log_id,
    )


def _name_row(index: int, entry: Entry) -> tuple[object, ...]:
    told = entry.row()
    names = ";".join(name.replace(";", "\\;") for name in entry.names)
    return index, told["timestamp"], KINDS[entry.kind], "verified", names, told["issuer"]


def _yes(value: bool) -> str:
    return "yes" if value else "no"
