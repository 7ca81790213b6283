"""What was taken back: strangers, wrong rows of lists, wrong dates. Kept in the log as reviews of their own kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tracker.model.facts import Review
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import iso
from tracker.model.views import REPLACEMENT_VERDICTS, Verdict

PREFIX = "retracted:"
"""Begins the watch key of a retraction: no watch has such a key, so no verdict is touched by it."""


class What(StrEnum):
    """What is taken back: a name altogether, what a source said of it, or the date that a source gave for it."""

    NAME = "name"
    CLAIM = "claim"
    DATE = "date"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retraction:
    """Something published that was wrong. `source` empty = of every source."""

    what: What
    name: DomainName
    source: str
    at: datetime

    @property
    def key(self) -> tuple[str, ...]:
        """Unique and stable."""
        return (self.name, self.what, self.source, iso(self.at))

    def covers(self, name: DomainName, source: str) -> bool:
        """Whether what `source` said of `name` is taken back."""
        return name == self.name and self.source in {"", source}


def watch_key(what: What, source: str = "") -> str:
    """The key under which a retraction is kept in the log."""
    return f"{PREFIX}{what}:{source}"


def retractions(history: History) -> tuple[Retraction, ...]:
    """What stands retracted, by time; a later verdict that calls a name a replacement takes its withdrawal back."""
    gone = tuple(
        Retraction(what=What.NAME, name=name, source="", at=at) for name, at in withdrawn_names(history).items()
    )
    rows = tuple(
        Retraction(what=what, name=row.name, source=source, at=row.at)
        for row in history.reviews
        if (read := _read(row)) is not None
        for what, source in (read,)
        if what is not What.NAME
    )
    return tuple(sorted({*gone, *rows}, key=lambda row: (row.at, row.key)))


def withdrawn_names(history: History) -> Mapping[DomainName, datetime]:
    """Names retracted, or called a replacement by a reviewer and later ruled out for the same watch, and since when."""
    said: set[tuple[str, DomainName]] = set()
    gone: dict[DomainName, datetime] = {}
    for row in sorted(history.reviews, key=lambda row: (row.at, row.watch_key, row.name)):
        key, read = (row.watch_key, row.name), _read(row)
        if read is not None:
            if read[0] is What.NAME:
                gone[row.name] = row.at
        elif row.verdict in REPLACEMENT_VERDICTS:
            said.add(key)
            gone.pop(row.name, None)
        elif row.verdict == Verdict.RULED_OUT and key in said:
            gone.setdefault(row.name, row.at)
    return gone


def _read(row: Review) -> tuple[What, str] | None:
    if not row.watch_key.startswith(PREFIX):
        return None
    what, _, source = row.watch_key.removeprefix(PREFIX).partition(":")
    return What(what), source
