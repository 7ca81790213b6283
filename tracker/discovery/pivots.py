"""New brands on old infrastructure: from names known to be the operation's to those that share something with them.

Nothing of their label is looked for. What is found is a question; the rules weigh what was shared.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus
from typing import Protocol

import httpx

from tracker.clients.dns import DnsClient
from tracker.clients.http import FetchFailed, fetch
from tracker.decoders.namelist import read_plain
from tracker.model.cursors import DamagedCursor, remembered
from tracker.model.facts import Batch, Cursor, Gap, Presence, Reason, Sighting, Technique
from tracker.model.names import DomainName, defang
from tracker.ports import Clock, Watches

LIMIT, DEADLINE = 64_000_000, 120.0
"""Bytes and seconds for one list of new names; a day's names of all registries are a quarter of that."""
EVERYBODYS = 25
"""A set of name servers that more names of one list have is a shared hoster's: no lead to anybody."""


Servers = Mapping[frozenset[str], Sequence[tuple[str, DomainName]]]
"""By name-server set the watches that it leads to, each with the name that has it."""


class Leads(Protocol):
    """What the log gives: sightings, and whose the name-server sets are."""

    @property
    def sightings(self) -> Sequence[Sighting]: ...
    @property
    def servers(self) -> Servers: ...
    @property
    def met(self) -> Collection[DomainName]: ...


class Pivots:
    """`ports.DiscoverySource`. `leads` is asked at each call; `lists` are URLs of newly registered names, one a line,
    whose delegation is asked at the parents and compared with the name-server sets of known names.
    """

    id = "pivots"
    technique = Technique.SHARED_INFRASTRUCTURE

    def __init__(
        self,
        leads: Callable[[], Leads],
        lists: Sequence[str],
        http: httpx.AsyncClient,
        dns: DnsClient,
        clock: Clock,
    ) -> None:
        self._leads, self._lists, self._http, self._dns, self._clock = leads, tuple(lists), http, dns, clock

    async def discover(self, watches: Watches, cursor: Cursor | None) -> AsyncIterator[Batch]:
        """First what the log says, then one batch per list that changed since `cursor`."""
        keys = frozenset(watch.key for watch in watches)
        known = self._leads()
        now = self._clock.now()
        found = tuple(replace(row, at=now) for row in known.sightings if row.watch_key in keys)
        if found:
            yield Batch(sightings=found)
        servers = {
            hosts: active
            for hosts, rows in known.servers.items()
            if (active := [(key, name) for key, name in rows if key in keys])
        }
        if not servers:
            return
        state: dict[str, str] = {}
        with suppress(DamagedCursor):  # it only saves reading a list that did not change
            state = remembered(cursor)
        met = {*known.met, *(row.name for row in found)}
        labels = {watch.label for watch in watches}  # a name with a watched label is found by its label
        for url in self._lists:
            try:
                body = await self._read(url)
            except FetchFailed as failure:
                yield Batch(gaps=(self._gap(url, failure.reason, str(failure)),), cursor=cursor)
                continue
            digest = hashlib.sha256(body).hexdigest()
            if digest == state.get(url):
                continue
            listed = (row.name for row in read_plain(body.decode("utf-8", "replace")).names)
            names = [name for name in listed if name not in met and name.partition(".")[0] not in labels]
            state[url] = digest
            cursor = Cursor(self.id, json.dumps(state, sort_keys=True))
            yield Batch(sightings=await self._shared(names, servers), cursor=cursor)

    async def _read(self, url: str) -> bytes:
        """The list as it is now; raises FetchFailed for an answer that is none."""
        got = await fetch(self._http, url, limit=LIMIT, deadline=DEADLINE, redirects=2)
        if got.status != HTTPStatus.OK:
            busy = got.status == HTTPStatus.TOO_MANY_REQUESTS
            raise FetchFailed(Reason.RATE_LIMITED if busy else Reason.SERVER_ERROR, f"{url}: status {got.status}")
        return got.body

    async def _shared(self, names: Collection[DomainName], servers: Servers) -> tuple[Sighting, ...]:
        """Those of the names whose parents give one of the sets, unless it is everybody's."""
        hits: defaultdict[frozenset[str], list[DomainName]] = defaultdict(list)
        for answer in await self._dns.delegations(names):
            hosts = frozenset(answer.name_servers)
            if answer.presence is Presence.PRESENT and hosts in servers:
                hits[hosts].append(answer.name)
        now = self._clock.now()
        return tuple(
            Sighting(
                watch_key=key,
                name=name,
                technique=self.technique,
                source=self.id,
                at=now,
                reason=f"It is newly registered and has the name servers of {defang(origin)}.",
                facts={"of": (origin,), "listed": (str(len(names)),), "sharing": (str(len(sharing)),)},
            )
            for hosts, sharing in sorted(hits.items(), key=lambda row: sorted(row[0]))
            if len(sharing) <= EVERYBODYS
            for name in sorted(sharing)
            for key, origin in servers[hosts]
        )

    def _gap(self, url: str, reason: Reason, detail: str) -> Gap:
        now = self._clock.now()
        return Gap(source=self.id, scope=url, first=now, last=now, reason=reason, detail=detail)
