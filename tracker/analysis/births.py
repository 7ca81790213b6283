"""When a candidate came to be, held against a takedown: older than it, new with it, or undatable."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from tracker.analysis.appearance import appearance, registry_dates
from tracker.analysis.index import HistoryIndex
from tracker.analysis.targets import Strike, Target
from tracker.analysis.traits import Life
from tracker.analysis.weights import SPARE
from tracker.model.facts import Layer, Span
from tracker.model.names import DomainName
from tracker.model.times import Bounds, Precision, When, iso
from tracker.model.views import Appearance
from tracker.model.watching import Watch

NEW_LIFE = timedelta(days=2)
"""Registries and registrars restate one registration date up to this far apart; only more is a new life."""


class Standing(StrEnum):
    """OLDER names are not replacements by definition. UNDATED is our not knowing and must not be read as OLDER."""

    OLDER = "older"
    NEW = "new"
    UNDATED = "undated"


class Basis(StrEnum):
    """Whose date it is: the registry's own, or that of our looks and verified certificates."""

    REGISTRY = "registry"
    LOOKS = "looks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Birth:
    """When a candidate came to be, which takedown that answers, and the life that its traits are read from.

    `bounds` are closed where the standing is NEW; OLDER and UNDATED names leave them open. `dark` marks an older
    registration that was seen absent from the zone shortly before the takedown; `awake` is when such a name, or one
    registered shortly before, came into the zone, if that was after the takedown.
    """

    standing: Standing
    strike: Strike
    bounds: Bounds
    basis: Basis
    life: Life
    witnesses: tuple[str, ...]
    dark: bool = False
    awake: Bounds | None = None

    @property
    def shown(self) -> Bounds:
        """When it showed: its birth, or for a name kept out of the zone the end of that."""
        return self.awake or self.bounds

    def lag(self) -> tuple[float, float]:
        """Days from the takedown until it showed, shortest and longest; only for NEW names."""
        lo, hi = self.shown.lo, self.shown.hi
        if lo is None or hi is None:
            raise ValueError(f"no lag without bounds: {self.standing}")
        return _days(lo - self.strike.hi), _days(hi - self.strike.lo)

    @property
    def after(self) -> bool:
        """Whether the name is surely no older than the moment from which the takedown may have held."""
        return self.bounds.lo is not None and self.bounds.lo >= self.strike.lo

    @property
    def maybe_after(self) -> bool:
        """Whether the name may have come after the takedown; false for names that were surely there before."""
        return self.bounds.hi is not None and self.bounds.hi > self.strike.lo


def _days(span: timedelta) -> float:
    return span / timedelta(days=1)


def birth(index: HistoryIndex, watch: Watch, target: Target, name: DomainName) -> Birth | None:
    """Judge one candidate; None when the target suffered no takedown. The registry's own date goes before our looks."""
    if not target.strikes:
        return None
    spans = index.spans(name)
    life = answering(spans, target)
    if life.registered is not None:
        stated = _registered(life.registered)
        strike = target.strike_for(stated.hi or life.registered.at)
        witnesses: tuple[str, ...] = (f"registry:{iso(life.registered.at)}",)
        recent = life.registered.at >= strike.lo - SPARE
        awake: Bounds | None = None
        if life.registered.at < strike.lo:
            seen = appearance(index, watch, name, Layer.DELEGATED, life)
            if _kept_dark(seen, strike) and seen.bounds.lo is not None and seen.bounds.lo > life.registered.at:
                awake = seen.bounds
                witnesses = (*witnesses, seen.lo_witness, seen.hi_witness)
        return Birth(
            standing=Standing.NEW if recent or awake is not None else Standing.OLDER,
            strike=strike,
            bounds=stated,
            basis=Basis.REGISTRY,
            life=life,
            witnesses=witnesses,
            dark=awake is not None and not recent,
            awake=awake,
        )
    return _seen(appearance(index, watch, name, Layer.DELEGATED, life), target, life)


def _seen(seen: Appearance, target: Target, life: Life) -> Birth:
    lo, hi = seen.bounds.lo, seen.bounds.hi
    strike = target.strikes[0] if hi is None else target.strike_for(hi)
    standing = Standing.UNDATED
    if hi is not None and lo is not None:
        standing = Standing.NEW if hi >= strike.lo - SPARE else Standing.OLDER
    elif hi is not None and hi <= strike.lo:
        standing = Standing.OLDER
    told = (seen.lo_witness, seen.hi_witness) if standing is Standing.NEW else (seen.hi_witness,)
    return Birth(
        standing=standing,
        strike=strike,
        bounds=seen.bounds,
        basis=Basis.LOOKS,
        life=life,
        witnesses=tuple(witness for witness in told if witness),
    )


def _kept_dark(seen: Appearance, strike: Strike) -> bool:
    lo, hi = seen.bounds.lo, seen.bounds.hi
    return lo is not None and hi is not None and lo >= strike.lo - SPARE and hi >= strike.lo


def _registered(when: When) -> Bounds:
    """Bounds of a registry's date; one of unknown precision is taken as a day, the coarsest that registries print."""
    stated = when.bounds()
    return When(when.at, Precision.DAY).bounds() if stated.lo is None else stated


def answering(spans: Sequence[Span], target: Target) -> Life:
    """The first registration that can answer a takedown, else the newest: a later owner's life is not this
    candidate's, and neither is an earlier one's."""
    lives: list[When] = []
    for _, when in registry_dates(spans):
        if not lives or when.at - lives[-1].at > NEW_LIFE:
            lives.append(when)
    if not lives or not target.strikes:
        return Life()
    earliest = target.strikes[0].lo - SPARE
    place = next((place for place, when in enumerate(lives) if when.at >= earliest), len(lives) - 1)
    return Life(lives[place], lives[place + 1].at if place + 1 < len(lives) else None, follows=place > 0)
