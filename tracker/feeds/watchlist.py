"""A watchlist, polled: TOML with actions, takedowns, brands and claims; or a list of names that it points to."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from tracker.decoders import watchlist
from tracker.decoders.watchlist import Watchlist
from tracker.feeds.locations import LOOSE, SIZE_CAP, Unreachable, fetch
from tracker.feeds.memory import Memory
from tracker.feeds.named import format_of, with_names
from tracker.feeds.published import Means
from tracker.model.facts import Batch, Cursor, Reading
from tracker.model.times import Precision, When
from tracker.model.watching import Action, ActionKind


@dataclass(frozen=True, slots=True)
class WatchlistFeed:
    """One list at one location. `id` names it in cursors and gaps."""

    id: str
    location: str
    means: Means

    async def poll(self, cursor: Cursor | None) -> AsyncIterator[Batch]:
        """What the list says when it changed, else a batch with the cursor alone; a gap when it could not be read."""
        now = self.means.clock.now()
        memory = Memory.of(self.id, self.location, cursor)
        try:
            # A list that points to names kept elsewhere is read whole each time: names change, the pointer does not.
            validators = {} if memory.state.get("points") else memory.validators
            fetched = await fetch(self.location, self.means.http, validators)
            pointer = self._pointer(fetched.text or "", now)
            listed = await self._listed(pointer)
            everything = None if fetched.text is None else fetched.text + listed
            read = None if memory.has(everything) else self._read(fetched.text or "", pointer, listed, now)
        except Unreachable as error:
            self.means.complain(f"{error}; what was read before stays")
            yield memory.failed(now, error.reason, str(error))
            return
        if read is None:
            yield memory.unchanged(now, fetched.validators)
            return
        elsewhere = str(read.listed.get("location", self.location))
        for problem in read.problems:
            self.means.complain(f"{self.location}:{problem.line}: {problem.text}")
        if message := memory.shrunk(read.names):
            self.means.complain(message)
            yield memory.held(now, read.names, message)
            return
        yield Batch(
            operations=read.operations,
            actions=read.actions,
            takedowns=read.takedowns,
            claims=read.claims,
            watches=read.watches,
            readings=tuple(Reading(origin, memory.last_success) for origin in sorted({self.location, elsewhere})),
            cursor=memory.applied(
                now, fetched.validators, everything or "", read.names, points=elsewhere != self.location
            ),
        )

    def _pointer(self, text: str, now: datetime) -> Watchlist | None:
        """The list as TOML; None for a bare list of names."""
        if self.location.endswith(LOOSE):
            return None
        label_of = self.means.suffixes.label
        return watchlist.read(text, origin=self.location, since=now, label_of=label_of)

    async def _listed(self, pointer: Watchlist | None) -> str:
        """The names that the list points to, as text; empty when it points nowhere. Raises Unreachable."""
        if pointer is None or not pointer.listed:
            return ""
        kind = format_of(pointer.listed)
        location = str(pointer.listed.get("location", ""))
        return (await fetch(location, self.means.http, {}, kind.cap if kind else SIZE_CAP)).text or ""

    def _read(self, text: str, pointer: Watchlist | None, listed: str, now: datetime) -> Watchlist:
        if pointer is None:
            return with_names(bare(self.id, self.location, now), text, self.location, now, self.means.suffixes)
        location = str(pointer.listed.get("location", ""))
        return with_names(pointer, listed, location, now, self.means.suffixes) if pointer.listed else pointer


def bare(feed_id: str, location: str, now: datetime) -> Watchlist:
    """The frame of a list of names without any word beside it: they were hit, nobody says when or by whom."""
    action = Action(
        action_id=feed_id,
        operation_id="",
        kind=ActionKind.SEIZURE,
        authority="",
        when=When(now, Precision.UNKNOWN),
        title=location,
    )
    columns = {"columns": {"domain": "domain"}} if location.endswith(".csv") else {}
    return Watchlist(actions=(action,), listed=columns)
