"""MISP: a single event, or a feed of events, of which those are read that changed since the last poll."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from tracker.decoders import misp
from tracker.decoders.listing import NotThatList
from tracker.feeds.locations import Unreachable, fetch
from tracker.feeds.memory import Memory
from tracker.feeds.published import Format, Means, Standing, Volume, claims_of, read_as, revision
from tracker.model.facts import Batch, Cursor, Reading, Reason

FORMAT = Format(
    id="misp",
    title="MISP event",
    read=misp.read,
    volume=Volume(least_rows=1, most_names=100_000),
    cap=32 * 1024 * 1024,
)
MANIFEST = "manifest.json"
EVENTS_A_POLL = 50
"""Events read in one poll of a feed; the others wait for the next, the oldest change first."""


@dataclass(frozen=True, slots=True)
class MispFeed:
    """A feed behind its manifest. An event must have one of the words `wanted` in its title or tags; none = all."""

    id: str
    location: str
    wanted: tuple[str, ...]
    means: Means

    async def poll(self, cursor: Cursor | None) -> AsyncIterator[Batch]:
        """A batch per event that is new or changed, each with the cursor after it: a restart repeats nothing."""
        now = self.means.clock.now()
        memory = Memory.of(self.id, self.location, cursor)
        read: dict[str, int] = dict(memory.state.get("events", {}))
        try:
            # While events wait, the manifest is wanted whole: they are in it, changed or not.
            validators = {} if memory.state.get("waiting") else memory.validators
            fetched = await fetch(self.location, self.means.http, validators, FORMAT.cap)
            announced = None if fetched.text is None else misp.manifest(fetched.text)
        except (Unreachable, NotThatList) as error:
            self.means.complain(f"{self.location}: {error}; what was read before stays")
            yield memory.failed(now, getattr(error, "reason", Reason.MALFORMED), f"{self.location}: {error}")
            return
        if announced is None:
            yield memory.unchanged(now, fetched.validators)
            return
        if message := memory.shrunk(len(announced)):
            self.means.complain(message)
            yield memory.held(now, len(announced), message)
            return
        changed = [event for event in announced if event.timestamp > read.get(event.uuid, -1) and self._wants(event)]
        for event in changed[:EVENTS_A_POLL]:
            read[event.uuid] = event.timestamp
            batch = await self._event(urljoin(self.location, f"{event.uuid}.json"), memory, dict(read))
            if batch.gaps:
                del read[event.uuid]  # asked again next time
            yield batch
        more: dict[str, Any] = {"events": read, "waiting": len(changed) > EVENTS_A_POLL or None}
        yield Batch(cursor=memory.applied(now, fetched.validators, fetched.text or "", len(announced), **more))

    def _wants(self, event: misp.Announced) -> bool:
        said = event.words.casefold()
        return not self.wanted or any(word.casefold() in said for word in self.wanted)

    async def _event(self, url: str, memory: Memory, read: dict[str, int]) -> Batch:
        try:
            text = (await fetch(url, self.means.http, {}, FORMAT.cap)).text or ""
            listing = read_as(FORMAT, text, url)
        except Unreachable as error:
            self.means.complain(str(error))
            return memory.failed(self.means.clock.now(), error.reason, str(error))
        standing = Standing.of(FORMAT, url, listing.title)
        claims = tuple(claims_of(listing, standing, url, revision(text), self.means.suffixes))
        return Batch(
            claims=claims,
            readings=(Reading(url, memory.last_success, standing.source_id),),
            cursor=memory.with_events(read),
        )
