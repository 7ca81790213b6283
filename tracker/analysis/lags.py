"""Time from a takedown to the first replacement: per domain, and the middle of them with those that have none yet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median_low

from tracker.model.names import DomainName
from tracker.model.times import DAY, Bounds
from tracker.model.watching import Cohort, Takedown

LATER = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """Time from a takedown to the first replacement of its domain; negative when that was registered in advance.

    `name` is the one that was proved first; None = none yet, followed until `followed`. None in
    `lo` or `hi` is unbounded, not zero.
    """

    predecessor: DomainName
    cohort: Cohort
    name: DomainName | None
    lo: timedelta | None
    hi: timedelta | None
    followed: datetime


@dataclass(frozen=True, slots=True)
class Middle:
    """The median days to the first replacement over domains: the first at which half have one.

    Domains without one are longer than any number: a median of infinity was not reached. None = unbounded or no domain.
    """

    days_lo: float | None
    days_hi: float | None


def lag_of(takedown: Takedown, opens: Bounds, answers: Iterable[tuple[DomainName, Bounds]], followed: datetime) -> Lag:
    """The first replacement of one domain that was taken down within `opens`; `answers` are names with their bounds."""
    places = sorted((place.hi, name, place.lo) for name, place in answers if place.hi is not None)
    lo: timedelta | None = None
    hi: timedelta | None = None
    if places:
        starts = [start for _, _, start in places]
        first = min((start for start in starts if start is not None), default=None) if None not in starts else None
        lo = None if first is None or opens.hi is None else first - opens.hi
        hi = None if opens.lo is None else places[0][0] - opens.lo
    return Lag(
        predecessor=takedown.domain,
        cohort=takedown.cohort,
        name=places[0][1] if places else None,
        lo=lo,
        hi=hi,
        followed=followed,
    )


def middle(lags: Sequence[Lag], longest: float = LATER) -> Middle:
    """The median over all domains of one action, followed for `longest` days: what came later counts as none yet."""
    soonest = [LATER if lag.name is None else -LATER if lag.lo is None else lag.lo / DAY for lag in lags]
    latest = [LATER if lag.name is None or lag.hi is None else lag.hi / DAY for lag in lags]
    cut = [[value if value <= longest else LATER for value in values] for values in (soonest, latest)]
    if not lags:
        return Middle(None, None)
    lo, hi = (median_low(values) for values in cut)
    return Middle(None if lo == -LATER else lo, hi)
