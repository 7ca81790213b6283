"""A history made quick to ask about one name: coverage by label, sightings by name, notices by domain."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.analysis.observed import SOURCE
from tracker.model.facts import CanaryResult, Layer, Presence, Sighting, Span, Sweep
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.watching import ActionKind, WatchKind

PAGE_PROBE = "page"
TEXT_HASH = "text_sha256"
SEIZURE_KINDS = frozenset({"seizure", "seized", "seizure_banner"})
PARKING_KINDS = frozenset({"parking", "parked", "for_sale"})


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedCoverage:
    """One part of a sweep that can prove absences: its canary was GOOD. Its suffixes stand with its group."""

    witness: str
    layer: Layer
    exceptions: frozenset[DomainName]
    first: datetime
    last: datetime


CoverageGroup = tuple[frozenset[str], tuple[IndexedCoverage, ...]]
"""Suffixes, and the parts that asked exactly these: most sweeps ask the same, so a name is looked up once per set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryIndex:
    """A history and the look-up tables made from it once. Holds nothing that the history does not say.

    `seizures` maps a domain to the earliest moment that the notice of its seizure may refer to; `operation_pages` are
    the text hashes of pages that predecessors served before anybody took them down.
    """

    history: History
    coverage: Mapping[str, tuple[CoverageGroup, ...]]
    sightings: Mapping[DomainName, tuple[Sighting, ...]]
    seizures: Mapping[DomainName, datetime]
    operation_pages: frozenset[str]

    def spans(self, name: DomainName, *layers: Layer) -> tuple[Span, ...]:
        """The spans of a name at any of the layers; all of them when no layer is given."""
        spans = self.history.spans.get(name, ())
        return spans if not layers else tuple(span for span in spans if span.layer in layers)

    def pages(self, name: DomainName) -> tuple[Span, ...]:
        """The spans of the page probe, which alone at its layer reads content."""
        return tuple(span for span in self.spans(name, Layer.SERVING) if span.probe == PAGE_PROBE)

    @property
    def sweep_ids(self) -> frozenset[str]:
        """The sweeps that were indexed."""
        return frozenset(sweep.sweep_id for sweep in self.history.sweeps)

    @property
    def digest(self) -> str:
        """Changes when something outside a name's own facts and the sweeps changes what is concluded of names."""
        lines = [f"{name}={moment.isoformat()}" for name, moment in sorted(self.seizures.items())]
        lines += sorted(self.operation_pages)
        lines += sorted(f"{watch.key}@{watch.since.isoformat()}" for watch in self.history.watches)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def index(history: History) -> HistoryIndex:
    """Index a history: one pass over sweeps, sightings, takedowns and the predecessors' pages.

    Coverage is kept for the labels of names that the history mentions in any way; of others the index knows nothing.
    """
    sightings: defaultdict[DomainName, list[Sighting]] = defaultdict(list)
    for sighting in history.sightings:
        sightings[sighting.name].append(sighting)
    taken = _takedown_moments(history)
    return HistoryIndex(
        history=history,
        coverage=_coverage(history.sweeps, _labels(history)),
        sightings={name: tuple(rows) for name, rows in sightings.items()},
        seizures=_notices(history),
        operation_pages=_operation_pages(history, taken),
    )


def _labels(history: History) -> frozenset[str]:
    """The first labels of all names that the history mentions: nobody asks about others, though many were swept."""
    names = {claim.domain for claim in history.claims} | {takedown.domain for takedown in history.takedowns}
    names |= history.spans.keys() | {sighting.name for sighting in history.sightings}
    return frozenset(name.partition(".")[0] for name in names) | {watch.label for watch in history.watches}


def _coverage(sweeps: tuple[Sweep, ...], wanted: frozenset[str]) -> dict[str, tuple[CoverageGroup, ...]]:
    """Group by label and suffix set; nearly all sweeps ask one of a few."""
    seen: dict[int, frozenset[str]] = {}  # an object met before need not be compared
    sets: dict[tuple[str, ...], frozenset[str]] = {}
    by_label: defaultdict[str, defaultdict[frozenset[str], list[IndexedCoverage]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for sweep in sweeps:
        for part in sweep.coverage:
            labels = wanted.intersection(part.labels) if part.canary is CanaryResult.GOOD else ()
            if not labels:
                continue
            suffixes = seen.get(id(part.suffixes))
            if suffixes is None:
                suffixes = sets.setdefault(part.suffixes, frozenset(part.suffixes))
                seen[id(part.suffixes)] = suffixes
            row = IndexedCoverage(
                witness=f"sweep:{sweep.sweep_id}",
                layer=sweep.layer,
                exceptions=frozenset(part.exceptions),
                first=part.first,
                last=part.last,
            )
            for label in labels:
                by_label[label][suffixes].append(row)
    return {
        label: tuple((suffixes, tuple(rows)) for suffixes, rows in groups.items()) for label, groups in by_label.items()
    }


def _notices(history: History) -> dict[DomainName, datetime]:
    """Seizures that somebody else tells of: what we saw ourselves is no second witness to it."""
    told = replace(history, actions=tuple(action for action in history.actions if action.sources != (SOURCE,)))
    moments = _takedown_moments(told)
    return {name: moment for (kind, name), moment in moments.items() if kind is ActionKind.SEIZURE}


def _takedown_moments(history: History) -> dict[tuple[ActionKind, DomainName], datetime]:
    """Per kind of action and domain the earliest moment at which the takedown may have taken effect."""
    actions = {action.action_id: action for action in history.actions}
    moments: dict[tuple[ActionKind, DomainName], datetime] = {}
    for takedown in history.takedowns:
        action = actions.get(takedown.action_id)
        if action is None:
            continue
        moment = takedown.effective.lo or action.when.bounds().lo or action.when.at
        key = (action.kind, takedown.domain)
        moments[key] = min(moment, moments.get(key, moment))
    return moments


def _operation_pages(history: History, taken: Mapping[tuple[ActionKind, DomainName], datetime]) -> frozenset[str]:
    """A predecessor's page is the operation's by definition, until somebody took the name away from it."""
    pages: set[str] = set()
    for watch in history.watches:
        if watch.kind is not WatchKind.PREDECESSOR or watch.name is None:
            continue
        moments = [moment for (_, name), moment in taken.items() if name == watch.name]
        for span in history.spans.get(watch.name, ()):
            theirs = not (SEIZURE_KINDS | PARKING_KINDS) & set(span.facts.get("kind", ()))
            shown = span.probe == PAGE_PROBE and span.presence is Presence.PRESENT
            if shown and theirs and (not moments or span.first < min(moments)):
                pages.update(span.facts.get(TEXT_HASH, ()))
    return frozenset(pages)
