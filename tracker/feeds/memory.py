"""What a feed remembers of a list between polls, and what follows from it: unchanged, shrunken, not to be had."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tracker.model.cursors import remembered
from tracker.model.facts import Batch, Cursor, Gap, Reason
from tracker.model.times import from_iso, iso

SHRINK_LIMIT = 0.5
"""A list that loses more than this share of its names at once is held back: an emptied file is not an un-seizure."""

NOTED_EVERY = timedelta(hours=12)
"""How often an unchanged list is noted as read; a gap may be stated that much too wide, never too narrow."""


@dataclass(frozen=True, slots=True)
class Memory:
    """The cursor of one list, read: last_success, validators, sha256, names, held, and what is the feed's own."""

    source: str
    location: str
    state: Mapping[str, Any]
    cursor: Cursor | None = None

    @classmethod
    def of(cls, source: str, location: str, cursor: Cursor | None) -> "Memory":
        """From the cursor that the log kept; nothing is remembered at first. Raises DamagedCursor."""
        return cls(source, location, remembered(cursor), cursor)

    @property
    def last_success(self) -> datetime | None:
        """When the list was last read and told the same or was applied, to within NOTED_EVERY."""
        return from_iso(self.state["last_success"]) if "last_success" in self.state else None

    @property
    def validators(self) -> Mapping[str, str]:
        """Headers that let the server answer that nothing changed."""
        found: Mapping[str, str] = self.state.get("validators", {})
        return found

    @property
    def names(self) -> int:
        """How many names the list had when it was last applied."""
        return int(self.state.get("names", 0))

    @property
    def held_names(self) -> int | None:
        """How many names the list has that is held back; None when none is."""
        held = self.state.get("held")
        return None if held is None else int(held["names"])

    @property
    def approved_at(self) -> datetime | None:
        """When a person last said that the list really shrank."""
        return from_iso(self.state["approved"]["at"]) if "approved" in self.state else None

    def has(self, text: str | None) -> bool:
        """Whether that is what was applied last; None stands for the server's word that nothing changed."""
        return text is None or digest(text) == self.state.get("sha256")

    def shrunk(self, names: int) -> str:
        """Why so few names are not believed; empty when they are."""
        if names >= SHRINK_LIMIT * self.names:
            return ""
        return f"{self.location} shrank from {self.names} names to {names}: not applied"

    def failed(self, now: datetime, reason: Reason, detail: str) -> Batch:
        """A gap since the last success; what is remembered stays."""
        first = self.last_success or now
        gap = Gap(source=self.source, scope=self.location, first=first, last=now, reason=reason, detail=detail)
        return Batch(gaps=(gap,), cursor=self.cursor)

    def held(self, now: datetime, names: int, message: str) -> Batch:
        """A gap for a list that is held back until it grows again or a person says that it really shrank."""
        since = self.state.get("held", {}).get("since", iso(now))
        cursor = self._cursor(held={"names": names, "since": since})
        return Batch(gaps=self.failed(now, Reason.MALFORMED, message).gaps, cursor=cursor)

    def approved(self, now: datetime, reviewer: str) -> Cursor | None:
        """The cursor by which the list is applied at its next reading, however short; None when nothing is held."""
        held = self.state.get("held")
        if held is None:
            return None
        note = {"by": reviewer, "at": iso(now), "from": self.names, "to": held["names"]}
        return self._cursor(held=None, names=held["names"], sha256=None, validators={}, approved=note)

    def unchanged(self, now: datetime, validators: Mapping[str, str]) -> Batch:
        """Nothing to say but that it was read, and that not every time."""
        if self.last_success is not None and now - self.last_success < NOTED_EVERY and "held" not in self.state:
            return Batch()
        return Batch(cursor=self._cursor(last_success=iso(now), validators=dict(validators), held=None))

    def applied(self, now: datetime, validators: Mapping[str, str], text: str, names: int, **more: Any) -> Cursor:
        """The cursor after a reading that counts. `more` is the feed's own to remember."""
        kept = {"last_success": iso(now), "validators": dict(validators), "sha256": digest(text), "names": names}
        return self._cursor(**kept, held=None, changed=iso(now), **more)

    def with_events(self, events: Mapping[str, int]) -> Cursor:
        """The cursor in the middle of a feed: some of its events are read, the feed itself is not yet."""
        return self._cursor(events=dict(events))

    def _cursor(self, **changes: Any) -> Cursor:
        """The state with changes; None takes a key out."""
        state = {key: value for key, value in {**self.state, **changes}.items() if value is not None}
        return Cursor(self.source, json.dumps(state, sort_keys=True))


def digest(text: str) -> str:
    """What the text of a list is compared by."""
    return hashlib.sha256(text.encode()).hexdigest()
