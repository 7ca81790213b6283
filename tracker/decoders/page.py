"""A front page as bytes → what it says, how it is built, whose accounts count its visitors. Nothing is executed."""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from tracker.decoders.pageids import sellers, tracker_ids
from tracker.decoders.pagekinds import kind_of
from tracker.decoders.whois_dates import fold

TITLE_LIMIT: Final = 200
TEXT_LIMIT: Final = 200_000
URL_LIMIT: Final = 500
ICON_LIMIT: Final = 100_000
_SHINGLE: Final = 3
_CHARSET: Final = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")
_WORD: Final = re.compile(r"\w+")
_REFRESH: Final = re.compile(r"^\s*[\d.]*\s*[;,]?\s*url\s*=\s*['\"]?\s*([^'\"\s]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page as fetched, not as a browser would render it.

    `simhash` is 64 bits over three-word runs of the text (0 without text), `dom_sha256` over the tag names in document
    order (parser: lexbor), `kind` one of the file's kinds or empty for content of somebody's own, `kind_reason` the
    phrase that decided. `canonical` is where the page says that it belongs, `refresh` where it sends its visitor,
    `icon` where its icon is: URLs as written, relative ones included, empty when not stated.
    """

    title: str
    language: str
    text: str
    text_sha256: str
    simhash: int
    trackers: tuple[str, ...]
    dom_sha256: str
    kind: str
    kind_reason: str
    sellers: tuple[str, ...]
    canonical: str
    refresh: str
    icon: str


def read_page(body: bytes, content_type: str = "") -> Page:
    """Read HTML of any quality; never raises."""
    source = decoded(body, content_type)
    tree = LexborHTMLParser(source)
    tags = (
        "|".join(node.tag for node in tree.root.traverse() if node.tag and node.tag[0].isalpha()) if tree.root else ""
    )
    heading = tree.css_first("title")
    title = clean(heading.text() if heading is not None else "")[:TITLE_LIMIT]
    html = tree.css_first("html")
    language = (html.attributes.get("lang") or "" if html is not None else "").strip().lower()[:20]
    trackers = tracker_ids(source, tree)
    links = {"canonical": _canonical(tree), "refresh": _refresh(tree), "icon": _icon(tree)}
    for node in tree.css("script, style, noscript, template, title"):
        node.decompose()
    text = clean(tree.body.text(separator=" ") if tree.body is not None else "")[:TEXT_LIMIT]
    kind, reason = kind_of(title, text, source)
    return Page(
        title=title,
        language=language,
        text=text,
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
        simhash=simhash(text),
        trackers=trackers,
        dom_sha256=hashlib.sha256(tags.encode()).hexdigest()[:32],
        kind=kind,
        kind_reason=reason,
        sellers=sellers(source),
        **links,
    )


def _attribute(tree: LexborHTMLParser, selector: str, name: str) -> str:
    node = tree.css_first(selector)
    return clean(node.attributes.get(name) or "")[:URL_LIMIT] if node is not None else ""


def _canonical(tree: LexborHTMLParser) -> str:
    stated = _attribute(tree, "link[rel='canonical' i]", "href")
    return stated or _attribute(tree, "meta[property='og:url' i]", "content")


def _refresh(tree: LexborHTMLParser) -> str:
    found = _REFRESH.match(_attribute(tree, "meta[http-equiv='refresh' i]", "content"))
    return found[1] if found is not None else ""


def _icon(tree: LexborHTMLParser) -> str:
    """The first icon that is stated; inline ones may be long, so they are not cut."""
    node = tree.css_first("link[rel~='icon' i][href]")
    return (node.attributes.get("href") or "").strip()[:ICON_LIMIT] if node is not None else ""


def decoded(body: bytes, content_type: str) -> str:
    """The text of a page: its stated character set, else UTF-8, what does not fit replaced."""
    stated = _CHARSET.search(content_type.encode("ascii", "ignore")) or _CHARSET.search(body[:2048])
    try:
        return body.decode(stated[1].decode("ascii") if stated else "utf-8", "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def clean(text: str) -> str:
    """Text in one line: control and direction marks gone, runs of space single."""
    return " ".join(_CONTROL.sub(" ", text).split())


def simhash(text: str) -> int:
    """64-bit fingerprint: near texts differ in few bits, unrelated ones in about 32. 0 for a text without words."""
    words = _WORD.findall(fold(text))
    if not words:
        return 0
    runs = {" ".join(words[at : at + _SHINGLE]) for at in range(max(1, len(words) - _SHINGLE + 1))}
    votes = [0] * 64
    for run in runs:
        value = int.from_bytes(hashlib.blake2b(run.encode(), digest_size=8).digest(), "big")
        for bit in range(64):
            votes[bit] += 1 if value >> bit & 1 else -1
    return sum(1 << bit for bit in range(64) if votes[bit] > 0)
