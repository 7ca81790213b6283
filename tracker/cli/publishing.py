"""`tracker report`, `export`, `cite` and `retract`: what people read, what they load, how it is cited and corrected."""

from pathlib import Path

import typer

from tracker.cli.context import history_and_views, settings_of
from tracker.cli.errors import NotRun, Refused, refusing
from tracker.cli.output import say
from tracker.cli.typed import choice, instant, word

AS_OF = typer.Option("", "--as-of", help="As known at this instant (ISO); default: the newest record.")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("report")(report)
    app.command("export")(export)
    app.command("cite")(cite)
    app.command("retract")(retract)


def report(
    context: typer.Context,
    week: str = typer.Option("", "--week", help="ISO week such as 2024-W36; default: the week of the newest record."),
    as_of: str = AS_OF,
    out: Path = typer.Option(Path("report"), "--out", help="Folder for report.html, report.md and report.json."),
) -> None:
    """Write the weekly churn report.

    Example: tracker report --week 2024-W36 --database out/doj-2024-09-04/tracker.db
    """
    from tracker.analysis.churn import week_of
    from tracker.reading import views_before, written_report

    history, views = history_and_views(context, as_of)
    chosen = week or week_of(history.as_of)
    with refusing(ValueError, OSError, file=out):
        previous = views_before(settings_of(context), chosen, history.as_of)
        written_report(settings_of(context), history, views, chosen, out, previous)
    say(f"wrote {out / 'report.html'}, report.md and report.json")


def export(
    context: typer.Context,
    as_of: str = AS_OF,
    since: str = typer.Option("", "--since", help="Only names with news after this instant (ISO)."),
    only_new: bool = typer.Option(False, "--only-new", help="With --since: only names first put forward after it."),
    profile: str = typer.Option(
        "shared", "--profile", help="shared (TLP:GREEN), public (TLP:CLEAR, reviewed names only) or house (everything)."
    ),
    form: str = typer.Option(
        "csv", "--format", help="Comma-separated: csv, parquet, stix, misp, dnstwist, names; see docs/plug-ins.md."
    ),
    out: Path = typer.Option(Path("export"), "--out", help="Folder for the data package."),
) -> None:
    """Write the data package: CSV tables, descriptor, codebook, checksums; other formats beside them.

    Example: tracker export --format csv,stix --out package --database out/doj-2024-09-04/tracker.db
    """
    from tracker.model.times import iso
    from tracker.reading import EXPORTERS, PROFILES, MissingPart, Selection, judging, write_package

    wanted = list(dict.fromkeys(part.strip() for part in form.split(",") if part.strip()))
    if not wanted:
        raise Refused(f"--format names none; there are {', '.join(EXPORTERS)}")
    for part in wanted:
        word("--format", part, EXPORTERS)
    word("--profile", profile, PROFILES)
    if only_new and not since:
        raise Refused("--only-new needs --since: new since when?")
    with refusing(ValueError):
        selection = Selection(
            disclosure=PROFILES[profile],
            since=instant("--since", since),
            only_new=only_new,
            derive=judging(settings_of(context)),
        )
    history, views = history_and_views(context, as_of)
    if selection.since is not None and selection.since >= history.as_of:
        raise Refused(f"--since {since}: nothing is known from after that, the data are as of {iso(history.as_of)}")
    try:
        with refusing(OSError, file=out):
            shown = write_package(history, views, out, wanted, selection)
    except MissingPart as error:
        raise NotRun(str(error)) from error
    say(f"wrote {out}, snapshot {shown.snapshot}")


def cite(context: typer.Context, as_of: str = AS_OF) -> None:
    """Print how to cite the data: snapshot id, as-of time, rule set, version.

    Example: tracker cite --as-of 2024-10-05 --database out/doj-2024-09-04/tracker.db
    """
    from tracker.reading import cited

    typer.echo(cited(*history_and_views(context, as_of)))


def retract(
    context: typer.Context,
    name: str = typer.Argument(help="The name that was wrongly published, or that something wrong was said of."),
    what: str = typer.Option("name", "--what", help="name (a stranger), claim (a wrong row) or date (a wrong date)."),
    source: str = typer.Option("", "--source", help="Id of the source whose claim or date it is; default: any."),
    reviewer: str = typer.Option(..., "--reviewer", help="Who says so; initials will do."),
    reason: str = typer.Option(..., "--reason", help="Why, in one sentence. Not published."),
) -> None:
    """Take back what was wrong: out of every later report and export, listed in the errata and the tombstones.

    Example: tracker retract rrn.so --what date --source viginum --reviewer AB --reason "day and month swapped"
    """
    from tracker.analysis.retractions import What
    from tracker.model.names import parse
    from tracker.reading import Unreadable, desk
    from tracker.stages.retract import retract as append

    kind = choice("--what", what, What)
    with refusing(Unreadable, ValueError), desk(settings_of(context), "review") as (stored, _, run, now):
        wanted = parse(name)
        append(stored.log, wanted, kind, source=source, reviewer=reviewer, reason=reason, run=run, at=now)
    say(f"the {kind} was retracted; it is in no later report or export")
