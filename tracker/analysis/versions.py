"""One count in all its versions: by label, layer, verdict and window. One was named beforehand, the rest explore.

Printing them together shows how much hangs on a choice, and that it was not chosen by its result.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter

from tracker.analysis.displacement import share
from tracker.analysis.footing import WINDOWS, Footing
from tracker.analysis.tallies import LEVELS, Placed, Scope, counted
from tracker.model.facts import Layer
from tracker.model.views import Verdict
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


def versions(base: Footing) -> tuple[Version, ...]:
    """All versions of one action, by cohort, scope, reading and window."""
    return tuple(_versions(base))


def _versions(base: Footing) -> Iterator[Version]:
    for cohort, hit in base.cohorts.items():
        ours = {layer: hit.ours(rows) for layer, rows in base.placed.items()}
        theirs = {layer: hit.theirs(rows) for layer, rows in base.placed.items()}
        for scope in Scope:
            for layer, level in READINGS:
                found = counted(within(ours[layer], scope), len(WINDOWS), level)
                strange = counted(within(theirs[layer], scope), len(WINDOWS), level)
                by_chance = zip(hit.controls.expected(strange), hit.controls.limits(strange), strict=True)
                for window, count, (chance, most) in zip(WINDOWS, found, by_chance, strict=True):
                    yield Version(
                        action_id=base.action.action_id,
                        choice=Choice(cohort=cohort, scope=scope, layer=layer, verdict_min=level, window=window),
                        count_lo=count.lo,
                        count_hi=count.hi,
                        unknown=count.unknown,
                        of=hit.of,
                        ratio_lo=share(count.lo, hit.of),
                        ratio_hi=share(count.hi, hit.of),
                        expected_by_chance=chance,
                        chance_hi=most,
                        controls=hit.controls.labels,
                        excess_lo=None if chance is None else count.lo - chance,
                        excess_hi=None if chance is None else count.hi - chance,
                    )


def answered(base: Footing) -> Mapping[tuple[str, str], tuple[int, int]]:
    """By cohort and window, how many of the domains hit got a new name, surely and possibly, by the primary reading.

    One domain with two new names is one.
    """
    rows = list(within(base.placed[PRIMARY.layer], PRIMARY.scope))
    return {
        (cohort, window): (count.lo, count.hi)
        for cohort, hit in base.cohorts.items()
        for window, count in zip(
            WINDOWS,
            counted(hit.ours(rows), len(WINDOWS), PRIMARY.verdict_min, of=attrgetter("watch_key")),
            strict=True,
        )
    }


def within(rows: Iterable[Placed], scope: Scope) -> Iterable[Placed]:
    """The candidates that a scope counts."""
    return rows if scope is Scope.ANY else (row for row in rows if row.row.keeps_label)
