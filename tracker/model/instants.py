"""Many instants in little room: a year of looks at thousands of names stays in memory."""

from array import array
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, overload


class Instants(Sequence[datetime]):
    """Aware UTC instants in whole seconds, ascending; equal to a tuple of the same.

    `first` and `last` (seconds since 1970) are known; `read` gives all of them from `coded`. They are read anew each
    time that somebody walks through them, and kept, eight bytes each, once somebody asks for one by its place.
    """

    __slots__ = ("_coded", "_first", "_kept", "_last", "_read")

    def __init__(self, first: int, last: int, coded: Any, read: "Callable[[Any], array[int]]") -> None:
        self._first, self._last, self._coded, self._read = first, last, coded, read
        self._kept: array[int] | None = None

    def _all(self) -> "array[int]":
        if self._kept is None:
            self._kept, self._coded = self._read(self._coded), None
        return self._kept

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
        seconds = self._read(self._coded) if self._kept is None else self._kept
        return (datetime.fromtimestamp(second, UTC) for second in seconds)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (Instants, tuple)):
            return len(self) == len(other) and all(map(datetime.__eq__, self, other))
        return NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))
