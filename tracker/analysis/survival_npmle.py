"""Survival from intervals: the nonparametric maximum likelihood estimate for lifetimes known to lie in (lo, hi]."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tracker.analysis.survival_lives import Floats, Ints
from tracker.analysis.survival_runs import Runs

GAP = 1e-10
GOOD_ENOUGH = 1e-7
ROUNDS = 2_000
DUST = 1e-8
ROUNDING = 1e-7
"""A sum of masses that is one half at the maximum may miss it by less than this where rounds end."""


class NotConverged(ValueError):
    """The likelihood was still rising when the rounds were used up; no estimate is better than a wrong one."""


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """Lifetimes known to be above `lo` and at or below `hi`, arrays of shape (n,); `hi` infinite while alive.

    Half-open because a poll that still sees the name alive at `lo` rules out an end at `lo`. `lo` = `hi` is a length
    known exactly. Other programs close the interval at both ends, which puts mass on ages known to be survived.
    """

    lo: Floats
    hi: Floats

    def __post_init__(self) -> None:
        """Refuse what cannot be: ValueError."""
        if self.lo.ndim != 1 or self.lo.shape != self.hi.shape:
            raise ValueError("lo and hi must be of one length")
        if not (np.isfinite(self.lo).all() and (self.lo >= 0).all() and (self.lo <= self.hi).all()):
            raise ValueError("lo must be finite, not negative, and not above hi")

    def __len__(self) -> int:
        """How many lifetimes."""
        return len(self.lo)


class Cover(NamedTuple):
    """Where mass can be, and which run of those intervals each lifetime covers: from `first` to `last`, inclusive."""

    lo: Floats
    hi: Floats
    first: Ints
    last: Ints


@dataclass(frozen=True, slots=True, eq=False)
class MassCurve:
    """Probability `mass`, shape (m,), in disjoint ascending intervals (lo, hi]; where inside one is not known.

    `gap` bounds how far below the maximum the log-likelihood may still be, per lifetime.
    """

    lo: Floats
    hi: Floats
    mass: Floats
    log_likelihood: float
    gap: float
    cover: Cover

    def at(self, age: float) -> tuple[float, float]:
        """Lowest and highest share surviving beyond an age; they differ inside an interval that has mass."""
        sure = float(self.mass[self.hi <= age].sum())
        possible = float(self.mass[(self.lo < age) | (self.hi <= age)].sum())
        return max(0.0, 1 - possible), min(1.0, 1 - sure)

    def quantile(self, share: float = 0.5) -> tuple[float, float | None] | None:
        """The interval (lo, hi] in which survival falls to `share`, hi None without end; None when it never does."""
        reached = np.flatnonzero(np.cumsum(self.mass) >= 1 - share - ROUNDING)
        if not len(reached):
            return None
        hi = float(self.hi[reached[0]])
        return float(self.lo[reached[0]]), hi if np.isfinite(hi) else None


def cover(spans: Spans) -> Cover:
    """The innermost intervals: a left end followed at once by a right end when all ends are put in order (Turnbull).

    At one age come first left ends of exact lengths, then right ends, then left ends that exclude that age.
    """
    ages = np.concatenate((spans.lo, spans.hi))
    right = np.arange(len(ages)) >= len(spans)
    rank = np.where(right, 1, np.where(np.concatenate((spans.lo == spans.hi,) * 2), 0, 2))
    order = np.lexsort((rank, ages))
    start = np.flatnonzero(~right[order][:-1] & right[order][1:])
    place = np.empty(len(ages), dtype=np.int64)
    place[order] = np.arange(len(ages))
    first = np.searchsorted(start, place[: len(spans)], side="left")
    last = np.searchsorted(start, place[len(spans) :], side="left") - 1
    return Cover(ages[order][start], ages[order][start + 1], first, last)


def npmle(spans: Spans) -> MassCurve:
    """Maximise the likelihood: EM rounds, each followed by a convex-minorant step, until no mass could be better put.

    EM alone leaves dying mass behind for thousands of rounds; the second step sets it to 0. Stops when the gradient
    proves the log-likelihood to be within n times 1e-10 of its maximum (1e-7 when rounding allows no better);
    NotConverged otherwise, ValueError when there are no lifetimes.
    """
    if not len(spans):
        raise ValueError("nothing to estimate from")
    found = cover(spans)
    m = len(found.lo)
    pairs, counts = np.unique(found.first * m + found.last, return_counts=True)
    runs = Runs(pairs // m, pairs % m + 1, counts.astype(np.float64), m)
    mass = np.full(m, 1 / m)
    gap = np.inf
    for _ in range(ROUNDS):
        mass, gap = runs.better(mass)
        if gap < GAP:
            break
    if gap > GOOD_ENOUGH:
        raise NotConverged(f"no maximum within {ROUNDS} rounds; still {gap:.1e} from it")
    mass = _without_dust(runs, mass)
    gap = float(runs.gradient(mass).max()) - 1
    return MassCurve(found.lo, found.hi, mass, runs.log_likelihood(mass), gap, found)


def _without_dust(runs: Runs, mass: Floats) -> Floats:
    """Without the traces that the last rounds had not yet moved: masses that the likelihood does not miss."""
    kept: Floats = np.where(mass < DUST, 0.0, mass)
    kept /= kept.sum()
    return kept if runs.log_likelihood(kept) >= runs.log_likelihood(mass) - DUST else mass
