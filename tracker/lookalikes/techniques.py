"""How a label is made to look like another: one function per technique, each yielding labels with relative weights.

Weights are relative within one technique; `priors` says how much of all lookalikes each technique makes.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import permutations, product
from types import MappingProxyType
from typing import NamedTuple

from tracker.lookalikes.letters import (
    CYRILLIC_LOOK,
    LETTERS,
    MARKED,
    VOWELS,
    heard_alike,
    neighbours,
    romanised,
    seen_alike,
)
from tracker.lookalikes.words import Words

END, START, INNER = "end", "start", "inner"


class Variant(NamedTuple):
    """A label that could stand in for another. `place` is where it differs; `reason` is for human eyes."""

    label: str
    technique: str
    place: str
    weight: float
    reason: str


class Origin(NamedTuple):
    """What is imitated: the label as people read it, its public suffix ("" for a bare label), and the words known."""

    label: str
    suffix: str
    words: Words


def place_of(position: int, length: int) -> str:
    """Where in a label of `length` letters a change sits; the last letter is END, also when it is the only one."""
    return END if position >= length - 1 else START if position == 0 else INNER


def same_label(origin: Origin) -> Iterator[Variant]:
    """The label as it is; the suffix does the work."""
    yield Variant(origin.label, "same_label", INNER, 1, "same label under another suffix")


def repetition(origin: Origin) -> Iterator[Variant]:
    """One letter doubled."""
    label = origin.label
    for i, letter in enumerate(label):
        if letter != "-":
            yield Variant(
                f"{label[:i]}{letter}{label[i:]}", "repetition", place_of(i, len(label)), 1, f"{letter} doubled"
            )


def omission(origin: Origin) -> Iterator[Variant]:
    """One letter left out."""
    label = origin.label
    for i, letter in enumerate(label):
        if letter != "-":
            yield Variant(label[:i] + label[i + 1 :], "omission", place_of(i, len(label)), 1, f"{letter} left out")


def replacement(origin: Origin) -> Iterator[Variant]:
    """One letter replaced; keys beside it are likelier slips than the rest."""
    label, near = origin.label, neighbours()
    for i, letter in enumerate(label):
        if letter == "-":
            continue
        place, beside = place_of(i, len(label)), near.get(letter, "")
        for other in LETTERS:
            if other != letter:
                weight = 3 if other in beside else 1
                yield Variant(
                    label[:i] + other + label[i + 1 :], "replacement", place, weight, f"{letter} replaced by {other}"
                )


def insertion(origin: Origin) -> Iterator[Variant]:
    """One letter added; keys beside its neighbours are likelier slips than the rest."""
    label, near = origin.label, neighbours()
    for i in range(len(label) + 1):
        place = END if i == len(label) else START if i == 0 else INNER
        beside = near.get(label[i - 1], "") if i else ""
        if i < len(label):
            beside += near.get(label[i], "")
        for other in LETTERS:
            weight = 3 if other in beside else 1
            yield Variant(label[:i] + other + label[i:], "insertion", place, weight, f"{other} added")


def transposition(origin: Origin) -> Iterator[Variant]:
    """Two neighbouring letters swapped."""
    label = origin.label
    for i in range(len(label) - 1):
        a, b = label[i], label[i + 1]
        if a != b and "-" not in (a, b):
            place = place_of(i + 1, len(label)) if i else START
            yield Variant(label[:i] + b + a + label[i + 2 :], "transposition", place, 1, f"{a} and {b} swapped")


def vowel_swap(origin: Origin) -> Iterator[Variant]:
    """One vowel for another."""
    label = origin.label
    for i, letter in enumerate(label):
        if letter in VOWELS:
            for other in VOWELS:
                if other != letter:
                    place = place_of(i, len(label))
                    yield Variant(
                        label[:i] + other + label[i + 1 :], "vowel_swap", place, 1, f"vowel {letter} became {other}"
                    )


def hyphenation(origin: Origin) -> Iterator[Variant]:
    """A hyphen added (between words first), taken away, or moved."""
    label, words = origin.label, origin.words
    tokens = label.split("-")
    joined = "".join(tokens)
    if len(tokens) > 1:
        yield Variant(joined, "hyphenation", INNER, 12, "hyphens taken away")
        for i in range(1, len(tokens) if len(tokens) > 2 else 1):
            fused = "-".join([*tokens[: i - 1], tokens[i - 1] + tokens[i], *tokens[i + 1 :]])
            yield Variant(fused, "hyphenation", INNER, 6, "a hyphen taken away")
    for i in range(1, len(joined)):
        between = joined[:i] in words or joined[i:] in words
        if len(tokens) == 1:
            yield Variant(f"{joined[:i]}-{joined[i:]}", "hyphenation", INNER, 16 if between else 1, "a hyphen added")
        elif len(tokens) == 2 and i != len(tokens[0]):
            yield Variant(f"{joined[:i]}-{joined[i:]}", "hyphenation", INNER, 0.3, "the hyphen moved")


def homoglyph(origin: Origin) -> Iterator[Variant]:
    """Letters that look like others, one at a time; the same everywhere; marked letters; all Cyrillic."""
    label, alike = origin.label, seen_alike()
    for i in range(len(label)):
        for size in (1, 2):
            part = label[i : i + size]
            for other, strength in alike.get(part, ()) if len(part) == size else ():
                changed = label[:i] + other + label[i + size :]
                weight, place = 3.0 ** (strength - 1), place_of(i + size - 1, len(label)) if i else START
                yield Variant(changed, "homoglyph", place, weight, f"{part} became {other}")
                if label.count(part) > 1:
                    every = label.replace(part, other)
                    yield Variant(every, "homoglyph", INNER, weight / 2, f"every {part} became {other}")
    for i, letter in enumerate(label):
        for other in MARKED.get(letter, ""):
            marked = label[:i] + other + label[i + 1 :]
            yield Variant(marked, "homoglyph", place_of(i, len(label)), 0.05, f"{letter} became {other}")
    cyrillic = "".join(
        CYRILLIC_LOOK.get(letter, "") or (letter if letter in "-0123456789" else "?") for letter in label
    )
    if "?" not in cyrillic and not cyrillic.isascii():
        yield Variant(cyrillic, "homoglyph", INNER, 1, "Cyrillic letters that look Latin")


def sound_alike(origin: Origin) -> Iterator[Variant]:
    """A letter group written as another that sounds the same."""
    label, alike = origin.label, heard_alike()
    for i in range(len(label)):
        for size in (1, 2, 3):
            part = label[i : i + size]
            for other in alike.get(part, ()) if len(part) == size else ():
                changed, place = (
                    label[:i] + other + label[i + size :],
                    place_of(i + size - 1, len(label)) if i else START,
                )
                yield Variant(changed, "sound_alike", place, 3 if part in "ck" else 1, f"{part} written {other}")


def affix(origin: Origin) -> Iterator[Variant]:
    """A word of the trade before or after, with a hyphen or joined; or one letter after a hyphen."""
    label = origin.label
    for word, weight in origin.words.affixes.items():
        if word in (label, origin.suffix):
            continue
        for changed, form in (
            (f"{label}-{word}", 3),
            (f"{label}{word}", 2),
            (f"{word}-{label}", 1),
            (f"{word}{label}", 1),
        ):
            yield Variant(changed, "affix", END if form > 1 else START, weight * form, f"{word} joined on")
    for letter in LETTERS:
        yield Variant(f"{label}-{letter}", "affix", END, 8 if letter == label[-1] else 1, f"-{letter} joined on")


def country_code(origin: Origin) -> Iterator[Variant]:
    """A country's code before or after."""
    label = origin.label
    for code, weight in origin.words.countries.items():
        if code != origin.suffix.rpartition(".")[2]:
            for changed, form in (
                (f"{label}-{code}", 3),
                (f"{label}{code}", 2),
                (f"{code}-{label}", 1),
                (f"{code}{label}", 1),
            ):
                yield Variant(changed, "country_code", END if form > 1 else START, weight * form, f"{code} joined on")


