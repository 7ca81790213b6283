"""Intervals of shares and counts: Wilson, Clopper-Pearson, exact Poisson. For collections, not within one action."""

import math
from collections.abc import Callable
from typing import NamedTuple

from tracker.analysis.survival_bands import LEVEL, z_of
from tracker.analysis.survival_distributions import beta_share, gamma_share


class Interval(NamedTuple):
    """Lower and upper limit."""

    lo: float
    hi: float


def wilson(k: int, n: int, level: float = LEVEL) -> Interval:
    """Score interval of a share of k in n; near the level on average. ValueError unless 0 <= k <= n > 0."""
    _check(k, n)
    z = z_of(level)
    centre, scale = (k + z * z / 2) / (n + z * z), z / (n + z * z)
    half = scale * math.sqrt(k * (n - k) / n + z * z / 4)
    return Interval(0.0 if k == 0 else centre - half, 1.0 if k == n else centre + half)


def clopper_pearson(k: int, n: int, level: float = LEVEL) -> Interval:
    """Exact interval of a share of k in n, never below the level. ValueError unless 0 <= k <= n > 0."""
    _check(k, n)
    z_of(level)
    tail = (1 - level) / 2
    lo = 0.0 if k == 0 else _root(lambda x: beta_share(k, n - k + 1, x) - tail, 1.0)
    hi = 1.0 if k == n else 1 - _root(lambda x: beta_share(n - k, k + 1, x) - tail, 1.0)
    return Interval(lo, hi)


def poisson(n: int, level: float = LEVEL) -> Interval:
    """Exact interval of the mean of a Poisson count (Garwood). ValueError for a negative count."""
    if n < 0:
        raise ValueError(f"a count is not negative: {n}")
    z_of(level)
    tail = (1 - level) / 2
    far = 2.0 * n + 50
    lo = 0.0 if n == 0 else _root(lambda x: gamma_share(n, x) - tail, far)
    while gamma_share(n + 1, far) < 1 - tail:
        far *= 2
    return Interval(lo, _root(lambda x: gamma_share(n + 1, x) - (1 - tail), far))


def _check(k: int, n: int) -> None:
    if not 0 <= k <= n or n == 0:
        raise ValueError(f"{k} of {n} is no share")


def _root(rising: Callable[[float], float], far: float) -> float:
    """Where a rising function crosses 0 in (0, far), to the last bit, by bisection."""
    lo, hi = 0.0, far
    while True:
        middle = (lo + hi) / 2
        if middle in (lo, hi):
            return middle
        if rising(middle) < 0:
            lo = middle
        else:
            hi = middle
