"""Nouns as flat rows with typed columns, so that a person who opens the file can read it, and back."""

import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import cache, lru_cache
from hashlib import blake2b
from sys import intern
from types import MappingProxyType, NoneType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from sqlalchemy import RowMapping

from tracker.model.facts import NO_FACTS, Facts, canonical
from tracker.model.times import Bounds, Precision, When, utc

Row = Mapping[str, Any] | RowMapping
Noun = TypeVar("Noun")


NAMES = frozenset(
    {
        "name",
        "domain",
        "watch_key",
        "action_id",
        "operation_id",
        "predecessor",
        "rule_id",
        "policy",
        "start_basis",
        "source",
    }
)
"""Texts that stand in many rows: one object in memory for each."""
SHARED = 256
"""Lists of each column that are made once for all rows that hold the same."""


@dataclass(frozen=True, slots=True)
class _Field:
    """How one field of a noun becomes columns: `write` gives a value per column, `read` takes them back."""

    name: str
    columns: tuple[str, ...]
    write: Callable[[Any], tuple[Any, ...]]
    read: Callable[..., Any]


def to_row(noun: object) -> dict[str, Any]:
    """Its columns. Bounds give `_lo` and `_hi`, a When `_at` and `_precision`, a length `_s`; a list is JSON."""
    row: dict[str, Any] = {}
    for part in _parts(type(noun)):
        row.update(zip(part.columns, part.write(getattr(noun, part.name)), strict=True))
    return row


def from_row(kind: type[Noun], row: Row) -> Noun:
    """The noun of a row that `to_row` made; columns that belong to the table alone are passed over."""
    return kind(**{part.name: part.read(*(row[column] for column in part.columns)) for part in _parts(kind)})


def reader(kind: type[Noun], columns: Sequence[str]) -> Callable[[Sequence[Any]], Noun]:
    """`from_row` for many rows of one query, which have their values in the order of `columns`."""
    place = {column: number for number, column in enumerate(columns)}
    placed = [(part.name, tuple(place[column] for column in part.columns), part.read) for part in _parts(kind)]
    plain = [(name, places[0]) for name, places, read in placed if read is _as_it_is]
    single = [(name, places[0], read) for name, places, read in placed if read is not _as_it_is and len(places) == 1]
    several = [(name, places, read) for name, places, read in placed if len(places) > 1]

    def read_row(row: Sequence[Any]) -> Noun:
        values = {name: row[number] for name, number in plain}
        for name, number, read in single:
            values[name] = read(row[number])
        for name, places, read in several:
            values[name] = read(*[row[number] for number in places])
        return kind(**values)

    return read_row


def columns_of(kind: type) -> tuple[str, ...]:
    """The names of the columns that `to_row` gives."""
    return tuple(column for part in _parts(kind) for column in part.columns)


def read_facts(text: str) -> Facts:
    """Facts from their canonical text."""
    if text == "{}":
        return NO_FACTS
    return MappingProxyType({intern(key): tuple(map(intern, values)) for key, values in json.loads(text).items()})


def digest(row: object) -> bytes:
    """Sixteen bytes that stand for a row's content: equal rows give equal bytes, in every process."""
    return blake2b(json.dumps(row, default=_plain, separators=(",", ":")).encode(), digest_size=16).digest()


def _parts(kind: type) -> tuple[_Field, ...]:
    return _parts_of(cast("Hashable", kind))


@cache
def _parts_of(kind: Any) -> tuple[_Field, ...]:
    hints = get_type_hints(kind)
    return tuple(_part(item.name, hints[item.name]) for item in fields(kind))


def _part(name: str, hint: Any) -> _Field:
    inner, optional = _without_none(hint)
    if inner in (Bounds, When):
        return _bounds(name, optional) if inner is Bounds else _when(name)
    if get_origin(inner) is tuple:
        return _list(name, get_args(inner)[0])
    if get_origin(inner) is Mapping:
        return _Field(name, (name,), lambda facts: (canonical(facts),), read_facts) if inner == Facts else _texts(name)
    if is_dataclass(inner) and isinstance(inner, type):
        return _nested(name, inner)
    return _single(name, inner)


