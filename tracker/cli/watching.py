"""`tracker watch`: the watch, by hand."""

import typer

from tracker.cli.context import settings_of
from tracker.cli.errors import refusing
from tracker.cli.output import FORMAT, Format, say, write_rows

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
    app.add_typer(group, name="watch")


def add(
    context: typer.Context,
    name: str = NAME,
    seized_on: str = typer.Option("", "--seized-on", help="Day (or instant) of the seizure, ISO."),
    source: str = typer.Option(..., "--source", help="Who says so: a URL or a title."),
    cohort: str = typer.Option("own_brand", "--cohort", help="own_brand or imitated."),
    protected: bool = typer.Option(False, "--protected", help="A brand that is imitated; needs no takedown."),
    adopted: bool = typer.Option(
        False, "--adopt", help="A name from a claim; watched, never counted as our detection."
    ),
    brand: str = typer.Option("", "--brand", help="The outlet's name."),
    operation: str = typer.Option("", "--operation", help="Id of the operation, as in the lists."),
    why: str = typer.Option("", "--why", help="Why it is watched."),
) -> None:
    """Watch a name.

    Example: tracker watch add rrn.media --seized-on 2024-09-04 --source https://example.org/notice
    """
    from tracker.lookalikes.suffixes import Suffixes
    from tracker.model.names import parse
    from tracker.model.watching import Cohort, Source, WatchKind
    from tracker.reading import Unreadable, desk
    from tracker.stages.watching import Wish
    from tracker.stages.watching import add as append

    kind = WatchKind.PROTECTED if protected else WatchKind.ADOPTED if adopted else WatchKind.PREDECESSOR
    with refusing(Unreadable, ValueError):
        wanted = parse(name)
        label = Suffixes.bundled().split(wanted).label
        if not label:
            raise ValueError(f"{wanted} is a public suffix, nobody registers it")
        wish = Wish(
            name=wanted,
            label=label,
            kind=kind,
            cohort=Cohort(cohort),
            source=Source("by-hand", source, source if "://" in source else ""),
            brand=brand,
            operation=operation,
            seized_on=seized_on,
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


def _change(context: typer.Context, name: str, status: str) -> None:
    from tracker.model.names import parse
    from tracker.model.watching import WatchStatus
    from tracker.reading import Unreadable, desk
    from tracker.stages.watching import change

    with refusing(Unreadable, ValueError), desk(settings_of(context), "watch") as (stored, planner, run, now):
        for watch in change(stored.log, planner, parse(name) if "." in name else name, WatchStatus(status), run, now):
            say(f"{watch.key} is {watch.status}")
