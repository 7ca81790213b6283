"""A front page as bytes → what it says, how it is built, whose accounts count its visitors. Nothing is executed."""

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from tracker.decoders.whois_dates import fold

TITLE_LIMIT: Final = 200
TEXT_LIMIT: Final = 200_000
_SHINGLE: Final = 3
_CHARSET: Final = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")
_WORD: Final = re.compile(r"\w+")
# A copied page keeps the ids of what it was copied from: they say whose page it is, not whose site.
_TRACKERS: Final[Mapping[str, re.Pattern[str]]] = {
    "ga": re.compile(r"\b(UA-\d{4,10}-\d{1,4}|G-(?=[A-Z]*\d)[A-Z0-9]{6,12})\b"),
    "gtm": re.compile(r"\b(GTM-[A-Z0-9]{4,8})\b"),
    "ads": re.compile(r"\b(AW-\d{6,})\b"),
    "adsense": re.compile(r"\b(ca-pub-\d{16})\b"),
    "yandex": re.compile(r"(?:\bym\(\s*|mc\.yandex\.ru/watch/|yaCounter)(\d{5,10})\b"),
    "facebook": re.compile(r"fbq\(\s*['\"]init['\"]\s*,\s*['\"]?(\d{8,20})"),
    "mailru": re.compile(r"top-fwz1\.mail\.ru/counter\?id=(\d{5,10})"),
    "verification": re.compile(
        r"<meta[^>]+name=[\"'](?:google-site-verification|yandex-verification)[\"'][^>]+content=[\"']([\w-]{8,80})"
    ),
}
_MATOMO: Final = re.compile(r"setTrackerUrl['\"]?\s*,\s*['\"]?([^'\")\s]+)|setSiteId['\"]?\s*,\s*['\"]?(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page as fetched, not as a browser would render it.

    `simhash` is 64 bits over three-word runs of the text (0 without text), `dom_sha256` over the tag names in document
    order (parser: lexbor), `kind` one of the file's kinds or empty for content of somebody's own.
    """

    title: str
    language: str
    text: str
    text_sha256: str
    simhash: int
    trackers: tuple[str, ...]
    dom_sha256: str
    kind: str


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
    trackers = tuple(sorted(set(_ids(source))))
    for node in tree.css("script, style, noscript, template, title"):
        node.decompose()
    text = clean(tree.body.text(separator=" ") if tree.body is not None else "")[:TEXT_LIMIT]
    return Page(
        title=title,
        language=language,
        text=text,
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
        simhash=simhash(text),
        trackers=trackers,
        dom_sha256=hashlib.sha256(tags.encode()).hexdigest()[:32],
        kind=kind_of(title, text),
    )


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


def kind_of(title: str, text: str) -> str:
    """The kind of page that is nobody's content, or empty; a long text is content whatever it mentions."""
    limit, kinds = _phrases()
    said = fold(f"{title} {text}")
    if len(said.split()) > limit:
        return ""
    return next((kind for kind, phrases in kinds.items() if any(phrase in said for phrase in phrases)), "")


@cache
def _phrases() -> tuple[int, Mapping[str, tuple[str, ...]]]:
    table = tomllib.loads(resources.files(__package__).joinpath("page_phrases.toml").read_text(encoding="utf-8"))
    return table["limit"], {kind: tuple(map(fold, phrases)) for kind, phrases in table["kinds"].items()}


def _ids(source: str) -> Iterator[str]:
    for service, pattern in _TRACKERS.items():
        yield from (f"{service}:{found}" for found in pattern.findall(source))
    pairs = _MATOMO.findall(source)
    url, site = next((u for u, _ in pairs if u), ""), next((s for _, s in pairs if s), "")
    if url and site:  # only the pair identifies: site 1 exists on every installation
        yield f"matomo:{url}#{site}"
