"""What an entry of the settings would bring, read from a file without polling anybody and without storing anything."""

from dataclasses import replace
from datetime import datetime

from tracker.decoders import announcements, misp, watchlist
from tracker.decoders.listing import NotThatList
from tracker.decoders.namelist import Problem
from tracker.decoders.watchlist import Watchlist
from tracker.feeds import kind_and_location
from tracker.feeds.locations import LOOSE, Unreachable, is_url, path_of
from tracker.feeds.misp import MANIFEST
from tracker.feeds.named import FORMATS, with_names
from tracker.feeds.published import Standing, claims_of, read_as, revision
from tracker.feeds.watchlist import bare
from tracker.lookalikes.suffixes import Suffixes


def is_polled(entry: str) -> bool:
    """Whether the entry is read over the network; raises ValueError for an unknown kind."""
    return is_url(kind_and_location(entry)[1])


def is_watchlist(entry: str) -> bool:
    """Whether the entry is a watchlist in a file: its names are watched, where those of other lists are claims."""
    kind, location = kind_and_location(entry)
    return kind == "watchlist" and not is_url(location)


def file_of(entry: str) -> str:
    """The text of a list that is no URL; raises OSError or ValueError."""
    return path_of(kind_and_location(entry)[1].partition("#")[0]).read_text(encoding="utf-8-sig")


def checked(entry: str, text: str, now: datetime, suffixes: Suffixes) -> Watchlist:
    """What the list says. What is wrong with it as a whole is a problem of its first line."""
    kind, location = kind_and_location(entry)
    try:
        if kind == "watchlist":
            return _watchlist(location, text, now, suffixes)
        if kind == "announcements":
            return Watchlist(names=len(announcements.read(text)))
        if kind == "misp" and location.partition("#")[0].endswith(MANIFEST):
            return Watchlist(names=len(misp.manifest(text)))
        listing = read_as(FORMATS[kind], text, location)
    except (Unreachable, NotThatList) as error:
        return Watchlist(problems=(Problem(1, str(error).removeprefix(f"{location}: ")),))
    standing = Standing.of(FORMATS[kind], location, listing.title)
    claims = tuple(claims_of(listing, standing, location, revision(text), suffixes))
    names = len({claim.domain for claim in claims})
    return Watchlist(
        claims=claims, names=names, duplicates=len(listing.statements) - len(claims), problems=listing.problems
    )


def _watchlist(location: str, text: str, now: datetime, suffixes: Suffixes) -> Watchlist:
    if location.endswith(LOOSE):
        found = with_names(bare(location, location, now), text, location, now, suffixes)
        return replace(found, names=found.names + found.duplicates, takedowns=())
    read = watchlist.read(text, origin=location, since=now, label_of=suffixes.label)
    elsewhere = str(read.listed.get("location", ""))
    if not elsewhere or is_url(elsewhere):
        return read
    try:
        listed = path_of(elsewhere).read_text(encoding="utf-8-sig")
        return with_names(read, listed, elsewhere, now, suffixes)
    except (OSError, UnicodeDecodeError) as error:
        return replace(read, problems=(*read.problems, Problem(1, f"list.location: {elsewhere}: {error}")))
