"""Lists that others publish, polled: each of their rows becomes a claim, compared with what is seen and never swept."""

import hashlib
import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import httpx

from tracker.decoders.listing import Listing, NotThatList, on_platform
from tracker.feeds.locations import SIZE_CAP, Unreachable, fetch, is_url
from tracker.feeds.memory import Memory
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Batch, Cursor, Reading, Reason
from tracker.model.watching import Claim, ClaimKind, Pap, Source, Tlp, stricter
from tracker.ports import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a feed works with."""

    http: httpx.AsyncClient
    clock: Clock
    suffixes: Suffixes
    complain: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Volume:
    """How much such a list holds when it is itself: rows at least (polled; a file may be as short as its owner likes),
    names at most. Anything else is an error page, another format, or not that list, and is not applied."""

    least_rows: int
    most_names: int

    def doubt(self, listing: Listing, *, polled: bool) -> str:
        """Why it cannot be the list; empty when it can."""
        least = self.least_rows if polled else 1
        if listing.rows < least:
            return f"{listing.rows} rows where at least {least} are expected"
        if len(listing.statements) > self.most_names:
            return f"{len(listing.statements)} names where at most {self.most_names} are expected"
        return ""


@dataclass(frozen=True, slots=True)
class Format:
    """One format of published lists. `read` raises NotThatList; `cap` is in bytes after inflation."""

    id: str
    title: str
    read: Callable[[str], Listing]
    volume: Volume
    cap: int = SIZE_CAP


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What holds for every row of a list: whose names they are, who says so, and who may read it and do what."""

    source_id: str
    title: str
    url: str = ""
    operation_id: str = ""
    tlp: Tlp = Tlp.CLEAR
    pap: Pap = Pap.CLEAR

    @classmethod
    def of(cls, kind: Format, location: str, title: str = "") -> "Standing":
        """For a list of which nothing is said but where it is: an id made of its file name and its address."""
        stem = re.sub(r"[^A-Za-z0-9_-]+", "_", PurePosixPath(urlsplit(location).path).stem).strip("_")
        tag = hashlib.sha256(location.encode()).hexdigest()[:4]
        return cls(
            source_id=f"{kind.id}:{stem or 'list'}.{tag}",
            title=title or kind.title,
            url=location if is_url(location) else "",
        )


@dataclass(frozen=True, slots=True)
class PublishedList:
    """One list of one format at one location. `id` is its entry in the settings, and names it in cursors and gaps."""

    id: str
    location: str
    format: Format
    means: Means

    async def poll(self, cursor: Cursor | None) -> AsyncIterator[Batch]:
        """Its claims when it changed; a gap when it could not be read, shrank, or is not that list."""
        now = self.means.clock.now()
        memory = Memory.of(self.id, self.location, cursor)
        try:
            fetched = await fetch(self.location, self.means.http, memory.validators, self.format.cap)
            listing = None if memory.has(fetched.text) else self._read(fetched.text or "")
        except Unreachable as error:
            self.means.complain(f"{error}; what was read before stays")
            yield memory.failed(now, error.reason, str(error))
            return
        if listing is None:
            yield memory.unchanged(now, fetched.validators)
            return
        for problem in listing.problems:
            self.means.complain(f"{self.location}:{problem.line}: {problem.text}")
        if message := memory.shrunk(len(listing.statements)):
            self.means.complain(message)
            yield memory.held(now, len(listing.statements), message)
            return
        standing = Standing.of(self.format, self.location, listing.title)
        claims = tuple(claims_of(listing, standing, self.location, revision(fetched.text or ""), self.means.suffixes))
        yield Batch(
            claims=claims,
            readings=(Reading(self.location, memory.last_success, standing.source_id),),
            cursor=memory.applied(now, fetched.validators, fetched.text or "", len(listing.statements)),
        )

    def _read(self, text: str) -> Listing:
        return read_as(self.format, text, self.location)


def read_as(kind: Format, text: str, location: str) -> Listing:
    """A text as a list of that format; raises Unreachable when it is not one."""
    try:
        listing = kind.read(text)
    except NotThatList as error:
        raise Unreachable(Reason.MALFORMED, f"{location}: {error}") from error
    if doubt := kind.volume.doubt(listing, polled=is_url(location)):
        raise Unreachable(Reason.MALFORMED, f"{location}: {doubt}: not applied")
    return listing


def claims_of(listing: Listing, standing: Standing, location: str, version: str, suffixes: Suffixes) -> Iterator[Claim]:
    """One claim per registrable name and kind, the first row that makes it; names on platforms and suffixes left out.

    A row's own markings hold where they are stricter than the list's.
    """
    made: set[str] = set()
    for row in listing.statements:
        name = suffixes.registrable(row.name)
        replaces = suffixes.registrable(row.replaces) if row.replaces else None
        if name is None or on_platform(name) or replaces == name:
            continue
        claim = Claim(
            kind=ClaimKind.REGISTERED if row.registered else ClaimKind.BELONGS,
            domain=name,
            source=Source(standing.source_id, standing.title, standing.url, f"{location}, {row.place}", version),
            operation_id=standing.operation_id,
            when=row.when,
            raw=row.raw,
            tlp=stricter(row.tlp, standing.tlp),
            pap=stricter(row.pap, standing.pap),
        )
        rows = [claim] if replaces is None or row.registered else []
        if replaces is not None:
            # A first sight is no day of registration: beside a replacement only the latter is a date.
            rows.append(replace(claim, kind=ClaimKind.REPLACES, replaces=replaces, when=None))
        for made_of_it in rows:
            if made_of_it.key not in made:
                made.add(made_of_it.key)
                yield made_of_it


def revision(text: str) -> str:
    """The version of a list: the start of the SHA-256 of its text."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
