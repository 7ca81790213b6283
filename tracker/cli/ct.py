"""Certificate transparency on the command line: logs listed, read and verified, and saved replies decoded."""

import base64
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tracker.cli import parse
from tracker.cli.context import settings_of
from tracker.cli.errors import refusing
from tracker.cli.output import FORMAT, Format, chosen, say, write_rows

if TYPE_CHECKING:
    from tracker.auditing import Audit
    from tracker.decoders.ctentries import Entry

FILE = typer.Argument(help="A saved reply; - reads standard input.")
LOG = typer.Argument(help="A log's id, address or name, or a part of it that no other log has.")
FIRST = typer.Option(None, "--from", min=0, help="Index of the first entry.")
LAST = typer.Option(None, "--to", min=0, help="Index after the last entry; default: the newest.")
NEWEST = typer.Option(256, "--newest", min=0, help="So many entries before --to, where --from is not given.")


def register(app: typer.Typer) -> None:
    """Add `tracker ct`, and the formats of certificate logs to `tracker parse`."""
    made = typer.Typer(no_args_is_help=True, help="Certificate transparency logs: listed, read, verified.")
    app.add_typer(made, name="ct")
    made.command("logs")(logs)
    made.command("names")(names)
    made.command("verify")(verify)
    group = parse.group(app)
    group.command("ct-tile")(ct_tile)
    group.command("ct-entries")(ct_entries)
    group.command("note")(note)


def logs(context: typer.Context, form: Format = FORMAT) -> None:
    """Which logs there are, which may hold today's certificates, which are followed and how far they were read.

    The list is fetched; the logs are not asked. What was read, and the lag, comes from the database where there is one.

    Example: tracker ct logs --format csv
    """
    from tracker.auditing import LOGS, LogFailure

    audit = _audit(context)
    with refusing(ValueError):
        try:
            rows, coverage = audit.logs()
        except LogFailure as failure:
            say(f"the log list cannot be read: {failure}")
            raise typer.Exit(1) from failure
    write_rows(LOGS, rows, form, names="log")
    say(coverage)


def names(
    context: typer.Context,
    log: str = LOG,
    first: int | None = FIRST,
    last: int | None = LAST,
    newest: int = NEWEST,
    form: Format = FORMAT,
) -> None:
    """The names in a range of a log's entries, every entry proved to be in the tree that the log signed.

    Example: tracker ct names sycamore.ct.letsencrypt.org/2027h1 --newest 512 --format names
    """
    from tracker.auditing import NAMES, LogFailure

    audit = _audit(context)
    with refusing(ValueError):
        try:
            rows = audit.names(log, first, last, newest)
            if chosen(form) is Format.NAMES:
                place = NAMES.index("names")
                rows = ((name,) for row in rows for name in str(row[place]).split(";") if name)
                write_rows(("names",), rows, form, names="names")
            else:
                write_rows(NAMES, rows, form)
        except LogFailure as failure:
            say(f"{log}: {failure}")
            raise typer.Exit(1) from failure


def verify(
    context: typer.Context,
    log: str = LOG,
    first: int | None = FIRST,
    last: int | None = LAST,
    newest: int = NEWEST,
    form: Format = FORMAT,
) -> None:
    """Check a log: its newest signature, that it extends the head remembered in the database, that entries are in it.

    Exit 1 when a check fails, or when the log cannot be asked (which says nothing against it).

    Example: tracker ct verify tuscolo2027h1 --from 0 --to 1024
    """
    from tracker.auditing import FAILED, UNREACHABLE, VERDICTS, LogFailure

    audit = _audit(context)
    with refusing(ValueError):
        try:
            rows = list(audit.verify(log, first, last, newest))
        except LogFailure as failure:
            say(f"the log list cannot be read: {failure}")
            raise typer.Exit(1) from failure
    write_rows(VERDICTS, rows, form, names="check")
    if rows[-1][1] in {FAILED, UNREACHABLE}:
        raise typer.Exit(1)


def _audit(context: typer.Context) -> "Audit":
    from tracker.auditing import Audit, machine
    from tracker.wiring import user_agent

    settings = settings_of(context)
    with refusing(ValueError):
        outside = machine(settings.identity.ca_file)
    if not settings.identity.contact:
        say("identity.contact is empty: logs slow down those who do not say who they are")
    return Audit(settings, user_agent(settings), outside)


def ct_tile(file: Path = FILE) -> None:
    """Decode a data tile of a static log, gzip or not: one line per entry, in order.

    Example: tracker parse ct-tile tile/data/000
    """
    from tracker.decoders.tiles import TileError, read_data

    try:
        entries = read_data(parse.read(file))
    except TileError as error:
        raise parse.fail(file, error) from error
    parse.write(_rows(entries))


def ct_entries(file: Path = FILE) -> None:
    """Decode a get-entries reply (RFC 6962), gzip or not: one line per entry, in order.

    Example: tracker parse ct-entries reply.json
    """
    from tracker.decoders.ctentries import EntryError, read_get_entries
    from tracker.decoders.tiles import TileError, unpack

    try:
        entries = read_get_entries(unpack(parse.read(file)))
    except (EntryError, TileError) as error:
        raise parse.fail(file, error) from error
    parse.write(_rows(entries))


def note(file: Path = FILE) -> None:
    """Decode a signed note with a checkpoint: origin, size, root, and who claims to have signed (nothing is verified).

    Example: tracker parse note checkpoint
    """
    from tracker.decoders.notes import NoteError, read_checkpoint
    from tracker.decoders.notes import parse as split

    try:
        found = split(parse.read(file))
        checkpoint = read_checkpoint(found)
    except NoteError as error:
        raise parse.fail(file, error) from error
    signatures = [{"name": each.name, "key_id": each.key_id.hex()} for each in found.signatures]
    root = base64.b64encode(checkpoint.root).decode("ascii")
    parse.write([{"origin": checkpoint.origin, "size": checkpoint.size, "root": root, "signatures": signatures}])


def _rows(entries: "Iterable[Entry]") -> Iterator[dict[str, object]]:
    for entry in entries:
        row = entry.row()
        yield {**row, "problem": entry.problem} if entry.problem else row
