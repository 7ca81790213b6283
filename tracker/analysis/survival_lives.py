"""Lives as they were seen, and the table of who was at risk at which age."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

WIDEST = 2**31
"""Whole ages below this are sorted in half the width: 68 years in seconds."""

DENSE = 4
"""Whole ages are counted instead of sorted when the highest is below so many times the number of lives."""


@dataclass(frozen=True, slots=True, eq=False)
class Lives:
    """Lives under watch on (`entry`, `exit`], ended at `exit` where `event`, else last seen alive there.

    Arrays of shape (n,), ages in any one unit. `entry` None says that all were watched from birth. A life without
    `event` is censored, not immortal; what happened before `entry` could not have been seen.
    """

    exit: Floats
    event: Bools
    entry: Floats | None = None

    def __post_init__(self) -> None:
        """Refuse what no estimator can read: ValueError."""
        if self.exit.ndim != 1 or self.exit.shape != self.event.shape:
            raise ValueError("exit and event must be of one length")
        if not (np.isfinite(self.exit).all() and (self.exit >= 0).all()):
            raise ValueError("ages at exit must be finite and not negative")
        if self.entry is not None and not (self.entry.shape == self.exit.shape and (self.entry < self.exit).all()):
            raise ValueError("ages at entry must be below those at exit")

    def __len__(self) -> int:
        """How many lives."""
        return len(self.exit)

    def take(self, which: Bools | Ints) -> "Lives":
        """Some of the lives, by mask or by index; an index may come more than once."""
        entry = None if self.entry is None else self.entry[which]
        return Lives(self.exit[which], self.event[which], entry)


def lives(exit_age: ArrayLike, event: ArrayLike, entry: ArrayLike | None = None) -> Lives:
    """Lives from anything like an array. An entry of 0 means watched from birth, so that a life of length 0 counts."""
    exits = np.asarray(exit_age, dtype=np.float64)
    events = np.asarray(event, dtype=np.bool_)
    if entry is None:
        return Lives(exits, events)
    entries = np.asarray(entry, dtype=np.float64)
    if (entries <= 0).all():
        return Lives(exits, events)
    return Lives(exits, events, np.where(entries <= 0, -np.inf, entries))


@dataclass(frozen=True, slots=True, eq=False)
class RiskTable:
    """One row per distinct age at exit, ascending: at risk just before it, ended at it, censored at it.

    Arrays of shape (m,). `since` is the age from which anything was under watch: before it the table knows nothing.
    """

    t: Floats
    n_risk: Ints
    n_event: Ints
    n_censor: Ints
    since: float

    def from_row(self, row: int) -> "RiskTable":
        """The table from a row on, which reads as given alive at that age."""
        if row == 0:
            return self
        since = float(self.t[row]) if row < len(self.t) else float("inf")
        return RiskTable(self.t[row:], self.n_risk[row:], self.n_event[row:], self.n_censor[row:], since)


def risk_table(seen: Lives) -> RiskTable:
    """Count who is at risk: entered before, and not gone before, an age."""
    if not len(seen):
        none = np.zeros(0, dtype=np.int64)
        return RiskTable(np.zeros(0), none, none, none, since=0.0)
    highest = float(seen.exit.max())
    whole = highest < WIDEST and bool((seen.exit.astype(np.uint32) == seen.exit).all())
    if whole and highest < DENSE * len(seen):
        t, leaving, censored = _counted(seen)
        late = _counted_entries(seen, t)
    else:
        t, leaving, censored = _sorted(seen, whole)
        late = entered(seen, t)
    since = 0.0 if seen.entry is None else max(0.0, float(seen.entry.min()))
    return RiskTable(t, late - np.cumsum(leaving) + leaving, leaving - censored, censored, since)


def _counted(seen: Lives) -> tuple[Floats, Ints, Ints]:
    """Ages, those leaving and those censored at each, by counting whole ages of few values."""
    keys = seen.exit.astype(np.int64) << 1
    keys |= ~seen.event
    counts = np.bincount(keys, minlength=int(keys.max() | 1) + 1).reshape(-1, 2)
    leaving = counts.sum(axis=1)
    rows = np.flatnonzero(leaving)
    return rows.astype(np.float64), leaving[rows], counts[rows, 1]


def _counted_entries(seen: Lives, ages: Floats) -> Ints:
    """Like `entered`, for whole ages: before such an age is at or below the whole number before it."""
    if seen.entry is None:
        return entered(seen, ages)
    places = np.maximum(np.floor(seen.entry) + 1, 0.0).astype(np.int64)
    found: Ints = np.cumsum(np.bincount(places, minlength=int(ages[-1]) + 1))[ages.astype(np.int64)]
    return found


def _sorted(seen: Lives, whole: bool) -> tuple[Floats, Ints, Ints]:
    """The same as `_counted` by one sort of integers that carry the age and, in the lowest bit, whether censored.

    The bits of a float that is not negative order like the float, and its sign bit is free; whole ages need half.
    """
    keys: NDArray[np.unsignedinteger[Any]]
    # + 0.0 makes a negative zero positive
    keys = seen.exit.astype(np.uint32) if whole else (seen.exit + 0.0).view(np.uint64)
    one = keys.dtype.type(1)
    keys = np.bitwise_or(keys << one, (~seen.event).view(np.uint8))
    keys.sort()
    ages = keys >> one
    last = np.append(np.flatnonzero(ages[1:] != ages[:-1]), len(ages) - 1)
    censored = np.cumsum(keys & one, dtype=np.int64)[last]
    t = ages[last].astype(np.float64) if whole else ages[last].view(np.float64)
    return t, np.diff(last, prepend=-1), np.diff(censored, prepend=0)


def entered(seen: Lives, ages: Floats) -> Ints:
    """How many had come under watch before each of the ascending ages."""
    if seen.entry is None:
        return np.full(len(ages), len(seen), dtype=np.int64)
    return np.searchsorted(np.sort(seen.entry), ages, side="left").astype(np.int64)


def at_risk(seen: Lives, ages: Floats) -> Ints:
    """How many are at risk at each of the ascending ages, which need not be ages at exit."""
    return entered(seen, ages) - np.searchsorted(np.sort(seen.exit), ages, side="left").astype(np.int64)


def first_rows(seen: Lives, ages: Floats) -> Ints:
    """For each life the first of the ascending ages at which it is at risk, as an index, if any is."""
    if seen.entry is None:
        return np.zeros(len(seen), dtype=np.int64)
    return np.searchsorted(ages, seen.entry, side="right").astype(np.int64)
