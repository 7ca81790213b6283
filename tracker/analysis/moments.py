"""Looks of all probes, translated into moments of one layer: the input of the episode fold."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from tracker.analysis.appearance import registry_dates
from tracker.analysis.custody import Hold, Look, looks, order
from tracker.analysis.index import PARKING_KINDS, SEIZURE_KINDS, TEXT_HASH, HistoryIndex
from tracker.analysis.timeline import Moment
from tracker.model.facts import Layer, Presence
from tracker.model.names import DomainName
from tracker.model.views import Ending, State

SAME_DATE = timedelta(days=1)
"""Two registration dates less than this apart are one: registries round, and change their zone of time."""


def moments(index: HistoryIndex, name: DomainName, layer: Layer, custody: Sequence[Hold]) -> tuple[Moment, ...]:
    """The moments of `name` at `layer`, by time.

    Above DELEGATED, what takes a name from its operator is an absence, too.
    """
    match layer:
        case Layer.REGISTERED:
            found = _registered(index, name, custody)
        case Layer.DELEGATED:
            found = [_moment(hold) for hold in custody]
        case Layer.RESOLVING:
            found = _taken(custody)
            found += [_in_hand(_plain(look), custody) for look in looks(index.spans(name, Layer.RESOLVING))]
        case Layer.SERVING:
            found = _serving(index, name, custody)
    return tuple(sorted(found, key=order))


def births(index: HistoryIndex, name: DomainName) -> tuple[datetime, ...]:
    """Registration dates that the registry stated after an earlier one: each begins a new life of the name."""
    dates = [stated.at for _, stated in registry_dates(index.spans(name, Layer.REGISTERED))]
    return tuple(later for earlier, later in pairwise(dates) if later - earlier >= SAME_DATE)


def registrations(index: HistoryIndex, name: DomainName) -> tuple[datetime, ...]:
    """Every registration date that the registry stated; a day stands for its midnight."""
    return tuple(stated.at for _, stated in registry_dates(index.spans(name, Layer.REGISTERED)))


def _moment(hold: Hold) -> Moment:
    presence = {True: Presence.PRESENT, False: Presence.ABSENT, None: Presence.INDETERMINATE}[hold.alive]
    return Moment(
        first=hold.first,
        last=hold.last,
        presence=presence,
        registry=hold.registry,
        cause=hold.cause,
    )


def _plain(look: Look, cause: Ending | None = None) -> Moment:
    if look.presence is Presence.ABSENT:
        cause = cause or Ending.DARK
    return Moment(first=look.first, last=look.last, presence=look.presence, cause=cause)


def _in_hand(moment: Moment, custody: Sequence[Hold]) -> Moment:
    """The moment itself, or an absence when the name was delegated to somebody else then.

    A seizure server answers for the names that it holds; that is no sign of life of the operation.
    """
    if moment.presence is not Presence.PRESENT:
        return moment
    place = bisect_right(custody, moment.first, key=lambda hold: hold.first)
    holder = next((hold for hold in reversed(custody[:place]) if hold.alive is not None), None)
    if holder is None or holder.alive or holder.presence is not Presence.PRESENT:
        return moment
    return replace(moment, presence=Presence.ABSENT, registry=holder.registry, cause=holder.cause)


def _taken(custody: Sequence[Hold]) -> list[Moment]:
    """The delegation's absences, for the layers above: it cannot prove presence there."""
    return [_moment(hold) for hold in custody if hold.alive is False]


def _registered(index: HistoryIndex, name: DomainName, custody: Sequence[Hold]) -> list[Moment]:
    """The directory's answers.

    A "not found" that the zone contradicts at that time is no registry-level end by itself.
    """
    found = [
        Moment(first=hold.first, last=hold.last, presence=Presence.PRESENT)
        for hold in custody
        if hold.presence is Presence.PRESENT
    ]
    definite = [hold for hold in custody if hold.presence is not Presence.INDETERMINATE]
    place = 0
    last: Hold | None = None
    for look in looks(index.spans(name, Layer.REGISTERED)):
        while place < len(definite) and definite[place].first <= look.first:
            last = definite[place]
            place += 1
        absent = look.presence is Presence.ABSENT
        contradicted = last is not None and last.presence is Presence.PRESENT
        cause = (last.cause if last is not None else None) or Ending.DELETED
        found.append(
            Moment(
                first=look.first,
                last=look.last,
                presence=look.presence,
                registry=absent and not contradicted,
                cause=cause if absent else None,
            )
        )
    return found


def _serving(index: HistoryIndex, name: DomainName, custody: Sequence[Hold]) -> list[Moment]:
    """Pages where pages were looked at, else TLS answers.

    A banner, a parking page or somebody else's text is an absence.
    """
    found = _taken(custody)
    found += [_plain(look) for look in looks(index.spans(name, Layer.RESOLVING)) if look.presence is Presence.ABSENT]
    parked = [hold for hold in custody if hold.state is State.PARKED and hold.alive]
    found += [
        Moment(first=hold.first, last=hold.last, presence=Presence.ABSENT, cause=Ending.PARKED) for hold in parked
    ]
    operation = False
    for look in looks(index.pages(name) or index.spans(name, Layer.SERVING)):
        kinds = frozenset(look.facts.get("kind", ()))
        theirs = bool(index.operation_pages & frozenset(look.facts.get(TEXT_HASH, ())))
        cause: Ending | None = None
        if look.presence is Presence.PRESENT:
            if kinds & SEIZURE_KINDS:
                cause = Ending.SEIZED
            elif kinds & PARKING_KINDS:
                cause = Ending.PARKED
            elif operation and not theirs and TEXT_HASH in look.facts:
                cause = Ending.OTHER_CONTENT
        operation = operation or theirs
        if cause is None:
            found.append(_in_hand(_plain(look), custody))
        else:
            found.append(Moment(first=look.first, last=look.last, presence=Presence.ABSENT, cause=cause))
    return found
