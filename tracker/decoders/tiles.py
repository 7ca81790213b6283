"""Files of a static log (static-ct-api): where they stand, how they are packed, what data and names tiles hold."""

import zlib
from typing import NamedTuple

import orjson

from tracker.decoders.ctentries import Entry, EntryError, read_static
from tracker.decoders.trees import TILE_WIDTH

INFLATED_LIMIT = 32 * 1024 * 1024

_GZIP = b"\x1f\x8b"


class TileError(ValueError):
    """The bytes are no such tile."""


class NamesLine(NamedTuple):
    """One line of a names tile: a hint, for nothing ties it to the tree. `names` as written, CN last if it is new."""

    timestamp: int
    names: list[str]


def path(kind: str, number: int, width: int = TILE_WIDTH) -> str:
    """Path of a tile below the log's prefix: `kind` is a level, `data` or `names`; partial when narrower than full."""
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.append(f"x{number % 1000:03d}")
    partial = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{kind}/{'/'.join(reversed(groups))}{partial}"


def unpack(body: bytes, limit: int = INFLATED_LIMIT) -> bytes:
    """The body, inflated if it is gzip (not every server says so); raises TileError beyond `limit` bytes."""
    plain = body
    if body.startswith(_GZIP):
        inflater = zlib.decompressobj(wbits=31)
        try:
            plain = inflater.decompress(body, limit + 1)
        except zlib.error as error:
            raise TileError(f"broken gzip: {error}") from error
        if len(plain) <= limit and (not inflater.eof or inflater.unused_data):
            raise TileError("gzip ends early or too late")
    if len(plain) > limit:
        raise TileError(f"more than {limit} bytes")
    return plain


def read_data(body: bytes, number: int | None = None, width: int | None = None) -> list[Entry]:
    """The entries of a data tile, gzip or not; raises TileError, or its kind EntryError, where it cannot be read on.

    With `number` each claimed leaf_index must be the entry's place; with `width` there must be so many entries at
    least, and later ones (a full tile read in place of a partial one) are cut off.
    """
    try:
        entries = read_static(unpack(body))
    except EntryError as error:
        raise TileError(str(error)) from error
    if not 1 <= len(entries) <= TILE_WIDTH or (width is not None and len(entries) < width):
        raise TileError(f"{len(entries)} entries in the tile")
    entries = entries[:width]
    if number is not None:
        for place, entry in enumerate(entries, number * TILE_WIDTH):
            if entry.leaf_index != place:
                raise TileError(f"entry {place} says that it is {entry.leaf_index}")
    return entries


def read_hashes(body: bytes, width: int) -> bytes:
    """The first `width` hashes of a hash tile; raises TileError for one that is shorter or no row of hashes."""
    if len(body) < 32 * width or len(body) % 32 or len(body) > 32 * TILE_WIDTH:
        raise TileError(f"hash tile of {len(body)} bytes")
    return body[: 32 * width]


def read_names(body: bytes) -> list[NamesLine]:
    """The lines of a names tile, gzip or not; raises TileError."""
    try:
        return [_line(orjson.loads(line)) for line in unpack(body).splitlines() if line]
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise TileError(f"no names tile: {error}") from error


def _line(row: dict[str, object]) -> NamesLine:
    timestamp, names, subject = row["Timestamp"], row.get("DNS") or [], row.get("Subject") or {}
    common = subject.get("CommonName", "") if isinstance(subject, dict) else ""
    if (
        not isinstance(timestamp, int)
        or not isinstance(names, list)
        or not all(isinstance(name, str) for name in names)
    ):
        raise TypeError("line of another shape")
    return NamesLine(timestamp, [*names, common] if common and common not in names else names)
