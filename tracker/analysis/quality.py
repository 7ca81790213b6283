"""How well a stretch of time was watched: looks, answers that told nothing, gaps, sweeps."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.model.facts import CanaryResult, Gap, Presence
from tracker.model.history import History

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceGaps:
    """Time in which a source could not be asked about something; overlapping gaps are counted once."""

    source: str
    gaps: int
    hours: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataQuality:
    """How well a stretch was watched. `indeterminate_share` None when no look was made: no data, not zero.

    `runs` counts executions of stages; a stretch without runs is a gap that no source reports. `suffixes_failed` were
    never covered, because their canary failed each time.
    """

    runs: int
    looks: int
    indeterminate_looks: int
    indeterminate_share: float | None
    gaps: tuple[SourceGaps, ...]
    sweeps: int
    labels_swept: int
    suffixes_swept: int
    suffixes_failed: int


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
    return DataQuality(
        runs=sum(first <= run.started_at < last for run in history.runs),
        looks=looks,
        indeterminate_looks=unsure,
        indeterminate_share=unsure / looks if looks else None,
        gaps=_gaps(history.gaps, first, last),
        sweeps=len(sweeps),
        labels_swept=len(labels),
        suffixes_swept=len(covered),
        suffixes_failed=len(tried - covered),
    )


def _gaps(gaps: Iterable[Gap], first: datetime, last: datetime) -> tuple[SourceGaps, ...]:
    by_source: defaultdict[str, list[Gap]] = defaultdict(list)
    for gap in gaps:
        if gap.first < last and gap.last >= first:
            by_source[gap.source].append(gap)
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
