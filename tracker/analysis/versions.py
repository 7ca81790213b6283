"""One count in all its versions: by label, layer, verdict and window. One was named beforehand, the rest explore.

Printing them together shows how much hangs on a choice, and that it was not chosen by its result.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from tracker.analysis.chance import mirror
from tracker.analysis.displacement import COHORTS, actions_by_id, share, takedowns_of
from tracker.analysis.measurement import WINDOWS, closing, keyed
from tracker.analysis.placement import origins
from tracker.analysis.tallies import LEVELS, Placed, Scope, counted, judgements, placed
from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.views import Verdict, Views
from tracker.model.watching import Cohort


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which names are counted, and from when on a name is there."""

    cohort: str
    scope: Scope
    layer: Layer
    verdict_min: Verdict
    window: str


PRIMARY = Choice(
    cohort=Cohort.OWN_BRAND.value,
    scope=Scope.SAME_LABEL,
    layer=Layer.DELEGATED,
    verdict_min=Verdict.LIKELY,
    window="1d",
)
"""The one figure named beforehand: same-label re-registrations of own brands by the end of the first day."""

READINGS = (
    *((layer, Verdict.LIKELY) for layer in Layer),
    *((Layer.DELEGATED, level) for level in LEVELS if level is not Verdict.LIKELY),
)
"""Every layer at LIKELY, and every other level where the figure was named: nobody needs their product."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """Distinct names that replaced domains of one action, by one choice; the fields read as in `measurement.csv`.

    `chance_hi` is the upper 95 % limit of what chance gives, from `controls` control labels.
    `excess_*` is the count less what chance would give, None where chance is not known; it may be negative.
    """

    action_id: str
    choice: Choice
    count_lo: int
    count_hi: int
    unknown: int
    of: int
    ratio_lo: float | None
    ratio_hi: float | None
    expected_by_chance: float | None
    chance_hi: float | None
    controls: int
    excess_lo: float | None
    excess_hi: float | None

    @property
    def primary(self) -> bool:
        """Whether this is the figure that was named beforehand."""
        return self.choice == PRIMARY


def versions(history: History, views: Views, action_id: str) -> tuple[Version, ...]:
    """All versions of one action, by cohort, scope, reading and window; raises KeyError for an unknown action."""
    return tuple(_versions(history, views, action_id))


def _versions(history: History, views: Views, action_id: str) -> Iterator[Version]:
    action = actions_by_id(history)[action_id]
    closings = [closing(action, days) for days in WINDOWS.values()]
    everything = keyed(history, origins(history, action, takedowns_of(history, action_id)))
    opens = {**everything, **mirror(history, everything).opens}
    judged = judgements(history, views, opens)
    places = {layer: placed(judged, opens, layer, closings) for layer in Layer}
    for cohort in COHORTS:
        hit = takedowns_of(history, action_id, cohort)
        watched = keyed(history, origins(history, action, hit))
        controls = mirror(history, watched)
        ours = {layer: [row for row in rows if row.row.watch_key in watched] for layer, rows in places.items()}
        theirs = {layer: [row for row in rows if row.row.watch_key in controls.opens] for layer, rows in places.items()}
        for scope in Scope:
            for layer, level in READINGS:
                found = counted(within(ours[layer], scope), len(closings), level)
                strange = counted(within(theirs[layer], scope), len(closings), level)
                by_chance = zip(controls.expected(strange), controls.limits(strange), strict=True)
                for window, count, (chance, most) in zip(WINDOWS, found, by_chance, strict=True):
                    yield Version(
                        action_id=action_id,
                        choice=Choice(cohort=cohort, scope=scope, layer=layer, verdict_min=level, window=window),
                        count_lo=count.lo,
                        count_hi=count.hi,
                        unknown=count.unknown,
                        of=len(hit),
                        ratio_lo=share(count.lo, len(hit)),
                        ratio_hi=share(count.hi, len(hit)),
                        expected_by_chance=chance,
                        chance_hi=most,
                        controls=controls.labels,
                        excess_lo=None if chance is None else count.lo - chance,
                        excess_hi=None if chance is None else count.hi - chance,
                    )


def answered(history: History, views: Views, action_id: str) -> Mapping[tuple[str, str], tuple[int, int]]:
    """By cohort and window, how many of the domains hit got a new name, surely and possibly, by the primary reading.

    One domain with two new names is one. Raises KeyError for an unknown action.
    """
    action = actions_by_id(history)[action_id]
    closings = [closing(action, days) for days in WINDOWS.values()]
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for cohort in COHORTS:
        opens = keyed(history, origins(history, action, takedowns_of(history, action_id, cohort)))
        rows = within(placed(judgements(history, views, opens), opens, PRIMARY.layer, closings), PRIMARY.scope)
        domains = (row._replace(row=replace(row.row, name=DomainName(row.row.watch_key))) for row in rows)
        for window, count in zip(WINDOWS, counted(domains, len(closings), PRIMARY.verdict_min), strict=True):
            found[cohort, window] = (count.lo, count.hi)
    return found


def within(rows: Iterable[Placed], scope: Scope) -> Iterable[Placed]:
    """The candidates that a scope counts."""
    return rows if scope is Scope.ANY else (row for row in rows if row.row.keeps_label)
