"""IANA's bootstrap file: which RDAP server knows a suffix. The last good copy outlives faults and restarts."""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import httpx

from tracker.clients.http import Fetched, FetchFailed, fetch
from tracker.decoders.rdap import RdapError, read_bootstrap
from tracker.model.facts import Reason
from tracker.model.times import from_iso, iso
from tracker.ports import Clock, Notes

LIMIT: Final = 4 * 1024 * 1024
FRESH: Final = timedelta(days=1)
RETRY: Final = timedelta(minutes=15)
LARGEST_LOSS: Final = 0.2
"""A file that lost more than this share of its suffixes is refused: that is a fault, not the world."""


class Bootstrap:
    """`bases` maps suffixes to base URLs as of the last good file; `notes` keeps that file between runs."""

    def __init__(
        self, http: httpx.AsyncClient, clock: Clock, url: str, notes: Notes | None = None, *, deadline: float = 20.0
    ) -> None:
        self._http, self._clock, self._url, self._notes, self._deadline = http, clock, url, notes, deadline
        self._etag = ""
        self._next_read: datetime | None = None
        self._reading = asyncio.Lock()
        self.bases: Mapping[str, str] = {}
        self._recall()

    async def refresh(self) -> Reason | None:
        """Read the file if it is due; None when what is known is fresh, else why it could not be read."""
        async with self._reading:  # those who come while it is being read wait for it
            return await self._refreshed(self._clock.now())

    async def _refreshed(self, now: datetime) -> Reason | None:
        if self._next_read is not None and now < self._next_read:
            return None if self.bases else Reason.UNREACHABLE
        self._next_read = now + RETRY
        try:
            headers = {"If-None-Match": self._etag} if self._etag and self.bases else {}
            got = await fetch(self._http, self._url, limit=LIMIT, deadline=self._deadline, headers=headers)
            text = None if got.status == 304 else self._taken(got)
        except FetchFailed as failure:
            return failure.reason
        except (RdapError, UnicodeDecodeError):
            return Reason.MALFORMED
        self._next_read = now + FRESH
        self._keep(text, now)
        return None

    def _taken(self, got: Fetched) -> str:
        if got.status != 200:
            raise FetchFailed(Reason.SERVER_ERROR, f"{got.url}: status {got.status}")
        text = got.body.decode("utf-8")
        bases = read_bootstrap(text)
        if len(bases) < (1 - LARGEST_LOSS) * len(self.bases) or not bases:
            raise RdapError(f"{len(bases)} suffixes where there were {len(self.bases)}")
        self.bases, self._etag = bases, got.headers.get("ETag", "")
        return text

    def _keep(self, text: str | None, now: datetime) -> None:
        if self._notes is None:
            return
        if text is not None:
            self._notes.put(f"bootstrap:{self._url}", text)
        self._notes.put(f"bootstrap-read:{self._url}", json.dumps([iso(now), self._etag]))

    def _recall(self) -> None:
        """Take over what an earlier run kept; a note that cannot be read is as good as none."""
        text = None if self._notes is None else self._notes.get(f"bootstrap:{self._url}")
        stated = None if self._notes is None else self._notes.get(f"bootstrap-read:{self._url}")
        if not text or not stated:
            return
        try:
            read_at, etag = json.loads(stated)
            self.bases, self._etag = read_bootstrap(text), str(etag)
            self._next_read = from_iso(str(read_at)) + FRESH
        except (RdapError, ValueError):
            return
