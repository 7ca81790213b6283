"""I/O: lists become actions, takedowns and claims."""

from collections.abc import Callable, Mapping
from functools import partial

from tracker.feeds.announcements import AnnouncementFeed
from tracker.feeds.misp import MANIFEST, MispFeed
from tracker.feeds.named import FORMATS
from tracker.feeds.published import Format, Means, PublishedList
from tracker.feeds.watchlist import WatchlistFeed
from tracker.ports import Feed

Maker = Callable[[str, str, Means], Feed]


def _words(location: str) -> tuple[str, tuple[str, ...]]:
    """A location and the words behind its `#`, which say what is wanted of it."""
    where, _, wanted = location.partition("#")
    return where, tuple(word.strip() for word in wanted.split(",") if word.strip())


def _published(kind: Format, entry: str, location: str, means: Means) -> Feed:
    return PublishedList(entry, location, kind, means)


def _misp(entry: str, location: str, means: Means) -> Feed:
    where, wanted = _words(location)
    if where.endswith(MANIFEST):
        return MispFeed(entry, where, wanted, means)
    return PublishedList(entry, where, FORMATS["misp"], means)


def _announcements(entry: str, location: str, means: Means) -> Feed:
    where, wanted = _words(location)
    return AnnouncementFeed(entry, where, wanted, means)


FEEDS: Mapping[str, Maker] = {
    "watchlist": WatchlistFeed,
    "meta": partial(_published, FORMATS["meta"]),
    "misp": _misp,
    "stix": partial(_published, FORMATS["stix"]),
    "cof": partial(_published, FORMATS["cof"]),
    "plain": partial(_published, FORMATS["plain"]),
    "hosts": partial(_published, FORMATS["hosts"]),
    "ofac": partial(_published, FORMATS["ofac"]),
    "announcements": _announcements,
}
"""Every kind of feed by its id: the word before the colon of an entry in `lists.watchlists`."""


def feed(entry: str, means: Means) -> Feed:
    """The feed of an entry: `KIND:LOCATION`, or the location of a watchlist; raises ValueError for another kind."""
    kind, location = kind_and_location(entry)
    return FEEDS[kind](entry, location, means)


def kind_and_location(entry: str) -> tuple[str, str]:
    """An entry taken apart; raises ValueError when the word before its colon is no kind of feed."""
    word, colon, rest = entry.partition(":")
    if not colon or word in {"http", "https", "bundled"} or len(word) == 1 or "/" in word or "." in word:
        return "watchlist", entry
    if word not in FEEDS:
        raise ValueError(f"lists.watchlists: {entry!r}: no list is of the kind {word!r}; there are {', '.join(FEEDS)}")
    if not rest:
        raise ValueError(f"lists.watchlists: {entry!r}: a location has to follow: a file or a URL")
    return word, rest
