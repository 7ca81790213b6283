"""Rows of curves as plain values: infinite and undefined become None, never NaN."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from tracker.analysis.survival_bands import LEVEL, Band, Scale
from tracker.analysis.survival_competing import Competing, Incidence
from tracker.analysis.survival_km import HazardCurve, Quantile, SurvivalCurve
from tracker.analysis.survival_lives import RiskTable
from tracker.analysis.survival_npmle import MassCurve
from tracker.analysis.survival_recurrent import MeanCount

Value = float | int | None
Rows = list[dict[str, Value]]
KM = ("t", "n_risk", "n_event", "n_censor", "surv", "se", "ci_lo", "ci_hi")
MASS = ("lo", "hi", "mass")
"""Columns of the two kinds of curves of survival."""


def plain(number: float | None) -> float | None:
    """The number when it is finite."""
    return number if number is not None and math.isfinite(number) else None


def table_rows(**columns: NDArray[np.generic]) -> Rows:
    """One dictionary per row of columns of one length."""
    lists = [
        [plain(cell) for cell in column.tolist()] if column.dtype.kind == "f" else column.tolist()
        for column in columns.values()
    ]
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*lists, strict=True)]


def _counts(table: RiskTable) -> Mapping[str, NDArray[np.generic]]:
    return {"t": table.t, "n_risk": table.n_risk, "n_event": table.n_event}


def _limits(band: Band) -> Mapping[str, NDArray[np.generic]]:
    return {"ci_lo": band.lo, "ci_hi": band.hi}


def km_rows(curve: SurvivalCurve, scale: Scale, level: float = LEVEL) -> Rows:
    """`t,n_risk,n_event,n_censor,surv,se,ci_lo,ci_hi`, one per age at which a life ended or was last seen."""
    counts = {**_counts(curve.table), "n_censor": curve.table.n_censor}
    return table_rows(**counts, surv=curve.surv, se=curve.se, **_limits(curve.band(scale, level)))


def hazard_rows(curve: HazardCurve, level: float = LEVEL) -> Rows:
    """`t,n_risk,n_event,cumhaz,se,ci_lo,ci_hi`."""
    return table_rows(**_counts(curve.table), cumhaz=curve.cumhaz, se=curve.se, **_limits(curve.band(level)))


def mcf_rows(curve: MeanCount, level: float = LEVEL) -> Rows:
    """`t,n_risk,n_event,mcf,se,ci_lo,ci_hi`."""
    return table_rows(**_counts(curve.table), mcf=curve.mcf, se=curve.se, **_limits(curve.band(level)))


def incidence_rows(whole: Competing, part: Incidence, scale: Scale, level: float = LEVEL) -> Rows:
    """`t,n_risk,n_event,cif,se,ci_lo,ci_hi` of one cause; `n_event` counts its own ends."""
    counts = {**_counts(whole.alive.table), "n_event": part.n_event}
    return table_rows(**counts, cif=part.share, se=part.se, **_limits(part.band(scale, level)))


def mass_rows(curve: MassCurve) -> Rows:
    """`lo,hi,mass`, where there is mass; `hi` None without end."""
    held = curve.mass > 0
    return table_rows(lo=curve.lo[held], hi=curve.hi[held], mass=curve.mass[held])


def median(found: Quantile) -> dict[str, Value]:
    """`value`, the ages `lo` and `hi` between which any would do, limits `ci_lo,ci_hi`."""
    return {"value": found.value, "lo": found.value, "hi": found.until, "ci_lo": found.lo, "ci_hi": found.hi}


def median_between(lo: float | None, hi: float | None) -> dict[str, Value]:
    """The same from intervals: `value` only where the ages `lo` and `hi` between which it lies are one; no limits."""
    return {"value": lo if lo == hi else None, "lo": lo, "hi": hi, "ci_lo": None, "ci_hi": None}
