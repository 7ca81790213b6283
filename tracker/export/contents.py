"""What stands in `report.json`, written from the classes it is made of, so that it cannot lag behind."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from inspect import cleandoc
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from tracker.export.context import ReportContext
from tracker.model.names import DomainName

PREFACE = """# Contents of report.json

Written from the program by `make docs`. One object, the first below; its keys are always the same. Moments are UTC
(`2024-09-05T06:00:00Z`), lengths of time are seconds, names are real because this is data, and what is not known is
`null`, never zero. A pair `lo`, `hi` (or `*_lo`, `*_hi`) is a lower and an upper bound; an end that is `null` is open.
The page and the Markdown print these values and compute none.
"""

WRITTEN: Mapping[Any, str] = {
    DomainName: "domain name",
    str: "text",
    int: "integer",
    float: "number",
    bool: "`true` or `false`",
    datetime: "moment",
    timedelta: "seconds",
    NoneType: "`null`",
}


def contents() -> str:
    """The page as Markdown: one section per kind of object, in the order in which they are met."""
    return "\n".join([PREFACE, *(line for kind in kinds(ReportContext) for line in _section(kind))])


def kinds(root: type) -> tuple[type, ...]:
    """The class and all that its fields are made of."""
    found = {root: None}
    waiting = [root]
    while waiting:
        for kind in _of_fields(waiting.pop(0)):
            if kind not in found:
                found[kind] = None
                waiting.append(kind)
    return tuple(found)


def _of_fields(kind: type) -> Iterator[type]:
    pending = list(get_type_hints(kind).values())
    while pending:
        hint = pending.pop(0)
        if isinstance(hint, type) and is_dataclass(hint):
            yield hint
        pending[:0] = get_args(hint)


def _section(kind: type) -> Iterator[str]:
    hints = get_type_hints(kind)
    yield f"## {kind.__name__}\n"
    yield cleandoc(kind.__doc__ or "")
    yield "\n| key | written as |\n| --- | --- |"
    for field in fields(kind):
        yield f"| `{field.name}` | {_written(hints[field.name])} |"
    yield ""


def _written(hint: Any) -> str:
    inner = [_written(part) for part in get_args(hint) if part is not Ellipsis]
    match get_origin(hint):
        case origin if origin in (UnionType, Union):
            return " or ".join(inner)
        case origin if origin is tuple:
            return f"list of {inner[0]}"
        case origin if isinstance(origin, type) and issubclass(origin, Mapping):
            return f"object, per key {inner[1]}"
    if hint in WRITTEN:
        return WRITTEN[hint]
    if isinstance(hint, type) and is_dataclass(hint):
        return f"[{hint.__name__}](#{hint.__name__.lower()})"
    if issubclass(hint, Enum):
        return ", ".join(f"`{member.value}`" for member in hint)
    raise TypeError(f"nobody said how {hint!r} is written")
