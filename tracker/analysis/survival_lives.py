"""Lives as they were seen, and the table of who was at risk at which age."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracker.analysis.survival_order import Keys, ages_of, below, in_order, keys_of, marks_of

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

    def between(self, row: int, age: float) -> "RiskTable":
        """The table from a row on and up to an age, both included."""
        held = self.from_row(row)
        end = int(np.searchsorted(held.t, age, side="right"))
        return RiskTable(held.t[:end], held.n_risk[:end], held.n_event[:end], held.n_censor[:end], held.since)


def risk_table(seen: Lives) -> RiskTable:
    """Count who is at risk: entered before, and not gone before, an age."""
    if not len(seen):
        none = np.zeros(0, dtype=np.int64)
        return RiskTable(np.zeros(0), none, none, none, since=0.0)
    highest = float(seen.exit.max())
    whole = highest < WIDEST and bool((seen.exit.astype(np.uint32) == seen.exit).all())
    if whole and highest < DENSE * len(seen):
        t, n_risk, leaving, censored = _counted(seen)
    else:
        t, n_risk, leaving, censored = _sorted(seen, whole)
    since = 0.0 if seen.entry is None else max(0.0, float(seen.entry.min()))
    leaving -= censored
    return RiskTable(t, n_risk, leaving, censored, since)


def _counted(seen: Lives) -> tuple[Floats, Ints, Ints, Ints]:
    """Ages, those at risk, leaving and censored at each, by counting whole ages of few values.

    Before a whole age is at or below the whole number before it.
    """
    keys = seen.exit.astype(np.int64) << 1
    keys |= ~seen.event
    counts = np.bincount(keys, minlength=int(keys.max() | 1) + 1).reshape(-1, 2)
    leaving = counts.sum(axis=1)
    n_risk = leaving - np.cumsum(leaving)
    if seen.entry is None:
        n_risk += len(seen)
    else:
        places = np.maximum(np.floor(seen.entry) + 1, 0.0).astype(np.int64)
        n_risk += np.cumsum(np.bincount(places, minlength=len(leaving)))
    rows = np.flatnonzero(leaving)
    return rows.astype(np.float64), n_risk[rows], leaving[rows], counts[rows, 1]


def _sorted(seen: Lives, whole: bool) -> tuple[Floats, Ints, Ints, Ints]:
    """The same by sorting: those leaving, marked where censored, then those who entered."""
    keys = in_order(keys_of(seen.exit, ~seen.event, whole=whole))
    censored = marks_of(keys)
    keys -= censored
    starts = np.ones(len(keys) + 1, dtype=np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=starts[1:-1])
    if starts.all():  # no two share an age: most fractions, and half the arrays
        n_risk = _entered(seen, keys)
        n_risk -= np.arange(len(keys))
        return ages_of(keys), n_risk, np.ones(len(keys), dtype=np.int64), censored.astype(np.int64)
    rows = np.flatnonzero(starts)
    ages = keys[rows[:-1]]
    n_risk = _entered(seen, ages)
    n_risk -= rows[:-1]
    gone = np.cumsum(censored, dtype=np.int64)[starts[1:]]
    return ages_of(ages), n_risk, np.diff(rows), np.ediff1d(gone, to_begin=gone[:1])


def _entered(seen: Lives, ages: Keys) -> Ints:
    """How many had come under watch before each of the ascending ages, unmarked keys."""
    if seen.entry is None:
        return np.full(len(ages), len(seen), dtype=np.int64)
    late = seen.entry >= 0
    entries = seen.entry if late.all() else seen.entry[late]
    found = below(ages, in_order(keys_of(entries, True, whole=ages.dtype == np.uint32)))
    found += len(seen) - len(entries)
    return found


def entered(seen: Lives, ages: Floats) -> Ints:
    """How many had come under watch before each of the ascending ages."""
    return _entered(seen, keys_of(ages, False, whole=False))


def at_risk(seen: Lives, ages: Floats) -> Ints:
    """How many are at risk at each of the ascending ages, which need not be ages at exit."""
    keys = keys_of(ages, False, whole=False)
    return _entered(seen, keys) - below(keys, in_order(keys_of(seen.exit, True, whole=False)))


def first_rows(seen: Lives, ages: Floats) -> Ints:
    """For each life the first of the ascending ages at which it is at risk, as an index, if any is."""
    if seen.entry is None:
        return np.zeros(len(seen), dtype=np.int64)
    return np.searchsorted(ages, seen.entry, side="right").astype(np.int64)
