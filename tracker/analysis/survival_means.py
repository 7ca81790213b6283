"""Mean lifetime up to a horizon: the area under the survival curve."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from tracker.analysis.survival_bands import LEVEL, z_of
from tracker.analysis.survival_km import SurvivalCurve, greenwood


class BeyondFollowUp(ValueError):
    """The horizon lies where nothing was seen; the area up to it would be an invention."""


@dataclass(frozen=True, slots=True)
class RestrictedMean:
    """Mean of min(lifetime, `tau`) with its standard error, in the unit of the ages. Not the mean lifetime."""

    tau: float
    value: float
    se: float


@dataclass(frozen=True, slots=True)
class MeanDifference:
    """First minus second restricted mean, with normal limits and two-sided p."""

    tau: float
    value: float
    se: float
    lo: float
    hi: float
    p: float


def follow_up(curve: SurvivalCurve) -> float:
    """Up to which age the curve is known: the last age seen, or no end once nobody is left."""
    if not len(curve.surv):
        return 0.0
    return math.inf if curve.surv[-1] == 0 else float(curve.table.t[-1])


def restricted_mean(curve: SurvivalCurve, tau: float) -> RestrictedMean:
    """Area under the curve from 0 to `tau`; BeyondFollowUp when it is not known that far, ValueError unless positive.

    The variance adds, over the ages of ending, the squared area still to come times d/(n(n-d)).
    """
    if not 0 < tau < math.inf:
        raise ValueError(f"a horizon is positive and finite, not {tau}")
    if tau > follow_up(curve):
        raise BeyondFollowUp(f"the horizon {tau:g} is beyond the last age seen, {follow_up(curve):g}")
    inside = curve.table.t < tau
    heights = np.concatenate(([1.0], curve.surv[inside]))
    areas = heights * np.diff(np.concatenate(([0.0], curve.table.t[inside], [tau])))
    left = np.cumsum(areas[:0:-1])[::-1] / tau  # a share of it can be squared in any unit
    steps = greenwood(curve.table)[inside]
    kept = left > 0
    return RestrictedMean(tau, float(areas.sum()), tau * float(np.sqrt((left[kept] ** 2 * steps[kept]).sum())))


def difference(first: RestrictedMean, second: RestrictedMean, level: float = LEVEL) -> MeanDifference:
    """Compare two groups seen independently; ValueError for different horizons."""
    if first.tau != second.tau:
        raise ValueError("means up to different horizons cannot be compared")
    value, se = first.value - second.value, math.hypot(first.se, second.se)
    half = z_of(level) * se
    p = 2 * NormalDist().cdf(-abs(value) / se) if se else math.nan
    return MeanDifference(first.tau, value, se, value - half, value + half, p)