def folded_suffix(origin: Origin) -> Iterator[Variant]:
    """The original's own suffix, or a part of it, folded into the label."""
    label = origin.label
    parts = [part for part in origin.suffix.split(".") if part and not part.startswith("xn--")]
    last = len(parts) - 1
    folds = {part: 6 if i == last else 2 for i, part in enumerate(parts)}
    if last > 0:
        folds |= {"-".join(parts): 1, "".join(parts): 1}
    for fold, weight in folds.items():
        for changed, form in (
            (f"{label}-{fold}", 4),
            (f"{label}{fold}", 3),
            (f"{fold}-{label}", 2),
            (f"{fold}{label}", 1),
        ):
            yield Variant(
                changed, "folded_suffix", END if form > 2 else START, weight * form, f"suffix {fold} folded in"
            )


def token_order(origin: Origin) -> Iterator[Variant]:
    """The words in another order."""
    tokens = origin.label.split("-")
    if len(tokens) == 1:
        label, words = origin.label, origin.words
        cuts = [i for i in range(2, len(label) - 1) if label[:i] in words or label[i:] in words]
        splits = [[label[:i], label[i:]] for i in cuts]
    else:
        splits = [tokens] if len(tokens) <= 4 else []
    for split in splits:
        for order in permutations(split):
            if list(order) != split:
                for glue in ("-", ""):
                    yield Variant(glue.join(order), "token_order", INNER, 1, "words in another order")


