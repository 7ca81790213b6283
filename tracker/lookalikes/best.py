"""The likeliest lookalikes of a watch, made once."""

from itertools import islice

from tracker.lookalikes.generator import generate
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.names import DomainName
from tracker.model.watching import Watch

OVERSHOOT = 10
"""Lookalikes made per one that is asked: most of the likeliest are the label itself under another suffix."""


class Best:
    """The best lookalikes of a watch; they follow from its names alone, so they are made once."""

    def __init__(self, suffixes: Suffixes, limit: int) -> None:
        self._suffixes, self._limit = suffixes, limit
        self._made: dict[tuple[DomainName, tuple[DomainName, ...]], tuple[DomainName, ...]] = {}

    def __call__(self, watch: Watch) -> tuple[DomainName, ...]:
        if watch.name is None or self._limit == 0:
            return ()
        key = (watch.name, watch.own)
        if key not in self._made:
            found = generate(watch.name, suffixes=self._suffixes, limit=OVERSHOOT * self._limit, own=watch.own)
            edits = (row.domain for row in found if row.domain.partition(".")[0] != watch.label)
            self._made[key] = tuple(islice(edits, self._limit))
        return self._made[key]
