"""Press releases that sound like a takedown: kept for a person to import, and never anything more than that."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

from tracker.decoders import announcements
from tracker.decoders.listing import NotThatList
from tracker.feeds.locations import Unreachable, fetch, is_url
from tracker.feeds.memory import Memory
from tracker.feeds.published import Means, revision
from tracker.model.facts import Batch, Cursor, Reason
from tracker.model.watching import Announcement, Source

LEAST, MOST = 1, 500
"""Releases in one reply: none at all is another API, more than that another question."""


@dataclass(frozen=True, slots=True)
class AnnouncementFeed:
    """The releases at one address. `keywords` decide which of them matter; none = the usual ones."""

    id: str
    location: str
    keywords: tuple[str, ...]
    means: Means

    async def poll(self, cursor: Cursor | None) -> AsyncIterator[Batch]:
        """An announcement per release not met before that has a keyword; a gap when nothing could be read."""
        now = self.means.clock.now()
        memory = Memory.of(self.id, self.location, cursor)
        try:
            fetched = await fetch(self.location, self.means.http, memory.validators)
            releases = announcements.read(fetched.text) if fetched.text is not None else None
            if releases is not None and not LEAST <= len(releases) <= MOST:
                raise NotThatList(f"{len(releases)} releases where {LEAST} to {MOST} are expected")
        except (Unreachable, NotThatList) as error:
            self.means.complain(f"{self.location}: {error}; it is asked again")
            yield memory.failed(now, getattr(error, "reason", Reason.MALFORMED), f"{self.location}: {error}")
            return
        if releases is None or memory.has(fetched.text):
            yield memory.unchanged(now, fetched.validators)
            return
        met = set(memory.state.get("met", ()))
        found = [self._announcement(release) for release in releases if release.release_id not in met]
        wanted = tuple(row for row in found if row.keywords)
        for row in wanted:
            self.means.complain(
                f"to be imported by hand: {row.title} ({row.url}): tracker announcements draft {row.announcement_id}"
            )
        more = {"met": sorted(release.release_id for release in releases)}
        yield Batch(
            announcements=wanted,
            cursor=memory.applied(now, fetched.validators, fetched.text or "", 0, **more),
        )

    def _announcement(self, release: announcements.Release) -> Announcement:
        version = revision(release.text)
        return Announcement(
            announcement_id=f"{release.published.at:%Y-%m-%d}-{_slug(release.number) or release.release_id[:8]}",
            title=release.title,
            url=release.url,
            published=release.published,
            authority=release.authority,
            number=release.number,
            keywords=announcements.matched(release, self.keywords or announcements.KEYWORDS),
            mentions=release.mentions,
            source=Source(
                "announcements",
                release.authority or self.location,
                release.url if is_url(release.url) else "",
                f"{self.location}, {release.release_id}",
                version,
            ),
        )


def _slug(number: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "-", number).strip("-")
