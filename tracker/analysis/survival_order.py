"""A million ages in order: the longest step of an estimator, done in a way that no processor is slow at."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.unsignedinteger[Any]]
"""Ages as integers that order like them, with a mark in the lowest bit; `keys_of` makes them."""

LEADING = 16
"""Bits by which numpy orders in two rounds of counting, without comparing."""

BLOCK = 256
"""Keys sorted at a time: as many as a processor keeps in its registers and nearest memory."""

SAMPLED = 1_000
"""Ages that say where the middle lies."""


def keys_of(ages: NDArray[np.float64], mark: NDArray[np.bool_] | bool, *, whole: bool) -> Keys:
    """Keys of ages that are not negative, shape (n,); at one age the marked come last.

    The bits of a float that is not negative order like the float, and its sign bit is free. `whole` drops fractions and
    takes half the width: ages below 2^31 only.
    """
    # + 0.0 makes a negative zero positive
    keys: Keys = ages.astype(np.uint32) if whole else (ages + 0.0).view(np.uint64)
    keys <<= keys.dtype.type(1)
    keys |= np.asarray(mark).view(np.uint8)
    return keys


def ages_of(keys: Keys) -> NDArray[np.float64]:
    """The ages of keys, shape (n,)."""
    bits = keys >> keys.dtype.type(1)
    return bits.astype(np.float64) if bits.dtype == np.uint32 else bits.view(np.float64)


def marks_of(keys: Keys) -> NDArray[np.uint8]:
    """1 where marked, shape (n,)."""
    marks = np.empty(len(keys), dtype=np.uint8)
    return np.bitwise_and(keys, keys.dtype.type(1), out=marks, casting="unsafe")


def in_order(keys: Keys) -> Keys:
    """The keys ascending, shape (n,): first roughly, then block by block, then by merging where blocks overlap.

    The merge alone would be right for any keys, what is before it leaves it little to do. Where the vectors of the
    processor are slow to compress, one sort of everything takes two and a half times as long.
    """
    placed: Keys = keys[_leading(keys).argsort(kind="stable")]
    blocks = len(placed) // BLOCK
    placed[: blocks * BLOCK].reshape(blocks, BLOCK).sort(axis=1)
    placed.sort(kind="stable")
    return placed


def _leading(keys: Keys) -> NDArray[np.uint16]:
    """Numbers that never order two ages wrongly, and tell most apart: even up to the middle, by magnitude beyond."""
    if not len(keys):
        return np.zeros(0, dtype=np.uint16)
    ages = ages_of(keys)
    sample = np.sort(ages[:: len(ages) // SAMPLED + 1])
    with np.errstate(over="ignore"):  # infinite is last, too
        ages += float(sample[len(sample) // 2]) or 1.0
    bits = ages.view(np.uint64)
    bits -= bits.min()
    bits >>= np.uint64(max(0, int(bits.max()).bit_length() - LEADING))
    return bits.astype(np.uint16)


def below(ages: Keys, others: Keys) -> NDArray[np.int64]:
    """How many of the others, all marked, are below each of the ages, unmarked, shape (m,); both ascending."""
    both = np.concatenate((ages, others))
    both.sort(kind="stable")
    both &= both.dtype.type(1)
    places = np.flatnonzero(both == 0)
    places -= np.arange(len(places))
    return places
