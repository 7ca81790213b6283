"""`tracker init` and `tracker check`: from nothing to settings that hold."""

from pathlib import Path

import typer

from tracker.cli.context import settings_of
from tracker.cli.errors import Refused, refusing
from tracker.cli.notify import places_of
from tracker.cli.output import say

EXAMPLE = "watchlist.toml"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("init")(init)
    app.command("check")(check)


def init(
    folder: Path = typer.Argument(Path(), help="Where to write; default here."),
    force: bool = typer.Option(False, "--force", help="Overwrite what is there."),
) -> None:
    """Write a commented tracker.toml and an example watchlist.

    Example: tracker init && tracker check && tracker run
    """
    from tracker.configuring import as_toml
    from tracker.reading import list_text
    from tracker.settings import Settings

    files = {
        folder / "tracker.toml": as_toml(Settings()),
        folder / EXAMPLE: list_text("bundled:brands"),
    }
    for path in files:
        if path.exists() and not force:
            raise Refused(f"{path} is there already; --force overwrites it")
    with refusing(OSError, file=folder):
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            path.write_text(text, encoding="utf-8")
            say(f"wrote {path}")
    say(f"Next: tracker check, then tracker run. Your own names: edit {EXAMPLE} and add it to lists.watchlists.")


def check(
    context: typer.Context,
    files: list[str] = typer.Argument(None, help="Lists, as in lists.watchlists; default: those of the settings."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Say which servers would be asked how often."),
) -> None:
    """Validate settings and watchlists, each error with file and line, and say what was read.

    Example: tracker check watchlist.toml --dry-run
    """
    from datetime import UTC, datetime

    from tracker.reading import checked_list, checked_visits, contacts, is_polled, list_text

    settings = settings_of(context)
    places = places_of(settings)
    with refusing(ValueError):
        checked_visits(settings)
    wrong = 0
    locations = files or list(settings.lists.watchlists)
    for location in locations:
        with refusing(OSError, ValueError, file=location):
            if is_polled(location):
                say(f"{location}: polled when running")
                continue
            read = checked_list(list_text(location), location, datetime.now(UTC))
        for problem in read.problems:
            say(f"{location}:{problem.line}: {problem.text}")
        suffixes = sum("is a public suffix" in problem.text for problem in read.problems)
        said = [f"{read.names} names", f"{read.duplicates} duplicates", f"{len(read.problems)} refused"]
        said += [f"{suffixes} of them a public suffix"] if suffixes else []
        said += [f"{len(read.takedowns)} takedowns", f"{len(read.claims)} claims"]
        typer.echo(f"{location}: {', '.join(said)}")
        wrong += len(read.problems)
    if places:
        typer.echo(f"messages: {', '.join(place.kind for place in places.values())}")
    if dry_run:
        for line in contacts(settings, locations, datetime.now(UTC)):
            typer.echo(line)
    if wrong:
        raise typer.Exit(1)
