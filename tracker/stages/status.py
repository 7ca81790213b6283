"""How the watch is: what is watched, what is alive, what is late, how fresh each source is."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.analysis.announced import waiting
from tracker.model.facts import CanaryResult, Layer, Presence, Reason
from tracker.model.history import History
from tracker.model.times import DAY, from_iso, iso
from tracker.model.views import REPLACEMENT_VERDICTS, Views
from tracker.model.watching import WatchKind, WatchStatus
from tracker.ports import Due, Held, Work
from tracker.stages.notify import Outbox
from tracker.stages.planner import CERTIFICATES, EDITS, POLL, SWEEP, SWEEP_ALL, look_kind
from tracker.stages.publish import last_report

COLUMNS = ("what", "item", "value", "at", "note")
STALE_AFTER = timedelta(days=2)
"""A source without a success for that long is stale, unless nothing of it was due since."""
LATE_AFTER = timedelta(hours=6)
"""What is overdue for that long was not just waiting for its turn."""
LASTING = frozenset({Reason.MALFORMED, Reason.TLS_ERROR})
"""Failures of a whole source that waiting does not mend: an unreadable cursor or list, an authority nobody trusts."""


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


def freshness(history: History, work: Work | None = None) -> tuple[Freshness, ...]:
    """One row per source that ever worked or failed, sorted. `work` knows of answers that brought nothing new."""
    success: dict[str, datetime] = {}
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
    trouble = {
        probe: row for probe, row in trouble.items() if probe not in success or row[0] - success[probe] > STALE_AFTER
    }
    for source, answered in _answered(history, work):
        success[source] = max(answered, success.get(source, answered))
    for gap in sorted(history.gaps, key=lambda gap: gap.last):
        if gap.reason is not Reason.WILDCARD:  # such a suffix is a fact of the net, not a failure
            trouble[gap.source] = (gap.last, gap.reason)
    return tuple(
        Freshness(source, success.get(source), *trouble.get(source, (None, "")))
        for source in sorted({*success, *trouble})
    )


def _answered(history: History, work: Work | None) -> Iterator[tuple[str, datetime]]:
    if work is None:
        return
    sources = {gap.source for gap in history.gaps} | {sweep.source for sweep in history.sweeps}
    sources |= {*work.scheduled(POLL), *work.scheduled(CERTIFICATES)}
    notes = work.notes([told(source) for source in sorted(sources)])
    for source in sorted(sources):
        if noted := notes.get(told(source)):
            yield source, from_iso(noted)


def status_rows(
    history: History, views: Views | None, work: Work, now: datetime, held: Sequence[Held] = ()
) -> Iterator[tuple[object, ...]]:
    """Rows under `COLUMNS` for people and pipes. `held` are the servers that are not to be asked at `now`."""
    active = [watch for watch in history.watches if watch.status is WatchStatus.ACTIVE]
    for role in WatchKind:
        labels = [watch.label for watch in active if watch.kind is role]
        if labels:
            yield ("watched", role, len(labels), "", f"{len(set(labels))} labels")
    yield from _verdicts(history, views)
    yield from _alive(history, views)
    sources = freshness(history, work)
    for row in sources:
        note = f"failing: {row.reason}" if row.failing else ""
        yield ("source", row.source, "", iso(row.success), note)
    for kind in (POLL, SWEEP, SWEEP_ALL, EDITS, CERTIFICATES, *(look_kind(row.source) for row in sources)):
        planned = work.scheduled(kind)
        if planned:
            first = min(row.due_at for row in planned.values())
            yield ("due", kind, len(planned), iso(first), overdue(late(kind, work, now)))
    yield from _made(history, now)
    yield from _waiting(work)
    for server in held:
        yield ("held back", server.server, server.refusals, iso(server.until), "it asked to be left alone until then")
    if report := last_report(work):
        yield ("report", report[0], "", report[1], "")
    for found in waiting(history):
        hint = f"to be imported by hand: tracker announcements draft {found.announcement_id}"
        yield ("announcement", found.title, "", iso(found.published.at), hint)


def _made(history: History, now: datetime) -> Iterator[tuple[object, ...]]:
    """Looks of the last day by probe, and how many of them told nothing."""
    made: Counter[str] = Counter()
    unsure: Counter[str] = Counter()
    for spans in history.spans.values():
        for span in spans:
            count = len(span.looks) - bisect_left(span.looks, now - DAY)
            made[span.probe] += count
            unsure[span.probe] += count if span.presence is Presence.INDETERMINATE else 0
    for probe in sorted(made):
        yield ("made in 24 h", probe, made[probe], "", f"{unsure[probe]} told nothing" if unsure[probe] else "")


def _waiting(work: Work) -> Iterator[tuple[object, ...]]:
    for place, queue in Outbox.read(work).queues.items():
        note = "a place that takes none: see the log of `tracker run`" if queue.dropped else ""
        yield ("messages", place, len(queue.waiting), "", note)


def overdue(rows: Sequence[Due]) -> str:
    """How many rows are late, and since when; empty when none is."""
    return f"{len(rows)} late, the oldest since {iso(rows[0].due_at)}" if rows else ""


def _verdicts(history: History, views: Views | None) -> Iterator[tuple[object, ...]]:
    if views is None:
        return
    kinds = {watch.key: watch.kind for watch in history.watches}
    of_brands = [row for row in views.assessments if kinds.get(row.watch_key) is WatchKind.PROTECTED]
    apart = (WatchKind.PROTECTED, WatchKind.CONTROL)
    others = [row for row in views.assessments if kinds.get(row.watch_key) not in apart]
    for what, rows in (("candidates", others), ("lookalikes", of_brands)):
        for verdict, count in sorted(Counter(row.verdict for row in rows).items()):
            called = "replacements" if what == "candidates" else "of protected brands"
            yield (what, verdict, count, iso(views.as_of), called if verdict in REPLACEMENT_VERDICTS else "")


def _alive(history: History, views: Views | None) -> Iterator[tuple[object, ...]]:
    """How many are alive at each layer, by the views where there are any: a seized name is PRESENT and not alive."""
    watched = {
        watch.name for watch in history.watches if watch.name is not None and watch.kind is WatchKind.PREDECESSOR
    }
    replacing = {row.name for row in views.replacements} if views else set()
    living = {(row.name, row.layer) for row in views.episodes if row.end is None} if views else None
    for role, names in (("predecessors", watched), ("replacements", replacing)):
        for layer in Layer:
            latest = [
                max(
                    (span for span in history.spans[name] if span.layer is layer),
                    key=lambda span: span.last,
                    default=None,
                )
                for name in sorted(names & set(history.spans))
            ]
            seen = Counter(span.presence for span in latest if span is not None)
            if seen:
                alive = sum((name, layer) in living for name in names) if living is not None else seen[Presence.PRESENT]
                note = ", ".join(f"{count} {presence}" for presence, count in sorted(seen.items()))
                yield (role, layer, alive, iso(views.as_of) if views else "", f"alive; at the last look {note}")


def stale(history: History, now: datetime, work: Work | None = None) -> list[str]:
    """One line per source that is blind, and one when nothing was ever recorded."""
    if not freshness(history, work):
        return ["nothing was recorded yet"]
    return [f"{source}: {why}" for source, why in blind(history, now, work).items()]


def blind(history: History, now: datetime, work: Work | None = None) -> dict[str, str]:
    """The sources whose last success is too old, with the reason; what was never asked by choice is not among them.

    One that rests until something of its own is due again is not blind; one whose failure will not pass is, at once.
    """
    return {
        row.source: f"last success {iso(row.success)}" + (f", {row.reason} since" if row.failing else "")
        if row.success is not None
        else "never a success" + (f", only {row.reason}" if row.failing else "")
        for row in freshness(history, work)
        if not (row.success is None and row.reason == Reason.NOT_ASKED)
        and (
            (row.failing and row.reason in LASTING) or (_old(row, now) and (row.failing or not _rests(row, now, work)))
        )
    }


def late(kind: str, work: Work, now: datetime) -> list[Due]:
    """Rows of a kind that should have been done by `now`, the oldest first."""
    rows = work.scheduled(kind).values()
    return sorted((row for row in rows if row.due_at < now), key=lambda row: (row.due_at, row.key))


def told(source: str) -> str:
    """The key of the note that says when a source last answered, whether or not there was anything new."""
    return f"told:{source}"


def _old(row: Freshness, now: datetime) -> bool:
    return row.success is None or now - row.success > STALE_AFTER


def _rests(row: Freshness, now: datetime, work: Work | None) -> bool:
    """Whether what the source has to do next lies in the future: weekly sweeps and looks are not late for six days."""
    if work is None:
        return False
    planned = _planned(row.source, work)
    return bool(planned) and min(due.due_at for due in planned) > now - LATE_AFTER


def _planned(source: str, work: Work) -> list[Due]:
    kinds = {"suffixes": (SWEEP, SWEEP_ALL), "edits": (EDITS,), "certificates": (CERTIFICATES,)}
    found = [row for kind in kinds.get(source, (look_kind(source),)) for row in work.scheduled(kind).values()]
    return found or list(work.rows(POLL, [source]))
