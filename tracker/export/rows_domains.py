"""Rows of `domains`: every name that occurs, with what is known of it gathered into one line."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tracker.export.identity import domain_id
from tracker.export.rows_facts import NEVER, first_fact
from tracker.export.tables import Row
from tracker.model.facts import Layer, Presence, Sighting, Span, Technique
from tracker.model.history import History
from tracker.model.names import DomainName, defang, to_unicode
from tracker.model.times import Bounds, When, from_iso
from tracker.model.views import Assessment, Candidate, Replacement, StateSpan, Verdict, Views
from tracker.model.watching import TLP_ORDER, Takedown, Tlp, Watch, WatchKind

STRENGTH = {
    verdict: rank
    for rank, verdict in enumerate(
        (Verdict.INSUFFICIENT, Verdict.RULED_OUT, Verdict.POSSIBLE, Verdict.LIKELY, Verdict.CONFIRMED)
    )
}
"""Rank of a verdict when a name has several, one per predecessor."""


@dataclass(slots=True)
class _Known:
    """Everything that speaks of one name."""

    takedowns: list[Takedown] = field(default_factory=list)
    watches: list[Watch] = field(default_factory=list)  # watches of the name itself
    watched_for: list[Watch] = field(default_factory=list)  # watches that it is a candidate of
    candidates: list[Candidate] = field(default_factory=list)
    assessments: list[Assessment] = field(default_factory=list)
    replacements: list[Replacement] = field(default_factory=list)
    sightings: list[Sighting] = field(default_factory=list)
    operations: set[str] = field(default_factory=set)
    claimed: list[Tlp] = field(default_factory=list)  # markings of the claims that name it


def domain_rows(history: History, views: Views) -> Iterator[Row]:
    """Rows of `domains`, one per name in log or views."""
    known = _gather(history, views)
    begun = _begun(views)
    states: dict[DomainName, StateSpan] = {span.name: span for span in views.states}  # sorted: the newest remains
    judged = {row.name: row.at for row in sorted(history.reviews, key=lambda row: row.at)}  # the newest remains
    lives: dict[DomainName, int] = defaultdict(int)
    for episode in views.episodes:
        lives[episode.name] += episode.layer is Layer.DELEGATED
    for name, facts in known.items():
        spans = history.spans.get(name, ())
        label, _, suffix = name.partition(".")
        best = max(facts.assessments, key=lambda row: (STRENGTH[row.verdict], row.bits, row.watch_key), default=None)
        state = states.get(name)
        since = state.since if state else NEVER
        yield {
            "domain_id": domain_id(name),
            "domain": name,
            "domain_unicode": to_unicode(name),
            "domain_defanged": defang(name),
            "label": label,
            "suffix": suffix,
            **_standing(facts),
            "techniques": tuple(sorted({technique.value for row in facts.candidates for technique in row.techniques})),
            "sources": tuple(sorted({source for row in facts.candidates for source in row.sources})),
            "discovered_at": min((row.first_sighted_at for row in facts.candidates), default=None),
            "verdict": best.verdict.value if best else None,
            "bits": best.bits if best else None,
            "reviewed": str(best.reviewed).lower() if best else None,
            "reviewed_at": judged.get(name) if best and best.reviewed else None,
            **_registration(spans),
            "first_certificate_at": _certified(facts.sightings),
            **{
                f"{stem}_{end}": moment
                for stem, layer in LAYERS.items()
                for end, moment in _ends(begun.get((name, layer), NEVER))
            },
            "state": state.state.value if state else None,
            "state_since_lo": since.lo,
            "state_since_hi": since.hi,
            "last_observed_at": max((span.last for span in spans), default=None),
            "episodes": lives[name],
        }


LAYERS = {"delegated": Layer.DELEGATED, "resolving": Layer.RESOLVING, "serving": Layer.SERVING}


def _ends(bounds: Bounds) -> tuple[tuple[str, datetime | None], ...]:
    return (("lo", bounds.lo), ("hi", bounds.hi))


def _gather(history: History, views: Views) -> dict[DomainName, _Known]:
    known: dict[DomainName, _Known] = defaultdict(_Known)
    operation_of = {action.action_id: action.operation_id for action in history.actions}
    watches = {watch.key: watch for watch in history.watches}
    for takedown in history.takedowns:
        known[takedown.domain].takedowns.append(takedown)
        known[takedown.domain].operations.add(operation_of.get(takedown.action_id, ""))
    for watch in history.watches:
        if watch.name is not None:
            known[watch.name].watches.append(watch)
            known[watch.name].operations.add(watch.operation_id)
    for claim in history.claims:
        for name in filter(None, (claim.domain, claim.replaces)):
            known[name].claimed.append(claim.tlp)
            known[name].operations.add(claim.operation_id)
    for sighting in history.sightings:
        known[sighting.name].sightings.append(sighting)
        if sighting.watch_key in watches:
            known[sighting.name].watched_for.append(watches[sighting.watch_key])
            known[sighting.name].operations.add(watches[sighting.watch_key].operation_id)
    for candidate in views.candidates:
        known[candidate.name].candidates.append(candidate)
        if candidate.watch_key in watches:
            known[candidate.name].watched_for.append(watches[candidate.watch_key])
            known[candidate.name].operations.add(watches[candidate.watch_key].operation_id)
    for assessment in views.assessments:
        known[assessment.name].assessments.append(assessment)
    for replacement in views.replacements:
        known[replacement.name].replacements.append(replacement)
    for name in (*history.spans, *(row.name for row in views.states), *(row.name for row in views.episodes)):
        known[name]
    return known


def _standing(facts: _Known) -> Row:
    """Role, cohort, brand, operations, actions and marking of a name."""
    kinds = {watch.kind for watch in facts.watches}
    only_control = bool(facts.watched_for) and all(watch.kind is WatchKind.CONTROL for watch in facts.watched_for)
    roles = (
        ("predecessor", bool(facts.takedowns)),
        ("replacement", bool(facts.replacements)),
        ("predecessor", WatchKind.PREDECESSOR in kinds),
        ("adopted", WatchKind.ADOPTED in kinds),
        ("protected", WatchKind.PROTECTED in kinds),
        ("control", only_control),
        ("candidate", bool(facts.candidates or facts.sightings)),
    )
    cohorts = [row.cohort for row in facts.takedowns] + [row.cohort for row in facts.replacements]
    cohorts += [watch.cohort for watch in (*facts.watches, *facts.watched_for) if watch.cohort is not None]
    brands = [row.brand for row in facts.takedowns] + [watch.brand for watch in (*facts.watches, *facts.watched_for)]
    markings = [watch.tlp for watch in (*facts.watches, *facts.watched_for)] or facts.claimed
    return {
        "role": next((role for role, holds in roles if holds), "claimed"),
        "cohort": cohorts[0].value if cohorts else None,
        "brand": next(filter(None, brands), None),
        "operation_ids": tuple(sorted(facts.operations - {""})),
        "action_ids": tuple(
            sorted({row.action_id for row in facts.takedowns} | {row.action_id for row in facts.replacements})
        ),
        "tlp": min(markings, key=TLP_ORDER.index, default=Tlp.CLEAR).value,
    }


def _begun(views: Views) -> dict[tuple[DomainName, Layer], Bounds]:
    """First beginnings by name and layer: of candidates the appearance, of other names the first episode."""
    begun = {(row.name, row.layer): row.start for row in views.episodes if row.number == 1}
    return begun | {(row.name, row.layer): row.bounds for row in views.appearances if row.bounds.hi is not None}


def _certified(sightings: Iterable[Sighting]) -> datetime | None:
    proofs = (
        row
        for row in sightings
        if row.technique is Technique.CERTIFICATE and row.facts.get("verified") == ("verified",)
    )
    return min((from_iso(moment) for row in proofs for moment in row.facts.get("timestamp", ())), default=None)


def _registration(spans: Sequence[Span]) -> Row:
    """What the registry said at the last look that read a registration; dates that cannot be read stay out."""
    read = [
        span for span in spans if span.layer is Layer.REGISTERED and span.presence is Presence.PRESENT and span.facts
    ]
    last = max(read, key=lambda span: (span.last, span.probe), default=None)
    registered = When.stated(first_fact(last, "registered_at")) if last else None
    expires = When.stated(first_fact(last, "expires_at")) if last else None
    return {
        "registered_at": registered.at if registered else None,
        "registered_precision": registered.precision.value if registered else None,
        "registered_source": first_fact(last, "via") if last else None,
        "registrar": first_fact(last, "registrar") if last else None,
        "registrar_iana_id": first_fact(last, "registrar_iana_id") if last else None,
        "expires_at": expires.at if expires else None,
        "statuses": last.facts.get("status", ()) if last else (),
    }
