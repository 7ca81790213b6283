"""The log as anybody would write it down who need not be quick: a list of what was appended, read from the start."""

from dataclasses import dataclass, field
from datetime import datetime

from tracker.model.facts import Batch, Observation, Presence, Run, Sighting, Span, canonical
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.storage.log import SPAN_BREAK


@dataclass
class PlainLog:
    """Appends in the order in which they came, each at a moment no earlier than the one before."""

    appends: list[tuple[Run, Batch, datetime]] = field(default_factory=list)

    def append(self, run: Run, batch: Batch, at: datetime) -> None:
        """Write it down."""
        self.appends.append((run, batch, at.replace(microsecond=0)))

    def history(self, as_of: datetime) -> History:
        """Read everything that had been written down by then."""
        known = [(run, batch, at) for run, batch, at in self.appends if at <= as_of]
        batches = [batch for _, batch, _ in known]
        sightings: dict[tuple[str, ...], Sighting] = {}
        for batch in batches:
            for seen in batch.sightings:
                identity = (seen.watch_key, seen.name, seen.technique, seen.source, canonical(seen.facts))
                sightings.setdefault(identity, seen)
        taken_down_at: dict[str, datetime] = {}
        for _, batch, at in known:
            for takedown in batch.takedowns:
                taken_down_at.setdefault(takedown.action_id, at)
        takedowns = {takedown.key: takedown for batch in batches for takedown in batch.takedowns}
        watches = {watch.key: watch for batch in batches for watch in batch.watches}
        runs = {run.run_id: run for run, _, _ in known}
        return History(
            as_of=as_of,
            takedowns=tuple(takedowns[key] for key in sorted(takedowns)),
            watches=tuple(watches[key] for key in sorted(watches)),
            sightings=tuple(sorted(sightings.values(), key=lambda seen: (seen.watch_key, seen.name, seen.at))),
            spans=_spans([look for batch in batches for look in batch.observations]),
            gaps=tuple(
                sorted(
                    dict.fromkeys(gap for batch in batches for gap in batch.gaps),
                    key=lambda gap: (gap.first, gap.source, gap.scope, gap.last),
                )
            ),
            runs=tuple(runs[key] for key in sorted(runs)),
            taken_down_at=taken_down_at,
        )


@dataclass
class _PlainSpan:
    sample: Observation
    looks: list[datetime]
    artefact_ids: list[str]


def _spans(looks: list[Observation]) -> dict[DomainName, tuple[Span, ...]]:
    """Fold looks one after another, whole seconds only; those that told nothing apart."""
    spans: dict[tuple[str, str, str, bool], list[_PlainSpan]] = {}
    newest: dict[tuple[str, str, str, bool], _PlainSpan] = {}
    for look in looks:
        key = (look.name, look.probe, look.vantage, look.presence is Presence.INDETERMINATE)
        at = look.at.replace(microsecond=0)
        span = newest.get(key)
        if span is not None and at >= span.looks[-1] and _same(span.sample, look) and at - span.looks[-1] <= SPAN_BREAK:
            if at > span.looks[-1]:
                span.looks.append(at)
        else:
            late = span is not None and at < span.looks[-1]
            span = _PlainSpan(look, [at], [])
            spans.setdefault(key, []).append(span)
            if not late:
                newest[key] = span
        span.artefact_ids = span.artefact_ids or list(dict.fromkeys(look.artefact_ids))
    of_name: dict[DomainName, list[Span]] = {}
    for found in spans.values():
        for span in found:
            sample = span.sample
            of_name.setdefault(sample.name, []).append(
                Span(
                    name=sample.name,
                    probe=sample.probe,
                    layer=sample.layer,
                    vantage=sample.vantage,
                    presence=sample.presence,
                    reason=sample.reason,
                    facts=sample.facts,
                    looks=tuple(span.looks),
                    artefact_ids=tuple(span.artefact_ids),
                )
            )
    return {
        name: tuple(sorted(of_name[name], key=lambda span: (span.probe, span.vantage, span.first)))
        for name in sorted(of_name)
    }


def _same(one: Observation, other: Observation) -> bool:
    return (one.layer, one.presence, one.reason, canonical(one.facts)) == (
        other.layer,
        other.presence,
        other.reason,
        canonical(other.facts),
    )
