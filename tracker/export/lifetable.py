"""Life tables with the ages between which they hold: what rests on too few lives is no number, and says why."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker.analysis.survival_km import SurvivalCurve
    from tracker.analysis.survival_lives import Lives, RiskTable

SECOND = timedelta(seconds=1)
HORIZON = timedelta(days=30)
AGE_KNOWN = timedelta(days=2)
"""A birth bounded this closely is known: labels are swept daily in the month after an action. What a weekly sweep
found may be a week old, and taking it for newborn would make it look watched from birth."""

WHY = ("few", "late", "outlived", "not_followed")
"""Why a figure is empty: too few under watch at any age; too few before the table begins, later than two days; more
than half live past its end; its end lies before the 30 days."""


@dataclass(frozen=True, slots=True)
class Lifespan:
    """One episode as an estimator takes it: watched from age `entry` to `exit` (seconds), then ended or censored."""

    entry: int
    exit: int
    ended: bool
    ending: str = ""


@dataclass(frozen=True, slots=True)
class LifeStep:
    """At age `t` (seconds) of `n_risk` under watch `n_event` ended; `surv` live longer, None where too few say so."""

    t: int
    n_risk: int
    n_event: int
    n_censor: int
    surv: float | None


@dataclass(frozen=True, slots=True)
class EndStep:
    """At age `t` (seconds) `n_event` ended so; `share` of all have by then, while others end otherwise."""

    t: int
    n_event: int
    share: float


@dataclass(frozen=True, slots=True)
class Known:
    """The ages (seconds) between which a table holds, given alive at `since`; `until` None once all had ended."""

    since: int
    until: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeTable:
    """One reading of some lengths. A figure that is None has its reason, a word of `WHY`, beside it; else that is ''.

    `median` and `mean_30d` (of the first 30 days) are in seconds.
    """

    steps: tuple[LifeStep, ...]
    known: Known | None
    median: int | None
    median_why: str
    mean_30d: float | None
    mean_30d_why: str


def life_table(spans: Iterable[Lifespan]) -> LifeTable:
    """The product-limit table with delayed entry, and what follows from the part of it that enough lives carry."""
    from tracker.analysis.survival_km import product_limit, quantile  # noqa: PLC0415 - heavy
    from tracker.analysis.survival_lives import risk_table  # noqa: PLC0415 - heavy
    from tracker.analysis.survival_means import restricted_mean  # noqa: PLC0415 - heavy
    from tracker.analysis.survival_support import support  # noqa: PLC0415 - heavy

    seen = _lives(list(spans))
    table = risk_table(seen)
    held = support(seen)
    if held is None:
        return LifeTable(
            steps=_steps(table, {}),
            known=None,
            median=None,
            median_why="few",
            mean_30d=None,
            mean_30d_why="few",
        )
    curve = product_limit(table.between(held.row, held.until))
    known = Known(int(held.since), None if math.isinf(held.until) else int(held.until))
    late = held.since > AGE_KNOWN / SECOND
    half = None if late else quantile(curve).value
    short = held.until < HORIZON / SECOND
    mean = None if late or short else restricted_mean(curve, HORIZON / SECOND).value
    return LifeTable(
        steps=_steps(table, dict(zip(curve.table.t.tolist(), curve.surv.tolist(), strict=True))),
        known=known,
        median=None if half is None else int(half),
        median_why="late" if late else "outlived" if half is None else "",
        mean_30d=mean,
        mean_30d_why="late" if late else "not_followed" if mean is None else "",
    )


def _steps(table: "RiskTable", surv: Mapping[float, float]) -> tuple[LifeStep, ...]:
    columns = (table.t.tolist(), table.n_risk.tolist(), table.n_event.tolist(), table.n_censor.tolist())
    return tuple(
        LifeStep(int(t), risk, event, censor, surv.get(t)) for t, risk, event, censor in zip(*columns, strict=True)
    )


def survival_curve(spans: Iterable[Lifespan]) -> "SurvivalCurve":
    """Product-limit curve with delayed entry, in seconds, from all lives however few."""
    from tracker.analysis.survival_km import kaplan_meier  # noqa: PLC0415 - heavy

    return kaplan_meier(_lives(list(spans)))


def incidence(spans: Iterable[Lifespan]) -> Mapping[str, tuple[EndStep, ...]]:
    """Cumulative incidence by ending, at the ages at which one ended so and the life table holds."""
    import numpy as np  # noqa: PLC0415 - heavy

    from tracker.analysis.survival_competing import aalen_johansen  # noqa: PLC0415 - heavy
    from tracker.analysis.survival_lives import risk_table  # noqa: PLC0415 - heavy
    from tracker.analysis.survival_support import support  # noqa: PLC0415 - heavy

    watched = list(spans)
    seen = _lives(watched)
    held = support(seen)
    names = sorted({span.ending for span in watched if span.ended})
    if held is None or not names:
        return {}
    codes = np.array([names.index(span.ending) if span.ended else -1 for span in watched])
    kept = seen.exit >= risk_table(seen).t[held.row]
    found = aalen_johansen(seen.take(kept), codes[kept])
    ages = found.alive.table.t.tolist()
    steps = {
        names[code]: tuple(
            EndStep(int(t), n, share)
            for t, n, share in zip(ages, cause.n_event.tolist(), cause.share.tolist(), strict=True)
            if n and t <= held.until
        )
        for code, cause in sorted(found.causes.items())
    }
    return {name: rows for name, rows in steps.items() if rows}


def _lives(spans: Sequence[Lifespan]) -> "Lives":
    from tracker.analysis.survival_lives import lives  # noqa: PLC0415 - heavy

    return lives([span.exit for span in spans], [span.ended for span in spans], [span.entry for span in spans])
