"""Hash tiles of a static log, each checked against a signed root before anything is concluded from it."""

from collections.abc import Awaitable, Callable

from tracker.clients.ctlogs import Head, LogMisbehaved
from tracker.decoders.merkle import EMPTY_ROOT, root_over
from tracker.decoders.trees import (
    TILE_WIDTH,
    consistency_ranges,
    fold,
    in_tile,
    inclusion_ranges,
    nodes,
    tiles_of,
)

Fetch = Callable[[int, int, int], Awaitable[list[bytes]]]
"""(level, number, width) to that many hashes of a tile, unchecked; raises LogFailure."""

_KEPT = 512

Hashes = list[bytes]


class HashTiles:
    """The tiles of one log. Full tiles never change, so a checked one is kept; the edge is checked for every head."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._full: dict[tuple[int, int], Hashes] = {}
        self._edge: dict[int, tuple[int, Hashes]] = {}
        self._head: tuple[int, bytes] | None = None

    async def check(self, head: Head, leaves: tuple[int, Hashes] | None = None) -> None:
        """Make sure of the right edge of the tree of `head`; raises LogFailure.

        `leaves`, (tile number, leaf hashes) of the partial tile at the edge as the caller computed them, saves a
        question; they count as proved when this returns.
        """
        if self._head == (head.size, head.root) and leaves is None:
            return
        if await self._fits(head, leaves):
            return
        self.forget()  # what was remembered may be of another history; only what is asked anew convicts
        if not await self._fits(head, leaves):
            raise LogMisbehaved(f"hash tiles do not give the signed root at size {head.size}", head.raw)

    def forget(self) -> None:
        """Drop all that was remembered: after misbehaviour it may belong to a history that the log denies."""
        self._full, self._edge, self._head = {}, {}, None

    async def _fits(self, head: Head, leaves: tuple[int, Hashes] | None) -> bool:
        edge: dict[int, tuple[int, Hashes]] = {}
        for level, number, width in tiles_of(head.size):
            known, hashes = self._edge.get(level, (-1, []))
            if level == 0 and leaves is not None and leaves[0] == number and len(leaves[1]) == width:
                hashes = leaves[1]
            elif known != number or len(hashes) != width:
                hashes = await self._fetch(level, number, width)
            edge[level] = number, hashes
        parts = [_width_nodes(edge[level][1]) for level in sorted(edge, reverse=True)]
        root = fold([part for row in parts for part in row]) if parts else EMPTY_ROOT
        if root == head.root:
            self._edge, self._head = edge, (head.size, head.root)
        return root == head.root

    async def tile(self, head: Head, level: int, number: int) -> Hashes:
        """The hashes of a tile of the tree of `head`, all proved; raises LogFailure."""
        await self.check(head)
        at_edge = self._edge.get(level)
        if at_edge is not None and at_edge[0] == number:
            return at_edge[1]
        kept = self._full.get((level, number))
        if kept is None:
            kept = await self._fetch(level, number, TILE_WIDTH)
            if root_over(kept) != await self.above(head, level, number):
                raise LogMisbehaved(
                    f"hash tile {level}/{number} is not in the tree of size {head.size}", b"".join(kept)
                )
            while len(self._full) >= _KEPT:
                del self._full[next(iter(self._full))]
            self._full[level, number] = kept
        return kept

    async def above(self, head: Head, level: int, number: int) -> bytes:
        """The proved root of a full tile, as the tile above it holds it; raises LogFailure."""
        return (await self.tile(head, level + 1, number // TILE_WIDTH))[number % TILE_WIDTH]

    async def consistency(self, old_size: int, head: Head) -> Hashes:
        """The consistency proof from `old_size` to `head`, drawn from tiles; raises LogFailure."""
        return [await self._over(head, first, last) for first, last in consistency_ranges(old_size, head.size)]

    async def inclusion(self, index: int, head: Head) -> Hashes:
        """The inclusion proof of an entry in the tree of `head`, drawn from tiles; raises LogFailure."""
        return [await self._over(head, first, last) for first, last in inclusion_ranges(index, head.size)]

    async def _over(self, head: Head, first: int, last: int) -> bytes:
        found: Hashes = []
        for node in nodes(first, last):
            level, number, position, count = in_tile(node)
            hashes = await self.tile(head, level, number)
            found.append(root_over(hashes[position : position + count]))
        return fold(found)


def _width_nodes(hashes: Hashes) -> Hashes:
    """The roots of the complete subtrees under a partial tile, left to right."""
    spans = [(index << level, 1 << level) for level, index in nodes(0, len(hashes))]
    return [root_over(hashes[at : at + count]) for at, count in spans]
