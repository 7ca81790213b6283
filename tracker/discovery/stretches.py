"""A stretch of one log, read by its data or, where it offers them, by its names; in steps that can be stored."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeVar

from tracker.clients.ctlogs import Head, Hints, LogReader, LogUnavailable, Slice
from tracker.decoders.trees import TILE_WIDTH
from tracker.discovery.logged import Entries, Found, Seen, hosts
from tracker.model.facts import Gap

TOGETHER = 20 * TILE_WIDTH
"""Entries that are matched, and stored, together."""
OWED_KEPT = 1_000
"""Hints that may wait for their entries; with more of them outstanding, the log counts as out of reach."""


Part = TypeVar("Part", Slice, Hints)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Entries before `done` were read; `owed` matched and are still to be fetched.

    `timestamp` is when the first was logged, in milliseconds; None where only a hint says so.
    """

    done: int
    timestamp: int | None
    found: Found
    owed: tuple[int, ...] = ()


async def by_data(
    reader: LogReader, entries: Entries, first: int, last: int, head: Head
) -> AsyncGenerator[Stretch, None]:
    """Every entry of [first, last), proved; raises LogFailure."""
    async with aclosing(_groups(reader.entries(first, last, head))) as groups:
        async for group in groups:
            found = await entries.read(reader, group, head)
            done = group[-1].first + len(group[-1].entries)
            yield Stretch(done, group[0].entries[0].timestamp, found)


async def by_names(
    reader: LogReader, entries: Entries, first: int, last: int, head: Head
) -> AsyncGenerator[Stretch, None]:
    """The names of [first, last), and the entries of those that match, proved; raises NoNames or another LogFailure.

    Where an entry cannot be had now, its hint is given in its place and the entry is owed.
    """
    async with aclosing(_groups(reader.names(first, last, head))) as groups:
        async for group in groups:
            hints = entries.hinted(reader, group)
            found, owed = await settled(reader, entries, hints, head)
            done = group[-1].first + len(group[-1].lines)
            yield Stretch(done, None, found, owed)


async def settled(
    reader: LogReader, entries: Entries, hints: dict[int, list[Seen]], head: Head
) -> tuple[Found, tuple[int, ...]]:
    """Fetch and prove hinted entries; what cannot be had now stays a hint, and its index is owed.

    Without hints of its own an index was hinted before. Raises LogMisbehaved.
    """
    seen: list[Seen] = []
    gaps: list[Gap] = []
    owed: list[int] = []
    for tile in _by_tile(hints):
        try:
            slices = await _fetched(reader, tile, head)
            found = await entries.read(reader, slices, head)
        except LogUnavailable:
            owed += tile
            seen += [row for index in tile for row in hints[index]]
            continue
        seen += found.seen
        gaps += found.gaps
        borne = {part.first: tuple(hosts(part.entries[0].names)) for part in slices}
        for index in tile:
            told = {row.sighting.name for row in hints[index]}
            if not all(any(f".{host}".endswith(f".{name}") for host in borne[index]) for name in told):
                gaps.append(entries.missing(reader, index))
    return Found(tuple(seen), tuple(gaps)), tuple(owed)


def _by_tile(indexes: Sequence[int] | dict[int, list[Seen]]) -> list[list[int]]:
    tiles: dict[int, list[int]] = {}
    for index in sorted(indexes):
        tiles.setdefault(index // TILE_WIDTH, []).append(index)
    return list(tiles.values())


async def _fetched(reader: LogReader, wanted: Sequence[int], head: Head) -> list[Slice]:
    """The wanted entries of one tile, each a slice of its own."""
    found: list[Slice] = []
    async for part in reader.entries(wanted[0], wanted[-1] + 1, head):
        found += [
            Slice(index, (entry,)) for index, entry in enumerate(part.entries, part.first) if index in set(wanted)
        ]
    return found


async def _groups(parts: AsyncIterator[Part]) -> AsyncGenerator[list[Part], None]:
    group: list[Part] = []
    count = 0
    async for part in parts:
        group.append(part)
        count += len(part.entries) if isinstance(part, Slice) else len(part.lines)
        if count >= TOGETHER:
            yield group
            group, count = [], 0
    if group:
        yield group
