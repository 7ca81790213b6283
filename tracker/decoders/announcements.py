"""Press releases of the US Department of Justice, as its API gives them: which of them sound like a takedown."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from tracker.decoders.listing import NotThatList, document, name_in, on_platform, table, tables, without_www, words
from tracker.model.names import DomainName
from tracker.model.times import Precision, When

KEYWORDS = (
    "domain+seiz",
    "website+seiz",
    "domain+disinformation",
    "domain+malign influence",
    "domain+influence operation",
    "domain+influence campaign",
)
"""What makes a release worth a person's look; `+` joins beginnings of words that must all occur."""
_DEFANGED = re.compile(r"\[\.\]|\(\.\)|\[dot\]", re.IGNORECASE)
_LINKED = re.compile(r"\.(?:gov|mil)$")


@dataclass(frozen=True, slots=True)
class Release:
    """One press release, its text without markup. `mentions` are names in it, unchecked: they may be anybody's."""

    release_id: str
    title: str
    url: str
    published: When
    authority: str
    number: str
    text: str
    mentions: tuple[DomainName, ...]


def read(text: str) -> tuple[Release, ...]:
    """The releases of a reply, oldest first; raises NotThatList. One without id, date or title is left out."""
    found = document(text)
    results = table(found).get("results")
    if not isinstance(results, list):
        raise NotThatList("no press releases: an object with `results` is expected")
    releases = [release for row in tables(results) if (release := _release(row)) is not None]
    return tuple(sorted(releases, key=lambda release: (release.published.at, release.release_id)))


def matched(release: Release, keywords: Iterable[str]) -> tuple[str, ...]:
    """The keywords that occur in title and text; parts of `a+b` must both occur, each at the beginning of a word."""
    said = f"{release.title} {release.text}".casefold()
    return tuple(
        keyword
        for keyword in keywords
        if all(re.search(rf"\b{re.escape(part.strip().casefold())}", said) for part in keyword.split("+"))
    )


def _release(row: Mapping[str, Any]) -> Release | None:
    title, when = _plain(words(row.get("title"))), _when(row.get("date"))
    number, url = words(row.get("number")), words(row.get("url"))
    release_id = words(row.get("uuid")) or number
    if not title or not release_id or when is None:
        return None
    body = words(row.get("body"))
    component = next((words(part.get("name")) for part in tables(row.get("component"))), "")
    return Release(release_id, title, url, when, component, number, _plain(body), _mentions(_plain(body)))


def _plain(html: str) -> str:
    body = LexborHTMLParser(html).body
    return " ".join((body.text(separator=" ") if body else html).split())


def _mentions(text: str) -> tuple[DomainName, ...]:
    """Names in running text: a word with dots and a known shape, defanged or not; official and platform names aside."""
    found: dict[DomainName, None] = {}
    for word in re.split(r"[\s,;()“”\"]+(?!\.\))", text):
        if "." not in word.strip(".") or ("@" in word and not _DEFANGED.search(word)):
            continue
        name = name_in(word.strip(".:;,"))
        last = name.rpartition(".")[2] if name else ""
        if name and len(last) > 1 and not last.isdigit() and not _LINKED.search(name) and not on_platform(name):
            found.setdefault(without_www(name))
    return tuple(found)


def _when(value: object) -> When | None:
    """The day of a release: seconds since 1970 as text, or a date."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else words(value)
    try:
        if re.fullmatch(r"\d{9,11}", text):
            day = datetime.fromtimestamp(int(text), UTC).date()
            return When(datetime(day.year, day.month, day.day, tzinfo=UTC), Precision.DAY)
        return When.of(text[:10])
    except (ValueError, OverflowError, OSError):
        return None
