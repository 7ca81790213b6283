"""A history made quick to ask about one name: coverage by label, sightings by name, notices by domain."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker.model.facts import CanaryResult, Layer, Presence, Sighting, Span
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.watching import ActionKind, WatchKind

PAGE_PROBE = "page"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedCoverage:
    """One part of a sweep that can prove absences (canary GOOD), its suffixes and exceptions as sets."""

    sweep_id: str
    layer: Layer
    suffixes: frozenset[str]
    exceptions: frozenset[DomainName]
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryIndex:
    """A history and the look-up tables made from it once. Holds nothing that the history does not say.

    `seizures` maps a domain to the earliest moment that the notice of its seizure may refer to; `operation_pages` are the text hashes
    of pages that predecessors served before anybody took them down.
    """

    history: History
    coverage: Mapping[str, tuple[IndexedCoverage, ...]]
    sightings: Mapping[DomainName, tuple[Sighting, ...]]
    seizures: Mapping[DomainName, datetime]
    operation_pages: frozenset[str]

    def spans(self, name: DomainName, *layers: Layer) -> tuple[Span, ...]:
        """The spans of a name at any of the layers; all of them when no layer is given."""
        spans = self.history.spans.get(name, ())
        return spans if not layers else tuple(span for span in spans if span.layer in layers)

    @property
    def sweep_ids(self) -> frozenset[str]:
        """The sweeps that were indexed."""
        return frozenset(sweep.sweep_id for sweep in self.history.sweeps)

    @property
    def digest(self) -> str:
        """Changes whenever something outside a name's own facts and the sweeps changes what is concluded about names."""
        parts = [f"{name}={moment.isoformat()}" for name, moment in sorted(self.seizures.items())]
        return hashlib.sha256("\n".join([*parts, *sorted(self.operation_pages)]).encode()).hexdigest()


def index(history: History) -> HistoryIndex:
    """Index a history: one pass over sweeps, sightings, takedowns and the predecessors' pages."""
    raise NotImplementedError
