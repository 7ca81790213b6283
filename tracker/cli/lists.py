"""`tracker lists`, `tracker claims`, `tracker announcements`: what others publish, and what a person makes of it."""

from pathlib import Path

import typer

from tracker.cli.context import settings_of
from tracker.cli.errors import Refused, refusing
from tracker.cli.output import FORMAT, Format, say, write_rows

ANNOUNCED = ("id", "published", "authority", "title", "keywords", "mentions", "status", "url", "note")
WHICH = typer.Argument(help="Id of the announcement, as listed.")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    lists = typer.Typer(no_args_is_help=True, help="The lists of the settings: how each is.")
    lists.command("show")(show)
    lists.command("approve")(approve)
    app.add_typer(lists, name="lists")
    app.command("claims")(claims)
    announcements = typer.Typer(no_args_is_help=True, help="Press releases to be imported by hand.")
    announcements.command("list")(announced)
    announcements.command("draft")(draft)
    announcements.command("dismiss")(dismiss)
    app.add_typer(announcements, name="announcements")


def show(context: typer.Context, form: Format = FORMAT) -> None:
    """How each list is: read, new, failing, or held back because it lost half of its names at once.

    Example: tracker lists show
    """
    from tracker.lists import SHOWN, list_rows
    from tracker.reading import Unreadable, opened

    settings = settings_of(context)
    with refusing(Unreadable, ValueError), opened(settings) as stored:
        rows = list(list_rows(settings, stored.log))
    write_rows(SHOWN, rows, form, names="list")


def approve(
    context: typer.Context,
    entry: str = typer.Argument(help="The list, as in lists.watchlists."),
    reviewer: str = typer.Option(..., "--reviewer", help="Who looked at the list and says that it really shrank."),
) -> None:
    """Say that a list really shrank: it is applied at its next reading. What it said before stays in the log.

    Example: tracker lists approve meta:https://lists.example/network.csv --reviewer AB
    """
    from tracker.lists import approve as let
    from tracker.reading import Unreadable, desk

    with refusing(Unreadable, ValueError), desk(settings_of(context), "lists") as (stored, _, run, now):
        names = let(stored.log, entry, reviewer, run, now)
    say(f"{entry} is applied at its next reading, with {names} names or what it has by then")


def claims(
    context: typer.Context,
    source: str = typer.Option("", "--source", help="Only claims whose source id begins so."),
    unwatched: bool = typer.Option(False, "--unwatched", help="Only names that are neither watched nor judged."),
    form: Format = FORMAT,
) -> None:
    """What lists say of names, row by row with provenance, beside what we make of each name.

    Example: tracker claims --unwatched --format csv
    """
    from tracker.lists import CLAIMED, claim_rows
    from tracker.reading import Unreadable, opened

    with refusing(Unreadable, ValueError), opened(settings_of(context)) as stored:
        rows = list(claim_rows(stored.log.history(), stored.views.load()))
    ours, by = CLAIMED.index("ours"), CLAIMED.index("source")
    chosen = [row for row in rows if str(row[by]).startswith(source) and not (unwatched and row[ours])]
    write_rows(CLAIMED, chosen, form)


def announced(
    context: typer.Context,
    every: bool = typer.Option(False, "--all", help="Those that were imported or dismissed as well."),
    form: Format = FORMAT,
) -> None:
    """Announcements that wait for somebody to import them, the newest first.

    Example: tracker announcements list
    """
    from tracker.analysis.announced import waiting
    from tracker.model.names import defang
    from tracker.model.times import iso
    from tracker.reading import Unreadable, opened

    with refusing(Unreadable), opened(settings_of(context)) as stored:
        history = stored.log.history()
    open_ = waiting(history)
    rows = [
        (
            row.announcement_id,
            iso(row.published.at)[:10],
            row.authority,
            row.title,
            "; ".join(row.keywords),
            " ".join(map(defang, row.mentions)),
            "waits" if row in open_ else row.status.value if row.status != "open" else "imported",
            row.url,
            row.note,
        )
        for row in (history.announcements if every else open_)
    ]
    write_rows(ANNOUNCED, rows, form, names="id")


def draft(
    context: typer.Context,
    which: str = WHICH,
    out: Path | None = typer.Option(None, "--out", "-o", help="File to write; it must not exist. Default: stdout."),
) -> None:
    """A watchlist begun from the announcement, to be finished by hand: action and source filled in, names as comments.

    Example: tracker announcements draft 2024-09-04-24-1103 -o seizure.toml
    """
    from tracker.reading import Unreadable, opened
    from tracker.stages.drafting import draft as begun
    from tracker.stages.drafting import found

    with refusing(Unreadable, ValueError), opened(settings_of(context)) as stored:
        text = begun(found(stored.log.history(), which))
    if out is None:
        typer.echo(text, nl=False)
        return
    if out.exists():
        raise Refused(f"{out} is there already: somebody may have edited it")
    with refusing(OSError, file=out):
        out.write_text(text, encoding="utf-8")
    say(f"wrote {out}; edit it, then: tracker check {out}")


def dismiss(
    context: typer.Context,
    which: str = WHICH,
    note: str = typer.Option("", "--note", help="Why, for whoever asks later."),
) -> None:
    """Say that an announcement needs no import; it is no longer told as waiting.

    Example: tracker announcements dismiss 2024-09-04-24-1103 --note "no domain was seized"
    """
    from tracker.reading import Unreadable, desk
    from tracker.stages.drafting import dismiss as done

    with refusing(Unreadable, ValueError), desk(settings_of(context), "lists") as (stored, _, run, now):
        row = done(stored.log, which, note, run, now)
    say(f"{row.announcement_id} is dismissed")
