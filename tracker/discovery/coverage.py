"""From what a sweep met to what the log keeps: coverage for absences, looks for exceptions, gaps for failures."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from tracker.clients.dnssweep import Plan, SuffixResult, SweepResult
from tracker.model.facts import CanaryResult, Coverage, Gap, Layer, Observation, Reason, Sighting, Sweep, Technique
from tracker.model.names import DomainName
from tracker.model.times import iso, midnight
from tracker.model.watching import Watch

PROBE = "delegation"
_WIDTH = timedelta(minutes=5)  # suffixes swept this close together share a row, at the price of a bound that much wider
_NAMED = 20  # suffixes spelled out in a gap; coverage has them all


def sweep_of(result: SweepResult, plan: Plan, technique: Technique, source: str, vantage: str) -> Sweep:
    """The sweep with its coverage. Suffixes share a row when labels and canary are equal and they began within five
    minutes.
    """
    rows: dict[tuple[tuple[str, ...], CanaryResult, timedelta], list[SuffixResult]] = defaultdict(list)
    for part in result.suffixes:
        rows[tuple(plan[part.suffix]), part.canary, _slot(part.first)].append(part)
    coverage = [
        Coverage(
            labels=labels,
            suffixes=tuple(part.suffix for part in parts),
            canary=canary,
            first=min(part.first for part in parts),
            last=max(part.last for part in parts),
            exceptions=tuple(answer.name for part in parts for answer in part.exceptions),
        )
        for (labels, canary, _), parts in rows.items()
    ]
    return Sweep(
        sweep_id=f"{source}@{iso(result.first)}/{_digest(plan)}",
        technique=technique,
        source=source,
        layer=Layer.DELEGATED,
        vantage=vantage,
        first=result.first,
        last=result.last,
        coverage=tuple(sorted(coverage, key=lambda row: (row.first, row.suffixes, row.labels))),
    )


def without(plan: Plan, apart: Collection[DomainName]) -> Plan:
    """The plan with the names `apart` left out: under their suffixes other labels are asked, and covered."""
    names = {(name.partition(".")[0], name.partition(".")[2]) for name in apart}
    touched = {suffix for _, suffix in names}
    kept = {
        suffix: tuple(label for label in labels if (label, suffix) not in names) if suffix in touched else labels
        for suffix, labels in plan.items()
    }
    return {suffix: labels for suffix, labels in kept.items() if labels}


def _digest(plan: Plan) -> str:
    # Two sweeps of one source may begin in the same second; they differ in what they ask.
    asked = {",".join(labels) for labels in {id(labels): labels for labels in plan.values()}.values()}
    return sha256("|".join((*sorted(asked), ",".join(sorted(plan)))).encode()).hexdigest()[:8]


def _slot(moment: datetime) -> timedelta:
    # The day is part of the slot: a sweep at low rates may pass midnight.
    return _WIDTH * ((moment - midnight(moment)) // _WIDTH) + timedelta(days=moment.toordinal())


def looks(result: SweepResult, vantage: str) -> tuple[Observation, ...]:
    """One look per present or indeterminate name, at the end of its suffix's sweep: by then it had been seen."""
    return tuple(
        Observation(
            name=answer.name,
            probe=PROBE,
            layer=Layer.DELEGATED,
            vantage=vantage,
            at=part.last,
            presence=answer.presence,
            reason=answer.reason,
            facts={"ns": answer.name_servers} if answer.name_servers else {},
        )
        for part in result.suffixes
        for answer in part.exceptions
    )


def gaps(result: SweepResult, source: str) -> tuple[Gap, ...]:
    """One gap per reason for which suffixes could not be swept. Nothing is known of names under them."""
    failed: dict[Reason, list[SuffixResult]] = defaultdict(list)
    for part in result.suffixes:
        if part.canary is CanaryResult.MISSING:
            failed[Reason.CANARY_FAILED].append(part)
        elif part.canary is not CanaryResult.GOOD:
            failed[part.reason].append(part)
    return tuple(_gap(source, reason, failed[reason]) for reason in sorted(failed))


def _gap(source: str, reason: Reason, parts: Sequence[SuffixResult]) -> Gap:
    named = ", ".join(part.suffix for part in parts[:_NAMED])
    more = f" and {len(parts) - _NAMED} more" if len(parts) > _NAMED else ""
    return Gap(
        source=source,
        scope=parts[0].suffix if len(parts) == 1 else f"{len(parts)} suffixes",
        first=min(part.first for part in parts),
        last=max(part.last for part in parts),
        reason=reason,
        detail=f"not swept: {named}{more}",
    )


def sighting(watch: Watch, name: DomainName, technique: Technique, source: str, at: datetime, reason: str) -> Sighting:
    """A sighting; `reason` is one plain sentence."""
    return Sighting(watch_key=watch.key, name=name, technique=technique, source=source, at=at, reason=reason)


def excluded(watch: Watch) -> frozenset[DomainName]:
    """Names that are no news for a watch: itself, its owner's, its friends'."""
    return frozenset((*watch.own, *watch.friendly, *((watch.name,) if watch.name else ())))


def canaries(known: Iterable[DomainName], suffixes: Iterable[str]) -> Mapping[str, str]:
    """One label per suffix that was seen directly under it: the first by name, so equal logs ask equal questions."""
    asked = set(suffixes)
    chosen: dict[str, str] = {}
    for name in sorted(known, reverse=True):
        label, _, suffix = name.partition(".")
        if suffix in asked:
            chosen[suffix] = label
    return chosen
