"""How commands print rows: a table for people, CSV for pipes, JSON lines or bare names for programs."""

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum

import typer


class Format(StrEnum):
    """The forms of printed rows. `auto` is a table on a terminal and CSV in a pipe."""

    AUTO = "auto"
    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    NAMES = "names"


PIPE_WIDTH = 160
"""Columns of a table that is not read on a terminal."""
FORMAT = typer.Option(Format.AUTO, "--format", help="table, csv, json or names; a table on a terminal, CSV in a pipe.")


def chosen(wanted: Format) -> Format:
    """The form to print in: `auto` decided by whether people read it."""
    if wanted is not Format.AUTO:
        return wanted
    return Format.TABLE if sys.stdout.isatty() else Format.CSV


def write_rows(
    columns: Sequence[str], rows: Iterable[Sequence[object]], wanted: Format, *, names: str = "domain"
) -> None:
    """Print rows under `columns`; with `names` only that column, one a line. Rows are streamed except as a table."""
    form = chosen(wanted)
    if form is Format.TABLE:
        _table(columns, rows)
    elif form is Format.JSON:
        for row in rows:
            typer.echo(json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False, default=str))
    elif form is Format.NAMES:
        place = list(columns).index(names)
        for row in rows:
            if row[place]:  # a control has no name, and an empty line would be read as one
                typer.echo(str(row[place]))
    else:
        writer = csv.writer(sys.stdout, lineterminator="\r\n")
        writer.writerow(columns)
        writer.writerows(["" if cell is None else cell for cell in row] for row in rows)


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    width = None if sys.stdout.isatty() else PIPE_WIDTH
    Console(width=width, markup=False, emoji=False).print(table)  # a cell is data, brackets and colons included


def say(text: str) -> None:
    """One line for people on stderr; stdout is for data."""
    typer.echo(text, err=True)
