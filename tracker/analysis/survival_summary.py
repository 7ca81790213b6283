"""What the estimators say of one sample, as nested plain values for a JSON document, and what to beware of."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tracker.analysis import survival_rows as rows
from tracker.analysis.survival_bands import LEVEL, Scale
from tracker.analysis.survival_competing import aalen_johansen
from tracker.analysis.survival_km import SurvivalCurve, kaplan_meier, nelson_aalen, quantile
from tracker.analysis.survival_lives import Ints, Lives
from tracker.analysis.survival_means import BeyondFollowUp, RestrictedMean, follow_up, restricted_mean
from tracker.analysis.survival_npmle import Spans, npmle
from tracker.analysis.survival_recurrent import mean_cumulative
from tracker.analysis.survival_rows import plain
from tracker.analysis.survival_support import gaps
from tracker.analysis.survival_table import Sample

Document = dict[str, object]
MOST_GAPS = 3
"""So many stretches with nobody at risk are named; the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How to estimate: horizon of the restricted mean (None: the longest that all groups allow), limits, guard."""

    tau: float | None = None
    scale: Scale = Scale.LOG_LOG
    level: float = LEVEL
    least_at_risk: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """A group in plain values, with its curve and restricted mean for comparisons, and warnings in words."""

    document: Document
    notes: tuple[str, ...] = ()
    curve: SurvivalCurve | None = None
    mean: RestrictedMean | None = None


def codes(labels: tuple[str, ...]) -> tuple[tuple[str, ...], Ints]:
    """Distinct labels in order, and for each row which of them it has."""
    names, places = np.unique(np.array(labels, dtype=np.str_), return_inverse=True)
    return tuple(names.tolist()), places.astype(np.int64)


def common_horizon(seen: Lives, groups: Ints) -> float:
    """The longest age to which every group was followed."""
    return float(min(seen.exit[groups == code].max() for code in np.unique(groups)))


def overlapping(seen: Lives, ids: Ints) -> bool:
    """Whether any unit is under watch twice at one age."""
    entry = np.zeros(len(seen)) if seen.entry is None else np.maximum(seen.entry, 0.0)
    order = np.lexsort((seen.exit, entry, ids))
    same = np.diff(ids[order]) == 0
    return bool((same & (entry[order][1:] < seen.exit[order][:-1])).any())


def summarise(sample: Sample, wishes: Wishes) -> Summary:
    """One sample, or one group of it: every key of the document, None where the columns do not allow it."""
    if sample.spans is not None:
        return _of_spans(sample.spans)
    assert sample.lives is not None
    return _of_lives(sample.lives, sample.text, wishes)


def part(sample: Sample, which: Ints) -> Sample:
    """Some rows of a sample."""
    text = {column: tuple(cells[place] for place in which.tolist()) for column, cells in sample.text.items()}
    if sample.spans is not None:
        return Sample(None, Spans(sample.spans.lo[which], sample.spans.hi[which]), text)
    assert sample.lives is not None
    return Sample(sample.lives.take(which), None, text)


def _of_lives(seen: Lives, text: Mapping[str, tuple[str, ...]], wishes: Wishes) -> Summary:
    scale, level = wishes.scale, wishes.level
    curve = kaplan_meier(seen, least_at_risk=wishes.least_at_risk)
    notes = []
    if curve.collapses:
        row = int(np.argmax(curve.surv == 0))
        few = f"{curve.table.n_risk[row]} at risk at {curve.table.t[row]:g} and none of them survived"
        notes.append(f"the curve falls to 0 early ({few}); see --least-at-risk")
    notes += _unseen(seen, curve)
    ids = codes(text["id"])[1] if "id" in text else None
    if ids is not None and len(np.unique(ids)) < len(ids):
        notes.append("rows share ids: km takes each row for a life of its own, mcf knows them as one")
        if overlapping(seen, ids):
            notes.append("rows of one id overlap: put its stretches on one clock, or mcf counts it twice at a time")
    mean, tau = None, wishes.tau if wishes.tau is not None else float(seen.exit.max())
    try:
        mean = restricted_mean(curve, tau) if tau > 0 else None
    except BeyondFollowUp:
        none = f"never {wishes.least_at_risk} at risk at one age: there is no curve"
        beyond = f"no restricted mean to {tau:g}: nothing was seen beyond {follow_up(curve):g}"
        notes.append(beyond if len(curve.surv) else none)
    document: Document = {
        "n": len(seen),
        "n_event": int(seen.event.sum()),
        "since": plain(curve.table.since),
        "km": rows.km_rows(curve, scale, level),
        "nelson_aalen": rows.hazard_rows(nelson_aalen(curve.table), level),
        "median": rows.median(quantile(curve, 0.5, scale, level)),
        "rmst": {"tau": tau, "value": mean and mean.value, "se": mean and plain(mean.se)},
        "npmle": None,
        "cumulative_incidence": _incidence(seen, text["cause"], ids, wishes) if "cause" in text else None,
        "mcf": rows.mcf_rows(mean_cumulative(seen, ids), level) if ids is not None else None,
    }
    return Summary(document, tuple(notes), curve, mean)


def _unseen(seen: Lives, curve: SurvivalCurve) -> list[str]:
    """Ages of which nothing was seen, though the estimators run through them."""
    since, breaks = curve.table.since, gaps(seen)
    notes = []
    if 0 < since < math.inf:
        few = "nobody" if any(gap.hi == since for gap in breaks) else "too few"
        told = "all is given alive there, and a mean takes the ages before as lived"
        notes.append(f"{few} under watch before {since:g}: {told}")
    breaks = tuple(gap for gap in breaks if gap.lo >= since)
    shown = ", ".join(f"{gap.lo:g} to {gap.hi:g}" for gap in breaks[:MOST_GAPS])
    if breaks:
        more = f" and {len(breaks) - MOST_GAPS} more" if len(breaks) > MOST_GAPS else ""
        notes.append(f"nobody was at risk at ages {shown}{more}: the curve is carried over them unseen")
    return notes


def _incidence(seen: Lives, labels: tuple[str, ...], ids: Ints | None, wishes: Wishes) -> Document:
    names, causes = codes(labels)
    whole = aalen_johansen(seen, causes, ids)
    return {
        names[code]: rows.incidence_rows(whole, found, wishes.scale, wishes.level)
        for code, found in whole.causes.items()
    }


def _of_spans(spans: Spans) -> Summary:
    curve = npmle(spans)
    lo, hi = curve.quantile() or (None, None)
    document: Document = {
        "n": len(spans),
        "n_event": int(np.isfinite(spans.hi).sum()),
        "since": 0.0,
        "km": None,
        "nelson_aalen": None,
        "median": rows.median_between(lo, hi),
        "rmst": None,
        "npmle": rows.mass_rows(curve),
        "cumulative_incidence": None,
        "mcf": None,
    }
    return Summary(document)
