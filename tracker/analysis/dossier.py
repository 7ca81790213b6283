"""The dossier of one candidate: all that its rules may read, taken from its own facts and the base rates."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tracker.analysis.baserates import BaseRates, traits_of
from tracker.analysis.births import Birth, Standing, birth
from tracker.analysis.index import HistoryIndex
from tracker.analysis.kinship import Kinship, kinship
from tracker.analysis.nameservers import ServerRules
from tracker.analysis.targets import BRANDS, Target
from tracker.analysis.traits import Life, Reading, Traits
from tracker.analysis.unheard import unheard
from tracker.analysis.wave import Newcomer, Reference, Wave, earlier, imitating, wave
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Review
from tracker.model.history import History
from tracker.model.views import Candidate, Family
from tracker.model.watching import Cohort, Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """One candidate. `birth` is None when nothing was taken down and no brand is protected; `wave` and `reference` are
    those of the takedown it is held against, `earlier` is what came after earlier actions against the same operation.
    `outlet` is a protected brand's own domain."""

    candidate: Candidate
    target: Target
    kin: Kinship
    birth: Birth | None
    traits: Traits
    wave: Wave | None
    reference: Reference | None
    review: Review | None
    outlet: Reference | None = None
    earlier: Wave | None = None
    unheard: frozenset[Family] = frozenset()

    @property
    def is_new(self) -> bool:
        """Whether it surely came with or shortly before the takedown."""
        return self.birth is not None and self.birth.standing is Standing.NEW

    @property
    def is_older(self) -> bool:
        """Whether it was surely there before, too long to have been kept ready."""
        return self.birth is not None and self.birth.standing is Standing.OLDER

    @property
    def seat(self) -> str:
        """The label whose own new names are no witnesses. A candidate that does not share it may be a new name of
        another label, and is no witness for itself."""
        if self.kin is not Kinship.UNRELATED:
            return self.target.seat
        return min(self.wave.names.get(self.candidate.name, {""})) if self.wave is not None else ""

    @property
    def imitates(self) -> bool:
        """Whether the predecessor imitated an outlet, whose look is then everybody's."""
        return self.target.cohort is Cohort.IMITATED


@dataclass(frozen=True, slots=True)
class Context:
    """What the dossiers of one derivation share; made once from a history and its base rates."""

    index: HistoryIndex
    rates: BaseRates
    reading: Reading
    watches: Mapping[str, Watch]
    newcomers: Mapping[tuple[str, str], Newcomer]
    references: Mapping[str, Reference]
    waves: Mapping[str, Wave]
    earlier: Mapping[str, Wave]
    outlets: Mapping[str, Reference]
    reviews: Mapping[tuple[str, str], Review]


def context(found: HistoryIndex, rates: BaseRates, suffixes: Suffixes, servers: ServerRules) -> Context:
    """Look-up tables for `dossier`."""
    actions = {strike.action_id for target in rates.targets.values() for strike in target.strikes}
    return Context(
        index=found,
        rates=rates,
        reading=Reading(suffixes, servers),
        watches={watch.key: watch for watch in found.history.watches},
        newcomers={(row.watch_key, row.name): row for row in (*rates.newcomers, *rates.imitations)},
        references={row.name: row for row in rates.references},
        waves={
            **{action: wave(action, rates.newcomers, rates.references) for action in sorted(actions)},
            BRANDS: imitating(rates.imitations, rates.newcomers),
        },
        earlier={
            action.action_id: earlier(action, found.history.actions, rates.newcomers)
            for action in found.history.actions
            if action.action_id in actions
        },
        outlets={row.name: row for row in rates.outlets},
        reviews=_newest(found.history),
    )


def _newest(history: History) -> dict[tuple[str, str], Review]:
    ordered: Iterable[Review] = sorted(history.reviews, key=lambda review: (review.at, review.reviewer))
    return {(review.watch_key, review.name): review for review in ordered}


def dossier(candidate: Candidate, known: Context) -> Dossier:
    """Collect what is known of one candidate."""
    target = known.rates.brands.get(candidate.watch_key) or known.rates.targets[candidate.watch_key]
    watch = known.watches[candidate.watch_key]
    newcomer = known.newcomers.get((candidate.watch_key, candidate.name))
    if newcomer is not None:
        born: Birth | None = newcomer.birth
        own = newcomer.traits
    else:
        born = birth(known.index, watch, target, candidate.name)
        own = _traits(candidate, born, known)
    return Dossier(
        candidate=candidate,
        target=target,
        kin=kinship(target, candidate.name, known.reading.suffixes),
        birth=born,
        traits=own,
        wave=None if born is None else known.waves.get(born.strike.action_id),
        earlier=None if born is None else known.earlier.get(born.strike.action_id),
        reference=known.references.get(target.origin or ""),
        outlet=known.outlets.get(watch.name or "") if target.is_brand else None,
        review=known.reviews.get((candidate.watch_key, candidate.name)),
        unheard=unheard(known.index.spans(candidate.name), Life() if born is None else born.life),
    )


def _traits(candidate: Candidate, born: Birth | None, known: Context) -> Traits:
    """Names that are older than the takedown are excluded by their age, so nothing else about them is read."""
    if born is not None and born.standing is Standing.OLDER:
        return Traits()
    return traits_of(known.index, candidate.name, known.reading, Life() if born is None else born.life)
