"""Definite absences of a name: what a birth's lower bound and a death's upper bound rest on."""

from dataclasses import dataclass
from datetime import datetime

from tracker.analysis.index import HistoryIndex
from tracker.model.facts import Layer, Reason
from tracker.model.names import DomainName


@dataclass(frozen=True, slots=True, order=True)
class Absence:
    """The name was absent at some instant in `[first, last]`; for a single look both are that instant.

    A birth that follows is later than `first`, a death that precedes is no later than `last`. `witness` is `sweep:ID` or `look:PROBE@TIME`.
    """

    first: datetime
    last: datetime
    witness: str
    reason: Reason


def absences(index: HistoryIndex, name: DomainName, layer: Layer) -> tuple[Absence, ...]:
    """All definite absences of `name` at `layer`, by time: from sweeps and from ABSENT looks. Absent at DELEGATED counts at the layers above."""
    raise NotImplementedError
