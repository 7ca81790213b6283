"""The command line: global options, the list of command groups, and one clear line for every error."""

import importlib
import sys
from pathlib import Path

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
    """Entry point: known errors end in one line and status 2, a missing part in 3, anything unexpected in a trace."""
    from tracker.cli.errors import NotRun, Refused

    try:
        app(args=fronted(sys.argv[1:]))
    except NotRun as error:
        say(f"NOT RUN: {error}")
        sys.exit(3)
    except Refused as error:
        say(f"tracker: {error}")
        sys.exit(2)
    except RuntimeError as error:
        from tracker.ports import StorageTrouble

        if not isinstance(error, StorageTrouble):
            raise
        say(f"tracker: {error}")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
