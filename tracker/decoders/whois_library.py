"""python-whois as a second reader of dates. It knows keys of single registries that no general rule knows."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from tracker.decoders.whois_dates import Moment, orders, read_date
from tracker.decoders.whois_lines import Entry

_ATTRIBUTES: Final = {"registered": "creation_date", "expires": "expiration_date", "updated": "updated_date"}
_LIMIT: Final = 32 * 1024  # its regular expressions are run over the whole text
_TROUBLES: Final = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RuntimeError, re.error)


def library_dates(text: str, suffix: str, found: Sequence[Entry], wanted: Sequence[str]) -> dict[str, Moment]:
    """The `wanted` dates (registered, expires, updated) that the library finds, each only if our own reader agrees.

    The library fills missing parts of a date from today and swaps day and month, so its word alone is not taken: the
    same day must be what we read in a value of `found`, and the moment is ours. Its name servers and registrars are
    not used at all: on recorded replies it takes the last registrar-like line and lists contacts as servers.
    """
    from whois.exceptions import WhoisError  # noqa: PLC0415  heavy, and most replies do not need it
    from whois.parser import WhoisEntry  # noqa: PLC0415

    try:
        entry = WhoisEntry.load(f"example.{suffix}", text[:_LIMIT])
    except (*_TROUBLES, WhoisError):
        return {}
    order = orders(text, suffix)
    read = [moment for one in found if one.keys and (moment := read_date(one.value, order)) is not None]
    dates = {}
    for name in wanted:
        stated = entry.get(_ATTRIBUTES[name])
        first = stated[0] if isinstance(stated, list) and stated else stated
        day = first.replace(tzinfo=first.tzinfo or UTC).astimezone(UTC).date() if isinstance(first, datetime) else None
        agreed = next((moment for moment in read if moment.at.date() == day), None)
        if agreed is not None:
            dates[name] = agreed
    return dates
