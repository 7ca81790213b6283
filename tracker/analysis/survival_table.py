"""A CSV of lifetimes, read strictly: what cannot be used is refused by line and reason, never dropped or guessed."""

import csv
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np

from tracker.analysis.survival_lives import Lives, lives
from tracker.analysis.survival_npmle import Spans

YES = frozenset({"1", "1.0", "true"})
NO = frozenset({"0", "0.0", "false"})
OPTIONAL = ("cause", "id")
SEEN = ("time", "event")
BETWEEN = ("lo", "hi")
SEPARATORS = (",", ";", "\t")
NEVER = frozenset({"inf", "infinity", "na", "nan", "none", "null"})
EMPTY = {"time": "", "hi": "", "entry": "; write 0 when watched from birth", "lo": "; write 0 when seen never or ended"}


class BadRow(NamedTuple):
    """A line of the file, the header being 1, and why it cannot be used."""

    line: int
    reason: str


class BadTable(ValueError):
    """The file cannot be used; `rows` says where and why."""

    def __init__(self, rows: Sequence[BadRow]) -> None:
        super().__init__("; ".join(f"line {row.line}: {row.reason}" for row in rows))
        self.rows = tuple(rows)


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Lifetimes, as `lives` from `entry,time,event` or as `spans` from `lo,hi`, with the text columns beside."""

    lives: Lives | None
    spans: Spans | None
    text: Mapping[str, tuple[str, ...]]


class _Row(NamedTuple):
    first: float
    second: float
    entry: float
    text: tuple[str, ...]


def read(lines: Iterable[str], columns: Sequence[str] = ()) -> Sample:
    """Read a CSV with header; `columns` are text columns wanted beside `cause` and `id`. Raises BadTable.

    A header without any comma may be separated by semicolons or tabs, as some spreadsheets write it.
    """
    separator, lines = _separated(lines)
    table = csv.reader(lines, strict=True, delimiter=separator)
    rows: list[_Row] = []
    bad: list[BadRow] = []
    try:
        header = [cell.strip() for cell in next(table, [])]
        wanted, line = _layout(header, columns), table.line_num
        for cells in table:
            start, line = line + 1, table.line_num
            try:
                rows += [_row(header, cells, wanted)] if cells else []
            except ValueError as error:
                bad.append(BadRow(start, str(error)))
    except csv.Error as error:
        raise BadTable([BadRow(table.line_num, f"not CSV: {error}")]) from error
    if bad or not rows:
        raise BadTable(bad or [BadRow(table.line_num, "no lifetimes below the header")])
    firsts, seconds, entries, texts = zip(*rows, strict=True)
    text = dict(zip(wanted, zip(*texts, strict=True), strict=True)) if wanted else {}
    if "time" in header:
        return Sample(lives(firsts, seconds, entries), None, text)
    return Sample(None, Spans(np.array(firsts), np.array(seconds)), text)


def _separated(lines: Iterable[str]) -> tuple[str, Iterator[str]]:
    """What separates the cells of the header, and all the lines."""
    rest = iter(lines)
    first = next(rest, "")
    found = next((separator for separator in SEPARATORS if separator in first), ",")
    return found, chain([first] if first else [], rest)


def _layout(header: Sequence[str], columns: Sequence[str]) -> list[str]:
    """The text columns to read; BadTable when the header is not one we know."""
    read = {*SEEN, *BETWEEN, "entry", *OPTIONAL, *columns}
    reasons = [
        f"column {name!r} comes twice" for name in dict.fromkeys(header) if name in read and header.count(name) > 1
    ]
    kinds = [kind for kind in (SEEN, BETWEEN) if set(kind) & set(header)]
    if not header:
        reasons = ["the file is empty"]
    elif len(kinds) > 1:
        reasons.append(f"columns entry,time,event or lo,hi, not of both; found {','.join(header)}")
    elif not kinds or not set(kinds[0]) <= set(header):
        reasons.append(f"wanted columns entry,time,event or lo,hi; found {','.join(header)}")
    elif kinds[0] == BETWEEN and "cause" in header:
        reasons.append("cause needs entry,time,event: endings cannot compete inside intervals")
    reasons += [f"no column {name!r}; found {','.join(header)}" for name in columns if name not in header]
    if reasons:
        raise BadTable([BadRow(1, reason) for reason in reasons])
    return list(dict.fromkeys([*columns, *(name for name in OPTIONAL if name in header)]))


def _row(header: Sequence[str], cells: Sequence[str], wanted: Sequence[str]) -> _Row:
    if len(cells) != len(header):
        raise ValueError(f"{len(cells)} cells for {len(header)} columns")
    row = dict(zip(header, (cell.strip() for cell in cells), strict=True))
    return _Row(*(_seen(row) if "time" in row else _between(row)), _text(row, wanted))


def _seen(row: Mapping[str, str]) -> tuple[float, float, float]:
    """Age at exit, whether ended, age at entry."""
    time, entry = _number(row, "time"), _number(row, "entry") if "entry" in row else 0.0
    said = row["event"].lower()
    if said not in YES | NO:
        more = "; which ending it was belongs in a column cause" if said.isdecimal() else ""
        raise ValueError(f"event is {row['event']!r}, not 0 or 1{more}")
    if entry >= time and entry > 0:
        raise ValueError(f"entry {entry:g} is not before time {time:g}: it was never under watch")
    return time, float(said in YES), entry


def _between(row: Mapping[str, str]) -> tuple[float, float, float]:
    """Lower and upper bound of the length, the upper infinite when empty; entry 0."""
    lo, hi = _number(row, "lo"), _number(row, "hi") if row["hi"] else math.inf
    if lo > hi:
        raise ValueError(f"lo {lo:g} is above hi {hi:g}")
    if row.get("entry") and _number(row, "entry") > 0:
        raise ValueError("late entry needs entry,time,event: with lo,hi all are taken as watched from birth")
    return lo, hi, 0.0


def _number(row: Mapping[str, str], column: str) -> float:
    text = row[column]
    try:
        number = float(text) if "_" not in text else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or number < 0:
        raise ValueError(_no_number(column, text))
    return number


def _no_number(column: str, text: str) -> str:
    if not text:
        return f"{column} is empty{EMPTY[column]}"
    hint = "; leave it empty while alive" if column == "hi" and text.lower().lstrip("+") in NEVER else ""
    return f"{column} is {text!r}, not a number from 0 up{hint}"


def _text(row: Mapping[str, str], wanted: Sequence[str]) -> tuple[str, ...]:
    for column in wanted:
        if not row[column] and (column != "cause" or row["event"].lower() in YES):
            raise ValueError(f"{column} is empty; write `unknown` when it is not known")
    return tuple(row[column] for column in wanted)
