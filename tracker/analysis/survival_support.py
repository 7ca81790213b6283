"""Between which ages a survival curve rests on enough lives to be called a number."""

import math
from dataclasses import dataclass

import numpy as np

from tracker.analysis.survival_km import product_limit
from tracker.analysis.survival_lives import Lives, entered, risk_table

LEAST_AT_RISK = 5
"""A curve begins where so many are under watch, and holds while none of them stands for more than their part of it.

With late entry and censoring one life under watch can stand for all: its end would take the curve to 0."""


@dataclass(frozen=True, slots=True)
class Support:
    """The curve holds from age `since`, given alive there, up to age `until`; infinite once the end of all was seen.

    `row` is the first row of the table of risk that counts.
    """

    since: float
    until: float
    row: int


def support(seen: Lives, least: int = LEAST_AT_RISK) -> Support | None:
    """The stretch of a curve that `least` lives or more carry without a break; None when so many never were at risk.

    A life at risk carries Ŝ/n of all that were there at `since`. Where that exceeds 1/`least`, or nobody is at risk
    while some should be alive, the curve ends.
    """
    table = risk_table(seen)
    enough = table.n_risk >= least
    if not enough.any():
        return None
    row = int(np.argmax(enough))
    leaving = table.n_event + table.n_censor
    gone = np.cumsum(leaving)
    since = 0.0
    if seen.entry is not None:
        before = int(gone[row - 1]) if row else 0
        since = max(0.0, float(np.partition(seen.entry, before + least - 1)[before + least - 1]))
    after = (entered(seen, np.nextafter(table.t, math.inf)) - gone)[row:]
    share = product_limit(table.from_row(row)).surv
    thin = np.flatnonzero(share * least > after * (1 + 1e-12))
    until = math.inf if not len(thin) else float(table.t[row:][thin[0]])
    return Support(since, until, row)


@dataclass(frozen=True, slots=True)
class Gap:
    """Nobody was at risk in the ages (`lo`, `hi`]."""

    lo: float
    hi: float


def gaps(seen: Lives) -> tuple[Gap, ...]:
    """Stretches without anybody at risk before the last age seen, also the one from 0 to the first entry."""
    if seen.entry is None or not len(seen):
        return ()
    table = risk_table(seen)
    found = [Gap(0.0, table.since)] if table.since > 0 else []
    alone = entered(seen, np.nextafter(table.t, math.inf)) == np.cumsum(table.n_event + table.n_censor)
    entries = np.sort(seen.entry)
    left = table.t[:-1][alone[:-1]]
    back = entries[np.searchsorted(entries, left, side="right")]
    return (*found, *(Gap(lo, hi) for lo, hi in zip(left.tolist(), back.tolist(), strict=True)))
