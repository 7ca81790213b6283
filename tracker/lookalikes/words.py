"""The words that names are made of: affixes by language, country codes, registries by who can buy there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

# Countries whose readers such operations are known to address; the order means nothing.
_ADDRESSED = (
    "de",
    "fr",
    "ua",
    "us",
    "uk",
    "eu",
    "it",
    "pl",
    "il",
    "es",
    "ru",
    "en",
    "tr",
    "at",
    "ch",
    "lv",
    "lt",
    "ee",
    "nl",
    "be",
)


@dataclass(frozen=True, slots=True)
class Words:
    """Affixes and country codes with relative weights. `in` asks whether a text is one of the affixes."""

    affixes: Mapping[str, float]
    countries: Mapping[str, float]

    def __contains__(self, text: object) -> bool:
        return text in self.affixes

    @classmethod
    def bundled(cls) -> Words:
        """The lists kept beside this module."""
        return _bundled_words()


@cache
def _bundled_words() -> Words:
    affixes: dict[str, float] = {}
    for line in _text("affixes.txt").splitlines():
        language, colon, words = line.partition(":")
        if colon and not line.startswith("#"):
            for place, word in enumerate(words.split()):
                affixes.setdefault(word, (4 if language in {"any", "en"} else 2) / (1 + place / 8))
    countries = {code: 1.0 for code in registries() if len(code) == 2} | dict.fromkeys(_ADDRESSED, 4.0)
    return Words(MappingProxyType(affixes), MappingProxyType(countries))


@cache
def registries() -> Mapping[str, str]:
    """Top-level domain to the section it stands in: `legacy`, `country_open` or `open`. Absent means closed."""
    section, found = "", dict[str, str]()
    for line in _text("registries.txt").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            found |= dict.fromkeys(line.split(), section)
    return MappingProxyType(found)


def _text(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