def transliteration(origin: Origin) -> Iterator[Variant]:
    """A Cyrillic or Greek label in Latin letters; the commonest spelling weighs most."""
    if not origin.label.isascii():
        for i, spelling in enumerate(romanised(origin.label)):
            yield Variant(spelling, "transliteration", INNER, 1 / (1 + i), "written in Latin letters")


def suffix_label(origin: Origin) -> Iterator[Variant]:
    """The public suffix's own label, where an office sits below one (a ministry below gouv.fr)."""
    head, dot, _ = origin.suffix.partition(".")
    if dot and len(head) > 3:
        yield Variant(head, "suffix_label", INNER, 1, f"label of the suffix {origin.suffix}")


TECHNIQUES: Mapping[str, Callable[[Origin], Iterator[Variant]]] = MappingProxyType(
    {
        "same_label": same_label,
        "repetition": repetition,
        "omission": omission,
        "homoglyph": homoglyph,
        "sound_alike": sound_alike,
        "vowel_swap": vowel_swap,
        "transposition": transposition,
        "replacement": replacement,
        "insertion": insertion,
        "hyphenation": hyphenation,
        "token_order": token_order,
        "folded_suffix": folded_suffix,
        "country_code": country_code,
        "affix": affix,
        "transliteration": transliteration,
        "suffix_label": suffix_label,
    }
)
"""Stable ids of the techniques, the more telling first: a label that two of them make is put down to the likelier."""

COMBINABLE = frozenset({"homoglyph", "repetition", "sound_alike"})
"""Techniques that are also tried on top of another one: office.gov.example as office-qov."""

EDITS = frozenset(TECHNIQUES) - {"same_label", "suffix_label"}
"""Techniques that change the label."""


def combined(origin: Origin, firsts: list[Variant]) -> Iterator[tuple[Variant, Variant]]:
    """Second steps on top of first ones, as pairs (first, second); the second's label is the result."""
    for first, technique in product(firsts, sorted(COMBINABLE)):
        if first.technique != technique and first.label.isascii():
            for second in TECHNIQUES[technique](Origin(first.label, origin.suffix, origin.words)):
                if second.label.isascii():
                    yield first, second
