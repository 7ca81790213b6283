"""The registrar's name, out of the several places and dresses in which replies state it."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from tracker.decoders import whois_words as words
from tracker.decoders.redaction import is_marker
from tracker.decoders.whois_lines import Entry

_NOT_ONE: Final = re.compile(r"^(?:no registrar.*|https?://\S+|\S+@\S+)$", re.IGNORECASE)
_DIRECT: Final = re.compile(r"^no registrar listed\..*registered directly with ([^.]+)\.", re.IGNORECASE)
_TRADING_AS: Final = re.compile(r"^.+\s(?:t/a|trading as|d/b/a|dba)\s+(\S.*)$", re.IGNORECASE)
_TRAILER: Final = re.compile(
    r"\s*(?:\[[^\]]*\]|\(\s*(?:https?:|www\.|[^)\s]*\.[^)\s]*|r\d+-\w+|\d+)[^)]*\)|(?<=\s)R\d+-[A-Z]+)\s*$",
    re.IGNORECASE,
)
_ORGANIZATION: Final = ("organization", "organisation", "org", "company", "organization name", "organisation name")
_NAME: Final = ("name", "registrar name", "company name")


def registrar_of(found: Sequence[Entry]) -> str:
    """The registrar's own name, or empty. Handles, tags and addresses behind it are cut off."""
    return next((name for value in _stated(found) if (name := _clean(value))), "")


def _stated(found: Sequence[Entry]) -> Iterator[str]:
    """Candidate values, best first: a key of its own, then organisation before name below the registrar's heading."""
    below = [e for e in found if "registrar" in e.section.split() and not set(e.section.split()) & words.CONTACT]
    yield from (e.value for e in found if e.has(words.REGISTRAR) and set(e.section.split()) <= words.NEUTRAL)
    yield from (e.value for e in below if e.has(_ORGANIZATION))
    yield from (e.value for e in below if e.has(_NAME))
    yield from (e.value for e in found if e.has(words.REGISTRAR) and not set(e.section.split()) & words.CONTACT)


def _clean(value: str) -> str:
    name = " ".join(value.split())
    direct = _DIRECT.match(name)
    if direct is not None:
        return direct[1].strip()
    while (shorter := _TRAILER.sub("", name)) != name and shorter:
        name = shorter
    trading = _TRADING_AS.match(name)
    name = (trading[1] if trading is not None else name).strip(" ,;")
    return "" if len(name) > 160 or len(name.split()) > 12 or _NOT_ONE.match(name) or is_marker(name) else name
