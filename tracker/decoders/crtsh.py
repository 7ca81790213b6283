"""crt.sh's JSON: rows of certificates for a search term. Bytes in, rows out; no rows is a reading, not an absence."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from tracker.model.names import DomainName, NotAName, is_under, parse

ROW_CAP: Final = 10_000
"""Rows that the service gives at most; a reply that has as many may lack older ones."""


class CrtShError(ValueError):
    """The body is no array of certificate rows; the message says where it broke."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrtShRow:
    """One certificate. `logged_at` is when its entry was logged (None where the service left it out), `not_before` the
    CA's own claim.
    """

    crtsh_id: int
    names: tuple[DomainName, ...]
    logged_at: datetime | None
    not_before: datetime

    @property
    def known_by(self) -> datetime:
        """When somebody had a certificate at the latest: logging if known, else the start of validity."""
        return self.logged_at or self.not_before


def read(body: bytes) -> tuple[CrtShRow, ...]:
    """All rows of one reply, as given; raises CrtShError, also for the HTML that the service sends when overloaded."""
    try:
        rows = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise CrtShError(f"no JSON: {str(error)[:100]}") from error
    if not isinstance(rows, list):
        raise CrtShError(f"a {type(rows).__name__} where an array was due")
    return tuple(_row(row) for row in rows)


def about(rows: Iterable[CrtShRow], name: DomainName) -> tuple[CrtShRow, ...]:
    """The rows that really carry `name` or something below it: the service matches more loosely than that."""
    return tuple(row for row in rows if any(is_under(found, name) for found in row.names))


def _row(row: Any) -> CrtShRow:
    if not isinstance(row, Mapping):
        raise CrtShError(f"a {type(row).__name__} where a row was due")
    try:
        return CrtShRow(
            crtsh_id=int(row["id"]),
            names=_names(f"{row.get('name_value') or ''}\n{row.get('common_name') or ''}"),
            logged_at=_moment(row["entry_timestamp"]) if row.get("entry_timestamp") else None,
            not_before=_moment(row["not_before"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise CrtShError(f"a row without a sound {error}") from error


def _names(text: str) -> tuple[DomainName, ...]:
    found: dict[DomainName, None] = {}
    for line in text.splitlines():
        try:
            found[parse(line)] = None
        except NotAName:
            continue  # e-mail addresses and organisations stand there too
    return tuple(found)


def _moment(text: str) -> datetime:
    """The service writes UTC without saying so."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
