"""How likely each technique and each suffix is, learned from published cases and stated in `priors.toml`."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from math import log2
from types import MappingProxyType

from tracker.lookalikes.suffixes import Suffixes
from tracker.lookalikes.words import registries

# What is assumed before any case is counted, in cases, after the kinds of change that public reports name: repeated,
# added, dropped and replaced letters first, most of them at the end; then hyphens, affixes, letters that look alike.
# Bit flips have never been published and do not exist here; vowel swaps and swapped letters next to never.
ASSUMED_TECHNIQUES: Mapping[str, float] = MappingProxyType(
    {"same_label": 60.0, "repetition": 4.0, "omission": 2.0, "replacement": 3.0, "insertion": 3.0, "homoglyph": 2.0}
    | {"hyphenation": 4.0, "affix": 4.0, "country_code": 0.5, "folded_suffix": 1.5, "transposition": 0.3}
    | {"vowel_swap": 0.2, "sound_alike": 1.0, "token_order": 0.2, "transliteration": 0.3, "suffix_label": 0.5}
)
ASSUMED_PLACES: Mapping[str, float] = MappingProxyType({"start": 0.5, "inner": 3.0, "end": 4.0})

# Who can buy below a suffix, with the distinct suffixes assumed to have been used before any case is counted.
ASSUMED_CLASSES: Mapping[str, float] = MappingProxyType(
    {"legacy": 1.0, "country_open": 4.0, "open": 10.0, "country": 0.3, "kept": 1.5, "kept_private": 1.0, "idn": 0.05}
    | {"closed": 0.1, "below": 0.3, "platform": 0.1}
)


@dataclass(frozen=True, slots=True)
class Case:
    """One labelled lookalike, reduced to what is counted: no name is kept."""

    technique: str
    place: str
    suffix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Priors:
    """Counts of published cases. `unseen` is how many cases' worth of belief goes to suffixes that were never used."""

    techniques: Mapping[str, int]
    places: Mapping[str, int]
    suffixes: Mapping[str, int]
    unseen: float
    provenance: str = ""
    technique_shares: Mapping[str, float] = field(init=False, repr=False)
    place_shares: Mapping[str, float] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "technique_shares", _shares(self.techniques, ASSUMED_TECHNIQUES))
        object.__setattr__(self, "place_shares", _shares(self.places, ASSUMED_PLACES))

    @classmethod
    def learned(cls, cases: Iterable[Case], provenance: str = "") -> Priors:
        """Count the cases. Belief in unseen suffixes is the Good-Turing share: as many as were used exactly once."""
        cases = list(cases)
        suffixes = Counter(case.suffix for case in cases)
        return cls(
            techniques=dict(sorted(Counter(case.technique for case in cases).items())),
            places=dict(
                sorted(Counter(case.place for case in cases if case.place and case.technique in EDITED).items())
            ),
            suffixes=dict(sorted(suffixes.items())),
            unseen=float(max(1, sum(count == 1 for count in suffixes.values()))),
            provenance=provenance,
        )

    @classmethod
    def bundled(cls) -> Priors:
        """What was learned from the published cases; `provenance` says from which."""
        return _bundled_priors()

    def technique(self, technique: str) -> float:
        """Probability that a lookalike is made by the technique."""
        return self.technique_shares[technique]

    def place(self, place: str) -> float:
        """Probability that a one-letter change sits at the start, inside, or at the end."""
        return self.place_shares[place]

    def suffix_bits(self, suffixes: Suffixes, among: Iterable[str]) -> tuple[tuple[float, str], ...]:
        """Log2 probability of each suffix, likeliest first, ties by name. Unused ones share their class's mass."""
        every = tuple(among)
        kept = frozenset(suffixes.kept)
        classes = {suffix: suffix_class(suffix, suffixes, kept) for suffix in every}
        sizes = Counter(classes.values())
        used: Counter[str] = Counter()
        for suffix in self.suffixes:
            used[suffix_class(suffix, suffixes, kept)] += 1
        mass = {name: used[name] + assumed for name, assumed in ASSUMED_CLASSES.items()}
        per_class = {name: self.unseen * mass[name] / sum(mass.values()) / size for name, size in sizes.items()}
        total = sum(self.suffixes.values()) + self.unseen
        bits = [(log2((self.suffixes.get(s, 0) + per_class[classes[s]]) / total), s) for s in every]
        return tuple(sorted(bits, key=lambda pair: (-pair[0], pair[1])))

    def to_toml(self) -> str:
        """The text of `priors.toml`."""
        lines = [f"# {line}" for line in self.provenance.splitlines()]
        lines += ["", f"unseen = {self.unseen}"]
        for title, table in (("techniques", self.techniques), ("places", self.places), ("suffixes", self.suffixes)):
            lines += ["", f"[{title}]", *(f'"{key}" = {count}' for key, count in table.items())]
        return "\n".join(lines) + "\n"


def _shares(counts: Mapping[str, int], assumed: Mapping[str, float]) -> Mapping[str, float]:
    """Counted plus assumed cases as probabilities; a kind that nothing is assumed of counts in the whole only."""
    total = sum(counts.values()) + sum(assumed.values())
    return MappingProxyType({key: (counts.get(key, 0) + cases) / total for key, cases in assumed.items()})


EDITED = frozenset(
    {"repetition", "omission", "replacement", "insertion", "homoglyph", "sound_alike", "transposition", "vowel_swap"}
)
"""Techniques that change letters at a place."""


def suffix_class(suffix: str, suffixes: Suffixes, kept: frozenset[str]) -> str:
    """Who can buy below the suffix; the key of `ASSUMED_CLASSES`."""
    if suffix in suffixes.private:
        return "kept_private" if suffix in kept else "platform"
    if "." in suffix:
        return "kept" if suffix in kept else "below"
    if suffix.startswith("xn--"):
        return "idn"
    return registries().get(suffix, "country" if len(suffix) == 2 else "closed")


@cache
def _bundled_priors() -> Priors:
    text = resources.files(__package__).joinpath("priors.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return Priors(
        techniques=table["techniques"],
        places=table["places"],
        suffixes=table["suffixes"],
        unseen=table["unseen"],
        provenance="\n".join(line[2:] for line in text.splitlines() if line.startswith("# ")),
    )
