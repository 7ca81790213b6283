"""A share over many actions with its sampling interval: whole actions are resampled, and fewer than ten are refused."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.analysis.displacement import actions_by_id, displacement, takedowns_of
from tracker.analysis.lags import Lag, middle
from tracker.analysis.measurement import closing
from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.views import Views
from tracker.model.watching import Cohort

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """Domains of one cohort that had a replacement within so many days, over all actions followed so long.

    `with_one_*` of `of` domains, surely and possibly. `ci_*` are 95 % limits of the share, were other such actions
    drawn: the lower one of the lower share and the upper one of the upper; None for the reason `why`.
    """

    cohort: str
    days: int
    actions: int
    of: int
    with_one_lo: int
    with_one_hi: int
    share_lo: float | None
    share_hi: float | None
    ci_lo: float | None
    ci_hi: float | None
    why: str


def pooled(
    history: History, views: Views, days: int, rng: "np.random.Generator", layer: Layer = Layer.DELEGATED
) -> tuple[Pooled, ...]:
    """One row per cohort, which are never pooled with each other; actions not yet followed for `days` are left out."""
    followed = [key for key, row in sorted(actions_by_id(history).items()) if closing(row, days) <= views.as_of]
    rows = []
    for cohort in Cohort:
        hit = [key for key in followed if takedowns_of(history, key, cohort.value)]
        lags = [displacement(history, views, key, cohort.value, layer).lags for key in hit]
        rows.append(_row(cohort.value, days, lags, rng))
    return tuple(rows)


def _row(cohort: str, days: int, by_action: list[tuple[Lag, ...]], rng: "np.random.Generator") -> Pooled:
    import numpy as np  # noqa: PLC0415 - heavy

    from tracker.analysis.survival_bootstrap import TooFewActions, cluster_bootstrap  # noqa: PLC0415 - heavy

    found = [(code, middle([lag], days)) for code, lags in enumerate(by_action) for lag in lags]
    codes = np.array([code for code, _ in found], dtype=np.int64)
    surely = np.array([one.with_one_lo for _, one in found], dtype=np.int64)
    possibly = np.array([one.with_one_hi for _, one in found], dtype=np.int64)
    lo = hi = None
    why = ""
    try:
        lo = cluster_bootstrap(codes, lambda drawn: float(surely[drawn].mean()), rng).lo
        hi = cluster_bootstrap(codes, lambda drawn: float(possibly[drawn].mean()), rng).hi
    except TooFewActions as error:
        why = str(error)
    of = len(found)
    return Pooled(
        cohort=cohort,
        days=days,
        actions=len(by_action),
        of=of,
        with_one_lo=int(surely.sum()),
        with_one_hi=int(possibly.sum()),
        share_lo=float(surely.mean()) if of else None,
        share_hi=float(possibly.mean()) if of else None,
        ci_lo=lo,
        ci_hi=hi,
        why=why,
    )
