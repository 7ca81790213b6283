"""Definite absences of a name: what a birth's lower bound and a death's upper bound rest on."""

from dataclasses import dataclass
from datetime import datetime

from tracker.analysis.index import HistoryIndex
from tracker.model.facts import Layer, Presence, Reason, Span
from tracker.model.names import DomainName
from tracker.model.times import iso

BELOW = {
    Layer.REGISTERED: frozenset({Layer.REGISTERED}),
    Layer.DELEGATED: frozenset({Layer.DELEGATED}),
    Layer.RESOLVING: frozenset({Layer.DELEGATED, Layer.RESOLVING}),
    Layer.SERVING: frozenset({Layer.DELEGATED, Layer.RESOLVING, Layer.SERVING}),
}
"""The layers whose absence is an absence at the key. Not REGISTERED: directories lag behind the zone."""


@dataclass(frozen=True, slots=True, order=True)
class Absence:
    """The name was absent at some instant in `[first, last]`; for a single look both are that instant.

    A birth that follows is later than `first`, a death that precedes is no later than `last`. `witness` is `sweep:ID`
    or `look:PROBE@TIME`.
    """

    first: datetime
    last: datetime
    witness: str
    reason: Reason


def absences(index: HistoryIndex, name: DomainName, layer: Layer) -> tuple[Absence, ...]:
    """All definite absences of `name` at `layer`, by time: from sweeps and from ABSENT looks.

    Absent at DELEGATED counts at the layers above it, since what the parent does not delegate neither resolves nor
    serves.
    """
    found = [
        Absence(look, look, look_witness(span, look), span.reason)
        for span in index.spans(name, *BELOW[layer])
        if span.presence is Presence.ABSENT
        for look in span.looks
    ]
    found += swept_absences(index, name, layer)
    return tuple(sorted(found))


def swept_absences(index: HistoryIndex, name: DomainName, layer: Layer) -> list[Absence]:
    """The absences that sweeps proved, in no particular order: asked, canary good, not among the exceptions."""
    label, _, suffix = name.partition(".")
    return [
        Absence(part.first, part.last, part.witness, Reason.NXDOMAIN)
        for suffixes, parts in index.coverage.get(label, ())
        if suffix in suffixes
        for part in parts
        if part.layer in BELOW[layer] and name not in part.exceptions
    ]


def look_witness(span: Span, look: datetime) -> str:
    """How a look is referred to from a conclusion: `look:PROBE@TIME`."""
    return f"look:{span.probe}@{iso(look)}"
