"""Pages that are nobody's content: banners, parking, defaults, walls. By phrases per language, each with its reason."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from tracker.decoders.whois_dates import fold

_Phrases = tuple[tuple[str, str, str], ...]  # kind, language, folded phrase; in the order in which they are tried


def kind_of(title: str, text: str, source: str = "") -> tuple[str, str]:
    """Kind of a page and the phrase that decided, as `language: phrase`; both empty for content of somebody's own.

    A long text is content, whatever it mentions. A page of hardly a word may be told by a mark in its `source`.
    """
    limit, phrases = _phrases()
    said = fold(f"{title} {text}")
    words = len(said.split())
    if words > limit:
        return "", ""
    for kind, language, phrase in phrases:
        if phrase in said:
            return kind, f"{language}: {phrase}"
    few, marks = _marks()
    held = source.lower() if words <= few else ""
    return next(((kind, f"source: {mark}") for kind, mark in marks if mark in held), ("", ""))


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("page_phrases.toml").read_text(encoding="utf-8"))


@cache
def _marks() -> tuple[int, tuple[tuple[str, str], ...]]:
    marks = dict(_table()["marks"])
    few = int(marks.pop("words"))
    return few, tuple((kind, mark) for kind, held in marks.items() for mark in held)


@cache
def _phrases() -> tuple[int, _Phrases]:
    table = _table()
    kinds: Mapping[str, Mapping[str, list[str]]] = table["kinds"]
    rows = [
        (kind, language, fold(phrase))
        for kind, languages in kinds.items()
        for language, phrases in languages.items()
        for phrase in phrases
    ]
    return table["limit"], tuple(rows)
