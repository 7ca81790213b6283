"""Composition for those who tend the lists: how each is, what they claim, and that one really shrank."""

from collections.abc import Iterator
from datetime import datetime

from tracker.feeds import kind_and_location
from tracker.feeds.memory import Memory
from tracker.model.cursors import DamagedCursor
from tracker.model.facts import Batch, Gap, Run
from tracker.model.history import History
from tracker.model.times import iso
from tracker.model.views import Views
from tracker.model.watching import WatchStatus
from tracker.ports import Log
from tracker.settings import Settings

SHOWN = ("list", "kind", "state", "names", "read_at", "changed_at", "note")
CLAIMED = (
    "domain",
    "kind",
    "operation",
    "replaces",
    "when",
    "ours",
    "source",
    "place",
    "revision",
    "listed_first",
    "listed_last",
    "tlp",
    "pap",
    "raw",
)

__all__ = ["CLAIMED", "SHOWN", "NothingHeld", "approve", "claim_rows", "list_rows"]


class NothingHeld(ValueError):
    """The list is not held back, so there is nothing to approve."""


def list_rows(settings: Settings, log: Log) -> Iterator[tuple[object, ...]]:
    """One row under `SHOWN` per list of the settings; raises ValueError for a kind that does not exist."""
    gaps = {gap.source: gap for gap in sorted(log.history().gaps, key=lambda gap: gap.last)}
    for entry in settings.lists.watchlists:
        kind, location = kind_and_location(entry)
        try:
            memory = Memory.of(entry, location, log.cursor(entry))
        except DamagedCursor as error:
            hint = "restore a copy of the database, or read it anew by: tracker lists approve"
            yield (entry, kind, "damaged", 0, "", "", f"{error}; {hint}")
            continue
        gap = gaps.get(entry)
        state, note = _state(memory, gap)
        yield (entry, kind, state, memory.names, iso(memory.last_success), memory.state.get("changed", ""), note)


def _state(memory: Memory, gap: Gap | None) -> tuple[str, str]:
    """How a list is, in a word and a note; what a person decided since it last failed outranks the failure."""
    if memory.held_names is not None:
        shrunk = f"{memory.names} names before, {memory.held_names} now"
        return "held", f"{shrunk}; if it really shrank: tracker lists approve"
    since = max((at for at in (memory.last_success, memory.approved_at) if at is not None), default=None)
    if gap is not None and (since is None or gap.last > since):
        return "failing", gap.detail
    if since is not None and since != memory.last_success:
        return "approved", "applied at its next reading"
    return ("read" if memory.state else "new"), ""


def approve(log: Log, entry: str, reviewer: str, run: Run, now: datetime) -> int:
    """Let a list that was held back be applied at its next reading; returns its number of names.

    What is remembered of it and damaged is forgotten by that. Raises NothingHeld, or ValueError without a reviewer.
    """
    if not reviewer.strip():
        raise ValueError("--reviewer has to say who looked at the list")
    location = kind_and_location(entry)[1]
    try:
        memory = Memory.of(entry, location, log.cursor(entry))
    except DamagedCursor:
        memory = Memory(entry, location, {"held": {"names": 0, "since": iso(now)}})
    cursor = memory.approved(now, reviewer.strip())
    if cursor is None:
        raise NothingHeld(f"{entry} is not held back: `tracker lists show` tells how each list is")
    log.append(run, Batch(cursor=cursor), now)
    return memory.held_names or 0


def claim_rows(history: History, views: Views | None) -> Iterator[tuple[object, ...]]:
    """One row under `CLAIMED` per claim. `ours` is what we make of the name: how it is watched, else its verdict."""
    watched = {watch.name: watch.kind.value for watch in history.watches if watch.status is WatchStatus.ACTIVE}
    judged = {row.name: row.verdict.value for row in views.assessments} if views else {}
    for claim in history.claims:
        source = claim.source
        yield (
            claim.domain,
            claim.kind.value,
            claim.operation_id,
            claim.replaces or "",
            (iso(claim.when.at)[:10] if claim.when.precision == "day" else iso(claim.when.at)) if claim.when else "",
            watched.get(claim.domain) or judged.get(claim.domain, ""),
            source.source_id,
            source.place,
            source.revision,
            iso(source.first),
            iso(source.last),
            claim.tlp.value,
            claim.pap.value,
            claim.raw,
        )
