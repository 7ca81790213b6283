"""Recurrent events: how often per unit under watch, over all episodes."""

from dataclasses import dataclass

import numpy as np

from tracker.analysis.survival_bands import LEVEL, Band, positive_band
from tracker.analysis.survival_influence import Steps, summed_squares
from tracker.analysis.survival_lives import Floats, Ints, Lives, RiskTable, first_rows, risk_table


@dataclass(frozen=True, slots=True, eq=False)
class MeanCount:
    """Mean number of events per unit up to each age, shape (m,), with a standard error that knows the units.

    It counts, so it may exceed 1, and it says nothing of how the events are spread over the units.
    """

    table: RiskTable
    mcf: Floats
    se: Floats

    def band(self, level: float = LEVEL) -> Band:
        """Pointwise limits, on the log scale."""
        return positive_band(self.mcf, self.se, level)


def mean_cumulative(seen: Lives, ids: Ints) -> MeanCount:
    """Sum of events over those at risk. A unit, shape (n,) `ids`, has one row per stretch under watch, on one clock.

    The variance is that of the infinitesimal jackknife over units, so that many events of one unit do not pass for
    many witnesses.
    """
    table = risk_table(seen)
    exit_row, entry_row = np.searchsorted(table.t, seen.exit), first_rows(seen, table.t)
    g = np.cumsum(table.n_event / table.n_risk / table.n_risk)
    g0 = np.concatenate(([0.0], g))[entry_row]
    held = g0 - g[exit_row] + np.where(seen.event, 1 / table.n_risk[exit_row], 0.0)
    watched = np.stack((g0, -np.ones(len(seen))), axis=1)
    gone = np.stack((held, np.zeros(len(seen))), axis=1)
    parts = (Steps(ids, entry_row, watched), Steps(ids, exit_row, gone - watched))
    variance = summed_squares(parts, np.stack((np.ones(len(g)), g), axis=1))
    return MeanCount(table, np.cumsum(table.n_event / table.n_risk), np.sqrt(variance))
