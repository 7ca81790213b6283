"""Candidates: the names that were put forward for a watch, each a question and not an accusation."""

from collections.abc import Collection
from datetime import datetime
from itertools import groupby

from tracker.model.facts import Sighting
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.views import Candidate
from tracker.model.watching import WatchKind

KNOWN_KINDS = frozenset({WatchKind.PREDECESSOR, WatchKind.PROTECTED, WatchKind.ADOPTED})


def candidates(history: History, names: Collection[DomainName] | None = None) -> tuple[Candidate, ...]:
    """Every (watch, name) pair with a sighting, by key; only `names` when given.

    Left out are a watch's own and friendly names, and names that were watched as known before they were ever sighted. A
    name that became a watch afterwards (a confirmed replacement, the predecessor of the next generation) stays a
    candidate.
    """
    watches = {watch.key: watch for watch in history.watches}
    known = _known(history)
    found: list[Candidate] = []
    rows = [row for row in history.sightings if names is None or row.name in names]
    for (key, name), grouped in groupby(sorted(rows, key=lambda row: (row.watch_key, row.name)), _pair):
        watch = watches.get(key)
        if watch is None or name in watch.own or name in watch.friendly or name == watch.name:
            continue
        sightings = tuple(grouped)
        first = min(row.at for row in sightings)
        if name in known and known[name] <= first:
            continue
        found.append(
            Candidate(
                watch_key=key,
                name=name,
                first_sighted_at=first,
                techniques=tuple(sorted({row.technique for row in sightings})),
                sources=tuple(sorted({row.source for row in sightings})),
            )
        )
    return tuple(found)


def _pair(row: Sighting) -> tuple[str, DomainName]:
    return (row.watch_key, row.name)


def _known(history: History) -> dict[DomainName, datetime]:
    """Since when a name was watched as known."""
    since: dict[DomainName, datetime] = {}
    for watch in history.watches:
        if watch.kind in KNOWN_KINDS and watch.name is not None:
            since[watch.name] = min(watch.since, since.get(watch.name, watch.since))
    return since
