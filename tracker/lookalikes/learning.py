"""From labelled lookalikes to counted cases, for learning priors. Names go in, techniques and suffixes come out."""

from collections.abc import Iterable, Iterator

from tracker.lookalikes.generator import origin_of
from tracker.lookalikes.priors import ASSUMED_PLACES, ASSUMED_TECHNIQUES, EDITED, Case
from tracker.lookalikes.suffixes import Suffixes
from tracker.lookalikes.techniques import TECHNIQUES

Explained = tuple[float, str, str]
"""How a label is explained: weight of the explanation, technique, place."""


def cases(pairs: Iterable[tuple[str, str]], suffixes: Suffixes) -> Iterator[Case]:
    """One case per (lookalike, brand) pair of A-label names. A label that no technique makes counts for its suffix."""
    known: dict[str, dict[str, Explained]] = {}
    for lookalike, brand in pairs:
        if brand not in known:
            known[brand] = _explained(brand, suffixes)
        split = suffixes.split(lookalike)
        _, technique, place = known[brand].get(split.label, (0.0, "unexplained", ""))
        yield Case(technique, place, split.suffix)


def _explained(brand: str, suffixes: Suffixes) -> dict[str, Explained]:
    """The likeliest technique for each label that could stand in for the brand's, by what is assumed."""
    best: dict[str, Explained] = {}
    origin = origin_of(brand, suffixes)
    for technique, make in TECHNIQUES.items():
        made = list(make(origin))
        total = sum(variant.weight for variant in made)
        for variant in made:
            edited = technique in EDITED
            share = ASSUMED_TECHNIQUES[technique] * (ASSUMED_PLACES[variant.place] if edited else 1.0)
            found = (share * variant.weight / total, technique, variant.place if edited else "")
            best[variant.label] = max(best.get(variant.label, found), found)
    return best
