"""Which episodes of a replacement are its own: the name may have had another owner before it answered a takedown."""

from datetime import datetime

from tracker.model.facts import Layer
from tracker.model.names import DomainName
from tracker.model.views import Views

EpisodeKey = tuple[DomainName, Layer, int]


def former(views: Views) -> frozenset[EpisodeKey]:
    """The episodes of replacements that were over when the name appeared as one, as (name, layer, number).

    They are lives of the name and stay in the table of episodes; no count, curve or ending of replacements has them.
    """
    over = [(row, row.end.hi) for row in views.episodes if row.end is not None and row.end.hi is not None]
    ended = {(row.name, row.layer) for row, _ in over}
    first: dict[tuple[DomainName, Layer], datetime] = {}
    for row in views.replacements:
        for seen in row.appearances:
            key, hi = (row.name, seen.layer), seen.bounds.hi
            if hi is not None and key in ended:
                first[key] = min(hi, first.get(key, hi))
    return frozenset(
        (row.name, row.layer, row.number)
        for row, end in over
        if (row.name, row.layer) in first and end <= first[row.name, row.layer]
    )


def returned(views: Views) -> frozenset[DomainName]:
    """Candidates that left the zone and are in it again: whose they are now, an earlier look cannot say."""
    candidates = {row.name for row in views.candidates}
    return frozenset(
        row.name
        for row in views.episodes
        if row.layer is Layer.DELEGATED and row.number > 1 and row.end is None and row.name in candidates
    )
