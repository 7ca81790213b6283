"""Many instants in little room: a year of looks at thousands of names stays in memory."""

from array import array
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import overload


class Instants(Sequence[datetime]):
    """Aware UTC instants in whole seconds, ascending; equal to a tuple of the same. Eight bytes each.

    `first` and `last` (seconds since 1970) are known; those between are `read` when somebody asks for them, and kept.
    """

    __slots__ = ("_first", "_last", "_read", "_seconds")

    def __init__(self, first: int, last: int, read: "Callable[[], array[int]]") -> None:
        self._first, self._last = first, last
        self._read: Callable[[], array[int]] | None = read
        self._seconds: array[int] | None = None

    def _all(self) -> "array[int]":
        if self._read is not None:
            self._seconds, self._read = self._read(), None  # what it was read from can be let go
        assert self._seconds is not None
        return self._seconds

    def __len__(self) -> int:
        return len(self._all())

    @overload
    def __getitem__(self, place: int) -> datetime: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[datetime, ...]: ...
    def __getitem__(self, place: int | slice) -> datetime | tuple[datetime, ...]:
        if place == 0:
            return datetime.fromtimestamp(self._first, UTC)
        if place == -1:
            return datetime.fromtimestamp(self._last, UTC)
        if isinstance(place, slice):
            return tuple(datetime.fromtimestamp(second, UTC) for second in self._all()[place])
        return datetime.fromtimestamp(self._all()[place], UTC)

    def __iter__(self) -> Iterator[datetime]:
        return (datetime.fromtimestamp(second, UTC) for second in self._all())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (Instants, tuple)):
            return len(self) == len(other) and all(map(datetime.__eq__, self, other))
        return NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))
