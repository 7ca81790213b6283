"""`tracker run`, `tracker status`, `tracker health`: the daemon and how it is."""

import typer

from tracker.cli.context import settings_of
from tracker.cli.errors import NotRun, refusing
from tracker.cli.output import FORMAT, Format, say, write_rows
from tracker.cli.typed import instant


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
    role: str = typer.Option(
        "all", "--role", help="all, or with PostgreSQL one of planner (a single one), worker, ct (any number)."
    ),
    queues: str = typer.Option(
        "",
        "--queues",
        help="What it takes on, by comma: dns, http, registration, ct, views; empty = as the role says.",
    ),
) -> None:
    """Watch: poll lists, sweep suffixes, read CT logs, look at names, judge, report. Ends cleanly on SIGTERM.

    Example: tracker run --once
    """
    import asyncio

    from tracker.agenda import QUEUES
    from tracker.cli.errors import Refused
    from tracker.cli.logging import configure
    from tracker.daemon import serve
    from tracker.grounds import Role
    from tracker.upkeep import StorageTrouble
    from tracker.web.listener import listening
    from tracker.wiring import MissingApprise

    settings = settings_of(context)
    chosen = [name.strip() for name in queues.split(",") if name.strip()]
    if unknown := [name for name in chosen if name not in QUEUES]:
        raise Refused(f"--queues: there is no {', '.join(unknown)}; there are {', '.join(QUEUES)}")
    if role not in list(Role):
        raise Refused(f"--role: there is no {role}; there are {', '.join(Role)}")
    configure(settings.daemon.log_format)
    try:
        with refusing(StorageTrouble, ValueError):
            complaints = asyncio.run(serve(settings, once=once, beside=listening, role=Role(role), queues=chosen))
    except MissingApprise as error:
        raise NotRun(str(error)) from error
    for line in complaints:
        say(line)
    if once and complaints:
        raise typer.Exit(1)


def status(context: typer.Context, form: Format = FORMAT) -> None:
    """What is watched, what is alive, what is late, and how fresh every source is.

    Example: tracker status --database out/doj-2024-09-04/tracker.db
    """
    from tracker.reading import Unreadable, opened
    from tracker.stages.status import COLUMNS, status_rows

    with refusing(Unreadable), opened(settings_of(context)) as parts:
        history = parts.log.history()
        rows = list(status_rows(history, parts.views.load(), parts.work, history.as_of, parts.held_back(history.as_of)))
    write_rows(COLUMNS, rows, form, names="item")


def health(
    context: typer.Context, now: str = typer.Option("", "--now", help="Judge as of this instant (ISO).")
) -> None:
    """Exit 0 when the watch can be relied on, 1 with one line per reason why not; for a HEALTHCHECK.

    Reasons: a source without success for two days, work that is late, a daemon that makes no pass, a failed canary, a
    database or disk that takes no rows.

    Example: tracker health && echo fresh
    """
    from datetime import UTC, datetime

    from tracker.upkeep import ailments

    with refusing(ValueError):
        lines = ailments(settings_of(context), instant("--now", now) or datetime.now(UTC))
    for line in lines:
        typer.echo(line)
    if lines:
        raise typer.Exit(1)
    typer.echo("healthy")
