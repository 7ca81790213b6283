"""python-whois as a second reader of dates. It knows keys of single registries that no general rule knows.

Its own way through a reply is not taken. One of its patterns needs minutes for a kilobyte of ordinary text, it fills
missing parts of a date from today, swaps day and month, takes the last registrar-like line, lists contacts as servers,
and raises "not found" for texts that say something else. So it chooses its parser for the suffix, and of that parser
only the patterns of dates are used, line by line; the value they find is read by our own date reader.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from tracker.decoders.whois_dates import Moment, orders, read_date
from tracker.decoders.whois_lines import Entry
from tracker.decoders.whois_words import CONTACT, OBJECTS

_ATTRIBUTES: Final = {"registered": "creation_date", "expires": "expiration_date", "updated": "updated_date"}
_LINES: Final = 400
_WIDTH: Final = 300  # its patterns are at most quadratic in this
_OTHER: Final = frozenset({"quarantine", "free", "whois", "database", "deleted", "delete", "transferred", "nsset"})
_TROUBLES: Final = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RuntimeError)


def library_dates(text: str, suffix: str, found: Sequence[Entry], wanted: Sequence[str]) -> dict[str, Moment]:
    """The `wanted` dates (registered, expires, updated) in lines that the library's patterns for `suffix` name.

    Each must be the value of one of `found` that stands under nobody's name.
    """
    patterns = _patterns(suffix)
    order = orders(text, suffix)
    stated = {entry.value: entry for entry in reversed(found) if entry.keys and not _is_else(entry)}
    dates: dict[str, Moment] = {}
    for name in wanted:
        for value in _values(patterns.get(name), text):
            moment = read_date(value, order) if value in stated else None
            if moment is not None:
                dates[name] = moment
                break
    return dates


def _patterns(suffix: str) -> dict[str, re.Pattern[str]]:
    from whois.exceptions import WhoisError  # noqa: PLC0415  heavy, and most replies do not need it
    from whois.parser import WhoisEntry  # noqa: PLC0415

    try:
        known = WhoisEntry.load(f"example.{suffix}", "")._regex
        return {
            name: re.compile(known[attribute], re.IGNORECASE)
            for name, attribute in _ATTRIBUTES.items()
            if known.get(attribute)
        }
    except (*_TROUBLES, WhoisError, re.error):
        return {}


def _values(pattern: re.Pattern[str] | None, text: str) -> Iterator[str]:
    if pattern is None:
        return
    for line in text.splitlines()[:_LINES]:
        match = pattern.search(line[:_WIDTH] + "\n")
        if match is not None:
            yield next((group.strip() for group in match.groups() if group), "")


def _is_else(entry: Entry) -> bool:
    section = set(entry.section.split())
    return bool(section & (CONTACT | OBJECTS | _OTHER)) or any(set(key.split()) & _OTHER for key in entry.keys)
