"""Rows of what was said and seen: actions, takedowns, claims, observations, sweeps, gaps, artefacts."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tracker.export.identity import domain_id, stable_id
from tracker.export.tables import Row
from tracker.model.facts import CanaryResult, Span, canonical
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import Bounds
from tracker.model.views import State, Views
from tracker.model.watching import Source

NEVER = Bounds(None, None)


def action_rows(history: History) -> Iterator[Row]:
    """Rows of `actions`."""
    titles = {operation.operation_id: operation.title for operation in history.operations}
    for action in history.actions:
        yield {
            "action_id": action.action_id,
            "operation_id": action.operation_id,
            "operation": titles.get(action.operation_id),
            "kind": action.kind.value,
            "authority": action.authority,
            "country": action.country,
            "instrument": action.instrument,
            "case_number": action.case_number,
            "title": action.title,
            "announced_at": action.when.at,
            "announced_precision": action.when.precision.value,
            "domains": sum(takedown.action_id == action.action_id for takedown in history.takedowns),
            "source_ids": tuple(source.source_id for source in action.sources),
            "source_titles": tuple(source.title for source in action.sources),
        }


def takedown_rows(history: History, views: Views) -> Iterator[Row]:
    """Rows of `takedowns`; the first seized state at or after the announcement is the observed one."""
    announced = {action.action_id: action.when.at for action in history.actions}
    seized: dict[DomainName, list[Bounds]] = {}
    for span in views.states:
        if span.state is State.SEIZED:
            seized.setdefault(span.name, []).append(span.since)
    for takedown in history.takedowns:
        start = announced.get(takedown.action_id)
        seen = next((since for since in seized.get(takedown.domain, ()) if _not_before(since, start)), NEVER)
        yield {
            "takedown_id": stable_id("takedown", takedown.key),
            "action_id": takedown.action_id,
            "domain_id": domain_id(takedown.domain),
            "domain": takedown.domain,
            "cohort": takedown.cohort.value,
            "brand": takedown.brand,
            "imitates": takedown.imitates,
            "effective_lo": takedown.effective.lo,
            "effective_hi": takedown.effective.hi,
            "observed_seized_lo": seen.lo,
            "observed_seized_hi": seen.hi,
            "list_position": takedown.position,
            "source_ids": tuple(source.source_id for source in takedown.sources),
            "listed_first": min((source.first for source in takedown.sources if source.first), default=None),
            "listed_last": _left(takedown.sources),
        }


def _left(sources: Sequence[Source]) -> datetime | None:
    """When the last of the lists that had a row let go of it; None while one has it."""
    lasts = [source.last for source in sources]
    return max((last for last in lasts if last), default=None) if all(lasts) else None


def _not_before(since: Bounds, start: datetime | None) -> bool:
    return start is None or since.hi is None or since.hi >= start


def claim_rows(history: History) -> Iterator[Row]:
    """Rows of `claims`."""
    for claim in history.claims:
        yield {
            "claim_id": stable_id("claim", claim.key),
            "domain_id": domain_id(claim.domain),
            "domain": claim.domain,
            "kind": claim.kind.value,
            "operation_id": claim.operation_id,
            "replaces_domain_id": domain_id(claim.replaces) if claim.replaces else None,
            "replaces": claim.replaces,
            "claimed_at": claim.when.at if claim.when else None,
            "claimed_precision": claim.when.precision.value if claim.when else None,
            "source_id": claim.source.source_id,
            "source_title": claim.source.title,
            "source_url": claim.source.url,
            "source_place": claim.source.place,
            "source_revision": claim.source.revision,
            "listed_first": claim.source.first,
            "listed_last": claim.source.last,
        }


def named_sources(history: History) -> Iterator[Source]:
    """Every source that an action, a takedown, a watch or a claim names, as often as it is named."""
    for named in (history.actions, history.takedowns, history.watches):
        yield from (source for row in named for source in row.sources)
    yield from (claim.source for claim in history.claims)


def source_rows(history: History) -> Iterator[Row]:
    """Rows of `sources`."""
    found: dict[tuple[str, str, str], list[Source]] = {}
    for source in named_sources(history):
        found.setdefault((source.source_id, source.title, source.url), []).append(source)
    for key, named in found.items():
        yield {
            "source_key": stable_id("source", *key),
            **dict(zip(("source_id", "title", "url"), key, strict=True)),
            "revisions": sorted({source.revision for source in named if source.revision}),
            "first_read": min((source.first for source in named if source.first), default=None),
        }


def complaint_rows(history: History) -> Iterator[Row]:
    """Rows of `complaints`."""
    for row in history.complaints:
        yield {
            "complaint_id": stable_id("complaint", row.key),
            "domain_id": domain_id(row.name),
            "domain": row.name,
            "reported_to": row.reported_to,
            "channel": row.channel,
            "reported_at": row.reported.at,
            "reported_precision": row.reported.precision.value,
            "reported_by": row.reported_by,
            "answer": row.answer,
            "answered_at": row.answered.at if row.answered else None,
            "answered_precision": row.answered.precision.value if row.answered else None,
            "reference": row.reference,
        }


LISTS = {
    "name_servers": ("ns", "name_servers"),
    "a": ("a",),
    "aaaa": ("aaaa",),
    "mx": ("mx",),
    "statuses": ("status",),
    "withheld": ("withheld",),
    "certificate_errors": ("errors",),
    "trackers": ("trackers",),
    "outlet_trackers": ("outlet_trackers",),
}
TEXTS = {
    "registered_at": "registered_at",
    "expires_at": "expires_at",
    "registrar": "registrar",
    "registrar_iana_id": "registrar_iana_id",
    "certificate_sha256": "sha256",
    "spki_sha256": "spki_sha256",
    "final_host": "final_host",
    "page_kind": "kind",
    "page_kind_reason": "kind_reason",
    "copy_of": "copy_of",
    "simhash": "simhash",
    "dom_sha256": "dom",
    "favicon_mmh3": "favicon_mmh3",
    "text_sha256": "text_sha256",
}
"""Columns and the facts that fill them: an allow-list, so that a fact nobody thought about never leaves the house."""


def observation_rows(history: History) -> Iterator[Row]:
    """Rows of `observations`, one per span."""
    for name, spans in history.spans.items():
        for span in spans:
            yield {
                "observation_id": stable_id("observation", *_key(span)),
                "domain_id": domain_id(name),
                "domain": name,
                "probe": span.probe,
                "layer": span.layer.value,
                "vantage": span.vantage,
                "presence": span.presence.value,
                "reason": span.reason.value,
                "first_at": span.first,
                "last_at": span.last,
                "looks": len(span.looks),
                "widest_gap_s": max(
                    (later - sooner for sooner, later in zip(span.looks, span.looks[1:], strict=False)), default=None
                ),
                **_facts(span),
                "artefact_ids": span.artefact_ids,
            }


def _key(span: Span) -> tuple[str, ...]:
    look = (span.presence, span.reason, canonical(span.facts), span.first.isoformat())
    return (span.name, span.probe, span.layer, span.vantage, *look)


def _facts(span: Span) -> Mapping[str, object]:
    status = span.facts.get("status", ())
    return {
        **{column: next((span.facts[key] for key in keys if key in span.facts), ()) for column, keys in LISTS.items()},
        **{column: first_fact(span, key) for column, key in TEXTS.items()},
        "http_status": first_fact(span, "status") if span.probe == "page" else None,
        "statuses": () if span.probe == "page" else status,
    }


def first_fact(span: Span, key: str) -> str | None:
    """The first value of a fact, or None when it was not learned."""
    values = span.facts.get(key, ())
    return values[0] if values else None


def sweep_rows(history: History) -> Iterator[Row]:
    """Rows of `sweeps`. Labels are counted, not named: they include controls and watches that may not be shown."""
    for sweep in history.sweeps:
        for part, coverage in enumerate(sweep.coverage):
            suffixes = sorted(coverage.suffixes)
            yield {
                "coverage_id": stable_id("coverage", sweep.sweep_id, part),
                "sweep_id": stable_id("sweep", sweep.sweep_id),
                "technique": sweep.technique.value,
                "source": sweep.source,
                "layer": sweep.layer.value,
                "vantage": sweep.vantage,
                "canary": coverage.canary.value,
                "first_at": coverage.first,
                "last_at": coverage.last,
                "labels": len(coverage.labels),
                "suffixes": len(suffixes),
                "suffixes_sha256": hashlib.sha256("\n".join(suffixes).encode()).hexdigest(),
                "suffixes_not_covered": () if coverage.canary is CanaryResult.GOOD else suffixes,
                "exceptions": len(coverage.exceptions),
            }


def gap_rows(history: History) -> Iterator[Row]:
    """Rows of `gaps`. The free-text detail stays in the log: it may carry addresses of the machine that looked."""
    seen: set[str] = set()
    for gap in history.gaps:
        gap_id = stable_id("gap", gap.source, gap.scope, gap.first.isoformat(), gap.last.isoformat(), gap.reason)
        if gap_id not in seen:
            seen.add(gap_id)
            yield {
                "gap_id": gap_id,
                "source": gap.source,
                "scope": gap.scope,
                "first_at": gap.first,
                "last_at": gap.last,
                "reason": gap.reason.value,
            }


@dataclass(slots=True)
class _Reference:
    first: datetime
    activity: str
    vantage: str
    names: set[str] = field(default_factory=set)


def artefact_rows(history: History) -> Iterator[Row]:
    """Rows of `artefacts`, from the facts that refer to them."""
    found: dict[str, _Reference] = {}

    def refer(artefact_id: str, at: datetime, activity: str, vantage: str, name: str) -> None:
        known = found.setdefault(artefact_id, _Reference(at, activity, vantage))
        sooner = min((known.first, known.activity, known.vantage), (at, activity, vantage))
        known.first, known.activity, known.vantage = sooner
        known.names.add(name)

    for name, spans in history.spans.items():
        for span in spans:
            for artefact_id in span.artefact_ids:
                refer(artefact_id, span.first, span.probe, span.vantage, name)
    for sighting in history.sightings:
        if sighting.artefact_id:
            refer(sighting.artefact_id, sighting.at, sighting.source, "", sighting.name)
    for artefact_id, reference in found.items():
        yield {
            "artefact_id": artefact_id,
            "activity": reference.activity,
            "vantage": reference.vantage,
            "first_at": reference.first,
            "domains": tuple(sorted(reference.names)),
        }
