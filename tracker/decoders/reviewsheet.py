"""A review queue as it comes back from a spreadsheet: columns in any order, any of the usual separators and encodings.

Nothing is guessed about a decision: what cannot be read is a problem with its line, and the caller imports all or none.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from tracker.decoders.namelist import Problem
from tracker.model.acts import MuteScope
from tracker.model.names import DomainName, NotAName, parse
from tracker.model.views import Verdict

READ = frozenset({"name", "predecessor", "decision", "reason", "note", "scope", "until"})
"""The columns that an import reads."""

WRITTEN = frozenset(
    """rank by_rules bits for against bits_label bits_registration bits_hosting bits_certificate bits_page dates
    registrar name_servers title""".split()  # noqa: SIM905 - a list of columns reads best as one
)
"""The columns that a queue has for the reader alone; any other column is somebody's own."""

MUTE = "MUTE"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_SEPARATORS = (",", ";", "\t")
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


class NotASheet(ValueError):
    """No table with the columns of a queue; the message says what was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """One decided row. `verdict` None is a mute of `scope` until `until` (as written). `predecessor` may be empty."""

    line: int
    name: DomainName
    predecessor: str
    verdict: Verdict | None
    reason: str
    note: str
    scope: MuteScope = MuteScope.NAME
    until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What came back. `undecided` rows have no decision; `remarked` lines of them have a reason or note."""

    rows: tuple[SheetRow, ...]
    problems: tuple[Problem, ...]
    undecided: int
    remarked: tuple[int, ...]
    unread: tuple[str, ...]


def read(data: bytes) -> Sheet:
    """Read it; raises NotASheet when there is no such table at all."""
    lines = _lines(_text(data))
    number, header = next(lines, (0, []))
    columns = [_key(cell) for cell in header]
    for wanted in ("name", "decision"):
        if columns.count(wanted) != 1:
            found = ", ".join(filter(None, columns)) or "nothing"
            raise NotASheet(f"line {number or 1}: wants one column `{wanted}`; found {found}")
    rows: list[SheetRow] = []
    problems: list[Problem] = []
    remarked: list[int] = []
    undecided = 0
    for line, cells in lines:
        if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
            problems.append(Problem(line, f"has {len(cells)} cells under {len(columns)} columns"))
            continue
        values = {key: _plain(cell) for key, cell in zip_longest(columns, cells[: len(columns)], fillvalue="")}
        if not values["decision"]:
            undecided += any(values.values())
            if values.get("reason") or values.get("note"):
                remarked.append(line)
            continue
        try:
            rows.append(_row(line, values))
        except ValueError as error:
            problems.append(Problem(line, str(error)))
    return Sheet(
        rows=tuple(rows),
        problems=tuple(problems),
        undecided=undecided,
        remarked=tuple(remarked),
        unread=tuple(key for key in columns if key and key not in READ | WRITTEN),
    )


def verdict(text: str) -> Verdict:
    """A verdict however it is spelled (`ruled out`, `Ruled-Out`); raises ValueError with the words there are."""
    word = _word(text)
    if word not in set(Verdict):
        raise ValueError(f"{text!r} is no decision; there are {', '.join(Verdict)}, and {MUTE}")
    return Verdict(word)


def _row(line: int, values: Mapping[str, str]) -> SheetRow:
    if not values["name"]:
        raise ValueError("a decision without a name")
    muted = _word(values["decision"]) == MUTE
    decided = None if muted else verdict(values["decision"])
    try:
        name = parse(values["name"])
    except NotAName as error:
        raise ValueError(f"{values['name'][:80]!r} is no domain name: {error}") from error
    if not values.get("reason"):
        raise ValueError(f"the decision on {name} has no reason")
    scope = (values.get("scope") or MuteScope.NAME).casefold().replace(" ", "_")
    if scope not in set(MuteScope):
        raise ValueError(f"{scope!r} is no scope of a mute; there are {', '.join(MuteScope)}")
    if muted and not values.get("until"):
        raise ValueError(f"the mute of {name} has no `until`: a day such as 2024-12-31, or a length such as 30d")
    return SheetRow(
        line=line,
        name=name,
        predecessor=values.get("predecessor", ""),
        verdict=decided,
        reason=values["reason"],
        note=values.get("note", ""),
        scope=MuteScope(scope),
        until=values.get("until", ""),
    )


def _word(text: str) -> str:
    return "_".join(text.replace("-", " ").replace("_", " ").upper().split())


def _plain(cell: str) -> str:
    """A cell without the apostrophe that keeps a spreadsheet from running it."""
    return (cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA_STARTS) else cell).strip()


def _key(cell: str) -> str:
    key = "_".join(cell.strip().casefold().replace("-", " ").replace("_", " ").split())
    return "name" if key == "domain" else key


def _text(data: bytes) -> str:
    if data.startswith(_SPREADSHEETS):
        raise NotASheet("is a spreadsheet file; save it as CSV first")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotASheet("is no text in UTF-8, UTF-16 or Windows-1252")


def _lines(text: str) -> Iterator[tuple[int, Sequence[str]]]:
    """Rows that are not blank, each with the line that it begins on."""
    head = text.lstrip("\r\n").partition("\n")[0].strip().casefold()
    skipped = 0
    if head.startswith("sep=") and len(head) == 5:  # a spreadsheet's own hint
        separator, skipped = head[4], 1
        text = text.lstrip("\r\n").partition("\n")[2]
    else:
        separator = max(_SEPARATORS, key=lambda mark: _columns(text, mark))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    before = 0
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield before + 1 + skipped, cells
            before = reader.line_num
    except csv.Error as error:
        raise NotASheet(f"line {reader.line_num + skipped}: {error}") from error


def _columns(text: str, separator: str) -> tuple[bool, int]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    cells = first.split(separator)
    return any(_key(cell.strip('"')) == "decision" for cell in cells), len(cells)
