"""Likelihood of probability mass on ordered intervals when each lifetime covers one run of them."""

from dataclasses import dataclass

import numpy as np

from tracker.analysis.survival_lives import Floats, Ints

HALVINGS = 30


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Lifetimes, `count` of each kind, that cover the intervals `first` to before `stop` of `m`; arrays of shape (r,).

    Every step costs O(r + m): what a run holds is a difference of two cumulative sums.
    """

    first: Ints
    stop: Ints
    count: Floats
    m: int

    def held(self, mass: Floats) -> Floats:
        """Probability of each run, shape (r,)."""
        reached = np.concatenate(([0.0], np.cumsum(mass)))
        held: Floats = reached[self.stop] - reached[self.first]
        return held

    def log_likelihood(self, mass: Floats) -> float:
        """Minus infinity when a run holds nothing."""
        held = self.held(mass)
        return float(self.count @ np.log(held)) if (held > 0).all() else -np.inf

    def gradient(self, mass: Floats) -> Floats:
        """Per lifetime, what more mass in each interval is worth, shape (m,): at most 1 everywhere at the maximum."""
        worth = self.count / self.held(mass)
        ends = self._at(self.first, worth) - self._at(self.stop, worth)
        gradient: Floats = np.cumsum(ends[:-1]) / self.count.sum()
        return gradient

    def better(self, mass: Floats) -> tuple[Floats, float]:
        """One round of EM, one convex-minorant step, and the distance of the gradient from proving the maximum."""
        raised = mass * self.gradient(mass)
        raised = self._minorant(raised / raised.sum())
        return raised, float(self.gradient(raised).max()) - 1

    def _minorant(self, mass: Floats) -> Floats:
        """Newton's step for the distribution function, diagonal and kept non-decreasing, halved until it helps."""
        held = self.held(mass)
        worth = self.count / held
        slope = (self._at(self.stop, worth) - self._at(self.first, worth))[1:-1]
        curvature = (self._at(self.stop, worth / held) + self._at(self.first, worth / held))[1:-1]
        reached = np.cumsum(mass)[:-1]
        wanted = np.clip(isotonic(reached + slope / curvature, curvature), 0.0, 1.0)
        step = np.diff(np.concatenate(([0.0], wanted, [1.0]))) - mass
        before, share = self.log_likelihood(mass), 1.0
        for _ in range(HALVINGS):
            moved = np.maximum(mass + share * step, 0.0)
            if self.log_likelihood(moved) > before:
                return moved
            share /= 2
        return mass

    def _at(self, place: Ints, weights: Floats) -> Floats:
        return np.bincount(place, weights, minlength=self.m + 1).astype(np.float64, copy=False)


def isotonic(values: Floats, weights: Floats) -> Floats:
    """The non-decreasing sequence nearest to `values` by weighted squares, shape (m,); weights positive."""
    means: list[float] = []
    sizes: list[float] = []
    lengths: list[int] = []
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        mean, size, length = value, weight, 1
        while means and means[-1] >= mean:
            other = sizes.pop()
            mean = (means.pop() * other + mean * size) / (other + size)
            size += other
            length += lengths.pop()
        means.append(mean)
        sizes.append(size)
        lengths.append(length)
    return np.repeat(np.array(means, dtype=np.float64), lengths)
