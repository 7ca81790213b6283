"""From labelled lookalikes to counted cases, for learning priors. Names go in, techniques and suffixes come out."""

from collections.abc import Iterable, Iterator

from tracker.lookalikes.generator import origin_of
from tracker.lookalikes.priors import ASSUMED_PLACES, ASSUMED_TECHNIQUES, EDITED, Case
from tracker.lookalikes.suffixes import Suffixes
from tracker.lookalikes.techniques import TECHNIQUES


def cases(pairs: Iterable[tuple[str, str]], suffixes: Suffixes) -> Iterator[Case]:
    """One case per (lookalike, brand) pair of A-label names. A label that no technique makes counts for its suffix."""
    for lookalike, brand in pairs:
        split = suffixes.split(lookalike)
        origin = origin_of(brand, suffixes)
        best = (0.0, "unexplained", "")
        for technique, make in TECHNIQUES.items():
            made = list(make(origin))
            for variant in made:
                if variant.label == split.label:
                    place = ASSUMED_PLACES[variant.place] if technique in EDITED else 1.0
                    share = ASSUMED_TECHNIQUES[technique] * place * variant.weight / sum(v.weight for v in made)
                    best = max(best, (share, technique, variant.place if technique in EDITED else ""))
        yield Case(best[1], best[2], split.suffix)
