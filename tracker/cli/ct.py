"""Certificate transparency on the command line: saved tiles, replies and notes, decoded."""

import base64
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tracker.cli import parse

if TYPE_CHECKING:
    from tracker.decoders.ctentries import Entry

FILE = typer.Argument(help="A saved reply; - reads standard input.")


def register(app: typer.Typer) -> None:
    """Add the formats of certificate logs to `tracker parse`."""
    group = parse.group(app)
    group.command("ct-tile")(ct_tile)
    group.command("ct-entries")(ct_entries)
    group.command("note")(note)


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
