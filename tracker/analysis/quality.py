"""How well a stretch of time was watched: looks, answers that told nothing, gaps, sweeps."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

from tracker.model.facts import CanaryResult, Gap, Layer, Presence, Reason
from tracker.model.history import History
from tracker.model.times import DAY
from tracker.model.watching import Pap, WatchKind, WatchStatus

HOUR = timedelta(hours=1)
FOLLOWED = (WatchKind.PREDECESSOR, WatchKind.ADOPTED)
"""Watches whose own name is looked at again and again."""
LOG_READERS = ("certificates", "certstream")
"""Sources that read certificate logs, or hear what is in them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceGaps:
    """Time in which a source could not be asked about something; overlapping gaps are counted once."""

    source: str
    gaps: int
    hours: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateLogs:
    """What certificate logs said, and which of them could not be read for how long (`source` is the log).

    `on_record` False: nothing says that a log was ever read, so names that only certificates show are missing. A log
    that is not followed is in no list.
    """

    on_record: bool
    found: int
    unread: tuple[SourceGaps, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataQuality:
    """How well a stretch was watched. `indeterminate_share` None when no look was made: no data, not zero.

    `runs` counts executions of stages, `idle_days` the days (UTC) of `days` without any: a stretch without runs is a
    gap that no source reports. `names_due` are watched names that were to be asked of their parent zone at least once a
    week, `names_looked_at` those that were, `names_told` those that gave a definite answer. `suffixes_failed` were
    never covered, because their canary failed each time.
    """

    runs: int
    days: int
    idle_days: int
    names_due: int
    names_looked_at: int
    names_told: int
    looks: int
    indeterminate_looks: int
    indeterminate_share: float | None
    gaps: tuple[SourceGaps, ...]
    sweeps: int
    labels_swept: int
    suffixes_swept: int
    suffixes_failed: int
    certificates: CertificateLogs


def data_quality(history: History, first: datetime, last: datetime) -> DataQuality:
    """The quality of `[first, last)`."""
    looks = unsure = 0
    for spans in history.spans.values():
        for span in spans:
            made = bisect_left(span.looks, last) - bisect_left(span.looks, first)
            looks += made
            unsure += made if span.presence is Presence.INDETERMINATE else 0
    labels: set[str] = set()
    covered: set[str] = set()
    tried: set[str] = set()
    sweeps = [sweep for sweep in history.sweeps if first <= sweep.first < last]
    for sweep in sweeps:
        for part in sweep.coverage:
            labels.update(part.labels)
            (covered if part.canary is CanaryResult.GOOD else tried).update(part.suffixes)
    due, looked_at, told = _names(history, first, last)
    days = max(0, -((first - min(last, history.as_of)) // DAY))
    return DataQuality(
        runs=sum(first <= run.started_at < last for run in history.runs),
        days=days,
        idle_days=days - len({run.started_at.date() for run in history.runs if first <= run.started_at < last}),
        names_due=due,
        names_looked_at=looked_at,
        names_told=told,
        looks=looks,
        indeterminate_looks=unsure,
        indeterminate_share=unsure / looks if looks else None,
        gaps=_gaps(history.gaps, first, last),
        sweeps=len(sweeps),
        labels_swept=len(labels),
        suffixes_swept=len(covered),
        suffixes_failed=len(tried - covered),
        certificates=_certificates(history, first, last),
    )


def _names(history: History, first: datetime, last: datetime) -> tuple[int, int, int]:
    """Watched names that were due, looked at, and told something. Names that are gone are looked at monthly."""
    due = looked_at = told = 0
    for watch in history.watches:
        if watch.name is None or watch.kind not in FOLLOWED or watch.since >= last or watch.pap is Pap.RED:
            continue
        looks = {False: 0, True: 0}
        before: tuple[datetime, Presence] | None = None
        for span in history.spans.get(watch.name, ()):
            if span.layer is not Layer.DELEGATED:
                continue
            definite = span.presence is not Presence.INDETERMINATE
            earlier, made = bisect_left(span.looks, first), bisect_left(span.looks, last)
            looks[definite] += made - earlier
            if earlier and definite and (before is None or span.looks[earlier - 1] > before[0]):
                before = span.looks[earlier - 1], span.presence
        gone = before is not None and before[1] is Presence.ABSENT
        if any(looks.values()) or (watch.status is WatchStatus.ACTIVE and not gone):
            due += 1
            looked_at += any(looks.values())
            told += looks[True] > 0
    return due, looked_at, told


def _certificates(history: History, first: datetime, last: datetime) -> CertificateLogs:
    found = [row for row in history.sightings if row.source in LOG_READERS and row.at < last]
    gaps = [gap for gap in history.gaps if gap.source in LOG_READERS]
    return CertificateLogs(
        on_record=bool(found or any(gap.first < last and gap.reason is not Reason.NOT_ASKED for gap in gaps)),
        found=len({row.name for row in found if row.at >= first}),
        unread=_gaps(gaps, first, last, by=attrgetter("scope")),
    )


def _gaps(
    gaps: Iterable[Gap], first: datetime, last: datetime, by: Callable[[Gap], str] = attrgetter("source")
) -> tuple[SourceGaps, ...]:
    by_source: defaultdict[str, list[Gap]] = defaultdict(list)
    for gap in gaps:
        if gap.first < last and gap.last >= first:
            by_source[by(gap)].append(gap)
    return tuple(
        SourceGaps(
            source=source,
            gaps=len(rows),
            hours=_covered([(max(gap.first, first), min(gap.last, last)) for gap in rows]) / HOUR,
            reasons=tuple(sorted({gap.reason.value for gap in rows})),
        )
        for source, rows in sorted(by_source.items())
    )


def _covered(stretches: list[tuple[datetime, datetime]]) -> timedelta:
    """The total length of stretches that may overlap."""
    total = timedelta(0)
    until: datetime | None = None
    for first, last in sorted(stretches):
        begins = first if until is None else max(first, until)
        total += max(timedelta(0), last - begins)
        until = last if until is None else max(until, last)
    return total
