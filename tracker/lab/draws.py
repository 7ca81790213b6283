"""Seeded draws. Each is a pure function of (seed, what it is for), so that adding one never shifts the others."""

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

Item = TypeVar("Item")

_VOWELS = "aeiou"
_CONSONANTS = "bcdfghklmnprstvz"


def uniform(seed: int, *key: object) -> float:
    """A number in [0, 1) fixed by the seed and the key."""
    text = "\x1f".join(str(part) for part in (seed, *key))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64


def choose(items: Sequence[Item], seed: int, *key: object) -> Item:
    """One of the items."""
    return items[math.floor(uniform(seed, *key) * len(items))]


def number(low: int, high: int, seed: int, *key: object) -> int:
    """A whole number in [low, high]."""
    return low + math.floor(uniform(seed, *key) * (high - low + 1))


def word(length: int, seed: int, *key: object) -> str:
    """A pronounceable word of that many letters, in no dictionary on purpose."""
    letters = [choose(_CONSONANTS if place % 2 == 0 else _VOWELS, seed, "word", place, *key) for place in range(length)]
    return "".join(letters)


@lru_cache(maxsize=4096)  # a page is asked for many times
def text(words: int, seed: int, *key: object) -> str:
    """A paragraph of drawn words; two keys give texts with nothing in common."""
    return " ".join(word(number(3, 9, seed, "length", place, *key), seed, place, *key) for place in range(words))


@dataclass(frozen=True, slots=True)
class Draw:
    """The draws of one seed."""

    seed: int

    def share(self, *key: object) -> float:
        """A number in [0, 1)."""
        return uniform(self.seed, *key)

    def number(self, low: int, high: int, *key: object) -> int:
        """A whole number in [low, high]."""
        return number(low, high, self.seed, *key)

    def choose(self, items: Sequence[Item], *key: object) -> Item:
        """One of the items."""
        return choose(items, self.seed, *key)

    def shuffled(self, items: Iterable[Item], *key: object) -> tuple[Item, ...]:
        """The items in a drawn order."""
        placed = [(uniform(self.seed, "order", place, *key), place, item) for place, item in enumerate(items)]
        return tuple(item for _, _, item in sorted(placed, key=lambda row: row[:2]))

    def word(self, length: int, *key: object) -> str:
        """A pronounceable word."""
        return word(length, self.seed, *key)
