"""`tracker parse`: one saved reply in, JSON lines out. The formats register themselves with `group(app)`."""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import typer

from tracker.cli.errors import Refused, reason

NAME = "parse"


def group(app: typer.Typer) -> typer.Typer:
    """The `parse` group of `app`, made on first use: `group(app).command("whois")(function)` adds a format."""
    for known in app.registered_groups:
        if known.name == NAME and known.typer_instance is not None:
            return known.typer_instance
    made = typer.Typer(no_args_is_help=True, help="Decode one saved reply (JSON lines), for debugging and conformance.")
    app.add_typer(made, name=NAME)
    return made


def read(file: Path) -> bytes:
    """The bytes of a file, or of stdin for `-`; without such a file one line and status 2."""
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise Refused(reason(error, file)) from error


def write(rows: Iterable[Mapping[str, object]]) -> None:
    """JSON lines to stdout, keys in the given order, non-ASCII kept."""
    for row in rows:
        typer.echo(json.dumps(row, ensure_ascii=False, separators=(",", ":")))


def fail(file: Path, problem: Exception) -> typer.Exit:
    """One line to stderr; raise what this returns: status 1."""
    typer.echo(f"{file}: {problem}", err=True)
    return typer.Exit(1)
