"""The reporting triangle: of the names that appeared in a week, how many were known how many weeks later.

A recent week is never complete; the older rows say how much is still to come.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.analysis.answers import at_layer
from tracker.model.facts import Layer
from tracker.model.names import DomainName
from tracker.model.times import midnight, utc
from tracker.model.views import Views

LATEST = 4
"""Names found this many weeks later or more stand in one column."""

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Replacements whose presence was first proved in the ISO week beginning on `monday`.

    `found[n]` were first put forward n weeks later (the last place: that or more); None = that week is not over yet.
    """

    monday: datetime
    found: tuple[int | None, ...]


def triangle(views: Views, layer: Layer = Layer.DELEGATED) -> tuple[Arrivals, ...]:
    """One row per week in which a replacement appeared, by verdicts as they stand; a name counts once."""
    sighted: dict[DomainName, datetime] = {}
    for candidate in views.candidates:
        seen = candidate.first_sighted_at
        sighted[candidate.name] = min(seen, sighted.get(candidate.name, seen))
    counts: defaultdict[datetime, Counter[int]] = defaultdict(Counter)
    appeared: dict[DomainName, datetime] = {}
    for row in views.replacements:
        if (proved := at_layer(row.appearances, layer).hi) is not None:
            appeared[row.name] = min(proved, appeared.get(row.name, proved))
    for name, proved in appeared.items():
        born = _monday(proved)
        counts[born][min(LATEST, max(0, (_monday(sighted.get(name, proved)) - born) // WEEK))] += 1
    now = _monday(views.as_of)
    return tuple(
        Arrivals(
            monday,
            tuple(counts[monday][late] if monday + late * WEEK <= now else None for late in range(LATEST + 1)),
        )
        for monday in sorted(counts)
    )


def _monday(moment: datetime) -> datetime:
    day = midnight(moment)
    return day - timedelta(days=utc(day).weekday())
