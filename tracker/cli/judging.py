"""`tracker explain` and `tracker review`: why a name is (not) called a replacement, and what an analyst says of it."""

import typer

from tracker.cli.context import history_and_views, settings_of
from tracker.cli.errors import Refused, refusing
from tracker.cli.output import say


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("explain")(explain)
    app.command("review")(review)


def explain(
    context: typer.Context,
    name: str = typer.Argument(help="The name in question."),
    as_of: str = typer.Option("", "--as-of", help="As known at this instant (ISO); default: the newest record."),
) -> None:
    """Why a name is (not) called a replacement: a sentence for, one against, rules, bits, witnesses, lifeline.

    Example: tracker explain rrn.so --database out/doj-2024-09-04/tracker.db
    """
    from tracker.analysis.explain import explain as explained
    from tracker.cli.telling import told
    from tracker.model.names import NotAName, parse

    with refusing(NotAName):
        wanted = parse(name)
    history, views = history_and_views(context, as_of)
    if not any(row.name == wanted for row in views.candidates):
        raise Refused(f"{wanted} was never put forward for anything that is watched")
    for line in told(explained(history, views, wanted)):
        typer.echo(line)


def review(
    context: typer.Context,
    name: str = typer.Argument(help="The candidate."),
    verdict: str = typer.Option(..., "--verdict", help="CONFIRMED, LIKELY, POSSIBLE, RULED_OUT or INSUFFICIENT."),
    reviewer: str = typer.Option(..., "--reviewer", help="Who says so; initials will do."),
    reason: str = typer.Option(..., "--reason", help="Why, in one sentence."),
    note: str = typer.Option("", "--note", help="Anything else."),
) -> None:
    """Append an analyst's verdict; the newest one overrides the rules.

    Example: tracker review rrn.so --verdict CONFIRMED --reviewer AB --reason "same imprint and tracker id"
    """
    from tracker.model.names import parse
    from tracker.model.views import Verdict
    from tracker.reading import Unreadable, desk
    from tracker.stages.review import review as append

    with refusing(Unreadable, ValueError), desk(settings_of(context), "review") as (stored, _, run, now):
        wanted, judged = parse(name), Verdict(verdict.upper())
        count = append(stored.log, wanted, judged, reviewer=reviewer, reason=reason, note=note, run=run, at=now)
    say(f"{count} verdict{'s' if count != 1 else ''} on {name} recorded")
