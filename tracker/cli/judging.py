"""`tracker explain`, `review` and `evidence`: why a name is (not) called a replacement, and what people say of it."""

from pathlib import Path

import typer

from tracker.cli.context import history_and_views, settings_of
from tracker.cli.errors import Refused, refusing
from tracker.cli.output import say
from tracker.cli.typed import instant


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("explain")(explain)
    app.command("review")(review)
    app.command("evidence")(evidence)


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
    name: str = typer.Argument("", help="The candidate, to judge or mute it alone."),
    verdict: str = typer.Option("", "--verdict", help="CONFIRMED, LIKELY, POSSIBLE, RULED_OUT or INSUFFICIENT."),
    reviewer: str = typer.Option("", "--reviewer", help="Who says so, or with --queue who is going to; initials do."),
    reason: str = typer.Option("", "--reason", help="Why, in one sentence."),
    note: str = typer.Option("", "--note", help="Anything else."),
    predecessor: str = typer.Option("", "--predecessor", help="Only as a replacement of this name; default: of all."),
    queue: Path | None = typer.Option(None, "--queue", help="Write the candidates to be judged to this CSV file."),
    after: str = typer.Option(
        "", "--after", help="With --queue: only what this analyst has judged, for a second look that does not show it."
    ),
    limit: int = typer.Option(0, "--limit", min=0, help="With --queue: at most so many rows; 0 = all."),
    everything: bool = typer.Option(
        False, "--all", help="With --queue: also what the rules exclude, and what is muted."
    ),
    import_: Path | None = typer.Option(None, "--import", help="Read decisions from an edited queue, all or none."),
    mute: str = typer.Option("", "--mute", help="Do not ask until then: a day, or a length such as 30d; 0d unmutes."),
    scope: str = typer.Option(
        "name", "--scope", help="With --mute: name, predecessor, label, suffix, registrar or name_server of NAME."
    ),
    mutes: bool = typer.Option(False, "--mutes", help="List the mutes that hold."),
    agreement: bool = typer.Option(False, "--agreement", help="Print how far analysts agree."),
) -> None:
    """Judge candidates: one by one, or many as a queue edited in a spreadsheet; the newest verdict overrides the rules.

    Example: tracker review rrn.so --verdict CONFIRMED --reviewer AB --reason "same imprint and tracker id"
    """
    from tracker.cli import reviewing

    ways = {
        "NAME": bool(name),
        "--queue": queue is not None,
        "--import": import_ is not None,
        "--mutes": mutes,
        "--agreement": agreement,
    }
    if sum(ways.values()) != 1:
        raise Refused(f"wants one of {', '.join(ways)}; see tracker review --help")
    settings = settings_of(context)
    if name and bool(verdict) == bool(mute):
        raise Refused("a name is given a --verdict or a --mute")
    if name:
        reviewing.one(settings, reviewing.Wish(name, verdict, reviewer, reason, note, predecessor, scope, mute))
    elif queue is not None:
        reviewing.write_queue(settings, queue, reviewer=reviewer, after=after, limit=limit, everything=everything)
    elif import_ is not None:
        reviewing.read_queue(settings, import_, reviewer)
    elif mutes:
        reviewing.list_mutes(settings)
    else:
        reviewing.print_agreement(settings, reviewer)


def evidence(
    context: typer.Context,
    name: str = typer.Argument(help="The name that a complaint or a dispute is about."),
    out: Path = typer.Option(..., "--out", help="The ZIP file to write."),
    as_of: str = typer.Option("", "--as-of", help="As known at this instant (ISO); default: the newest record."),
) -> None:
    """Write the file for a complaint: facts in plain English, raw replies with hashes and times, CT proof, contacts.

    Example: tracker evidence rrn.so --out rrn.so.zip --database out/doj-2024-09-04/tracker.db
    """
    from tracker.model.names import parse
    from tracker.reading import Unreadable, evidence_zip

    with refusing(Unreadable, ValueError):
        wanted = parse(name)
        body = evidence_zip(settings_of(context), wanted, instant("--as-of", as_of))
    if body is None:
        raise Refused("nothing was recorded yet; `tracker run` records, `tracker replay` plays a known event")
    with refusing(OSError, file=out):
        out.write_bytes(body)
    say(f"wrote {out}: evidence on {wanted}; unpack it and run verify.py to check it")
