"""Instants of equal looks in few bytes: runs of equal steps, each coded by how it differs from the usual step.

Looks are made on a grid (`stages/cadence.py`), so most steps differ from the cadence by the seconds that a pass took.
Every look carries the lag from its instant to the moment when it was recorded, in whole seconds, because a history as
of a past moment must not contain a look that was recorded later.
"""

from array import array
from collections.abc import Iterable, Iterator
from typing import NamedTuple

FULL = 320
"""Bytes after which a chunk is sealed, so that adding a look never rewrites much."""

MORE = 7
"""What the low three bits of a run say when its change of lag does not fit into them, or when it has several looks."""
NEAR = 31
"""Seconds by which a step may differ from the usual one, which then stays; up to seven fit into one byte."""


def usual(base: int, step: int) -> int:
    """What the step after `step` is coded against, when `step` was coded against `base`."""
    return base if abs(step - base) <= NEAR else step


class Looks(NamedTuple):
    """A chunk of looks, in epoch seconds. `coded` holds the finished runs; the last is open in `step`, `lag`, `run`.

    `base` and `prior_lag` are the step and the lag against which the last run will be coded.
    """

    begun_at: int
    last_at: int
    step: int
    lag: int
    run: int
    base: int
    prior_lag: int
    coded: bytes

    @classmethod
    def begin(cls, at: int, lag: int) -> "Looks":
        """A chunk of one look."""
        return cls(begun_at=at, last_at=at, step=0, lag=lag, run=1, base=0, prior_lag=0, coded=b"")

    def add(self, at: int, lag: int) -> "Looks":
        """The chunk with one more look, no earlier than the last; raises ValueError otherwise."""
        step = at - self.last_at
        if step < 0:
            raise ValueError(f"look at {at} is earlier than the last at {self.last_at}")
        if step == self.step and lag == self.lag:
            return self._replace(last_at=at, run=self.run + 1)
        return Looks(
            begun_at=self.begun_at,
            last_at=at,
            step=step,
            lag=lag,
            run=1,
            base=usual(self.base, self.step),
            prior_lag=self.lag,
            coded=self.sealed(),
        )

    def sealed(self) -> bytes:
        """All runs, the open one included."""
        return self.coded + _encode(self.step - self.base, self.lag - self.prior_lag, self.run)

    @property
    def full(self) -> bool:
        """Whether the next look should begin a new chunk."""
        return len(self.coded) >= FULL


def expand_sealed(begun_at: int, coded: bytes) -> list[tuple[int, int]]:
    """All looks of a sealed chunk as (instant, lag); raises ValueError on a broken code."""
    at, looks = begun_at, list[tuple[int, int]]()
    for step, lag, run in _runs(coded):
        for _ in range(run):
            at += step
            looks.append((at, lag))
    return looks


def expand(looks: Looks) -> list[tuple[int, int]]:
    """All looks of a chunk as (instant, lag)."""
    return expand_sealed(looks.begun_at, looks.sealed())


def instants(chunks: Iterable[tuple[int, bytes]]) -> "array[int]":
    """The instants of all looks in some sealed chunks, given as (begun_at, coded)."""
    seconds = array("q")
    append = seconds.append
    for begun_at, coded in chunks:
        at = begun_at
        for step, _, run in _runs(coded):
            for _ in range(run):
                at += step
                append(at)
    return seconds


def _runs(coded: bytes) -> Iterator[tuple[int, int, int]]:
    """(step, lag, looks) of each run, nearly all of one look in one byte; raises ValueError on a broken code."""
    base = lag = offset = 0
    while offset < len(coded):
        head = coded[offset]
        if head < 0x80:
            offset += 1
        else:
            head, offset = _varint(coded, offset)
        lag_change, run = head & MORE, 1
        if lag_change == MORE:
            lag_change, offset = _varint(coded, offset)
            more, offset = _varint(coded, offset)
            run += more
        change = _unzigzag(head >> 3)
        lag += _unzigzag(lag_change)
        yield base + change, lag, run
        if abs(change) > NEAR:  # as `usual` has it
            base += change


def _encode(step_change: int, lag_change: int, run: int) -> bytes:
    """One run: the change of step and a small change of lag in one number; a large one and further looks follow.

    A single look within seven seconds of the usual step, with a lag within three of the last, is one byte.
    """
    lag = _zigzag(lag_change)
    if lag < MORE and run == 1:
        return _from_int(_zigzag(step_change) << 3 | lag)
    parts = (_zigzag(step_change) << 3 | MORE, lag, run - 1)
    return b"".join(map(_from_int, parts))


def _zigzag(number: int) -> int:
    return number << 1 if number >= 0 else (-number << 1) - 1


def _unzigzag(number: int) -> int:
    return number >> 1 if not number & 1 else -((number + 1) >> 1)


def _from_int(number: int) -> bytes:
    """Seven bits a byte, low ones first; the high bit says that more follow."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _varint(coded: bytes, offset: int) -> tuple[int, int]:
    number = shift = 0
    try:
        while True:
            byte = coded[offset]
            offset += 1
            if byte < 0x80:
                return number | byte << shift, offset
            number |= (byte & 0x7F) << shift
            shift += 7
    except IndexError:
        raise ValueError("looks end in the middle of a number") from None
