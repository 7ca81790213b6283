"""Pivots: what names known to be the operation's have that others may have, too; and who in the log has it.

A lead is a question. What a name shares with one name is weighed afterwards by the same rules as everything else.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.analysis.appearance import registry_date
from tracker.analysis.index import HistoryIndex
from tracker.analysis.targets import Target, targets
from tracker.analysis.traits import Life, Reading, Traits, traits
from tracker.analysis.weights import SHARED_CERTIFICATE_NAMES
from tracker.model.facts import Facts, Layer, Presence, Sighting, Technique
from tracker.model.names import DomainName, defang
from tracker.model.times import Precision
from tracker.model.views import Replacement

SOURCE = "pivots"
SAME_HOUR = timedelta(minutes=15)
"""Registered at one registrar within this time."""
Servers = frozenset[str]


@dataclass(frozen=True, slots=True)
class Origin:
    """A name of the operation from which one goes on: a predecessor before its takedown, or a replacement."""

    name: DomainName
    watch_key: str
    action_id: str
    traits: Traits
    servers: frozenset[Servers]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leads:
    """What to ask next: sightings that the log itself gives, and by name-server set whose it is (watch and name, one
    for each action: a new brand may answer any of them).

    Sets that belong to everybody, to parking or to a seizure are left out. `met` are names that need no lead.
    """

    sightings: tuple[Sighting, ...] = ()
    servers: Mapping[Servers, tuple[tuple[str, DomainName], ...]]
    met: frozenset[DomainName]


def leads(found: HistoryIndex, replacements: Iterable[Replacement], reading: Reading) -> Leads:
    """The leads of a history: certificates, redirects, server sets, accounts, registrations in the same minutes.

    Names that were put forward for any watch already are no news. `replacements` are those of the newest views.
    """
    aims = targets(found.history)
    origins = tuple(_origins(found, replacements, aims, reading))
    met = {*found.sightings, *(row.name for row in origins)}
    met |= {name for aim in aims.values() for name in (*aim.excluded, *((aim.origin,) if aim.origin else ()))}
    rows: dict[tuple[DomainName, str], Sighting] = {}
    for origin in origins:
        for name, technique, reason in _told(origin):
            if name not in met:
                rows.setdefault(
                    (name, origin.action_id), _sighting(origin, name, technique, reason, found.history.as_of)
                )
    for name in sorted(found.history.spans.keys() - met):
        for origin, reason in _alike(name, found, origins, reading):
            technique = Technique.SHARED_INFRASTRUCTURE
            rows.setdefault((name, origin.action_id), _sighting(origin, name, technique, reason, found.history.as_of))
    any_watch = {aim.strikes[-1].action_id: key for key, aim in sorted(aims.items(), reverse=True) if _struck(aim)}
    servers: dict[Servers, dict[str, tuple[str, DomainName]]] = {}
    for origin in origins:
        for hosts in origin.servers:
            servers.setdefault(hosts, {}).setdefault(origin.action_id, (origin.watch_key, origin.name))
    for by_action in servers.values():
        name = next(iter(by_action.values()))[1]
        for action_id, key in any_watch.items():
            by_action.setdefault(action_id, (key, name))
    return Leads(
        met=frozenset(met),
        sightings=tuple(rows[key] for key in sorted(rows)),
        servers={hosts: tuple(by_action.values()) for hosts, by_action in servers.items()},
    )


def _struck(aim: Target) -> bool:
    return aim.origin is not None and not aim.is_control and bool(aim.strikes)


def _origins(
    found: HistoryIndex, replacements: Iterable[Replacement], aims: Mapping[str, Target], reading: Reading
) -> Iterator[Origin]:
    for row in replacements:
        yield _origin(found, row.name, f"predecessor:{row.predecessor}", row.action_id, reading, Life())
    for key, aim in sorted(aims.items()):
        if aim.origin is not None and _struck(aim):
            life = Life(until=aim.strikes[0].lo)
            yield _origin(found, aim.origin, key, aim.strikes[-1].action_id, reading, life)


def _origin(found: HistoryIndex, name: DomainName, key: str, action_id: str, reading: Reading, life: Life) -> Origin:
    own = traits(name, found.spans(name), found.sightings.get(name, ()), reading, life)
    return Origin(name, key, action_id, own, frozenset(_servers(found, name, reading, life)))


def _servers(found: HistoryIndex, name: DomainName, reading: Reading, life: Life) -> Iterator[Servers]:
    """The sets of servers that the parent gave, as far as they tell anything."""
    for span in found.spans(name, Layer.DELEGATED):
        hosts = frozenset(span.facts.get("ns", ()))
        if span.presence is Presence.PRESENT and hosts and life.holds(span.first, span.last) and reading.telling(hosts):
            yield hosts


def _told(origin: Origin) -> Iterator[tuple[DomainName, Technique, str]]:
    """Names that the origin itself points to."""
    if len(origin.traits.certificate_names) < SHARED_CERTIFICATE_NAMES:
        for name in origin.traits.certificate_names:
            yield (
                name,
                Technique.SHARED_INFRASTRUCTURE,
                f"One certificate names it together with {defang(origin.name)}.",
            )
    for name in origin.traits.leads_to:
        yield name, Technique.REDIRECT, f"{defang(origin.name)} sends its visitors there."


def _alike(
    name: DomainName, found: HistoryIndex, origins: Iterable[Origin], reading: Reading
) -> Iterator[tuple[Origin, str]]:
    """Origins with which a name that was looked at for other reasons has something telling in common."""
    own, when = _origin(found, name, "", "", reading, Life()), _registered(found, name)
    for origin in origins:
        if own.servers & origin.servers:
            yield origin, f"It has the name servers of {defang(origin.name)}."
        if set(own.traits.trackers) & set(origin.traits.trackers):
            yield origin, f"Its visitors are counted with the account of {defang(origin.name)}."
        then = _registered(found, origin.name)
        same = own.traits.registrar and own.traits.registrar == origin.traits.registrar
        if when and then and same and abs(when - then) <= SAME_HOUR:
            yield origin, f"It was registered at the registrar of {defang(origin.name)} within a quarter of an hour."


def _registered(found: HistoryIndex, name: DomainName) -> datetime | None:
    stated = registry_date(found.spans(name))
    return stated.at if stated is not None and stated.precision is Precision.SECOND else None


def _sighting(origin: Origin, name: DomainName, technique: Technique, reason: str, at: datetime) -> Sighting:
    facts: Facts = {"of": (origin.name,)}
    return Sighting(
        watch_key=origin.watch_key, name=name, technique=technique, source=SOURCE, at=at, reason=reason, facts=facts
    )
