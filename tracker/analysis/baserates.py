"""What chance brings: how often strangers take a label, and how common their registrars and hosts are, from our own
log.

Everything that more than one candidate's verdict depends on is in here, so that equal digests mean equal verdicts for
equal dossiers.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from math import log2

from tracker.analysis.births import Birth, Standing, birth
from tracker.analysis.candidates import candidates
from tracker.analysis.index import HistoryIndex, index
from tracker.analysis.kinship import Kinship, kinship
from tracker.analysis.nameservers import ServerRules, bundled
from tracker.analysis.strangers import addresses, as_strangers, common, operators, registrar, shares
from tracker.analysis.targets import Target, brands, predecessors, targets
from tracker.analysis.traits import Life, Reading, Traits, traits
from tracker.analysis.wave import Newcomer, Reference
from tracker.analysis.weights import RULES_VERSION, SPARE, TURNOVER_DAYS, UNSEEN_NAMES
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.watching import WatchKind

Shares = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseRates:
    """Chance, the newcomers and the predecessors of one history. All tuples are sorted and mappings are in key order.

    `turnover_bits` is log2 of strangers' registrations per day and carried name, in quarter bits so that it rests while
    the log grows. `carried` counts, per watch, the strangers' names with the same label and those with a variant of it.
    `common` holds keys, trackers and (hex) text fingerprints that some stranger has, too, and the accounts of outlets,
    which copied pages keep. `brands` are the protected brands as targets, `imitations` what newly came to their labels,
    `outlets` those brands' own domains: they say nothing of what chance brings elsewhere.
    """

    turnover_bits: float
    targets: Mapping[str, Target] = field(default_factory=dict)
    carried: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    newcomers: tuple[Newcomer, ...] = ()
    references: tuple[Reference, ...] = ()
    registrars: Shares = field(default_factory=dict)
    operators: Shares = field(default_factory=dict)
    addresses: Shares = field(default_factory=dict)
    strangers: int = 0
    common: frozenset[str] = frozenset()
    brands: Mapping[str, Target] = field(default_factory=dict)
    imitations: tuple[Newcomer, ...] = ()
    outlets: tuple[Reference, ...] = ()
    version: str = RULES_VERSION

    def rate(self, watch_key: str, kin: Kinship) -> float:
        """Strangers' names of this kinship that chance brings per day."""
        same, variants = self.carried.get(watch_key, (0, 0))
        return float(2.0**self.turnover_bits * ((same if kin is Kinship.SAME_LABEL else variants) + UNSEEN_NAMES))

    @property
    def digest(self) -> str:
        """SHA-256 over everything; changes whenever any candidate may have to be judged again."""
        parts = (
            self.version,
            self.turnover_bits,
            sorted(self.targets.items()),
            sorted(self.carried.items()),
            self.newcomers,
            self.references,
            sorted(self.registrars.items()),
            sorted(self.operators.items()),
            sorted(self.addresses.items()),
            self.strangers,
            sorted(self.common),
            sorted(self.brands.items()),
            self.imitations,
            self.outlets,
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Judged:
    """One candidate with its birth, while the rates are being counted."""

    target: Target
    name: DomainName
    kin: Kinship
    birth: Birth


def base_rates(
    history: History, suffixes: Suffixes, known: HistoryIndex | None = None, servers: ServerRules | None = None
) -> BaseRates:
    """Count what chance brings, from names that are older than the takedowns and from the controls."""
    found = known or index(history)
    reading = Reading(suffixes, servers or bundled())
    aims = targets(history)
    judged = _judge(found, aims, suffixes)
    newcomers = tuple(_newcomer(row, found, reading) for row in judged if row.birth.standing is Standing.NEW)
    references = tuple(_reference(aim, found, reading) for aim in predecessors(aims.values()) if aim.strikes)
    older = {
        row.name: (
            traits_of(found, row.name, reading, row.birth.life),
            None if row.target.is_control else row.target.origin,
        )
        for row in judged
        if row.birth.standing is Standing.OLDER and row.kin is not Kinship.UNRELATED
    }
    strangers = as_strangers(older, newcomers)
    imitated = brands(aims.values())
    lookalikes = _judge(found, imitated, suffixes)
    imitations = tuple(_newcomer(row, found, reading) for row in lookalikes if row.birth.standing is Standing.NEW)
    outlets = _outlets(history, found, reading)
    wanted = [*(row.traits for row in (*newcomers, *imitations)), *(row.traits for row in references)]
    carried = _carried(aims, judged)
    return BaseRates(
        turnover_bits=_turnover(history, aims, judged, carried),
        targets=aims,
        carried={**carried, **_carried(imitated, lookalikes)},
        newcomers=newcomers,
        references=references,
        registrars=shares(strangers, references, wanted, registrar),
        operators=shares(strangers, references, wanted, operators),
        addresses=shares(strangers, references, wanted, addresses),
        strangers=len(strangers),
        common=common(strangers, wanted) | {account for outlet in outlets for account in outlet.traits.trackers},
        brands=imitated,
        imitations=imitations,
        outlets=outlets,
    )


def _judge(found: HistoryIndex, aims: Mapping[str, Target], suffixes: Suffixes) -> tuple[_Judged, ...]:
    watches = {watch.key: watch for watch in found.history.watches}
    rows: list[_Judged] = []
    for candidate in candidates(found.history):
        aim = aims.get(candidate.watch_key)
        born = None if aim is None else birth(found, watches[candidate.watch_key], aim, candidate.name)
        if aim is not None and born is not None:
            rows.append(_Judged(aim, candidate.name, kinship(aim, candidate.name, suffixes), born))
    return tuple(rows)


def _newcomer(row: _Judged, found: HistoryIndex, reading: Reading) -> Newcomer:
    return Newcomer(
        watch_key=row.target.watch_key,
        name=row.name,
        seat=row.target.seat,
        cohort=row.target.cohort,
        control=row.target.is_control,
        keeps_label=row.kin is Kinship.SAME_LABEL,
        related=row.kin is not Kinship.UNRELATED,
        birth=row.birth,
        traits=traits_of(found, row.name, reading, row.birth.life),
    )


def traits_of(found: HistoryIndex, name: DomainName, reading: Reading, life: Life) -> Traits:
    """The traits of one life of a name in this history."""
    return traits(name, found.spans(name), found.sightings.get(name, ()), reading, life)


def _reference(aim: Target, found: HistoryIndex, reading: Reading) -> Reference:
    name = aim.origin
    if name is None:
        raise ValueError(f"{aim.watch_key} names no domain")
    return Reference(
        name=name,
        label=aim.seat,
        cohort=aim.cohort,
        action_ids=tuple(sorted({strike.action_id for strike in aim.strikes})),
        traits=traits_of(found, name, reading, Life(until=aim.strikes[0].lo)),
    )


def _outlets(history: History, found: HistoryIndex, reading: Reading) -> tuple[Reference, ...]:
    """The imitated outlets' own domains, as far as their pages were looked at."""
    names = {watch.name: watch.label for watch in history.watches if watch.kind is WatchKind.PROTECTED and watch.name}
    names |= {row.imitates: "" for row in history.takedowns if row.imitates is not None and row.imitates not in names}
    rows = [(name, label, traits_of(found, name, reading, Life())) for name, label in sorted(names.items())]
    return tuple(Reference(name=name, label=label, cohort=None, action_ids=(), traits=own) for name, label, own in rows)


def _carried(aims: Mapping[str, Target], judged: Iterable[_Judged]) -> dict[str, tuple[int, int]]:
    """Strangers' names per watch: same label, variants. Undated names count, because most names are old."""
    counts = {key: [0, 0] for key, aim in aims.items() if aim.strikes}
    for row in judged:
        if row.birth.standing is not Standing.NEW and row.kin is not Kinship.UNRELATED:
            counts[row.target.watch_key][row.kin is Kinship.VARIANT] += 1
    return {key: (same, variants) for key, (same, variants) in sorted(counts.items())}


def _turnover(
    history: History, aims: Mapping[str, Target], judged: Iterable[_Judged], carried: Mapping[str, tuple[int, int]]
) -> float:
    """Log2 of strangers' registrations per carried name and day: what came just before the takedowns, and to
    controls ever after."""
    exposure: dict[tuple[str, bool], float] = {}
    for key, counts in carried.items():
        aim = aims[key]
        followed = SPARE
        if aim.is_control:
            followed += max(timedelta(0), history.as_of - aim.strikes[0].lo)
        names = sum(counts) + UNSEEN_NAMES
        place = (aim.labels[0], aim.is_control)
        exposure[place] = max(exposure.get(place, 0.0), names * (followed / timedelta(days=1)))
    arrived = {
        row.name
        for row in judged
        if row.birth.standing is Standing.NEW and (row.target.is_control or not row.birth.maybe_after)
    }
    rate = (1.0 + len(arrived)) / (TURNOVER_DAYS + sum(exposure.values()))
    return round(4 * log2(rate)) / 4
