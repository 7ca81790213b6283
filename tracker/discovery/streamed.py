"""New names from a certstream server: heard, not read. Nothing is proved, so nothing is dated and nothing is absent."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import datetime

from tracker.clients.certstream import CertstreamClient
from tracker.decoders.certstream import Streamed
from tracker.discovery.logged import NAMES_KEPT, Hit, Match, hosts
from tracker.model.cursors import remembered
from tracker.model.facts import Batch, Cursor, Gap, Reason, Sighting, Technique
from tracker.model.names import DomainName
from tracker.model.times import from_iso, iso
from tracker.ports import Clock, Watches


class CertStream:
    """The discovery source. The first call begins to listen; each one takes what came since the one before."""

    id = "certstream"
    technique = Technique.CERTIFICATE

    def __init__(self, client: CertstreamClient, matcher: Callable[[Watches], Match], clock: Clock) -> None:
        self._client, self._matcher, self._clock = client, matcher, clock

    async def discover(self, watches: Watches, cursor: Cursor | None) -> AsyncIterator[Batch]:
        """One batch: sightings of what came, and gaps for what was missed, the time before this process included."""
        gaps: list[Gap] = []
        if not self._client.listening:
            self._client.start()
            if cursor is not None:
                now = self._clock.now()
                try:
                    heard, reason, why = from_iso(remembered(cursor)["heard"]), Reason.NOT_ASKED, "nobody was listening"
                except (KeyError, ValueError) as error:
                    heard, reason, why = now, Reason.MALFORMED, f"nobody was listening, and since when is lost: {error}"
                gaps.append(self._gap(heard, now, reason, why))
        came, missed = self._client.take()
        gaps += [self._gap(outage.first, outage.last, outage.reason, outage.detail) for outage in missed]
        state = json.dumps({"heard": iso(self._clock.now())})
        yield Batch(sightings=self._sightings(watches, came), gaps=tuple(gaps), cursor=Cursor(self.id, state))

    def _sightings(self, watches: Watches, came: tuple[Streamed, ...]) -> tuple[Sighting, ...]:
        holders: dict[str, Streamed] = {}
        for row in came:
            for host in hosts(row.names):
                holders.setdefault(host, row)
        found: dict[tuple[str, DomainName], Sighting] = {}
        for hit in self._matcher(watches)(list(holders)) if watches and holders else ():
            key = (hit.watch_key, hit.domain)
            if key not in found:
                found[key] = self._sighting(hit, holders[hit.host])
        return tuple(found.values())

    def _sighting(self, hit: Hit, row: Streamed) -> Sighting:
        facts: dict[str, tuple[str, ...]] = {
            "verified": ("unverified",),
            "names": tuple(sorted(set(row.names)))[:NAMES_KEPT],
        }
        told = {"log": row.log, "index": row.index, "seen": iso(row.seen) if row.seen is not None else ""}
        facts |= {name: (text,) for name, text in told.items() if text}
        return Sighting(
            watch_key=hit.watch_key,
            name=hit.domain,
            technique=self.technique,
            source=self.id,
            at=self._clock.now(),
            reason=hit.reason,
            facts=facts,
        )

    def _gap(self, first: datetime, last: datetime, reason: Reason, detail: str) -> Gap:
        return Gap(source=self.id, scope="stream", first=first, last=last, reason=reason, detail=detail)
