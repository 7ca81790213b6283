"""The command line: global options, the list of command groups, and one clear line for every error."""

import errno
import importlib
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import NoReturn, cast

import typer

from tracker import __version__
from tracker.cli.output import say

GROUPS = (
    "start",
    "running",
    "notify",
    "watching",
    "replay",
    "names",
    "resolve",
    "lists",
    "registration",
    "lookback",
    "ct",
    "survival",
    "judging",
    "publishing",
    "comparing",
    "db",
)
"""Modules of tracker.cli that add commands with `register(app)`, in the order in which help shows them."""

MISUSED = cast("type[typer.BadParameter]", typer.BadParameter.__mro__[2])
"""What typer raises for wrong usage of any kind; it shows only the narrower ones."""

GLOBAL = ("--config", "--database")

app = typer.Typer(
    name="tracker",
    help="Measures how influence operations come back after their domains are taken down.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"tracker {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    config: Path | None = typer.Option(
        None, "--config", help="Settings file; default: tracker.toml here, else defaults."
    ),
    database: str = typer.Option("", "--database", help="SQLite file or postgresql:// URL; wins over the settings."),
    _: bool = typer.Option(False, "--version", help="Print the version.", is_eager=True, callback=_version),
) -> None:
    """Global options; the settings are read when a command asks for them."""
    context.obj = {"config": config, "database": database}


for group in GROUPS:
    importlib.import_module(f"tracker.cli.{group}").register(app)


def fronted(arguments: list[str]) -> list[str]:
    """The arguments with global options moved before the command: people write them where they think of them."""
    front: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            return [*front, *rest, word, *words]
        if word in GLOBAL:
            front += [word, *([value] if (value := next(words, None)) is not None else [])]
        elif word.partition("=")[0] in GLOBAL:
            front.append(word)
        else:
            rest.append(word)
    return [*front, *rest]


def run() -> None:
    """Entry point: what is known to go wrong ends in one line, anything unexpected in a trace.

    Status 2 for wrong usage, configuration or files, 3 for a missing part, 1 when what is printed has no room, 141 when
    nobody reads it any more.
    """
    from tracker.cli.errors import NotRun, Refused, reason

    try:
        sys.exit(_called())
    except NotRun as error:
        _ends(f"NOT RUN: {error}", 3)
    except Refused as error:
        _ends(f"tracker: {error}", 2)
    except RuntimeError as error:
        from tracker.ports import StorageTrouble

        if not isinstance(error, StorageTrouble):
            raise
        _ends(f"tracker: {error}", 2)
    except MISUSED as error:
        said = error.format_message()  # nothing where the help was asked for, and printed, by giving no argument
        _ends(f"tracker: {said}" if said else "", error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(130)
    except BrokenPipeError:
        _silence()
        sys.exit(141)
    except OSError as error:
        if error.filename is None and error.errno != errno.ENOSPC:
            raise
        _silence()
        _ends(f"tracker: {reason(error, 'output')}", 2 if error.filename is not None else 1)


def _called() -> int:
    """Do what was asked; raises whatever goes wrong, a reader of the output that went away included."""
    try:
        status = app(args=fronted(sys.argv[1:]), standalone_mode=False)
        sys.stdout.flush()
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):
            raise end.__context__ from None
        raise
    return int(status or 0)


def _ends(line: str, status: int) -> NoReturn:
    if line:
        say(line)
    sys.exit(status)


def _silence() -> None:
    """What is left of the output goes nowhere, or the interpreter would complain of it once more at its end."""
    with suppress(OSError, ValueError):  # an output that is no file of the system has nothing to be sent elsewhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
