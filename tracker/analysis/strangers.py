"""Strangers: names that nothing of the operation's can have brought, and how common each trait is among them."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from tracker.analysis import surprise
from tracker.analysis.traits import Traits, distance
from tracker.analysis.wave import Newcomer, Reference
from tracker.analysis.weights import HOST_SHARE, REGISTRAR_SHARE, SAME_TEXT_DISTANCE
from tracker.model.names import DomainName

TraitValues = Callable[[Traits], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Stranger:
    """A stranger's name. `origin` is the predecessor whose label it carries, None for a control's."""

    name: DomainName
    traits: Traits
    origin: DomainName | None


def registrar(of: Traits) -> tuple[str, ...]:
    """The registrar as a set of at most one value."""
    return (of.registrar,) if of.registrar else ()


def operators(of: Traits) -> tuple[str, ...]:
    """Operators of name servers that are not everybody's."""
    return of.operators


def addresses(of: Traits) -> tuple[str, ...]:
    """Addresses that are not everybody's."""
    return of.addresses


def shares(
    strangers: Collection[Stranger], references: Iterable[Reference], wanted: Iterable[Traits], values: TraitValues
) -> dict[str, float]:
    """Share of strangers with each value that newcomers or predecessors (`wanted`) have.

    A label whose predecessor has the value is left out on both sides: its older names may be the operation's own
    siblings.
    """
    kept = {row.name: frozenset(values(row.traits)) for row in references}
    known = [row for row in strangers if values(row.traits) or (values is not registrar and row.traits.hosted)]
    pool = [
        (frozenset(values(row.traits)), kept.get(row.origin, frozenset()) if row.origin else frozenset())
        for row in known
    ]
    guess = REGISTRAR_SHARE if values is registrar else HOST_SHARE
    found: dict[str, float] = {}
    for value in sorted({value for row in wanted for value in values(row)}):
        having = [value in own for own, apart in pool if value not in apart]
        found[value] = surprise.stranger_share(sum(having), len(having), guess)
    return found


def common(strangers: Collection[Stranger], wanted: Iterable[Traits]) -> frozenset[str]:
    """Keys, tracker ids and text fingerprints (as `text:HEX`) of `wanted` that a stranger has, too: they prove no
    link."""
    rows = list(wanted)
    taken = {value for row in strangers for value in (*row.traits.keys, *row.traits.trackers, *row.traits.builds)}
    texts = {text for row in strangers for text in row.traits.fingerprints}
    shared = {value for row in rows for value in (*row.keys, *row.trackers, *row.builds) if value in taken}
    alike = {
        text
        for row in rows
        for text in row.fingerprints
        if any(distance(text, other) <= SAME_TEXT_DISTANCE for other in texts)
    }
    return frozenset(shared | {text_id(text) for text in alike})


def text_id(fingerprint: int) -> str:
    """A fingerprint as it stands among common values."""
    return f"text:{fingerprint:016x}"


def as_strangers(
    older: Mapping[DomainName, tuple[Traits, DomainName | None]], newcomers: Iterable[Newcomer]
) -> tuple[Stranger, ...]:
    """Names older than the takedown (with the predecessor of their label) and the controls' newcomers, each name
    once."""
    found = {name: Stranger(name, traits, origin) for name, (traits, origin) in older.items()}
    for row in newcomers:
        if row.control:
            found.setdefault(row.name, Stranger(row.name, row.traits, None))
    return tuple(found[name] for name in sorted(found))
