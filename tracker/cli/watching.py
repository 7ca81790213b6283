"""`tracker watch`: the watch, by hand."""

import typer

from tracker.cli.context import settings_of
from tracker.cli.errors import refusing
from tracker.cli.output import FORMAT, Format, say, write_rows
from tracker.cli.typed import choice, when

COLUMNS = ("kind", "domain", "label", "cohort", "brand", "status", "since", "tlp", "pap", "operation", "why")
NAME = typer.Argument(help="A domain name; defanged is fine.")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(no_args_is_help=True, help="What is watched, by hand.")
    group.command("add")(add)
    group.command("list")(list_)
    group.command("pause")(pause)
    group.command("resume")(resume)
    group.command("remove")(remove)
    group.command("note")(note)
    app.add_typer(group, name="watch")


def add(
    context: typer.Context,
    name: str = NAME,
    seized_on: str = typer.Option("", "--seized-on", help="Day (or instant) of the seizure, ISO."),
    source: str = typer.Option(
        "", "--source", help="Who says so: a URL or a title. A brand needs none, nor a name that a list claims."
    ),
    cohort: str = typer.Option("own_brand", "--cohort", help="own_brand or imitated."),
    protected: bool = typer.Option(False, "--protected", help="A brand that is imitated; needs no takedown."),
    adopted: bool = typer.Option(
        False, "--adopt", help="A name from a claim; watched, never counted as our detection."
    ),
    brand: str = typer.Option("", "--brand", help="The outlet's name."),
    operation: str = typer.Option("", "--operation", help="Id of the operation, as in the lists."),
    why: str = typer.Option("", "--why", help="Why it is watched."),
    tlp: str = typer.Option("TLP:CLEAR", "--tlp", help="Who may read what follows from it: TLP:CLEAR to TLP:RED."),
    pap: str = typer.Option(
        "PAP:CLEAR", "--pap", help="What may be asked: PAP:RED nothing, PAP:AMBER nothing they see."
    ),
) -> None:
    """Watch a name. One that a list claims is adopted with the operation, the source and the markings of its claims.

    Example: tracker watch add rrn.media --seized-on 2024-09-04 --source https://example.org/notice
    """
    from tracker.lookalikes.suffixes import Suffixes
    from tracker.model.names import parse
    from tracker.model.watching import Cohort, Pap, Source, Tlp, WatchKind
    from tracker.reading import Unreadable, desk
    from tracker.stages.watching import Wish
    from tracker.stages.watching import add as append

    kind = WatchKind.PROTECTED if protected else WatchKind.ADOPTED if adopted else WatchKind.PREDECESSOR
    with refusing(Unreadable, ValueError):
        wanted = parse(name)
        label = Suffixes.bundled().split(wanted).label
        if not label:
            raise ValueError(f"{wanted} is a public suffix, nobody registers it")
        if protected and (adopted or seized_on):
            raise ValueError("--protected is a brand that is imitated: it goes with neither --adopt nor --seized-on")
        if kind is WatchKind.PREDECESSOR and not source:
            raise ValueError("--source has to say who says so: a URL or a title")
        wish = Wish(
            name=wanted,
            label=label,
            kind=kind,
            cohort=choice("--cohort", cohort, Cohort),
            source=Source("by-hand", source or (brand if protected else ""), source if "://" in source else ""),
            tlp=choice("--tlp", tlp, Tlp),
            pap=choice("--pap", pap, Pap),
            brand=brand,
            operation=operation,
            seized=when("--seized-on", seized_on) if seized_on else None,
            why=why,
        )
        with desk(settings_of(context), "watch") as (stored, planner, run, now):
            append(stored.log, planner, wish, run, now)
    say(f"watching {wanted}")


def list_(context: typer.Context, form: Format = FORMAT) -> None:
    """Everything that is or was watched; control labels included.

    Example: tracker watch list --format csv
    """
    from tracker.model.times import iso
    from tracker.reading import Unreadable, opened

    with refusing(Unreadable), opened(settings_of(context)) as stored:
        watches = stored.log.watches()
    rows = [
        (
            watch.kind,
            watch.name or "",
            watch.label,
            watch.cohort or "",
            watch.brand,
            watch.status,
            iso(watch.since),
            watch.tlp,
            watch.pap,
            watch.operation_id,
            watch.why,
        )
        for watch in watches
    ]
    write_rows(COLUMNS, rows, form)


def pause(context: typer.Context, name: str = NAME) -> None:
    """Stop looking at a name for now; what was seen stays.

    Example: tracker watch pause rrn.media
    """
    _change(context, name, "paused")


def resume(context: typer.Context, name: str = NAME) -> None:
    """Look again.

    Example: tracker watch resume rrn.media
    """
    _change(context, name, "active")


def remove(context: typer.Context, name: str = NAME) -> None:
    """Stop watching a name; what was seen stays in the log.

    Example: tracker watch remove rrn.media
    """
    _change(context, name, "removed")


def note(
    context: typer.Context,
    name: str = NAME,
    reported_to: str = typer.Option(..., "--reported-to", help="Who was told: registrar, registry, hoster, authority."),
    channel: str = typer.Option(..., "--channel", help="How: mail, web form, court, post."),
    at: str = typer.Option("", "--at", help="When it was reported: day or instant, ISO; default: now."),
    by: str = typer.Option("", "--by", help="Who reported it; empty = we did."),
    answer: str = typer.Option("", "--answer", help="What they answered; can be added later by the same call."),
    answered_at: str = typer.Option("", "--answered-at", help="When they answered: day or instant, ISO."),
    reference: str = typer.Option("", "--reference", help="Ticket or case number."),
) -> None:
    """Write down that a name was reported, by us or by others, and what came of it: complaints end lives.

    Example: tracker watch note rrn.so --reported-to "Example Registrar" --channel mail --at 2024-09-10
    """
    from tracker.model.names import parse
    from tracker.model.times import iso
    from tracker.reading import Unreadable, desk
    from tracker.stages.complaining import Told, complain

    with refusing(Unreadable, ValueError):
        told = Told(
            name=parse(name),
            reported_to=reported_to,
            channel=channel,
            at=when("--at", at) if at else None,
            reported_by=by,
            answer=answer,
            answered=when("--answered-at", answered_at) if answered_at else None,
            reference=reference,
        )
        with desk(settings_of(context), "watch") as (stored, _, run, now):
            done = complain(stored.log, told, run, now)
    came = done.answer or "no answer yet"
    say(f"{done.name}: reported to {done.reported_to} on {iso(done.reported.at)[:10]}, {came}")


def _change(context: typer.Context, name: str, status: str) -> None:
    from tracker.model.names import parse
    from tracker.model.watching import WatchStatus
    from tracker.reading import Unreadable, desk
    from tracker.stages.watching import change

    with refusing(Unreadable, ValueError), desk(settings_of(context), "watch") as (stored, planner, run, now):
        for watch in change(stored.log, planner, parse(name) if "." in name else name, WatchStatus(status), run, now):
            say(f"{watch.key} is {watch.status}")
