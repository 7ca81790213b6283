"""Competing endings: the share that has ended by each cause, while others end otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tracker.analysis.survival_bands import LEVEL, Band, Scale, band
from tracker.analysis.survival_influence import Steps, summed_squares
from tracker.analysis.survival_km import SurvivalCurve, product_limit
from tracker.analysis.survival_lives import Bools, Floats, Ints, Lives, first_rows, risk_table


@dataclass(frozen=True, slots=True, eq=False)
class Incidence:
    """Cumulative incidence of one cause at each age of the table, shape (m,), with its standard error.

    One minus a Kaplan-Meier curve that censors the other causes is larger and answers no question about the world.
    """

    n_event: Ints
    share: Floats
    se: Floats

    def band(self, scale: Scale = Scale.LOG_LOG, level: float = LEVEL) -> Band:
        """Pointwise limits."""
        return band(self.share, self.se, scale, level)


@dataclass(frozen=True, slots=True, eq=False)
class Competing:
    """The share not ended, and by code the share ended by each cause; at every age they add up to 1."""

    alive: SurvivalCurve
    causes: Mapping[int, Incidence]


def aalen_johansen(seen: Lives, cause: Ints, ids: Ints | None = None) -> Competing:
    """Cumulative incidence of each code in `cause`, shape (n,), which is read only where a life ended.

    Standard errors are those of the infinitesimal jackknife; rows with equal `ids` are one independent unit.
    """
    alive = product_limit(risk_table(seen))
    units = np.arange(len(seen)) if ids is None else ids
    causes = {}
    for code in np.unique(cause[seen.event]).tolist():
        causes[code] = _incidence(seen, seen.event & (cause == code), units, alive)
    return Competing(alive, causes)


def _incidence(seen: Lives, mine: Bools, units: Ints, alive: SurvivalCurve) -> Incidence:
    """One cause, whose ends are `mine`.

    A life at risk since age e pulls the incidence F(t) by D(t)-D(e) - Q(e)(F(t)-F(e)): its being there lowers every
    hazard, that of the others (first part of D, and Q) and that of the cause (second part of D). Its own end adds to
    F at once, and changes the share alive for good: from then on it pulls by `pull` times the growth of F.
    """
    table, n = alive.table, alive.table.n_risk
    exit_row, entry_row = np.searchsorted(table.t, seen.exit), first_rows(seen, table.t)
    n_event = np.bincount(exit_row[mine], minlength=len(n))
    before = np.concatenate(([1.0], alive.surv[:-1]))
    growth = before * n_event / n
    f = np.cumsum(growth)
    q = np.where(alive.surv > 0, alive.spread, 0.0)  # F no longer grows once nobody is alive, so Q plays no part there
    d = np.cumsum(growth * (np.concatenate(([0.0], q[:-1])) - 1 / n))
    q0, f0, d0 = (np.concatenate(([0.0], values))[entry_row] for values in (q, f, d))
    none, one = np.zeros(len(seen)), np.ones(len(seen))
    with np.errstate(divide="ignore"):
        own = np.where(alive.surv > 0, 1 / (n - table.n_event), 0.0)
    pull = q[exit_row] - q0 - np.where(seen.event, own[exit_row], 0.0)
    held = d[exit_row] - d0 - q0 * (f[exit_row] - f0) + np.where(mine, (before / n)[exit_row], 0.0)
    watched = np.stack((q0 * f0 - d0, -q0, one), axis=1)
    gone = np.stack((held - pull * f[exit_row], pull, none), axis=1)
    parts = (Steps(units, entry_row, watched), Steps(units, exit_row, gone - watched))
    return Incidence(n_event, f, np.sqrt(summed_squares(parts, np.stack((np.ones(len(f)), f, d), axis=1))))
