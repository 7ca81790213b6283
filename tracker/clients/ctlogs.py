"""Certificate logs behind one reader: what a log's head is, how one is asked, and how asking can fail."""

import asyncio
import email.utils
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import urlsplit

import httpx

from tracker.clients.bodies import UnusableBody, read_capped
from tracker.decoders.ctentries import Entry
from tracker.decoders.loglist import LogInfo
from tracker.decoders.tiles import NamesLine
from tracker.model.facts import Reason
from tracker.ports import Budget, Clock

BODY_LIMIT = 32 * 1024 * 1024

_TOO_MANY, _GONE, _SERVER = 429, 404, 500
_REFUSED = frozenset({401, 403, 451})


class LogFailure(Exception):
    """A log did not give what was asked; `reason` is what a gap says."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class LogUnavailable(LogFailure):
    """The log could not be asked now. Come back later; nothing is wrong with what was read."""


class NotThere(LogUnavailable):
    """The log does not have the file, which for a partial tile is ordinary."""


class NoNames(LogUnavailable):
    """The log offers no usable list of names for these entries; the entries themselves can be read."""


class LogMisbehaved(LogFailure):
    """What the log said cannot be true. `evidence` is what it said; keep it, and believe none of it."""

    def __init__(self, detail: str, evidence: bytes = b"") -> None:
        super().__init__(Reason.MALFORMED, detail)
        self.evidence = evidence


@dataclass(frozen=True, slots=True)
class Head:
    """A tree head whose signature was checked. `raw` is the signed text; with empty `raw` it is one remembered."""

    size: int
    root: bytes
    at: datetime
    raw: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Slice:
    """Consecutive entries from index `first` on, all of them proved to be in the tree that was asked about."""

    first: int
    entries: tuple[Entry, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Hints:
    """What the log says that consecutive entries from index `first` on name: nothing ties it to the tree."""

    first: int
    lines: tuple[NamesLine, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Inclusion:
    """That a leaf stands at `index` of a tree, with the path of hashes that shows it (RFC 6962, section 2.1.1)."""

    index: int
    path: tuple[bytes, ...]


class LogReader(Protocol):
    """One log, read and verified. Every method raises LogUnavailable or LogMisbehaved, and nothing else."""

    info: LogInfo

    async def head(self) -> Head:
        """The newest tree head, its signature checked; whether it extends an older one is `prove`'s to say."""

    def entries(self, first: int, last: int, head: Head) -> AsyncIterator[Slice]:
        """Entries [first, last) of the tree of `head`, in order, in slices of the log's own choosing."""

    def names(self, first: int, last: int, head: Head) -> AsyncIterator[Hints]:
        """The names of entries [first, last), unproved; raises NoNames where they are not offered or of no use."""

    async def prove(self, old: Head, new: Head) -> None:
        """Return when the tree of `new` extends that of `old`."""

    async def inclusion(self, index: int, leaf: bytes, head: Head) -> Inclusion:
        """The checked proof that the entry at `index`, whose leaf hash is `leaf`, is in the tree of `head`."""

    def source(self, index: int) -> str:
        """Where the entry at `index` can be read again."""


class Asker:
    """HTTP questions to one host of the certificate world: paced, capped, on a deadline, never redirected."""

    def __init__(
        self, http: httpx.AsyncClient, budget: Budget, clock: Clock, url: str, *, deadline: float = 30.0
    ) -> None:
        self._http = http
        self._budget = budget
        self._clock = clock
        self._deadline = deadline
        self.url = url
        self.host = urlsplit(url).hostname or url

    async def get(self, path: str = "", *, limit: int = BODY_LIMIT) -> bytes:
        """The body of one file, at most `limit` bytes; raises LogUnavailable with the reason, NotThere for a 404."""
        until = self._budget.blocked_until(self.host)
        if until is not None and until > self._clock.now():
            raise LogUnavailable(Reason.RATE_LIMITED, f"{self.host} asked to be left alone until {until:%FT%TZ}")
        await self._budget.take(self.host)
        try:
            async with asyncio.timeout(self._deadline), self._http.stream("GET", self.url + path) as response:
                self._judge(response)
                return await read_capped(response, limit)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise LogUnavailable(Reason.TIMEOUT, f"{self.host} did not answer in time") from error
        except UnusableBody as error:
            raise LogUnavailable(Reason.MALFORMED, f"{self.host}: {error}") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise LogUnavailable(Reason.UNREACHABLE, f"{self.host}: {error or type(error).__name__}") from error

    def _judge(self, response: httpx.Response) -> None:
        status = response.status_code
        if status == httpx.codes.OK:
            return
        detail = f"{self.host} answered {status}"
        if status == _TOO_MANY or (status >= _SERVER and "Retry-After" in response.headers):
            self._budget.refused(self.host, retry_after(response.headers.get("Retry-After", ""), self._clock.now()))
            raise LogUnavailable(Reason.RATE_LIMITED if status == _TOO_MANY else Reason.SERVER_ERROR, detail)
        if status >= _SERVER:
            self._budget.refused(self.host, None)
            raise LogUnavailable(Reason.SERVER_ERROR, detail)
        if status == _GONE:
            raise NotThere(Reason.NO_SERVER, detail)
        raise LogUnavailable(Reason.FORBIDDEN if status in _REFUSED else Reason.SERVER_ERROR, detail)


def retry_after(text: str, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for, given as number or HTTP date; None when it says nothing usable."""
    if text.strip().isdecimal():
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
