"""`tracker run`, `tracker status`, `tracker health`: the daemon and how it is."""

import typer

from tracker.cli.errors import Refused, refusing
from tracker.cli.output import FORMAT, Format, say, write_rows


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("run")(run)
    app.command("status")(status)
    app.command("health")(health)


def run(
    context: typer.Context,
    once: bool = typer.Option(
        False, "--once", help="Do all that is due, then exit; 1 when something was out of reach."
    ),
) -> None:
    """Watch: poll lists, sweep suffixes, read CT logs, look at names, judge, report. Ends cleanly on SIGTERM.

    Example: tracker run --once
    """
    import asyncio

    from tracker.cli.main import settings_of
    from tracker.service import Locked, serve
    from tracker.settings import SettingsError

    with refusing(SettingsError):
        settings = settings_of(context)
    with refusing(Locked, ValueError):
        complaints = asyncio.run(serve(settings, once=once))
    for line in complaints:
        say(line)
    if once and complaints:
        raise typer.Exit(1)


def status(context: typer.Context, form: Format = FORMAT) -> None:
    """What is watched, what is alive, what is late, and how fresh every source is.

    Example: tracker status --database out/doj-2024-09-04/tracker.db
    """
    from tracker.cli.main import settings_of
    from tracker.status import COLUMNS, status_rows
    from tracker.wiring import open_log

    log, work, views = _opened(open_log, settings_of(context))
    write_rows(COLUMNS, status_rows(log, work, views), form, names="what")


def health(
    context: typer.Context, now: str = typer.Option("", "--now", help="Judge as of this instant (ISO).")
) -> None:
    """Exit 0 when every source had a success lately, 1 with one line per stale source; for a HEALTHCHECK.

    Example: tracker health && echo fresh
    """
    from datetime import UTC, datetime

    from tracker.cli.main import settings_of
    from tracker.model.times import from_iso
    from tracker.status import stale
    from tracker.wiring import open_log

    settings = settings_of(context)
    log, work, _ = _opened(open_log, settings)
    lines = stale(log, work, settings, from_iso(now) if now else datetime.now(UTC))
    for line in lines:
        typer.echo(line)
    if lines:
        raise typer.Exit(1)
    typer.echo("healthy")


def _opened(open_log, settings):  # type: ignore[no-untyped-def]
    from tracker.settings import SettingsError

    with refusing(SettingsError, OSError, ValueError):
        opened = open_log(settings)
    if opened is None:
        raise Refused(f"no database at {settings.database.url}; `tracker run` makes one")
    return opened
