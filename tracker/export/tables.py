"""Rows become a CSV file: RFC 4180, UTF-8 without BOM, sorted by key, the same bytes for the same rows."""

import csv
import io
from collections.abc import Iterable, Mapping
from itertools import pairwise

from tracker.export.cells import BadCellError, cell
from tracker.export.columns import Table

Row = Mapping[str, object]
"""One row by column name. Every column of the table is present; None is missing."""


def csv_text(table: Table, rows: Iterable[Row]) -> str:
    """The whole file as text with CRLF; raises BadCellError for a row that does not fit the table or repeats a key."""
    written = sorted((_line(table, row) for row in rows), key=lambda line: line[0])
    for (key, _), (following, _) in pairwise(written):
        if key == following:
            raise BadCellError(f"{table.name}: two rows with key {', '.join(map(str, key))}")
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(table.names)
    writer.writerows(line for _, line in written)
    return buffer.getvalue()


def _line(table: Table, row: Row) -> tuple[tuple[str | int, ...], list[str]]:
    if row.keys() != set(table.names):
        odd = sorted(row.keys() ^ set(table.names))
        raise BadCellError(f"{table.name}: the row and the schema differ in {', '.join(odd)}")
    cells = {column.name: cell(column, row[column.name]) for column in table.columns}
    key = tuple(int(cells[name]) if isinstance(row[name], int) else cells[name] for name in table.primary_key)
    return key, list(cells.values())
