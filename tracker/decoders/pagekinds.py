"""Pages that are nobody's content: banners, parking, defaults, walls. By phrases per language, each with its reason."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from tracker.decoders.whois_dates import fold

_Phrases = tuple[tuple[str, str, str], ...]  # kind, language, folded phrase; in the order in which they are tried


def kind_of(title: str, text: str) -> tuple[str, str]:
    """Kind of a page and the phrase that decided, as `language: phrase`; both empty for content of somebody's own.

    A long text is content, whatever it mentions.
    """
    limit, phrases = _phrases()
    said = fold(f"{title} {text}")
    if len(said.split()) > limit:
        return "", ""
    return next(((kind, f"{language}: {phrase}") for kind, language, phrase in phrases if phrase in said), ("", ""))


@cache
def _phrases() -> tuple[int, _Phrases]:
    table = tomllib.loads(resources.files(__package__).joinpath("page_phrases.toml").read_text(encoding="utf-8"))
    kinds: Mapping[str, Mapping[str, list[str]]] = table["kinds"]
    rows = [
        (kind, language, fold(phrase))
        for kind, languages in kinds.items()
        for language, phrases in languages.items()
        for phrase in phrases
    ]
    return table["limit"], tuple(rows)
