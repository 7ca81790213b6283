"""Shares over many actions with sampling intervals: an action is one decision, and fewer than ten are refused."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.analysis.coverage import Covered, coverage
from tracker.analysis.displacement import actions_by_id, takedowns_of
from tracker.analysis.footing import closing
from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.views import Views
from tracker.model.watching import Action, ActionKind, Cohort

if TYPE_CHECKING:
    import numpy as np

RESAMPLED = "resampled by action"
ALIKE = "all actions came out alike: drawing them again cannot tell how others would"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """How many of the domains of one cohort, or of the actions, had a replacement within so many days.

    `unit` domains: `with_one_*` of `of` domains, surely and possibly. `unit` actions: those after which any of their
    domains had one. `ci_*` are 95 % limits of the share were other such actions drawn, by the method `interval`: the
    lower one of the lower share and the upper one of the upper; None for the reason `why`.
    """

    cohort: str
    days: int
    actions: int
    unit: str
    of: int
    with_one_lo: int
    with_one_hi: int
    share_lo: float | None
    share_hi: float | None
    interval: str
    ci_lo: float | None
    ci_hi: float | None
    why: str


@dataclass(frozen=True, slots=True)
class _Limits:
    interval: str
    lo: float | None
    hi: float | None
    why: str = ""


def left_out(history: History, views: Views, days: int, kind: ActionKind | None = None) -> int:
    """How many actions with domains are not yet followed for so many days."""
    return sum(closing(row, days) > views.as_of for row in _actions(history, kind))


def pooled(
    history: History,
    views: Views,
    days: int,
    rng: "np.random.Generator",
    layer: Layer = Layer.DELEGATED,
    kind: ActionKind | None = None,
) -> tuple[Pooled, ...]:
    """By cohort, which are never pooled with each other, the share of domains and twice that of actions.

    Actions not yet followed for `days` calendar days are left out, and so is what came later; `kind` None takes actions
    of every kind.
    """
    followed = [row for row in _actions(history, kind) if closing(row, days) <= views.as_of]
    rows: list[Pooled] = []
    for cohort in (kind.value for kind in Cohort):
        hit = [row for row in followed if takedowns_of(history, row.action_id, cohort)]
        found = [coverage(history, views, row.action_id, cohort, layer, closing(row, days)) for row in hit]
        rows += _rows(cohort, days, found, rng)
    return tuple(rows)


def _actions(history: History, kind: ActionKind | None) -> list[Action]:
    hit = {row.action_id for row in history.takedowns}
    return [row for key, row in sorted(actions_by_id(history).items()) if key in hit and kind in (None, row.kind)]


def _rows(
    cohort: str, days: int, by_action: Sequence[Sequence[Covered]], rng: "np.random.Generator"
) -> Iterator[Pooled]:
    domains = [(row.surely, row.possibly) for rows in by_action for row in rows]
    actions = [(any(row.surely for row in rows), any(row.possibly for row in rows)) for rows in by_action]
    for unit, found, limits in (
        ("domains", domains, [_resampled(by_action, rng)]),
        ("actions", actions, _of_shares(actions)),
    ):
        of, lo, hi = len(found), sum(one for one, _ in found), sum(one for _, one in found)
        for one in limits:
            yield Pooled(
                cohort=cohort,
                days=days,
                actions=len(by_action),
                unit=unit,
                of=of,
                with_one_lo=lo,
                with_one_hi=hi,
                share_lo=lo / of if of else None,
                share_hi=hi / of if of else None,
                interval=one.interval,
                ci_lo=one.lo,
                ci_hi=one.hi,
                why=one.why,
            )


def _of_shares(actions: Sequence[tuple[bool, bool]]) -> list[_Limits]:
    """Limits of k in n independent actions: near the level on average, and never below it."""
    from tracker.analysis.survival_bootstrap import LEAST, too_few  # noqa: PLC0415 - heavy
    from tracker.analysis.survival_intervals import clopper_pearson, wilson  # noqa: PLC0415 - heavy

    n, lo, hi = len(actions), sum(one for one, _ in actions), sum(one for _, one in actions)
    methods = {"Wilson": wilson, "Clopper-Pearson": clopper_pearson}
    if n < LEAST:
        return [_Limits(name, None, None, too_few(n)) for name in methods]
    return [_Limits(name, method(lo, n).lo, method(hi, n).hi) for name, method in methods.items()]


def _resampled(by_action: Sequence[Sequence[Covered]], rng: "np.random.Generator") -> _Limits:
    """Percentiles over actions drawn again. Where all have one share that gives no limit; 0 and 1 are limits anyway."""
    import numpy as np  # noqa: PLC0415 - heavy

    from tracker.analysis.survival_bootstrap import TooFewActions, cluster_bootstrap  # noqa: PLC0415 - heavy

    codes = np.array([code for code, rows in enumerate(by_action) for _ in rows], dtype=np.int64)
    surely = np.array([row.surely for rows in by_action for row in rows], dtype=np.float64)
    possibly = np.array([row.possibly for rows in by_action for row in rows], dtype=np.float64)
    try:
        lo = cluster_bootstrap(codes, lambda drawn: float(surely[drawn].mean()), rng).lo
        hi = cluster_bootstrap(codes, lambda drawn: float(possibly[drawn].mean()), rng).hi
    except TooFewActions as error:
        return _Limits(RESAMPLED, None, None, str(error))
    if lo and _alike([sum(row.surely for row in rows) / len(rows) for rows in by_action]):
        lo = None
    if hi != 1 and _alike([sum(row.possibly for row in rows) / len(rows) for rows in by_action]):
        hi = None
    return _Limits(RESAMPLED, lo, hi, ALIKE if lo is None or hi is None else "")


def _alike(shares: Sequence[float]) -> bool:
    return len(set(shares)) == 1
