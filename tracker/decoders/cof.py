"""Passive DNS in the common output format: rrname, rrtype, rdata, time_first, time_last; JSON lines or an array."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from tracker.decoders.listing import Listing, NotThatList, Statement, name_in, table, tables, words
from tracker.decoders.namelist import Problem
from tracker.model.names import DomainName
from tracker.model.times import Precision, When


def read(text: str) -> Listing:
    """One statement per owner name, with the earliest sight that a row claims; raises NotThatList without any row.

    What the name points to (`rdata`) is kept in `raw` and is no name of the list. Envelopes of DNSDB are opened.
    """
    first: dict[DomainName, Statement] = {}
    problems: list[Problem] = []
    rows = 0
    for line, row in _rows(text, problems):
        owner = words(row.get("rrname"))
        if not owner or "rrtype" not in row:
            continue
        rows += 1
        name = None if owner.rstrip(".").endswith(".arpa") else name_in(owner)
        if name is None:
            continue
        when = _when(row.get("time_first", row.get("zone_time_first")))
        said = Statement(name=name, place=f"line {line}", raw=f"{row['rrtype']} {_data(row.get('rdata'))}", when=when)
        known = first.get(name)
        if known is None or (when is not None and (known.when is None or when.at < known.when.at)):
            first[name] = said
    if not rows:
        raise NotThatList("no passive DNS: no line has rrname and rrtype")
    return Listing(statements=tuple(first.values()), rows=rows, problems=tuple(problems))


def _rows(text: str, problems: list[Problem]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    whole = _array(text)
    if whole is not None:
        yield from ((number, table(row.get("obj")) or row) for number, row in enumerate(tables(whole), start=1))
        return
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        if not line.strip() or line.startswith((";", "#")):
            continue
        try:
            found = orjson.loads(line)
        except ValueError:
            problems.append(Problem(number, "no JSON object"))
            continue
        for row in tables(found if isinstance(found, list) else [found]):
            yield number, table(row.get("obj")) or row


def _array(text: str) -> object | None:
    """An array over many lines, as clients print it; its rows are counted instead of lines."""
    begins = text.removeprefix("\ufeff").strip()
    if not begins.startswith("[") or "\n" not in begins:
        return None
    try:
        found: object = orjson.loads(begins)
    except ValueError:
        return None
    return found


def _when(value: object) -> When | None:
    """Seconds since 1970, or ISO 8601."""
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return When(datetime.fromtimestamp(value, UTC), Precision.SECOND)
        return When.of(words(value))
    except (ValueError, OverflowError, OSError):
        return None


def _data(value: object) -> str:
    parts = value if isinstance(value, list) else [value]
    return " ".join(str(part) for part in parts)[:200]
