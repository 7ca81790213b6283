"""How one value becomes the text of one cell. Equal values give equal text everywhere; missing is empty."""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import UnionType

from tracker.export.columns import Column, Kind
from tracker.model.times import iso

FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠")
"""A spreadsheet runs a cell beginning with one of these; such text gets an apostrophe in front."""


class BadCellError(ValueError):
    """A value does not fit its column: a defect of the row builder, never of the data."""


def neutral(text: str) -> str:
    """The text, with an apostrophe in front where a spreadsheet would run it as a formula."""
    return "'" + text if text and text[0] in FORMULA_STARTS else text


def decimal(value: float) -> str:
    """A number with at most six decimals and no trailing zeros; raises BadCellError for NaN and infinities."""
    if not math.isfinite(value):
        raise BadCellError(f"{value} is no number for a table: leave the cell empty")
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def listed(values: Iterable[object]) -> str:
    """Values joined by `;`; a `;` inside a value becomes `,` so that the list can be split again."""
    return ";".join(neutral(str(value).replace(";", ",")) for value in values)


def cell(column: Column, value: object) -> str:
    """The text of `value` in `column`; raises BadCellError when type, presence or vocabulary do not fit."""
    if value is None or value == "":
        if column.required:
            raise BadCellError(f"{column.name} is required")
        return ""
    text = _written(column, value)
    if column.categories and text not in column.categories:
        raise BadCellError(f"{column.name}: {text!r} is not in its vocabulary")
    return text


TYPES: Mapping[Kind, type | UnionType] = {
    Kind.TEXT: str,
    Kind.LIST: tuple | list,
    Kind.INTEGER: int,
    Kind.NUMBER: int | float,
    Kind.BOOLEAN: bool,
    Kind.MOMENT: datetime,
    Kind.DURATION: timedelta,
}


def _written(column: Column, value: object) -> str:
    if not isinstance(value, TYPES[column.kind]) or (isinstance(value, bool) and column.kind is not Kind.BOOLEAN):
        raise BadCellError(f"{column.name}: {type(value).__name__} does not fit {column.kind}")
    match value:
        case bool():
            return str(value).lower()
        case float():
            return decimal(value)
        case datetime():
            return iso(value)
        case timedelta():
            return str(value // timedelta(seconds=1))
        case tuple() | list():
            return listed(value)
    return neutral(value) if isinstance(value, str) else str(value)
