"""`tracker report` and `tracker export`: what people read, and what they load."""

from pathlib import Path

import typer

from tracker.cli.context import history_and_views
from tracker.cli.errors import Refused, refusing
from tracker.cli.output import say


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("report")(report)
    app.command("export")(export)


def report(
    context: typer.Context,
    week: str = typer.Option("", "--week", help="ISO week such as 2024-W36; default: the week of the newest record."),
    as_of: str = typer.Option("", "--as-of", help="As known at this instant (ISO); default: the newest record."),
    out: Path = typer.Option(Path("report"), "--out", help="Folder for report.html, report.md and report.json."),
) -> None:
    """Write the weekly churn report.

    Example: tracker report --week 2024-W36 --database out/doj-2024-09-04/tracker.db
    """
    from tracker.analysis.churn import week_of
    from tracker.reading import written_report

    history, views = history_and_views(context, as_of)
    with refusing(ValueError, OSError):
        written_report(history, views, week or week_of(history.as_of), out)
    say(f"wrote {out / 'report.html'}, report.md and report.json")


def export(
    context: typer.Context,
    as_of: str = typer.Option("", "--as-of", help="As known at this instant (ISO); default: the newest record."),
    form: str = typer.Option("csv", "--format", help="Comma-separated exporters; see docs/codebook.md."),
    out: Path = typer.Option(Path("export"), "--out", help="Folder for the data package."),
) -> None:
    """Write the data package: CSV tables, descriptor, codebook, checksums.

    Example: tracker export --out package --database out/doj-2024-09-04/tracker.db
    """
    from tracker.reading import EXPORTERS

    wanted = [part.strip() for part in form.split(",") if part.strip()]
    for part in wanted:
        if part not in EXPORTERS:
            raise Refused(f"no exporter {part!r}; there are {', '.join(EXPORTERS)}")
    history, views = history_and_views(context, as_of)
    with refusing(OSError):
        for part in wanted:
            EXPORTERS[part]().write(history, views, out)
    say(f"wrote {out}")
