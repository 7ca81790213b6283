"""`tracker lookback`: which names carry a label today, and since when, for a date in the past."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import typer

from tracker.cli.errors import Refused, refusing
from tracker.cli.output import FORMAT, Format, chosen, say, write_rows
from tracker.cli.typed import when


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("lookback")(lookback)


def lookback(
    context: typer.Context,
    names: list[str] = typer.Argument(metavar="NAME|FILE", help="Names, bare labels, or files with one a line."),
    on: str = typer.Option(..., "--on", help="The date that is asked about: YYYY-MM-DD, or an instant with its zone."),
    window: str = typer.Option("60d", "--window", help="How long after the date a registration follows it: 60d, 12h."),
    suffixes: str = typer.Option("", "--suffixes", help="frequent, all, or a file; default: sweeps.suffixes."),
    crtsh: bool = typer.Option(False, "--crtsh", help="Ask crt.sh for first certificates: 12 s a name or more."),
    form: Format = FORMAT,
) -> None:
    """Which names carry this label today, since when by each source, and what cannot be known? Needs no database.

    The parent zones are swept, then registries are asked about what is there. Lags are days from the date, as bounds
    where a source gives days only; could_not_know says per name, and per set of suffixes, what was not learned. Names
    that came and went before today are not seen. Exit 1 when no suffix could be swept.

    Example: tracker lookback rrn.world --on 2024-09-04 --window 60d
    """
    from tracker import lookback as looking
    from tracker.cli.context import settings_of

    settings = settings_of(context)
    when("--on", on)
    with refusing(ValueError), _bar() as progress:
        rows, tallies = looking.run(
            _texts(names),
            on,
            _window(window),
            settings,
            suffixes=suffixes or settings.sweeps.suffixes,
            crtsh=crtsh,
            say=say,
            progress=progress,
        )
    form = chosen(form)
    if form is Format.TABLE:
        write_rows(looking.SHOWN, map(looking.shown, rows), form)
    elif form is Format.NAMES:
        write_rows(looking.COLUMNS, (looking.cells(row) for row in rows if row.name), form)
    else:
        write_rows(looking.COLUMNS, map(looking.cells, rows), form)
    for tally in tallies:
        say(looking.told(tally))
    if not crtsh:
        say("Nobody was asked for first certificates; --crtsh asks crt.sh.")
    if not any(tally.swept for tally in tallies):
        raise typer.Exit(1)


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None] | None]:
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("sweeping"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("sweep", total=None)
        yield lambda asked, total: bar.update(task, completed=asked, total=total)


def _texts(names: list[str]) -> list[str]:
    from tracker.lookback import lines

    found: list[str] = []
    for text in names:
        path = Path("/dev/stdin") if text == "-" else Path(text)
        if text != "-" and not path.is_file():
            found.append(text)
            continue
        try:
            found += lines(path)
        except OSError as error:
            raise Refused(f"{text}: {error.strerror}") from error
    return found


def _window(text: str) -> timedelta:
    match = re.fullmatch(r"(\d+)([hdw])", text.strip())
    if match is None:
        raise Refused(f"--window wants hours, days or weeks like 60d, not {text!r}")
    return int(match[1]) * {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}[match[2]]
