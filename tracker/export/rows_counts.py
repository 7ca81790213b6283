"""Rows of counts: lifetimes in groups, their life tables, the replacement curve, the measurement."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import timedelta

from tracker.analysis.displacement import Displacement
from tracker.analysis.measurement import MeasurementRow
from tracker.analysis.ownlives import former
from tracker.export.curves import points
from tracker.export.identity import stable_id
from tracker.export.lifetable import AGE_KNOWN, SECOND, Lifespan, LifeTable, life_table
from tracker.export.tables import Row
from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.views import Ending, Lifetime, Views
from tracker.model.watching import Cohort

LENGTHS = ("shortest", "longest")
"""The two readings of a length known only within bounds."""


@dataclass(frozen=True, slots=True)
class Group:
    """Episodes that may be compared: same role, cohort and layer."""

    role: str
    cohort: Cohort
    layer: Layer

    @property
    def curve_id(self) -> str:
        """Stable id of the group."""
        return stable_id("curve", self.role, self.cohort, self.layer)


def groups(history: History, views: Views) -> dict[Group, tuple[Lifetime, ...]]:
    """Lifetimes by group. A name taken down and found as a replacement of another counts in both roles; what it lived
    with another owner before is no life of a replacement."""
    not_its_own = former(views)
    roles: dict[DomainName, set[tuple[str, Cohort]]] = defaultdict(set)
    for takedown in history.takedowns:
        roles[takedown.domain].add(("predecessor", takedown.cohort))
    for replacement in views.replacements:
        roles[replacement.name].add(("replacement", replacement.cohort))
    found: dict[Group, list[Lifetime]] = defaultdict(list)
    for row in views.lifetimes:
        for role, cohort in roles.get(row.name, ()):
            if role == "replacement" and (row.name, row.layer, row.number) in not_its_own:
                continue
            found[Group(role, cohort, row.layer)].append(row)
    return {
        group: tuple(found[group]) for group in sorted(found, key=lambda group: (group.role, group.cohort, group.layer))
    }


def lifespans(lifetimes: Iterable[Lifetime], bound: str) -> tuple[Lifespan, ...]:
    """Lengths by one reading of the bounds, `shortest` or `longest`, each from the age at which it was first seen.

    An ended life without a longest length is censored in that reading; one whose age is not known is in neither. Who
    was seen at all was at risk for a second at least: without those who ended before a second look, life looks longer.
    """
    return tuple(_read(row, bound) for row in lifetimes if aged(row))


def _read(row: Lifetime, bound: str) -> Lifespan:
    latest = row.entry_age_hi if row.entry_age_hi is not None else row.entry_age
    doubt = latest - row.entry_age  # how far the bounds of its birth lie apart
    older = doubt if bound == "longest" or row.dated else timedelta(0)
    length = row.longest if bound == "longest" and not row.alive and row.longest is not None else row.shortest + older
    over = not row.alive and (bound == "shortest" or row.longest is not None)
    cause = (row.ending or Ending.UNKNOWN).value if over else ""
    entry = (row.entry_age + older) // SECOND
    return Lifespan(entry, max(length // SECOND, entry + 1), over, cause)


def aged(row: Lifetime) -> bool:
    """Whether its age is known well enough for a survival curve: born between two looks that are not far apart, or else
    dated by the registry, from whose date it is then counted in both readings.

    Taking the day of discovery for the birth of the others would make late discoveries look watched from birth.
    """
    return row.entry_age_hi is not None and (row.dated or row.entry_age_hi - row.entry_age <= AGE_KNOWN)


def lifetime_rows(history: History, views: Views) -> Iterator[Row]:
    """Rows of `lifetimes_summary`."""
    for group, lifetimes in groups(history, views).items():
        ended = Counter((row.ending or Ending.UNKNOWN) for row in lifetimes if not row.alive)
        yield {
            "curve_id": group.curve_id,
            "role": group.role,
            "cohort": group.cohort.value,
            "layer": group.layer.value,
            "episodes": len(lifetimes),
            "alive": len(lifetimes) - ended.total(),
            "ended": ended.total(),
            **{f"ended_{ending.value}": ended[ending] for ending in Ending},
            "found_late": sum(span.entry > 0 for span in lifespans(lifetimes, "shortest")),
            "age_not_known": sum(not aged(row) for row in lifetimes),
            **_figures("lo", life_table(lifespans(lifetimes, "shortest"))),
            **_figures("hi", life_table(lifespans(lifetimes, "longest"))),
            "as_of": views.as_of,
        }


def _figures(end: str, table: LifeTable) -> Row:
    """What one reading of the lengths comes to; empty figures have their reason beside them."""
    known = table.known
    return {
        f"known_from_{end}_s": _length(None if known is None else known.since),
        f"known_to_{end}_s": _length(None if known is None else known.until),
        f"median_{end}_s": _length(table.median),
        f"median_{end}_why": table.median_why,
        f"mean_30d_{end}_s": table.mean_30d,
        f"mean_30d_{end}_why": table.mean_30d_why,
    }


def _length(seconds: int | None) -> timedelta | None:
    return None if seconds is None else seconds * SECOND


def survival_rows(history: History, views: Views) -> Iterator[Row]:
    """Rows of `survival_curves`."""
    for group, lifetimes in groups(history, views).items():
        for bound in LENGTHS:
            for step in life_table(lifespans(lifetimes, bound)).steps:
                yield {
                    "curve_id": group.curve_id,
                    "bound": bound,
                    "t_s": step.t,
                    "n_risk": step.n_risk,
                    "n_event": step.n_event,
                    "n_censor": step.n_censor,
                    "surv": step.surv,
                }


def curve_rows(curves: Iterable[Displacement]) -> Iterator[Row]:
    """Rows of `replacement_curve`, one per instant at which either curve steps."""
    for curve in curves:
        start = curve.origin.hi or curve.origin.lo
        for point in points(curve):
            yield {
                "action_id": curve.action_id,
                "cohort": curve.cohort,
                "layer": curve.layer.value,
                "verdict_min": curve.verdict_min.value,
                "at": point.at,
                "t_s": (point.at - start) // SECOND if start else None,
                "n_lo": point.lo,
                "n_hi": point.hi,
                "of": curve.of,
                "ratio_lo": point.lo / curve.of if curve.of else None,
                "ratio_hi": point.hi / curve.of if curve.of else None,
            }


def measurement_rows(rows: Iterable[MeasurementRow]) -> Iterator[Row]:
    """Rows of `measurement`: the fields as they are."""
    for row in rows:
        yield {field.name: getattr(row, field.name) for field in fields(MeasurementRow)} | {"layer": row.layer.value}
