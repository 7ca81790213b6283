"""Looks of all probes, translated into moments of one layer: the input of the episode fold."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from tracker.analysis.appearance import registry_dates
from tracker.analysis.custody import Hold, Look, Looked, by_time, looks
from tracker.analysis.index import PARKING_KINDS, SEIZURE_KINDS, TEXT_HASH, HistoryIndex
from tracker.analysis.timeline import Moment
from tracker.model.facts import Layer, Presence
from tracker.model.names import DomainName
from tracker.model.views import Ending, State

SAME_DATE = timedelta(days=1)
"""Two registration dates less than this apart are one: registries round, and change their zone of time."""


def moments(looked: Looked, layer: Layer, hands: "Hands") -> Sequence[Moment]:
    """The moments of a name at `layer`, by time.

    Above DELEGATED, what takes a name from its operator is an absence, too.
    """
    match layer:
        case Layer.REGISTERED:
            found = _registered(looked, hands.custody)
        case Layer.DELEGATED:
            found = [_moment(hold) for hold in hands.custody]
        case Layer.RESOLVING:
            found = _taken(hands.custody)
            found += [hands.moment(look) for look in looked.addresses]
        case Layer.SERVING:
            found = _serving(looked, hands)
    return by_time(found)


def births(index: HistoryIndex, name: DomainName) -> tuple[datetime, ...]:
    """Registration dates that the registry stated after an earlier one: each begins a new life of the name."""
    dates = [stated.at for _, stated in registry_dates(index.spans(name, Layer.REGISTERED))]
    return tuple(later for earlier, later in pairwise(dates) if later - earlier >= SAME_DATE)


def registrations(index: HistoryIndex, name: DomainName) -> tuple[datetime, ...]:
    """Every registration date that the registry stated; a day stands for its midnight."""
    return tuple(stated.at for _, stated in registry_dates(index.spans(name, Layer.REGISTERED)))


def _moment(hold: Hold) -> Moment:
    alive = hold.alive
    presence = Presence.INDETERMINATE if alive is None else Presence.PRESENT if alive else Presence.ABSENT
    return Moment(hold.first, hold.last, presence, hold.registry, hold.cause)


class Hands:
    """In whose hands a name was at each time."""

    def __init__(self, custody: Sequence[Hold]) -> None:
        self.custody = custody
        self._known = [hold for hold in custody if hold.alive is not None]
        self._since = [hold.first for hold in self._known]

    def moment(self, look: Look) -> Moment:
        """What a look above the delegation amounts to: an absence when the name was delegated to somebody else then.

        A seizure server answers for the names that it holds; that is no sign of life of the operation.
        """
        first, last, presence, _ = look
        if presence is Presence.PRESENT:
            place = bisect_right(self._since, first)
            holder = self._known[place - 1] if place else None
            if holder is None or holder.alive or holder.presence is not Presence.PRESENT:
                return Moment(first, last, presence)
            return Moment(first, last, Presence.ABSENT, holder.registry, holder.cause)
        return Moment(first, last, presence, False, Ending.DARK if presence is Presence.ABSENT else None)


def _taken(custody: Sequence[Hold]) -> list[Moment]:
    """The delegation's absences, for the layers above: it cannot prove presence there."""
    return [_moment(hold) for hold in custody if hold.alive is False]


def _registered(looked: Looked, custody: Sequence[Hold]) -> list[Moment]:
    """The directory's answers.

    A "not found" that the zone contradicts at that time is no registry-level end by itself.
    """
    there, unsure = Presence.PRESENT, Presence.INDETERMINATE
    found = [Moment(hold.first, hold.last, there) for hold in custody if hold.presence is there]
    definite = [hold for hold in custody if hold.presence is not unsure]
    place = 0
    last: Hold | None = None
    for look in looked.registration:
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


def _serving(looked: Looked, hands: Hands) -> list[Moment]:
    """Pages where pages were looked at, else TLS answers.

    A banner, a parking page or somebody else's text is an absence.
    """
    index = looked.index
    found = _taken(hands.custody)
    found += [hands.moment(look) for look in looked.addresses if look.presence is Presence.ABSENT]
    parked = [hold for hold in hands.custody if hold.state is State.PARKED and hold.alive]
    found += [
        Moment(first=hold.first, last=hold.last, presence=Presence.ABSENT, cause=Ending.PARKED) for hold in parked
    ]
    operation = False
    for look in looked.pages or looks(index.spans(looked.name, Layer.SERVING)):
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
            found.append(hands.moment(look))
        else:
            found.append(Moment(first=look.first, last=look.last, presence=Presence.ABSENT, cause=cause))
    return found
