"""`tracker db`: migrations, soundness and moves of the database."""

from collections.abc import Iterable, Iterator

import typer

from tracker.cli.context import settings_of
from tracker.cli.errors import refusing
from tracker.cli.output import FORMAT, Format, say, write_rows


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(no_args_is_help=True, help="Migrations, soundness and moves of the database.")
    group.command("upgrade")(upgrade)
    group.command("check")(check)
    group.command("copy")(copy)
    app.add_typer(group, name="db")


def upgrade(context: typer.Context) -> None:
    """Bring the database to this version; an SQLite file that holds anything is copied first.

    Example: tracker db upgrade --database tracker.db
    """
    from tracker.upkeep import StorageTrouble, upgraded

    with refusing(StorageTrouble, ValueError):
        done = upgraded(settings_of(context))
    if done.copy is not None:
        say(f"copied to {done.copy}")
    if done.before == done.after:
        say(f"{done.database} is at revision {done.after} already")
    else:
        say(f"{done.database} is at revision {done.after} now (before: {done.before or 'empty'})")


def check(context: typer.Context) -> None:
    """Say whether the database is of this version and undamaged; 1 with a line per fault.

    Example: tracker db check --database tracker.db
    """
    from tracker.upkeep import StorageTrouble, faults

    with refusing(StorageTrouble, ValueError):
        found = faults(settings_of(context))
    for line in found:
        typer.echo(line)
    if found:
        raise typer.Exit(1)
    say("the database is of this version and undamaged")


def copy(
    context: typer.Context,
    to: str = typer.Option(..., "--to", help="postgresql:// URL, or a file: an empty database, or one half copied."),
    form: Format = FORMAT,
) -> None:
    """Move to a bigger home: copy log and work, ids and all, and compare rows and checksums; 1 when they differ.

    The copy may be interrupted and begun again. Nothing may run on either database; views are derived there anew.

    Example: tracker db copy --to postgresql://tracker@localhost/tracker
    """
    from tracker.upkeep import COPIED, StorageTrouble, copied

    with refusing(StorageTrouble, ValueError):
        rows = list(_told(copied(settings_of(context), to)))
    write_rows(COPIED, rows, form, names="table")
    unequal = [str(row[0]) for row in rows if (row[1], row[4]) != (row[2], row[5])]
    if unequal:
        say(f"differ: {', '.join(unequal)}")
        raise typer.Exit(1)
    say("both databases hold the same")


def _told(rows: Iterable[tuple[object, ...]]) -> Iterator[tuple[object, ...]]:
    """The rows, each named on a terminal as it is copied."""
    from rich.console import Console

    console = Console(stderr=True)
    with console.status("copying") as shown:
        for row in rows:
            shown.update(f"copied {row[0]}: {row[1]} rows")
            yield row
