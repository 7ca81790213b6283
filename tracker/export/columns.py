"""What a table of the data package is made of: the shapes that the schema, the writer and the codebook share."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a cell is written and how it is to be read back. LIST is text joined by `;`, DURATION is whole seconds."""

    TEXT = "text"
    LIST = "list"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    MOMENT = "moment"
    DURATION = "duration"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `description` carries the unit and what the value must not be read as; an empty cell is missing."""

    name: str
    kind: Kind
    description: str
    required: bool = False
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """`column` of this table holds values of `to_column` in `to_table`."""

    column: str
    to_table: str
    to_column: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table: a row is one thing named by `primary_key`, and rows are sorted by it."""

    name: str
    title: str
    description: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...] = ()

    def __post_init__(self) -> None:
        names = self.names
        if len(set(names)) != len(names):
            raise ValueError(f"table {self.name}: a column stands twice")
        unknown = {*self.primary_key, *(key.column for key in self.foreign_keys)} - set(names)
        if unknown:
            raise ValueError(f"table {self.name}: keys name no column: {', '.join(sorted(unknown))}")

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in file order."""
        return tuple(column.name for column in self.columns)


def text(name: str, description: str, *, required: bool = False, of: Iterable[str] = ()) -> Column:
    """A text column; `of` is its closed vocabulary."""
    return Column(name, Kind.TEXT, description, required, tuple(str(value) for value in of))


def words(name: str, description: str) -> Column:
    """A list column."""
    return Column(name, Kind.LIST, description)


def moment(name: str, description: str, *, required: bool = False) -> Column:
    """An instant, ISO 8601 UTC with `Z`, whole seconds."""
    return Column(name, Kind.MOMENT, description, required)


def between(stem: str, what: str) -> tuple[Column, Column]:
    """The two ends of a moment that lies in `(lo, hi]`. An empty end is unbounded, never zero."""
    return (
        moment(f"{stem}_lo", f"{what}: later than this. Empty = no lower bound."),
        moment(f"{stem}_hi", f"{what}: no later than this. Empty = no upper bound."),
    )


def count(name: str, description: str, *, required: bool = True) -> Column:
    """A whole number."""
    return Column(name, Kind.INTEGER, description, required)


def number(name: str, description: str, *, required: bool = False) -> Column:
    """A decimal number."""
    return Column(name, Kind.NUMBER, description, required)


def seconds(name: str, description: str) -> Column:
    """A length of time in whole seconds, rounded down."""
    return Column(name, Kind.DURATION, description)


def flag(name: str, description: str) -> Column:
    """`true` or `false`."""
    return Column(name, Kind.BOOLEAN, description, required=True)
