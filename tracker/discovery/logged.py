"""From proved log entries to sightings: names out, matched, and the certificate of every hit kept as evidence."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from tracker.clients.ctlogs import Head, Hints, LogReader, Slice
from tracker.decoders.certificates import name_text
from tracker.decoders.ctentries import Entry
from tracker.discovery.proofs import Marks, certificate, proof
from tracker.model.facts import Artefact, Facts, Gap, Reason, Sighting, Technique
from tracker.model.names import DomainName, NotAName, parse
from tracker.model.times import iso
from tracker.ports import Clock

_PLAIN = re.compile(r"[a-z0-9._-]+").fullmatch

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

NAMES_KEPT = 200
"""Names of one certificate that a sighting carries; bundles of thousands say little more."""


class Hit(NamedTuple):
    """A host that resembles what a watch looks for: the watch, the host, its registrable name, one plain sentence."""

    watch_key: str
    host: str
    domain: DomainName
    reason: str


Match = Callable[[Sequence[str]], Sequence[Hit]]
"""Host names in A-labels, distinct, to the hits among them."""


def hosts(names: Sequence[str]) -> Iterator[str]:
    """The host names among a certificate's names, in one form: no wildcard or trailing dot, A-labels, split at a NUL.

    Odd ones are read as a person would read them; what then is no domain name is left out.
    """
    for name in names:
        host = name[2:] if name.startswith("*.") else name
        if _PLAIN(host) and "." in host and host[0] != "." != host[-1]:  # nearly every one
            yield host
            continue
        for part in name.lower().split("\x00"):
            host = part.rpartition("*.")[2].strip(".")
            if not _PLAIN(host):
                try:
                    host = parse(host)
                except NotAName:
                    continue
            if "." in host:
                yield host


@dataclass(frozen=True, slots=True)
class Seen:
    """A sighting with what it rests on. `mark` tells its issuance apart; a hint has none, it is only a promise."""

    sighting: Sighting
    mark: str = ""
    artefacts: tuple[Artefact, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What a stretch of entries held."""

    seen: tuple[Seen, ...] = ()
    gaps: tuple[Gap, ...] = ()


class Entries:
    """Reads stretches of logs for one set of watches. `known` are the issuances sighted before, which need no proof."""

    def __init__(self, match: Match, known: Marks, clock: Clock, vantage: str, source: str) -> None:
        self._match = match
        self._known = known
        self._clock = clock
        self._vantage = vantage
        self._source = source

    def moment(self, timestamp: int) -> datetime:
        """When an entry was logged, from its milliseconds; now, for a time that cannot be."""
        try:
            return _EPOCH + timedelta(milliseconds=timestamp)
        except OverflowError:
            return self._clock.now()

    async def read(self, reader: LogReader, group: Sequence[Slice], head: Head) -> Found:
        """Sightings and gaps of these proved slices of one log; an issuance counts once, a broken certificate is a gap.

        Raises LogFailure when the log does not give the proof of an entry that matched.
        """
        holders: dict[str, list[tuple[int, Entry]]] = {}
        gaps: list[Gap] = []
        for part in group:
            for index, entry in enumerate(part.entries, part.first):
                for host in hosts(entry.names):
                    holders.setdefault(host, []).append((index, entry))
                if entry.problem:
                    gaps.append(self._unread(reader, index, entry))
        seen: dict[str, Seen] = {}
        kept: dict[int, tuple[Artefact, ...]] = {}
        for hit in self._match(list(holders)):
            for index, entry in holders.get(hit.host, ()):
                mark = _mark(hit, entry)
                if mark in seen or mark in self._known:
                    continue
                if index not in kept:
                    kept[index] = await self._evidence(reader, index, entry, head)
                seen[mark] = Seen(self._verified(reader, index, entry, hit, kept[index]), mark, kept[index])
        return Found(tuple(seen.values()), tuple(gaps))

    def hinted(self, reader: LogReader, group: Sequence[Hints]) -> dict[int, list[Seen]]:
        """What the names of these entries would be sightings of, by index, if the entries bear them out."""
        holders: dict[str, list[tuple[int, int, list[str]]]] = {}
        for part in group:
            for index, line in enumerate(part.lines, part.first):
                for host in hosts(line.names):
                    holders.setdefault(host, []).append((index, line.timestamp, line.names))
        found: dict[int, list[Seen]] = {}
        for hit in self._match(list(holders)):
            for index, timestamp, names in holders.get(hit.host, ()):
                facts = self._facts(reader, index, timestamp, names, "hint")
                rows = found.setdefault(index, [])
                if all((row.sighting.watch_key, row.sighting.name) != (hit.watch_key, hit.domain) for row in rows):
                    rows.append(Seen(self._sighting(hit, facts)))
        return found

    def missing(self, reader: LogReader, index: int) -> Gap:
        """A names tile said more than the entry does: whatever else it says is as doubtful."""
        now = self._clock.now()
        detail = f"the names tile gave entry {index} names that its certificate does not have"
        return self._gap(f"{reader.info.origin}#{index}", now, detail)

    async def _evidence(self, reader: LogReader, index: int, entry: Entry, head: Head) -> tuple[Artefact, ...]:
        found = await reader.inclusion(index, entry.leaf_hash, head)
        now = self._clock.now()
        shown = certificate(reader, index, entry, now, self._vantage)
        shows = proof(reader, index, entry, head, found, now, self._vantage)
        return (shows,) if shown is None else (shown, shows)

    def _verified(
        self, reader: LogReader, index: int, entry: Entry, hit: Hit, artefacts: tuple[Artefact, ...]
    ) -> Sighting:
        facts = self._facts(reader, index, entry.timestamp, entry.names, "verified")
        if entry.issuer:
            facts["issuer"] = (name_text(entry.issuer),)
        ids = {artefact.kind: artefact.artefact_id for artefact in artefacts}
        if "certificate" in ids:
            facts["sha256"] = (ids["certificate"],)
        facts["proof"] = (ids["ct-proof"],)
        return self._sighting(hit, facts, ids.get("certificate", ""))

    def _facts(
        self, reader: LogReader, index: int, timestamp: int, names: Sequence[str], verified: str
    ) -> dict[str, tuple[str, ...]]:
        return {
            "timestamp": (iso(self.moment(timestamp)),),
            "log_id": (reader.info.log_id,),
            "index": (str(index),),
            "verified": (verified,),
            "names": tuple(sorted(set(names)))[:NAMES_KEPT],
        }

    def _sighting(self, hit: Hit, facts: Facts, artefact_id: str = "") -> Sighting:
        return Sighting(
            watch_key=hit.watch_key,
            name=hit.domain,
            technique=Technique.CERTIFICATE,
            source=self._source,
            at=self._clock.now(),
            reason=hit.reason,
            facts=facts,
            artefact_id=artefact_id,
        )

    def _unread(self, reader: LogReader, index: int, entry: Entry) -> Gap:
        detail = f"certificate of entry {index} is broken ({entry.problem}); {len(entry.names)} names were salvaged"
        return self._gap(f"{reader.info.origin}#{index}", self.moment(entry.timestamp), detail)

    def _gap(self, scope: str, at: datetime, detail: str) -> Gap:
        return Gap(source=self._source, scope=scope, first=at, last=at, reason=Reason.MALFORMED, detail=detail)


def _mark(hit: Hit, entry: Entry) -> str:
    """Short and bounded whatever the names are: which watch, which registrable name, which issuance."""
    return sha256(f"{hit.watch_key}\n{hit.domain}\n".encode() + entry.issuance).hexdigest()[:16]
