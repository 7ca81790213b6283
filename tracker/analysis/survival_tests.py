"""Do groups differ: log-rank and Peto-Peto, for any number of groups, within strata, with delayed entry."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tracker.analysis.survival_distributions import chi2_tail
from tracker.analysis.survival_lives import Floats, Ints, Lives, at_risk

RANK = 1e-9
"""Directions of the scaled covariance below this share of the largest carry no information."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTest:
    """A test of equal hazards; `observed` and `expected` are weighted numbers of ends per group, in the order of codes.

    `chi2` and `p` are None when nothing can be compared. Not evidence of a cause, and within one action not even of a
    difference: its names stand and fall by one decision.
    """

    chi2: float | None
    df: int
    p: float | None
    observed: tuple[float, ...]
    expected: tuple[float, ...]


def group_test(seen: Lives, groups: Ints, *, strata: Ints | None = None, rho: float = 0.0) -> GroupTest:
    """Compare groups given as codes 0…k-1, shape (n,). Ends are weighted by S(t-)^`rho`, S pooled within the stratum.

    `rho` 0 is the log-rank test, 1 Peto and Peto's; variance is hypergeometric, as ties require. ValueError for codes
    of another shape.
    """
    if groups.shape != seen.exit.shape or (strata is not None and strata.shape != groups.shape):
        raise ValueError("one group code, and one stratum code, for every life")
    k = int(groups.max()) + 1 if len(groups) else 0
    observed, expected, variance = np.zeros(k), np.zeros(k), np.zeros((k, k))
    for which in _parts(strata, len(groups)):
        part = _one(seen, groups, which, k, rho)
        observed, expected, variance = observed + part[0], expected + part[1], variance + part[2]
    return of_scores(observed - expected, variance, observed, expected)


def of_scores(scores: Floats, variance: Floats, observed: Floats, expected: Floats) -> GroupTest:
    """The quadratic form of scores that add up to 0, over the directions in which they vary."""
    sizes = np.sqrt(np.diag(variance))
    used = sizes > 0
    totals = {"observed": tuple(observed.tolist()), "expected": tuple(expected.tolist())}
    if not used.any():
        return GroupTest(chi2=None, df=0, p=None, **totals)
    scaled = variance[np.ix_(used, used)] / np.outer(sizes[used], sizes[used])
    values, vectors = np.linalg.eigh(scaled)
    informative = values > RANK * values[-1]
    parts = vectors.T[informative] @ (scores[used] / sizes[used])
    chi2, df = float((parts**2 / values[informative]).sum()), int(informative.sum())
    return GroupTest(chi2=chi2, df=df, p=chi2_tail(chi2, df), **totals)


def _parts(strata: Ints | None, n: int) -> Sequence[Ints]:
    """Index sets of the strata; all in one when there are none."""
    if strata is None:
        return [np.arange(n)]
    order = np.argsort(strata, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(strata[order])) + 1)


def _one(seen: Lives, groups: Ints, which: Ints, k: int, rho: float) -> tuple[Floats, Floats, Floats]:
    """Weighted observed and expected ends per group, and the covariance of their difference, in one stratum."""
    lives, codes = seen.take(which), groups[which]
    ages, place = np.unique(lives.exit[lives.event], return_inverse=True)
    m = len(ages)
    d = np.bincount(codes[lives.event] * m + place, minlength=k * m).reshape(k, m).astype(np.float64)
    n = np.zeros((k, m))
    for code in np.unique(codes):
        n[code] = at_risk(lives.take(codes == code), ages)
    all_n, all_d = n.sum(axis=0), d.sum(axis=0)
    share = n / all_n
    before = np.concatenate(([1.0], np.cumprod(1 - all_d / all_n)[:-1])) if m else np.zeros(0)
    weight = before**rho
    spread = weight**2 * all_d * (all_n - all_d) / np.maximum(all_n - 1, 1)
    variance = np.diag(share @ spread) - (share * spread) @ share.T
    return d @ weight, share @ (weight * all_d), variance
