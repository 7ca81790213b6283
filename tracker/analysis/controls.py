"""Control labels, swept and judged like the watched ones although nobody wants them: they measure chance."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib import resources

from tracker.model.watching import Watch, WatchKind

_ONSETS = (
    "b",
    "br",
    "c",
    "cl",
    "d",
    "dr",
    "f",
    "fl",
    "g",
    "gr",
    "h",
    "k",
    "l",
    "m",
    "n",
    "p",
    "pl",
    "r",
    "s",
    "st",
    "t",
)
_VOWELS = ("a", "e", "i", "o", "u", "ei", "au", "ou")
_CODAS = ("l", "m", "n", "r", "s", "t", "nd", "rt")
COMMON_LENGTH = 8
"""Watched labels up to this length are mostly words that strangers register too; their controls are words as well."""


def controls_for(watches: Sequence[Watch], share: float) -> tuple[Watch, ...]:
    """Control watches for a share of the predecessor labels (rounded up), spread evenly over them.

    Like length, rarity and spread by rule: a short or common label is mirrored by a common word of nearest length, a
    long coined one by a coined one of that length. The choice depends on the labels alone, never on what was found.
    """
    predecessors = {watch.label: watch for watch in watches if watch.kind is WatchKind.PREDECESSOR and watch.name}
    ranked = sorted(predecessors.values(), key=lambda watch: _hash("rank", watch.label))
    taken = set(predecessors)
    controls: list[Watch] = []
    for watch in ranked[: math.ceil(len(ranked) * share)]:
        label = control_label(watch.label, taken)
        taken.add(label)
        controls.append(
            replace(
                watch,
                kind=WatchKind.CONTROL,
                label=label,
                name=None,
                brand="",
                aliases=(),
                own=(),
                friendly=(),
                matched_to=watch.key,
                why="measures chance",
                sources=(),
            )
        )
    return tuple(sorted(controls, key=lambda watch: watch.key))


def control_label(label: str, taken: set[str]) -> str:
    """The label that mirrors `label`; not among `taken`."""
    attempt = 0
    while True:
        plain = label.replace("-", "")
        make = _nearest_word if len(plain) <= COMMON_LENGTH else _coined
        candidate = make(len(plain), label, attempt)
        if candidate not in taken:
            return candidate
        attempt += 1


@cache
def _words() -> tuple[str, ...]:
    text = resources.files(__package__).joinpath("control_words.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


def _nearest_word(length: int, *key: object) -> str:
    return min(_words(), key=lambda word: (abs(len(word) - length), _hash("word", *key, word)))


def _coined(length: int, *key: object) -> str:
    word, place = "", 0
    while len(word) < length:
        word += _ONSETS[_hash(*key, place, "onset") % len(_ONSETS)]
        word += _VOWELS[_hash(*key, place, "vowel") % len(_VOWELS)]
        if _hash(*key, place, "closed") % 2:
            word += _CODAS[_hash(*key, place, "coda") % len(_CODAS)]
        place += 1
    return word[:length]


def _hash(*key: object) -> int:
    return int.from_bytes(hashlib.sha256("\x1f".join(map(str, key)).encode()).digest()[:8], "big")
