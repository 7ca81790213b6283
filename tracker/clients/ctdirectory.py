"""Which certificate logs there are, and how each is read."""

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import httpx

from tracker.clients.ct6962 import JsonLog
from tracker.clients.ctlogs import Asker, LogMisbehaved, LogReader
from tracker.clients.ctstatic import StaticLog
from tracker.clients.guard import forbidden
from tracker.decoders import loglist
from tracker.decoders.loglist import LogInfo, LogList, LogListError, Protocol
from tracker.ports import Budget, Clock

LIST_LIFETIME = timedelta(days=1)

_READERS: dict[Protocol, Callable[[LogInfo, Asker], LogReader]] = {
    Protocol.STATIC: StaticLog,
    Protocol.RFC6962: JsonLog,
}


def own_network(url: str) -> frozenset[str]:
    """The address of a list in a network of the user's own; empty for the list of the world.

    Logs in such a list may be read at that same address, without TLS too.
    """
    host = urlsplit(url).hostname or ""
    return frozenset({host} if forbidden(host) not in {None, "not an address"} else ())


class Directory:
    """The list of logs, read once a day, the last good one kept; and the readers of the logs in it."""

    def __init__(self, http: httpx.AsyncClient, budget: Budget, clock: Clock, url: str) -> None:
        self._http = http
        self._budget = budget
        self._clock = clock
        self._asker = Asker(http, budget, clock, url)
        self._list: LogList | None = None
        self._read_at: datetime | None = None
        self._readers: dict[str, LogReader] = {}

    @property
    def known(self) -> LogList | None:
        """The last good list, however old."""
        return self._list

    async def logs(self) -> LogList:
        """The list, no older than a day; raises LogFailure (`known` still has the last good one)."""
        now = self._clock.now()
        if self._list is None or self._read_at is None or now - self._read_at >= LIST_LIFETIME:
            body = await self._asker.get()
            try:
                self._list = loglist.read(body, own_network(self._asker.url))
            except LogListError as error:
                raise LogMisbehaved(str(error), body) from error
            self._read_at = now
        return self._list

    def reader(self, info: LogInfo) -> LogReader:
        """The reader of one log; kept, for it remembers verified tiles."""
        if info.log_id not in self._readers:
            asker = Asker(self._http, self._budget, self._clock, info.url)
            self._readers[info.log_id] = _READERS[info.protocol](info, asker)
        return self._readers[info.log_id]
