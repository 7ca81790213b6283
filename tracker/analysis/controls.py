"""Control labels: swept and judged like the watched ones, by names that nobody in the story wants. They measure chance."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import replace

from tracker.model.watching import Watch, WatchKind

_ONSETS = "b br c cl d dr f fl g gr h k l m n p pl r s st t tr v w".split()
_VOWELS = "a e i o u ei au ou".split()
_CODAS = "l m n r s t nd rt".split()
COMMON_LENGTH = 8
"""Watched labels up to this length are mostly words that strangers register too; their controls are words as well."""
COMMON_WORDS = tuple(
    "arch bank barn bell boat bond cave clay coin dawn desk dove drum echo fern flag fork gate gift harp hill horn iron "
    "jade kite lake lamp leaf lime loom mill mint moon nest oak palm path pear pine pond rain reed ring river road roof "
    "root salt sand seed shell silk snow song star stone storm swan tent tide tower tree vale vine wave well wheel wind "
    "wing wood wool yard bridge candle castle copper cotton forest garden hammer harbor island kettle ladder lantern "
    "marble meadow mirror needle orchard pepper pillow prairie quarry ribbon saddle shelter silver summit thunder timber "
    "valley velvet village walnut willow window winter".split()
)


def controls_for(watches: Sequence[Watch], share: float) -> tuple[Watch, ...]:
    """Control watches for a share of the predecessor labels (rounded up), spread evenly over them.

    Like length, rarity and spread by rule: a short or common label is mirrored by a common word of nearest length, a long
    coined one by a coined one of the same length. The choice depends on the labels alone, never on what was found.
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
        if len(plain) <= COMMON_LENGTH:
            near = sorted(COMMON_WORDS, key=lambda word: (abs(len(word) - len(plain)), _hash("word", label, attempt, word)))
            candidate = near[0]
        else:
            candidate = _coined(len(label), label, attempt)
        if candidate not in taken:
            return candidate
        attempt += 1


def _coined(length: int, *key: object) -> str:
    word, place = "", 0
    while len(word) < length:
        word += _ONSETS[_hash(*key, place, "onset") % len(_ONSETS)] + _VOWELS[_hash(*key, place, "vowel") % len(_VOWELS)]
        if _hash(*key, place, "closed") % 2:
            word += _CODAS[_hash(*key, place, "coda") % len(_CODAS)]
        place += 1
    return word[:length]


def _hash(*key: object) -> int:
    return int.from_bytes(hashlib.sha256("\x1f".join(map(str, key)).encode()).digest()[:8], "big")
