"""How the watch is: what is watched, what is alive, what is late, how fresh each source is."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from tracker.model.facts import CanaryResult, Layer, Presence, Reason
from tracker.model.history import History
from tracker.model.times import from_iso, iso
from tracker.model.views import REPLACEMENT_VERDICTS, Views
from tracker.model.watching import Announcement, AnnouncementStatus, WatchKind, WatchStatus
from tracker.ports import Due, Work
from tracker.stages.notify import Outbox
from tracker.stages.planner import CERTIFICATES, EDITS, POLL, READ, SWEEP, SWEEP_ALL, look_kind

COLUMNS = ("what", "item", "value", "at", "note")
NEVER_READ: Mapping[str, datetime] = MappingProxyType({})
STALE_AFTER = timedelta(days=2)
"""A source without a success for that long is stale; the slowest cadence of a source that is always on is daily."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """The newest success and the newest gap of one source; None = never."""

    source: str
    success: datetime | None
    gap: datetime | None
    reason: str

    @property
    def failing(self) -> bool:
        """Whether the last thing that happened was a gap."""
        return self.gap is not None and (self.success is None or self.gap > self.success)


def lists_read(work: Work) -> dict[str, datetime]:
    """When each list was last read; a list says nothing most of the time, so that no row of the log tells."""
    keys = {f"{READ}{entry}": entry for entry in work.scheduled(POLL)}
    return {keys[key]: from_iso(moment) for key, moment in work.notes(list(keys)).items()}


def freshness(history: History, read: Mapping[str, datetime] = NEVER_READ) -> tuple[Freshness, ...]:
    """One row per source that ever worked or failed, sorted. `read` is when lists were last read, from `lists_read`."""
    success = dict(read)
    trouble: dict[str, tuple[datetime, Reason]] = {}
    for sweep in history.sweeps:
        if any(part.canary is CanaryResult.GOOD for part in sweep.coverage):
            success[sweep.source] = max(sweep.last, success.get(sweep.source, sweep.last))
    for spans in history.spans.values():
        for span in spans:
            if span.presence is not Presence.INDETERMINATE:
                success[span.probe] = max(span.last, success.get(span.probe, span.last))
            else:
                trouble[span.probe] = max((span.last, span.reason), trouble.get(span.probe, (span.last, span.reason)))
    for sighting in history.sightings:
        success[sighting.source] = max(sighting.at, success.get(sighting.source, sighting.at))
    # One name that told nothing is no trouble of a probe that learns about the others.
    trouble = {probe: row for probe, row in trouble.items() if probe not in success}
    for gap in sorted(history.gaps, key=lambda gap: gap.last):
        if gap.reason is not Reason.WILDCARD:  # such a suffix is a fact of the net, not a failure
            trouble[gap.source] = (gap.last, gap.reason)
    return tuple(
        Freshness(source, success.get(source), *trouble.get(source, (None, "")))
        for source in sorted({*success, *trouble})
    )


def status_rows(history: History, views: Views | None, work: Work, now: datetime) -> Iterator[tuple[object, ...]]:
    """Rows under `COLUMNS` for people and pipes."""
    active = [watch for watch in history.watches if watch.status is WatchStatus.ACTIVE]
    for role in WatchKind:
        labels = [watch.label for watch in active if watch.kind is role]
        if labels:
            yield ("watched", role, len(labels), "", f"{len(set(labels))} labels")
    yield from _verdicts(history, views)
    yield from _alive(history)
    fresh = freshness(history, lists_read(work))
    for row in fresh:
        note = f"failing: {row.reason}" if row.failing else ""
        yield ("source", row.source, "", iso(row.success), note)
    for kind in (POLL, SWEEP, SWEEP_ALL, EDITS, CERTIFICATES, *(look_kind(row.source) for row in fresh)):
        planned = work.scheduled(kind)
        late = [row for row in planned.values() if row.due_at < now]
        if planned:
            oldest = min((row.due_at for row in late), default=None)
            yield ("due", kind, len(planned), iso(min(row.due_at for row in planned.values())), _late(late, oldest))
    yield from _waiting(work)
    for found in waiting(history):
        hint = f"to be imported by hand: tracker announcements draft {found.announcement_id}"
        yield ("announcement", found.title, "", iso(found.published.at), hint)


def waiting(history: History) -> tuple[Announcement, ...]:
    """Announcements that nobody has imported or dismissed, the newest first. An action that cites one imports it."""
    cited = {source.url for action in history.actions for source in action.sources}
    known = {action.action_id for action in history.actions}
    rows = [
        row
        for row in history.announcements
        if row.status is AnnouncementStatus.OPEN and row.announcement_id not in known and (row.url or "-") not in cited
    ]
    return tuple(sorted(rows, key=lambda row: (row.published.at, row.announcement_id), reverse=True))


def _waiting(work: Work) -> Iterator[tuple[object, ...]]:
    for place, queue in Outbox.read(work).queues.items():
        note = "a place that takes none: see the log of `tracker run`" if queue.dropped else ""
        yield ("messages", place, len(queue.waiting), "", note)


def _late(late: Sequence[Due], oldest: datetime | None) -> str:
    return f"{len(late)} late, the oldest since {iso(oldest)}" if late else ""


def _verdicts(history: History, views: Views | None) -> Iterator[tuple[object, ...]]:
    if views is None:
        return
    controls = {watch.key for watch in history.watches if watch.kind is WatchKind.CONTROL}
    counted = Counter(row.verdict for row in views.assessments if row.watch_key not in controls)
    for verdict, count in sorted(counted.items()):
        yield (
            "candidates",
            verdict,
            count,
            iso(views.as_of),
            "replacements" if verdict in REPLACEMENT_VERDICTS else "",
        )


def _alive(history: History) -> Iterator[tuple[object, ...]]:
    names = {watch.name for watch in history.watches if watch.name is not None}
    for layer in Layer:
        latest = [
            max((span for span in history.spans[name] if span.layer is layer), key=lambda span: span.last, default=None)
            for name in sorted(names & set(history.spans))
        ]
        seen = Counter(span.presence for span in latest if span is not None)
        if seen:
            note = ", ".join(f"{count} {presence}" for presence, count in sorted(seen.items()))
            yield ("predecessors", layer, seen[Presence.PRESENT], "", note)


def stale(history: History, now: datetime, read: Mapping[str, datetime] = NEVER_READ) -> list[str]:
    """One line per source whose last success is too old, and one when nothing was ever recorded."""
    if not freshness(history):
        return ["nothing was recorded yet"]
    return [f"{source}: {why}" for source, why in blind(history, now, read).items()]


def blind(history: History, now: datetime, read: Mapping[str, datetime] = NEVER_READ) -> dict[str, str]:
    """The sources whose last success is too old, with the reason; what was never asked by choice is not among them."""
    return {
        row.source: f"last success {iso(row.success) or 'never'}" + (f", {row.reason} since" if row.failing else "")
        for row in freshness(history, read)
        if (row.success is None and row.reason != Reason.NOT_ASKED)
        or (row.success is not None and now - row.success > STALE_AFTER)
    }
