"""How long names lasted, for the report: life tables by both readings, what is known of the ends, who was at risk.

Within an action these are bounds of measurement; no sampling interval is given, because one action is one decision.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from tracker.export.lifetable import SECOND, EndStep, Known, Lifespan, LifeStep, incidence, life_table
from tracker.export.rows_counts import LENGTHS, aged, groups, lifespans
from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.views import Ending, Lifetime, Views

AGES = (1, 7, 14, 30, 60, 90, 180, 365, 730)
"""Ages in days at which the table says who was at risk."""


@dataclass(frozen=True, slots=True)
class EndBox:
    """Somewhere in the ages (`lo`, `hi`] (seconds) the share alive falls from `before` to `after`."""

    lo: int
    hi: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class AtRisk:
    """Who had come under watch and not left before an age, and how many had left by it, by the shortest reading."""

    days: int
    at_risk: int
    ended: int
    censored: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lasting:
    """Episodes at DELEGATED of one role and cohort.

    `late` were first seen at some age and enter at it; `ageless` have an age that nobody knows and are in no curve;
    `npmle` rests on those watched from birth. `known_*`: the ages for which the table of a reading holds, None = too
    few were under watch at any. `median_*` and `mean_30d_*` (seconds lived of the first 30 days) have their reason
    beside them when None. `incidence`: by reading and ending, the share ended so by each age.
    """

    role: str
    cohort: str
    episodes: int
    alive: int
    late: int
    ageless: int
    shortest: tuple[LifeStep, ...]
    longest: tuple[LifeStep, ...]
    npmle: tuple[EndBox, ...]
    known_lo: Known | None
    known_hi: Known | None
    median_lo: int | None
    median_lo_why: str
    median_hi: int | None
    median_hi_why: str
    mean_30d_lo: float | None
    mean_30d_lo_why: str
    mean_30d_hi: float | None
    mean_30d_hi_why: str
    at_risk: tuple[AtRisk, ...]
    incidence: Mapping[str, Mapping[str, tuple[EndStep, ...]]]
    endings: Mapping[str, int]


def lasting(history: History, views: Views) -> tuple[Lasting, ...]:
    """One per role and cohort that has episodes; replacements and predecessors, own brands and imitated apart."""
    found = groups(history, views).items()
    return tuple(_group(key.role, key.cohort.value, rows) for key, rows in found if key.layer is Layer.DELEGATED)


def _group(role: str, cohort: str, rows: Sequence[Lifetime]) -> Lasting:
    spans = {bound: lifespans(rows, bound) for bound in LENGTHS}
    lower, upper = (life_table(spans[bound]) for bound in LENGTHS)
    return Lasting(
        role=role,
        cohort=cohort,
        episodes=len(rows),
        alive=sum(row.alive for row in rows),
        late=sum(span.entry > 0 for span in spans["shortest"]),
        ageless=sum(not aged(row) for row in rows),
        shortest=lower.steps,
        longest=upper.steps,
        npmle=_boxes(rows),
        known_lo=lower.known,
        known_hi=upper.known,
        median_lo=lower.median,
        median_lo_why=lower.median_why,
        median_hi=upper.median,
        median_hi_why=upper.median_why,
        mean_30d_lo=lower.mean_30d,
        mean_30d_lo_why=lower.mean_30d_why,
        mean_30d_hi=upper.mean_30d,
        mean_30d_hi_why=upper.mean_30d_why,
        at_risk=_at_risk(spans["shortest"]),
        incidence={bound: incidence(read) for bound, read in spans.items()},
        endings={ending: n for ending, n in sorted(_endings(rows).items()) if n},
    )


def _endings(rows: Sequence[Lifetime]) -> Counter[str]:
    return Counter((row.ending or Ending.UNKNOWN).value for row in rows if not row.alive)


def _boxes(rows: Sequence[Lifetime]) -> tuple[EndBox, ...]:
    """The nonparametric maximum likelihood estimate of those watched from birth, as far as enough of them carry it.

    Empty when it has no ends to place.
    """
    import numpy as np  # noqa: PLC0415 - heavy

    from tracker.analysis.survival_npmle import NotConverged, Spans, npmle  # noqa: PLC0415 - heavy
    from tracker.analysis.survival_support import LEAST_AT_RISK  # noqa: PLC0415 - heavy

    early = [row for row in rows if aged(row) and not row.dated and row.entry_age <= timedelta(0)]
    if all(row.alive or row.longest is None for row in early):
        return ()
    lo = np.array([row.shortest / SECOND for row in early])
    hi = np.array([np.inf if row.longest is None or row.alive else row.longest / SECOND for row in early])
    last_seen = np.sort(np.where(np.isfinite(hi), hi, lo))
    try:
        found = npmle(Spans(lo, hi))
    except NotConverged:
        return ()
    boxes: list[EndBox] = []
    share = 1.0
    for start, end, mass in zip(found.lo.tolist(), found.hi.tolist(), found.mass.tolist(), strict=True):
        there = len(last_seen) - int(np.searchsorted(last_seen, start, side="right"))
        if share * LEAST_AT_RISK > there * (1 + 1e-12):
            break
        if mass > 1e-9 and end < np.inf:  # what is beyond the follow-up is no end
            left = max(0.0, share - mass)
            boxes.append(EndBox(int(start), int(end), share, left))
            share = left
    return tuple(boxes)


def _at_risk(spans: Sequence[Lifespan]) -> tuple[AtRisk, ...]:
    longest = max((span.exit for span in spans), default=0)
    rows = []
    for days in (0, *(age for age in AGES if age * 86_400 <= longest)):
        age = days * 86_400
        rows.append(
            AtRisk(
                days,
                sum((span.entry < age or span.entry <= 0) and span.exit >= age for span in spans),
                sum(span.ended and span.exit <= age for span in spans),
                sum(not span.ended and span.exit <= age for span in spans),
            )
        )
    return tuple(rows)
