"""Pointwise confidence limits of a probability that has a standard error."""

from enum import StrEnum
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from tracker.analysis.survival_lives import Floats

LEVEL = 0.95


class Scale(StrEnum):
    """On which scale the estimate is taken to be normal. `log-log` keeps limits inside [0, 1] by itself."""

    LOG_LOG = "log-log"
    LOG = "log"
    PLAIN = "plain"


class Band(NamedTuple):
    """Lower and upper limits, shape (m,), NaN where there is none. Pointwise: not a band for the whole curve."""

    lo: Floats
    hi: Floats


def z_of(level: float) -> float:
    """The normal quantile of a two-sided level; ValueError outside (0, 1)."""
    if not 0 < level < 1:
        raise ValueError(f"a level lies between 0 and 1, not {level}")
    return NormalDist().inv_cdf((1 + level) / 2)


def band(share: Floats, se: Floats, scale: Scale = Scale.LOG_LOG, level: float = LEVEL) -> Band:
    """Limits around probabilities by the delta method. None at 0, nor with `log-log` at 1, where se says nothing."""
    z = z_of(level)
    inside = np.where((share > 0) & ((share < 1) | (scale is not Scale.LOG_LOG)), share, np.nan)
    with np.errstate(invalid="ignore", over="ignore"):
        match scale:
            case Scale.PLAIN:
                return Band(np.maximum(inside - z * se, 0.0), np.minimum(inside + z * se, 1.0))
            case Scale.LOG:
                step = z * se / inside
                return Band(inside * np.exp(-step), np.minimum(inside * np.exp(step), 1.0))
            case Scale.LOG_LOG:
                log = np.log(inside)
                step = z * se / (inside * log)
                return Band(np.exp(log * np.exp(-step)), np.exp(log * np.exp(step)))


def positive_band(value: Floats, se: Floats, level: float = LEVEL) -> Band:
    """Limits around a count or hazard that has no upper end, on the log scale; NaN at 0."""
    z = z_of(level)
    above = np.where(value > 0, value, np.nan)
    factor = np.exp(z * se / above)
    return Band(above / factor, above * factor)
