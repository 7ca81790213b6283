"""What a published list says, whatever its format: names, each with the row that states it and the cell as written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from tracker.decoders.namelist import Problem
from tracker.model.names import DomainName, NotAName, checked, parse, refang
from tracker.model.times import When
from tracker.model.watching import Pap, Tlp


class NotThatList(ValueError):
    """The text has not the shape of such a list, as a whole; the message says what it lacks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One row's word about one name. `place` finds the row again, `raw` is the cell as written.

    `when` is the list's own date: a day of registration if `registered`, else a first sight that somebody claims.
    """

    name: DomainName
    place: str
    raw: str = ""
    when: When | None = None
    registered: bool = False
    replaces: DomainName | None = None
    tlp: Tlp = Tlp.CLEAR
    pap: Pap = Pap.CLEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Statements in the order of the list. `rows` counts what was recognised as a row, with a name in it or not."""

    statements: tuple[Statement, ...]
    rows: int
    problems: tuple[Problem, ...] = ()
    title: str = ""


@cache
def platforms() -> frozenset[str]:
    """Registrable names of services that everybody uses: an account there makes nobody the owner of the name."""
    lines = files("tracker.decoders").joinpath("platforms.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def on_platform(name: DomainName) -> bool:
    """Whether the name is a platform's, or below one."""
    labels = name.split(".")
    return any(".".join(labels[start:]) in platforms() for start in range(len(labels)))


def name_in(cell: str) -> DomainName | None:
    """The name that a cell consists of: bare, defanged, or the host of a URL; None for anything else."""
    word = cell.strip().strip("`'\"<>“”,;").rstrip(".")
    if not word or len(word.split()) != 1 or "@" in refang(word).split("//", 1)[-1].split("/", 1)[0]:
        return None
    try:
        return parse(word)
    except NotAName:
        return None


def without_www(name: DomainName) -> DomainName:
    """The name without the `www.` that people write before it."""
    bare = name.removeprefix("www.")
    return checked(bare) if "." in bare else name


def document(text: str) -> Any:
    """JSON of whatever shape; raises NotThatList."""
    try:
        return orjson.loads(text.removeprefix("\ufeff"))
    except ValueError as error:
        raise NotThatList(f"no JSON: {str(error)[:80]}") from error


def table(value: object) -> Mapping[str, Any]:
    """The value if it is an object, else an empty one: people's JSON has surprises."""
    return value if isinstance(value, dict) else {}


def tables(value: object) -> Iterator[Mapping[str, Any]]:
    """The objects of an array; none for anything else."""
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def words(value: object) -> str:
    """A text as it is, anything else as empty."""
    return value if isinstance(value, str) else ""
