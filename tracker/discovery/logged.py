"""From proved log entries to sightings: names out, matched, and the certificate of every hit kept as evidence."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from tracker.clients.ctlogs import LogReader, Slice
from tracker.decoders.certificates import CertificateError, describe, moment, name_text
from tracker.decoders.ctentries import Entry, EntryError
from tracker.decoders.der import DerError
from tracker.model.facts import Artefact, Batch, Gap, Reason, Sighting, Technique
from tracker.model.names import DomainName, NotAName, parse
from tracker.model.times import iso
from tracker.ports import Clock

_PLAIN = re.compile(r"[a-z0-9._-]+").fullmatch

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
        for part in name.lower().split("\x00"):
            host = part.rpartition("*.")[2].strip(".")
            if not _PLAIN(host):
                try:
                    host = parse(host)
                except NotAName:
                    continue
            if "." in host:
                yield host


class Entries:
    """Reads groups of entries for one set of watches; an issuance that several entries show is sighted once."""

    def __init__(self, match: Match, clock: Clock, vantage: str, source: str) -> None:
        self._match = match
        self._clock = clock
        self._vantage = vantage
        self._source = source
        self._sighted: set[tuple[object, ...]] = set()

    def moment(self, entry: Entry) -> datetime:
        """When the entry was logged; now, for a time that cannot be."""
        try:
            return entry.at
        except EntryError:
            return self._clock.now()

    def read(self, reader: LogReader, group: Sequence[Slice]) -> Batch:
        """Sightings, artefacts and gaps of these slices of one log. A broken certificate is a gap as well."""
        holders: dict[str, list[tuple[int, Entry]]] = {}
        gaps: list[Gap] = []
        for part in group:
            for index, entry in enumerate(part.entries, part.first):
                for host in hosts(entry.names):
                    holders.setdefault(host, []).append((index, entry))
                if entry.problem:
                    gaps.append(self._unread(reader, index, entry))
        sightings: list[Sighting] = []
        artefacts: dict[str, Artefact] = {}
        for hit in self._match(list(holders)):
            for index, entry in holders.get(hit.host, ()):
                issuance = (entry.issuer, tuple(entry.names), entry.not_before, entry.not_after)
                seen = (hit.watch_key, hit.domain, *issuance)
                if seen not in self._sighted:
                    self._sighted.add(seen)
                    artefact = self._artefact(reader, index, entry)
                    if artefact is not None:
                        artefacts[artefact.artefact_id] = artefact
                    sightings.append(self._sighting(reader, index, entry, hit, artefact))
        return Batch(sightings=tuple(sightings), artefacts=tuple(artefacts.values()), gaps=tuple(gaps))

    def _sighting(self, reader: LogReader, index: int, entry: Entry, hit: Hit, artefact: Artefact | None) -> Sighting:
        facts: dict[str, tuple[str, ...]] = {
            "timestamp": (iso(self.moment(entry)),),
            "log_id": (reader.info.log_id,),
            "index": (str(index),),
            "verified": ("verified",),
            "names": tuple(sorted(set(entry.names)))[:NAMES_KEPT],
        }
        if entry.issuer:
            facts["issuer"] = (name_text(entry.issuer),)
        if artefact is not None:
            facts["sha256"] = (artefact.artefact_id,)
        return Sighting(
            watch_key=hit.watch_key,
            name=hit.domain,
            technique=Technique.CERTIFICATE,
            source=self._source,
            at=self._clock.now(),
            reason=hit.reason,
            facts=facts,
            artefact_id="" if artefact is None else artefact.artefact_id,
        )

    def _artefact(self, reader: LogReader, index: int, entry: Entry) -> Artefact | None:
        """The certificate of the entry. What stands beside a proved leaf is not itself in the tree: it must agree."""
        try:
            der = entry.certificate
            told = describe(der)
            agrees = (list(told.names), told.not_before, told.not_after, told.issuer) == (
                entry.names,
                moment(entry.not_before),
                moment(entry.not_after),
                name_text(entry.issuer),
            )
        except (EntryError, CertificateError, DerError):
            return None
        if not agrees:
            return None
        return Artefact(
            artefact_id=sha256(der).hexdigest(),
            kind="certificate",
            media_type="application/pkix-cert",
            body=der,
            source_url=reader.source(index),
            retrieved_at=self._clock.now(),
            vantage=self._vantage,
        )

    def _unread(self, reader: LogReader, index: int, entry: Entry) -> Gap:
        at = self.moment(entry)
        detail = f"certificate of entry {index} is broken ({entry.problem}); {len(entry.names)} names were salvaged"
        scope = f"{reader.info.origin}#{index}"
        return Gap(source=self._source, scope=scope, first=at, last=at, reason=Reason.MALFORMED, detail=detail)


def evidence(body: bytes, scope: str, now: datetime, vantage: str) -> Artefact:
    """What a log said that cannot be true, kept as it was said."""
    return Artefact(
        artefact_id=sha256(body).hexdigest(),
        kind="ct-misbehaviour",
        media_type="application/octet-stream",
        body=body,
        source_url=f"https://{scope}",
        retrieved_at=now,
        vantage=vantage,
    )
