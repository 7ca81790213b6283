"""Episodes: a deterministic fold over what was definitely seen of a name at one layer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from tracker.model.facts import Layer, Presence
from tracker.model.names import DomainName
from tracker.model.times import Bounds
from tracker.model.views import Ending, Episode


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelinePolicy:
    """When an absence is an end. Frozen and versioned: changing a value makes new episodes under a new name."""

    version: str = "timeline-1"
    apart: timedelta = timedelta(hours=6)


POLICY = TimelinePolicy()
REGISTRY = "registry"
"""Basis of a beginning whose lower bound is the registration date, because nobody had seen the name absent."""


class Moment(NamedTuple):
    """What was known of a name at a layer at some instant in `[first, last]`.

    `registry` marks an absence that the registry itself made (hold, deletion, seizure): one is enough. `cause` says
    why it was absent, if that is known. INDETERMINATE moments are counted and end nothing.
    """

    first: datetime
    last: datetime
    presence: Presence
    registry: bool = False
    cause: Ending | None = None


def episodes(
    name: DomainName,
    layer: Layer,
    moments: Iterable[Moment],
    *,
    births: Sequence[datetime] = (),
    proofs: Sequence[datetime] = (),
    registered: Sequence[datetime] = (),
    policy: TimelinePolicy = POLICY,
) -> tuple[Episode, ...]:
    """Fold moments (ascending by `first`) into episodes numbered from 1.

    `births` are registration dates that the registry stated anew: a presence that follows one is a new life. `proofs`
    are instants of verified certificates: they can move a start's upper bound, but neither begin nor prolong an
    episode. `registered` are all dates that the registry stated: where nobody saw the name absent, the newest before
    its first proof is the lower bound, and the basis is REGISTRY.
    """
    fold = _Fold(births, proofs, registered, policy).fold(moments)
    rows = fold.finished if fold.open is None else [*fold.finished, fold.open]
    return tuple(
        Episode(
            name=name,
            layer=layer,
            number=number,
            start=row.start,
            start_basis=row.basis,
            entry=row.entry,
            last_alive=row.last_alive,
            end=row.end,
            ending=row.ending,
            looks=row.looks,
            unknown_looks=row.unknown_looks,
            policy=policy.version,
        )
        for number, row in enumerate(rows, start=1)
    )


@dataclass(slots=True)
class _Row:
    """An episode in the making. `doubts` are the absences since it was last seen alive."""

    start: Bounds
    basis: str
    entry: datetime
    last_alive: datetime
    looks: int = 1
    unknown_looks: int = 0
    doubts: list[Moment] = field(default_factory=list)
    end: Bounds | None = None
    ending: Ending | None = None

    def close(self, hi: datetime, ending: Ending) -> "_Row":
        self.end = Bounds(self.last_alive, hi)
        self.ending = ending
        return self

    def cause(self) -> Ending | None:
        """The newest known cause of the doubts: the absence that confirmed an end knows best."""
        return next((doubt.cause for doubt in reversed(self.doubts) if doubt.cause is not None), None)


class _Fold:
    def __init__(
        self,
        births: Sequence[datetime],
        proofs: Sequence[datetime],
        registered: Sequence[datetime],
        policy: TimelinePolicy,
    ) -> None:
        self._births = births
        self._proofs = sorted(proofs)
        self._registered = registered
        self._policy = policy
        self._absent: datetime | None = None  # lower bound of the next birth
        self.finished: list[_Row] = []
        self.open: _Row | None = None

    def fold(self, moments: Iterable[Moment]) -> "_Fold":
        """Add moments, ascending by `first`."""
        there, gone = Presence.PRESENT, Presence.ABSENT
        for moment in moments:
            presence, row = moment.presence, self.open
            if presence is there:
                if row is None or row.doubts or self._births:
                    self._present(moment)
                else:  # one more look at what was there: nearly all moments
                    row.last_alive = moment.first
                    row.looks += 1
            elif presence is gone:
                self._missing(moment)
            elif row is not None:
                row.unknown_looks += 1
        return self

    def _present(self, moment: Moment) -> None:
        row = self.open
        if row is None:
            self._begin(moment)
            return
        if any(row.last_alive < birth <= moment.first for birth in self._births):
            lost = row.doubts[0].last if row.doubts else moment.first
            self._absent = row.doubts[-1].first if row.doubts else row.last_alive
            self.finished.append(row.close(min(lost, moment.first), row.cause() or Ending.DELETED))
            self._begin(moment)
            return
        row.doubts.clear()
        row.last_alive = moment.first
        row.looks += 1

    def _begin(self, moment: Moment) -> None:
        earlier = [
            proof for proof in self._proofs if proof < moment.first and (self._absent is None or proof > self._absent)
        ]
        hi = earlier[0] if earlier else moment.first
        stated = [date for date in self._registered if date <= hi] if self._absent is None else []
        self.open = _Row(
            start=Bounds(max(stated, default=self._absent), hi),
            basis=REGISTRY if stated else "certificate" if earlier else "look",
            entry=moment.first,
            last_alive=moment.first,
        )

    def _missing(self, moment: Moment) -> None:
        row = self.open
        if row is None:
            self._absent = moment.first
            return
        row.doubts.append(moment)
        if moment.registry or moment.first - row.doubts[0].last >= self._policy.apart:
            self.finished.append(row.close(row.doubts[0].last, row.cause() or Ending.UNKNOWN))
            self.open = None
            self._absent = moment.first
