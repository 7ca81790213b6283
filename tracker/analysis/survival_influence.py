"""Variances by the infinitesimal jackknife: how much each independent unit pulls an estimate, squared and added up."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tracker.analysis.survival_lives import Floats, Ints

ROUNDING = 8 * float(np.finfo(np.float64).eps)


class Steps(NamedTuple):
    """From `row` on, `change` is added to the coefficients of `unit`; shapes (s,), (s,) and (s, p)."""

    unit: Ints
    row: Ints
    change: Floats


def summed_squares(parts: Sequence[Steps], basis: Floats) -> Floats:
    """Sum over units of (coefficients · basis)² for every row of `basis`, shape (m, p); result (m,), never negative.

    What is no larger than the rounding of the terms it is the difference of is 0, not noise.

    The pull of a unit is a combination of few functions of age whose coefficients change only when its lives enter
    and leave, so the sums are carried forward instead of being taken anew at each age.
    """
    unit, row, change = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((row, unit))
    unit, row, change = unit[order], row[order], change[order]
    after = np.cumsum(change, axis=0)
    first = np.flatnonzero(np.diff(unit, prepend=unit[:1] - 1))
    start = np.repeat(after[first] - change[first], np.diff(first, append=len(unit)), axis=0)
    after -= start
    before = after - change
    total, size = np.zeros(len(basis)), np.zeros(len(basis))
    for i in range(basis.shape[1]):
        for j in range(i + 1):
            weights = after[:, i] * after[:, j] - before[:, i] * before[:, j]
            factor = (1 if i == j else 2) * basis[:, i] * basis[:, j]
            total += np.cumsum(np.bincount(row, weights, minlength=len(basis))) * factor
            size += np.cumsum(np.bincount(row, np.abs(weights), minlength=len(basis))) * np.abs(factor)
    return np.where(total > ROUNDING * size, total, 0.0)
