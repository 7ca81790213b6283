"""Kaplan-Meier with delayed entry, Nelson-Aalen, and the median that follows."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tracker.analysis.survival_bands import LEVEL, Band, Scale, band, positive_band
from tracker.analysis.survival_lives import Floats, Lives, RiskTable, risk_table

ROUNDING = 1e-10
"""A product of fractions that should be one half may miss it by less than this."""


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalCurve:
    """Share surviving beyond each age of the table, shape (m,); 1 before the first.

    With delayed entry the curve is given alive at `table.since`, and a few at risk early can pull all of it down: read
    it with `n_risk`.
    """

    table: RiskTable
    surv: Floats

    @property
    def spread(self) -> Floats:
        """Greenwood's sum of d/(n(n-d)), shape (m,); infinite once nobody is left."""
        return np.cumsum(greenwood(self.table))

    @property
    def se(self) -> Floats:
        """Greenwood's standard error of the share; NaN once it is 0, where the formula has no value."""
        with np.errstate(invalid="ignore"):
            return np.where(self.surv > 0, self.surv * np.sqrt(self.spread), np.nan)

    def band(self, scale: Scale = Scale.LOG_LOG, level: float = LEVEL) -> Band:
        """Pointwise limits."""
        return band(self.surv, self.se, scale, level)

    def at(self, age: float) -> float:
        """Share surviving beyond an age; NaN past the last one seen, unless nobody was left."""
        if not len(self.surv) or (age > self.table.t[-1] and self.surv[-1] > 0):
            return float("nan")
        row = int(np.searchsorted(self.table.t, age, side="right")) - 1
        return 1.0 if row < 0 else float(self.surv[row])

    @property
    def collapses(self) -> bool:
        """Whether it falls to 0 although lives were seen later: too few at risk early, not an extinction."""
        return bool((self.surv[:-1] == 0).any())


def kaplan_meier(seen: Lives, *, least_at_risk: int = 1) -> SurvivalCurve:
    """The product-limit estimator from the first age with `least_at_risk` on, given alive there; no row if never."""
    table = risk_table(seen)
    enough = table.n_risk >= least_at_risk
    return product_limit(table.from_row(int(np.argmax(enough)) if enough.any() else len(table.t)))


def product_limit(table: RiskTable) -> SurvivalCurve:
    """The curve of a table of risk."""
    surv: Floats = table.n_event / table.n_risk
    np.subtract(1, surv, out=surv)
    return SurvivalCurve(table, np.cumprod(surv, out=surv))


def greenwood(table: RiskTable) -> Floats:
    """The terms d/(n(n-d)), shape (m,); infinite where all at risk ended."""
    with np.errstate(divide="ignore"):
        terms: Floats = table.n_event / table.n_risk / (table.n_risk - table.n_event)
    return terms


@dataclass(frozen=True, slots=True, eq=False)
class HazardCurve:
    """Cumulative hazard up to each age, shape (m,), with its standard error. It may exceed 1: it is no probability."""

    table: RiskTable
    cumhaz: Floats
    se: Floats

    def band(self, level: float = LEVEL) -> Band:
        """Pointwise limits, on the log scale."""
        return positive_band(self.cumhaz, self.se, level)


def nelson_aalen(table: RiskTable) -> HazardCurve:
    """Sum of d/n with variance sum of d/n²; ties are taken as they are, not spread out."""
    share = table.n_event / table.n_risk
    return HazardCurve(table, np.cumsum(share), np.sqrt(np.cumsum(share / table.n_risk)))


class Quantile(NamedTuple):
    """An age and its limits; None where the curve, or the limit, does not get that far: longer than the follow-up.

    `until` is above `value` where the curve stays at the share exactly: any age between them would do.
    """

    value: float | None
    lo: float | None
    hi: float | None
    until: float | None


def quantile(curve: SurvivalCurve, share: float = 0.5, scale: Scale = Scale.LOG_LOG, level: float = LEVEL) -> Quantile:
    """Smallest age beyond which `share` or fewer survive, limits by inverting the band (Brookmeyer and Crowley).

    A limit may rise again after few early ends; its crossing is then the age at which it is next below the share.
    """
    limits, t = curve.band(scale, level), curve.table.t
    value, lo, hi = (_reached(t, values, share) for values in (curve.surv, limits.lo, limits.hi))
    return Quantile(value, lo, hi, _reached(t, curve.surv, share - 2 * ROUNDING))


def _reached(ages: Floats, values: Floats, share: float) -> float | None:
    with np.errstate(invalid="ignore"):
        below = np.where(values <= share + ROUNDING, values, -np.inf)
    return float(ages[np.argmax(below)]) if len(below) and below.max() >= 0 else None
