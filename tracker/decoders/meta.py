"""Meta's threat-research indicators: CSV, TSV and Markdown tables, whose headers differ from file to file."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from tracker.decoders.listing import Listing, NotThatList, Statement, name_in, on_platform, without_www
from tracker.decoders.namelist import Problem
from tracker.model.names import DomainName, refang
from tracker.model.times import Precision, When

_DECLARED = re.compile(r"domain|website|host ?name", re.IGNORECASE)
_REGISTERED = re.compile(r"registration date:?\s*(?P<date>[^,;\"]+)", re.IGNORECASE)
_STYLES = ("%m/%d/%Y", "%m-%d-%Y", "%Y-%m-%d", "%d %B %Y")
_DEFANGED = re.compile(r"\[\.\]|\(\.\)|\[dot\]|^hxxp", re.IGNORECASE)
_MARKDOWN_RULE = re.compile(r"^\|[\s:|-]+\|$")

Row = tuple[int, Mapping[str, str]]


def read(text: str) -> Listing:
    """Names that the file calls domains, or gives bare; raises NotThatList without a header that is known.

    A URL with a path that no column calls a domain is a post on somebody's site, not a site of the operation. The
    category in the comments is no label: relocations are filed under spoofs.
    """
    text = text.removeprefix("\ufeff")
    rows = list(_markdown(text) if re.search(r"^\|", text, re.MULTILINE) else _separated(text))
    statements: list[Statement] = []
    problems: list[Problem] = []
    for line, row in rows:
        cell = row.get("indicator", "")
        declared = _DECLARED.search(row["kind"]) is not None
        names = [name for name in _names(cell, declared, bool(row.get("typed"))) if not on_platform(name)]
        if declared and _alone(cell) and name_in(cell) is None:
            problems.append(Problem(line, f"{cell.strip()[:60]!r} is not a domain name"))
        when = registered(row.get("comment", ""))
        raw = " | ".join(part for part in (cell.strip(), row.get("comment", "").strip()) if part)
        statements += [
            Statement(name=name, place=f"row {line}", raw=raw, when=when, registered=when is not None) for name in names
        ]
    return Listing(statements=tuple(statements), rows=len(rows), problems=tuple(problems))


def registered(comment: str) -> When | None:
    """The registration date in a comment, month first where day and month could be either; None for n/a and riddles."""
    found = _REGISTERED.search(comment)
    for style in _STYLES if found else ():
        try:
            day = datetime.strptime(found["date"].strip(), style) if found else None  # noqa: DTZ007 - a calendar day
        except ValueError:
            continue
        return When(day.replace(tzinfo=UTC), Precision.DAY) if day else None
    return None


def _names(cell: str, declared: bool, typed: bool) -> Iterator[DomainName]:
    """Names that a cell means: it holds nothing else, or they were defanged, or a declared cell begins with one.

    Other names in prose are victims and platforms.
    """
    tokens = re.sub(r"\s\([^)]*\)?", " ", cell).split()
    names = [(token, name_in(token)) for token in tokens]
    alone = all(name is not None for _, name in names)
    for at, (token, name) in enumerate(names):
        if name is None:
            continue
        meant = alone or _DEFANGED.search(token) is not None
        post = "/" in refang(token).split("//", 1)[-1].strip("/")
        if (meant or at == 0) if declared else (meant and not typed and not post):
            yield without_www(name)


def _alone(cell: str) -> bool:
    return len(cell.split()) == 1 and "/" not in cell


def _separated(text: str) -> Iterator[Row]:
    head = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if "\t" in head else ",")
    try:
        columns = _columns(next(reader, []))
        begins = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield begins, _row(columns, cells)
            begins = reader.line_num + 1
    except csv.Error as error:
        raise NotThatList(f"no table: {error}") from error


def _markdown(text: str) -> Iterator[Row]:
    columns: dict[str, list[int]] | None = None
    for line, raw in enumerate(text.splitlines(), start=1):
        if not raw.startswith("|"):
            columns = None
            continue
        cells = [cell.strip() for cell in raw.strip().strip("|").split("|")]
        if columns is None:
            columns = _columns(cells)
        elif not _MARKDOWN_RULE.match(raw.strip()):
            yield line, _row(columns, cells)


def _columns(header: Sequence[str]) -> dict[str, list[int]]:
    """Where the parts of a row stand, by the beginnings of what the columns are called, whatever follows them."""
    called = [" ".join(cell.replace("_", " ").split()).casefold() for cell in header]
    found = {
        "typed": [at for at, name in enumerate(called) if name.startswith(("indicator type", "type"))],
        "kind": [at for at, name in enumerate(called) if name.startswith(("tactic", "technique", "procedure"))],
        "indicator": [at for at, name in enumerate(called) if name in {"indicator", "indicator value", "value"}],
        "comment": [at for at, name in enumerate(called) if name.startswith(("comm", "note", "detail", "description"))],
    }
    if not found["indicator"] and not found["kind"] and not found["typed"]:
        raise NotThatList(f"no column is called Indicator: {', '.join(filter(None, header))[:120] or 'no header'}")
    taken = {at for places in found.values() for at in places}
    # A file without a column of indicators is read in all the cells whose use is not known.
    found["indicator"] = found["indicator"] or [at for at in range(len(called)) if at not in taken]
    return found


def _row(columns: Mapping[str, list[int]], cells: Sequence[str]) -> dict[str, str]:
    row = {part: " ".join(cells[at] for at in places if at < len(cells)) for part, places in columns.items()}
    row["kind"] = f"{row['kind']} {row['typed']}"
    return row
