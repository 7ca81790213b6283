"""Many instants in little room: a year of looks at thousands of names stays in memory."""

from array import array
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import overload


class Instants(Sequence[datetime]):
    """Aware UTC instants in whole seconds, ascending; equal to a tuple of the same. Eight bytes each.

    `seconds` (since 1970) may grow afterwards, what lies below `count` must not change.
    """

    __slots__ = ("_count", "_seconds")

    def __init__(self, seconds: "array[int]", count: int) -> None:
        self._seconds, self._count = seconds, count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> datetime: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[datetime, ...]: ...
    def __getitem__(self, place: int | slice) -> datetime | tuple[datetime, ...]:
        if isinstance(place, slice):
            return tuple(self[which] for which in range(*place.indices(self._count)))
        if not -self._count <= place < self._count:
            raise IndexError(place)
        return datetime.fromtimestamp(self._seconds[place % self._count], UTC)

    def __iter__(self) -> Iterator[datetime]:
        for place in range(self._count):
            yield datetime.fromtimestamp(self._seconds[place], UTC)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (Instants, tuple)):
            return len(self) == len(other) and all(map(datetime.__eq__, self, other))
        return NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))
