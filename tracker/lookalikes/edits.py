"""Which edit turns one label into another, and how likely an imitator makes it. Chance is weighed in `background`."""

from __future__ import annotations

from functools import lru_cache
from math import log2
from typing import NamedTuple

from rapidfuzz.distance import OSA

from tracker.lookalikes.letters import VOWELS, heard_alike, seen_alike
from tracker.lookalikes.priors import Priors
from tracker.lookalikes.techniques import END, INNER, START, place_of

_TWO_EDITS = 0.01  # share of lookalikes that are two slips away
# Bits taken off where the letter that came in is a digit: nobody has published one that does not look alike.
_DIGIT = 6.0
_LETTER_CHOICES = 36.0  # weight of all letters at one place: 25 others, those on neighbouring keys threefold


class Edit(NamedTuple):
    """`bits` is log2 of the probability that an imitator of the label makes just this change."""

    technique: str
    distance: int
    bits: float


def edit_between(watched: str, seen: str, priors: Priors) -> Edit | None:
    """The likeliest single technique (or two edits, for labels of ten letters and more) from `watched` to `seen`.

    Both are ASCII without hyphens. None when they are further apart.
    """
    found = [*_grouped(watched, seen, priors)]
    distance = OSA.distance(watched, seen, score_cutoff=2)
    if distance == 1:
        found.append(_single(watched, seen, priors))
    elif distance == 2 and len(watched) >= 10:
        choices = _LETTER_CHOICES * len(watched) * 2
        found.append(Edit("two_edits", 2, log2(_TWO_EDITS) - 2 * log2(choices) + 1))
    return max(found, key=lambda edit: edit.bits, default=None)


def _single(watched: str, seen: str, priors: Priors) -> Edit:
    at = next((i for i, (a, b) in enumerate(zip(watched, seen, strict=False)) if a != b), min(len(watched), len(seen)))
    length = len(watched)
    if len(seen) > length:
        last = at == length
        doubled = at > 0 and seen[at] == seen[at - 1]
        technique = "repetition" if doubled else "insertion"
        place = END if last else START if at == (1 if doubled else 0) else INNER
        return _edit(technique, place, length, 1.0 if doubled else _choices(seen[at]), priors)
    if len(seen) < length:
        # leaving out either of a doubled pair gives the same text; the place is that of the later one
        return _edit("omission", place_of(at, length), length, 1.0, priors)
    if at + 1 < length and watched[at + 1] != seen[at + 1]:
        return _edit("transposition", START if at == 0 else place_of(at + 1, length), length, 1.0, priors)
    place = place_of(at, length)
    replaced = _edit("replacement", place, length, _choices(seen[at]), priors)
    if watched[at] in VOWELS and seen[at] in VOWELS:
        swapped = _edit("vowel_swap", place, length, 4.0, priors)
        return swapped._replace(bits=max(swapped.bits, replaced.bits))
    return replaced


def _choices(letter: str) -> float:
    return _LETTER_CHOICES * (2**_DIGIT if letter.isdigit() else 1)


def _edit(technique: str, place: str, length: int, choices: float, priors: Priors) -> Edit:
    places = max(1, length - 2) if place == INNER else 1
    return Edit(technique, 1, log2(priors.technique(technique) * priors.place(place) / places / choices))


def _grouped(watched: str, seen: str, priors: Priors) -> list[Edit]:
    """Changes of letter groups that look or sound alike, from the table of the label's own."""
    known = alike_forms(watched, priors).get(seen)
    return [] if known is None else [known]


@lru_cache(maxsize=2048)
def _alike_forms(watched: str, looks: float, sounds: float, start: float, inner: float, end: float) -> dict[str, Edit]:
    shares = {START: start, INNER: inner, END: end}
    forms: list[tuple[str, str, str, float]] = []
    for i in range(len(watched)):
        for size in (1, 2, 3):
            part = watched[i : i + size]
            if len(part) < size:
                continue
            place = START if i == 0 and size < len(watched) else place_of(i + size - 1, len(watched))
            for other, strength in seen_alike().get(part, ()):
                forms.append((watched[:i] + other + watched[i + size :], "homoglyph", place, 3.0 ** (strength - 1)))
                if watched.count(part) > 1:
                    forms.append((watched.replace(part, other), "homoglyph", place, 1.5 ** (strength - 1)))
            for other in heard_alike().get(part, ()):
                changed = watched[:i] + other + watched[i + size :]
                forms.append((changed, "sound_alike", place, 3.0 if part in "ck" else 1.0))
    totals: dict[tuple[str, str], float] = {}
    for _, technique, place, weight in forms:
        totals[technique, place] = totals.get((technique, place), 0.0) + weight
    share = {"homoglyph": looks, "sound_alike": sounds}
    table: dict[str, Edit] = {}
    for form, technique, place, weight in forms:
        here = sum(shares[p] for t, p in totals if t == technique)
        bits = log2(share[technique] * shares[place] / here * weight / totals[technique, place])
        if form != watched and (form not in table or table[form].bits < bits):
            table[form] = Edit(technique, max(1, OSA.distance(watched, form)), bits)
    return table


def alike_forms(watched: str, priors: Priors) -> dict[str, Edit]:
    """Every form of the label with one letter group (or all of its kind) replaced by one that looks or sounds alike."""
    shares, places = priors.technique_shares, priors.place_shares
    return _alike_forms(watched, shares["homoglyph"], shares["sound_alike"], places[START], places[INNER], places[END])
