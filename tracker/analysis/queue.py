"""What analysts are asked about, best founded first: candidates with a sentence each way and what is known of them.

Nothing in a row depends on what was judged before, so that a second analyst can be asked blindly.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from tracker.analysis.agreement import key_of
from tracker.analysis.explain import case_of
from tracker.analysis.mutes import Silence
from tracker.analysis.portrait import Dated, Portrait, dates, portrait
from tracker.analysis.retractions import withdrawn_names
from tracker.model.facts import Sighting
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.views import Appearance, Assessment, Evidence, Family, Verdict, Views
from tracker.model.watching import WatchKind, WatchStatus

ORDER = (Verdict.CONFIRMED, Verdict.LIKELY, Verdict.POSSIBLE, Verdict.INSUFFICIENT, Verdict.RULED_OUT)
"""Verdicts of the rules in the order in which they are worth an analyst's time."""

FAMILIES = tuple(family for family in Family if family is not Family.ANALYST)

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One candidate as an analyst is asked about it. `by_rules` and `bits` are what the rules say, never a review."""

    rank: int
    name: DomainName
    predecessor: str
    watch_key: str
    by_rules: Verdict
    bits: float
    speaks_for: str
    speaks_against: str
    bits_by_family: Mapping[Family, float]
    dates: tuple[Dated, ...]
    portrait: Portrait


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which candidates. Without a `reviewer` those that nobody judged, else those that this one did not.

    `after` narrows it to what another analyst has judged, for a second, blind look. `ruled_out` lets in what the rules
    exclude, `muted` what is muted. `limit` 0 is all.
    """

    reviewer: str = ""
    after: str = ""
    ruled_out: bool = False
    muted: bool = False
    limit: int = 0


@dataclass(frozen=True, slots=True)
class Queue:
    """The rows, how many more wait behind the limit, and how many are muted."""

    rows: tuple[Asked, ...]
    waiting: int
    muted: int


def queue(history: History, views: Views, at: datetime, wanted: Wanted = Wanted()) -> Queue:
    """Candidates to be judged; `at` decides which mutes still hold. Controls and retracted names are never asked."""
    watches = {watch.key: watch for watch in history.watches}
    asked_of = {
        key: watch.name or watch.label
        for key, watch in watches.items()
        if watch.kind is not WatchKind.CONTROL and watch.status is not WatchStatus.REMOVED
    }
    silence, gone, judges = Silence(history, at), withdrawn_names(history), _judges(history)
    rows = [
        row
        for row in views.assessments
        if row.watch_key in asked_of
        and row.name not in gone
        and (wanted.ruled_out or row.by_rules is not Verdict.RULED_OUT)
        and _open(row, judges, wanted)
    ]
    heard = [row for row in rows if wanted.muted or silence.covers(row.name, asked_of[row.watch_key]) is None]
    ranked = sorted(heard, key=lambda row: (ORDER.index(row.by_rules), -row.bits, row.name, row.watch_key))
    shown = ranked[: wanted.limit or None]
    return Queue(_asked(history, views, shown, asked_of), len(ranked) - len(shown), len(rows) - len(heard))


def _judges(history: History) -> Mapping[tuple[str, str], frozenset[str]]:
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in history.reviews:
        found[row.watch_key, row.name].add(key_of(row.reviewer))
    return {key: frozenset(judges) for key, judges in found.items()}


def _open(row: Assessment, judges: Mapping[tuple[str, str], frozenset[str]], wanted: Wanted) -> bool:
    judged_by = judges.get((row.watch_key, row.name), frozenset())
    if wanted.after and key_of(wanted.after) not in judged_by:
        return False
    return key_of(wanted.reviewer) not in judged_by if wanted.reviewer else not judged_by


def _asked(history: History, views: Views, rows: Iterable[Assessment], watches: Mapping[str, str]) -> tuple[Asked, ...]:
    fired, appearances = _grouped(views.evidence, _name), _grouped(views.appearances, _name)
    sightings, claims = _grouped(history.sightings, _name), _grouped(history.claims, lambda claim: claim.domain)
    found = []
    for rank, row in enumerate(rows, start=1):
        name = row.name
        own = replace(history, sightings=sightings.get(name, ()), claims=claims.get(name, ()))
        seen = replace(views, appearances=appearances.get(name, ()))
        evidence = [one for one in fired.get(name, ()) if one.watch_key == row.watch_key]
        case = case_of(row, evidence, watches)
        found.append(
            Asked(
                rank=rank,
                name=name,
                predecessor=watches[row.watch_key],
                watch_key=row.watch_key,
                by_rules=row.by_rules,
                bits=row.bits,
                speaks_for=case.speaks_for,
                speaks_against=case.speaks_against,
                bits_by_family=_net(evidence),
                dates=dates(own, seen, name),
                portrait=portrait(history, name),
            )
        )
    return tuple(found)


def _name(row: Evidence | Appearance | Sighting) -> DomainName:
    return row.name


def _grouped(rows: Iterable[Row], key: Callable[[Row], DomainName]) -> Mapping[DomainName, tuple[Row, ...]]:
    found: dict[DomainName, list[Row]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return {name: tuple(several) for name, several in found.items()}


def _net(fired: Iterable[Evidence]) -> Mapping[Family, float]:
    net: dict[Family, float] = {}
    for row in fired:
        if row.family is Family.ANALYST:
            continue
        net[row.family] = round(net.get(row.family, 0.0) + row.bits, 2)
    return net