def _single(name: str, kind: Any) -> _Field:
    if kind is timedelta:
        return _Field(name, (f"{name}_s",), _seconds, lambda s: None if s is None else timedelta(seconds=s))
    if kind is datetime:
        return _Field(name, (name,), lambda value: (None if value is None else utc(value),), _as_it_is)
    if isinstance(kind, type) and issubclass(kind, Enum):
        members = {None: None} | {member.value: member for member in kind}
        return _Field(name, (name,), _value, lambda value: members[value] if value in members else kind(value))
    if name in NAMES:
        return _Field(name, (name,), lambda value: (value,), lambda value: None if value is None else intern(value))
    return _Field(name, (name,), lambda value: (value,), _as_it_is)


def _as_it_is(value: Any) -> Any:
    return value


def _texts(name: str) -> _Field:
    return _Field(name, (name,), lambda mapping: (_json(dict(sorted(mapping.items()))),), json.loads)


def _without_none(hint: Any) -> tuple[Any, bool]:
    """The type that may be None, and whether it may."""
    kinds = [kind for kind in get_args(hint) if kind is not NoneType]
    optional = len(kinds) == 1 and NoneType in get_args(hint)
    inner = kinds[0] if optional else hint
    return getattr(inner, "__supertype__", inner), optional


def _bounds(name: str, optional: bool) -> _Field:
    low, high = f"{name}_lo", f"{name}_hi"
    if not optional:
        return _Field(name, (low, high), lambda bounds: (bounds.lo, bounds.hi), Bounds)
    # No bounds at all is another statement than bounds open on both sides, so it has a column.
    return _Field(
        name,
        (f"{name}_known", low, high),
        lambda bounds: (False, None, None) if bounds is None else (True, bounds.lo, bounds.hi),
        lambda known, lo, hi: Bounds(lo, hi) if known else None,
    )


def _when(name: str) -> _Field:
    return _Field(
        name,
        (f"{name}_at", f"{name}_precision"),
        lambda when: (None, None) if when is None else (when.at, when.precision.value),
        lambda at, precision: None if at is None else When(at, Precision(precision)),
    )


def _list(name: str, item: Any) -> _Field:
    if is_dataclass(item) and isinstance(item, type):
        return _Field(
            name,
            (name,),
            lambda values: (_json([list(to_row(value).values()) for value in values]),),
            # The sources of two thousand rows are mostly one and the same list.
            lru_cache(SHARED)(
                lambda text: tuple(_from_list(item, values) for values in json.loads(text, object_hook=_from_tagged))
            ),
        )
    make = item if isinstance(item, type) and issubclass(item, Enum) else str
    return _Field(
        name,
        (name,),
        lambda values: (_json(list(values)),),
        lru_cache(SHARED)(lambda text: tuple(map(make, json.loads(text)))),
    )


def _from_list(kind: type[Noun], values: Sequence[Any]) -> Noun:
    """Fields that came later are at the end, and lists stored before are shorter."""
    row = dict(zip(columns_of(kind), values, strict=False))
    known = (part for part in _parts(kind) if row.keys() >= set(part.columns))
    return kind(**{part.name: part.read(*(row[column] for column in part.columns)) for part in known})


def _nested(name: str, kind: type) -> _Field:
    names = [part.name for part in fields(kind)]
    columns = tuple(part if part.startswith(name) else f"{name}_{part}" for part in names)
    return _Field(name, columns, lambda value: tuple(getattr(value, part) for part in names), kind)


def _seconds(length: timedelta | None) -> tuple[float | None]:
    return (None if length is None else length.total_seconds(),)


def _value(member: Enum | None) -> tuple[Any]:
    return (None if member is None else member.value,)


def _json(value: object) -> str:
    return json.dumps(value, default=_tagged, ensure_ascii=False, separators=(",", ":"))


def _tagged(value: object) -> dict[str, str]:
    """Inside JSON a moment is an object, because a text could be anything."""
    if isinstance(value, datetime):
        return {"utc": utc(value).isoformat()}
    raise TypeError(f"no JSON for {type(value).__name__}")


def _from_tagged(value: dict[str, Any]) -> object:
    return datetime.fromisoformat(value["utc"]) if "utc" in value else value


def _plain(value: object) -> str:
    """Content that JSON has no word for; moments in UTC, because the same instant may come in any zone."""
    if isinstance(value, datetime):
        return utc(value).isoformat()
    raise TypeError(f"no digest for {type(value).__name__}")
