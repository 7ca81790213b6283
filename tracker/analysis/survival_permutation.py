"""Do groups differ when lengths are known only as intervals: Sun's log-rank scores, judged by permuting the groups."""

from dataclasses import dataclass

import numpy as np

from tracker.analysis.survival_lives import Floats, Ints
from tracker.analysis.survival_npmle import MassCurve, Spans, npmle
from tracker.analysis.survival_tests import GroupTest, of_scores

EQUAL = 1e-9
"""A permutation whose statistic falls short of the observed by less than this share counts as equal to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PermutationTest:
    """`test` takes its p from chi-square; `p` is the share of `replicates` permutations at least as extreme, one added.

    Permuting says that the groups were looked at alike: when one was polled more often, it rejects for that alone.
    """

    test: GroupTest
    p: float | None
    replicates: int


def sun_scores(curve: MassCurve) -> Floats:
    """Score of each lifetime under equal hazards, shape (n,), adding up to 0: ends minus expected ends.

    For exact and right-censored lengths this is 1 or 0 minus the Nelson-Aalen hazard, as in the ordinary log-rank test.
    """
    surv = 1 - np.concatenate(([0.0], np.cumsum(curve.mass)))
    surv[-1] = 0.0
    alive = np.maximum(surv[:-1], curve.mass)
    hazard = np.divide(curve.mass, alive, out=np.zeros(len(alive)), where=alive > 0)
    grown = surv * np.concatenate(([0.0], np.cumsum(hazard)))
    first, stop = curve.cover.first, curve.cover.last + 1
    scores: Floats = (grown[stop] - grown[first]) / (surv[first] - surv[stop])
    return scores


def permutation_test(
    spans: Spans, groups: Ints, rng: np.random.Generator, *, replicates: int = 1999
) -> PermutationTest:
    """Compare groups given as codes 0…k-1, shape (n,). With 0 `replicates` only the approximation is made."""
    if groups.shape != spans.lo.shape:
        raise ValueError("one group code for every lifetime")
    scores = sun_scores(npmle(spans))
    sizes: Floats = np.bincount(groups).astype(np.float64)
    n = len(scores)
    centred = scores - scores.mean()
    shares = sizes / n
    spread = float(centred @ centred) / max(n - 1, 1)
    variance = spread * (np.diag(sizes) - np.outer(sizes, shares))
    observed: Floats = np.bincount(groups, centred).astype(np.float64)
    test = of_scores(observed, variance, observed, np.zeros(len(sizes)))
    if test.chi2 is None or replicates == 0:
        return PermutationTest(test=test, p=None, replicates=0)
    cuts = np.concatenate(([0], np.cumsum(sizes[sizes > 0])[:-1])).astype(np.int64)
    drawn = (np.add.reduceat(rng.permutation(centred), cuts) for _ in range(replicates))
    weights = 1 / (spread * sizes[sizes > 0])
    at_least = sum(float(sums**2 @ weights) >= test.chi2 * (1 - EQUAL) for sums in drawn)
    return PermutationTest(test=test, p=(1 + at_least) / (1 + replicates), replicates=replicates)
