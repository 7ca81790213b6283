"""A wave: the names that newly came to the labels of one action, as raw facts, and what they have in common.

Sister evidence rests on these facts alone, never on verdicts, so that no verdict can confirm itself.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tracker.analysis.births import Birth
from tracker.analysis.targets import BRANDS
from tracker.analysis.traits import Traits
from tracker.model.names import DomainName
from tracker.model.times import Precision
from tracker.model.watching import Action, Cohort

Label = str
Sharing = Mapping[str, Mapping[Label, float]]
"""For each value of a trait, the labels among whose new names it occurs, and with which share of those names: a
label that many strangers registered proves little by one of them."""


def others(sharing: Mapping[Label, float], seat: Label) -> dict[Label, float]:
    """The labels besides `seat`, with their shares."""
    return {label: share for label, share in sharing.items() if label != seat}


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """A candidate that is new with a takedown. `keeps_label` tells re-registrations from variants; names that are not
    `related` by their label were put forward because they share something, so they prove nothing for others."""

    watch_key: str
    name: DomainName
    seat: Label
    cohort: Cohort | None
    control: bool
    keeps_label: bool
    related: bool
    birth: Birth
    traits: Traits


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A predecessor as it was before its takedown: what its replacements may have kept."""

    name: DomainName
    label: Label
    cohort: Cohort | None
    action_ids: tuple[str, ...]
    traits: Traits


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """What came after one action, by label; a label counts once however many names it brought. Controls are not part
    of it. `stayed_*` is the share of a label's new names that are where its own predecessor was, where both are known.
    """

    action_id: str
    labels: Mapping[Label, Cohort | None]
    names: Mapping[DomainName, frozenset[Label]]
    arrivals: tuple[tuple[datetime, datetime, Label], ...]
    instants: Mapping[str, tuple[tuple[datetime, Label], ...]]
    registrars: Sharing = field(default_factory=dict)
    operators: Sharing = field(default_factory=dict)
    addresses: Sharing = field(default_factory=dict)
    keys: Sharing = field(default_factory=dict)
    trackers: Sharing = field(default_factory=dict)
    leads: Sharing = field(default_factory=dict)
    with_registrar: frozenset[Label] = frozenset()
    with_operator: frozenset[Label] = frozenset()
    with_address: frozenset[Label] = frozenset()
    stayed_operators: Mapping[Label, float] = field(default_factory=dict)
    stayed_addresses: Mapping[Label, float] = field(default_factory=dict)
    came: Mapping[Label, tuple[Newcomer, ...]] = field(default_factory=dict)


def wave(action_id: str, newcomers: Iterable[Newcomer], references: Iterable[Reference]) -> Wave:
    """Gather the newcomers that came after this action; names kept ready before it are left out."""
    came = [row for row in _after(newcomers) if row.birth.strike.action_id == action_id]
    return _gathered(action_id, came, tuple(row for row in references if action_id in row.action_ids))


def earlier(action: Action, actions: Iterable[Action], newcomers: Iterable[Newcomer]) -> Wave:
    """What came after the earlier actions against the same operation: where it went then, it may go again."""
    before = {
        row.action_id for row in actions if row.operation_id == action.operation_id and row.when.at < action.when.at
    }
    return _gathered(action.action_id, [row for row in _after(newcomers) if row.birth.strike.action_id in before], ())


def imitating(imitations: Iterable[Newcomer], newcomers: Iterable[Newcomer]) -> Wave:
    """What newly came to the labels of protected brands, beside what came after every action: an operation that
    imitates outlets also replaces what it lost. No label of it was struck, so nothing returns together."""
    return _gathered(BRANDS, [*_after(imitations), *_after(newcomers)], ())


def _after(newcomers: Iterable[Newcomer]) -> list[Newcomer]:
    return [row for row in newcomers if row.related and not row.control and row.birth.maybe_after]


def _gathered(action_id: str, came: Sequence[Newcomer], references: Sequence[Reference]) -> Wave:
    before = {row.label: row.traits for row in references}
    names: dict[DomainName, set[Label]] = {}
    for row in came:
        names.setdefault(row.name, set()).add(row.seat)
    arrivals = sorted(
        (row.birth.bounds.lo, row.birth.bounds.hi, row.seat)
        for row in came
        if row.keeps_label and row.birth.bounds.lo is not None and row.birth.bounds.hi is not None
    )
    return Wave(
        action_id=action_id,
        labels={row.label: row.cohort for row in references},
        names={name: frozenset(labels) for name, labels in names.items()},
        arrivals=tuple(arrivals),
        instants=_instants(came),
        registrars=_sharing((row.seat, (row.traits.registrar,)) for row in came if row.traits.registrar),
        operators=_sharing((row.seat, row.traits.operators) for row in came),
        addresses=_sharing((row.seat, row.traits.addresses) for row in came),
        keys=_sharing((row.seat, row.traits.keys) for row in came),
        trackers=_sharing((row.seat, row.traits.trackers) for row in came),
        leads=_sharing((row.seat, row.traits.leads_to) for row in came),
        with_registrar=frozenset(row.seat for row in came if row.traits.registrar),
        with_operator=frozenset(row.seat for row in came if row.traits.operators),
        with_address=frozenset(row.seat for row in came if row.traits.addresses),
        stayed_operators=_stayed(
            (row.seat, row.traits.operators, before[row.seat].operators) for row in came if row.seat in before
        ),
        stayed_addresses=_stayed(
            (row.seat, row.traits.addresses, before[row.seat].addresses) for row in came if row.seat in before
        ),
        came={seat: tuple(row for row in came if row.seat == seat) for seat in sorted({row.seat for row in came})},
    )


def _stayed(rows: Iterable[tuple[Label, tuple[str, ...], tuple[str, ...]]]) -> dict[Label, float]:
    """By label the share of its new names that have a value in common with the predecessor."""
    known: Counter[Label] = Counter()
    there: Counter[Label] = Counter()
    for label, own, kept in rows:
        if own and kept:
            known[label] += 1
            there[label] += bool(set(own) & set(kept))
    return {label: there[label] / known[label] for label in sorted(known)}


def _sharing(rows: Iterable[tuple[Label, tuple[str, ...]]]) -> dict[str, dict[Label, float]]:
    """Shares among those new names of a label that have a known value."""
    known: Counter[Label] = Counter()
    counts: dict[str, Counter[Label]] = {}
    for label, values in rows:
        known[label] += bool(values)
        for value in values:
            counts.setdefault(value, Counter())[label] += 1
    return {
        value: {label: count / known[label] for label, count in sorted(labels.items())}
        for value, labels in sorted(counts.items())
    }


def _instants(came: Iterable[Newcomer]) -> dict[str, tuple[tuple[datetime, Label], ...]]:
    """Registration instants by registrar, as far as registries state them to the second."""
    found: dict[str, list[tuple[datetime, Label]]] = {}
    for row in came:
        when = row.traits.registered
        if when is not None and when.precision is Precision.SECOND and row.traits.registrar:
            found.setdefault(row.traits.registrar, []).append((when.at, row.seat))
    return {registrar: tuple(sorted(rows)) for registrar, rows in found.items()}
