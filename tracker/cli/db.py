"""`tracker db`: migrations and soundness of the database."""

import typer

from tracker.cli.context import settings_of
from tracker.cli.errors import refusing
from tracker.cli.output import say


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(no_args_is_help=True, help="Migrations and soundness of the database.")
    group.command("upgrade")(upgrade)
    group.command("check")(check)
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
