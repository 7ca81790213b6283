"""Reading a static log (static-ct-api): files under one prefix, everything verified against the signed checkpoint."""

import asyncio
from collections.abc import AsyncIterator

from tracker.clients.ctlogs import Asker, Head, Hints, Inclusion, LogMisbehaved, NoNames, NotThere, Slice
from tracker.clients.cttiles import HashTiles
from tracker.decoders import notes, tiles
from tracker.decoders.ctentries import Entry
from tracker.decoders.loglist import LogInfo
from tracker.decoders.merkle import HASH, ProofError, root_over, verify_consistency, verify_inclusion
from tracker.decoders.tiles import TileError
from tracker.decoders.trees import TILE_WIDTH, split
from tracker.model.facts import Reason

CHECKPOINT_LIMIT = 100_000
AHEAD = 4
"""Data tiles fetched at once; each is some 100 KB on the wire."""


class StaticLog:
    """One static log. Entries come in slices of one data tile; a tile of which a part is wanted is verified whole."""

    def __init__(self, info: LogInfo, asker: Asker) -> None:
        self.info = info
        self._asker = asker
        self._hashes = HashTiles(self._hash_tile)

    async def head(self) -> Head:
        """The newest checkpoint, its signature by the log's key checked; raises LogFailure."""
        raw = await self._asker.get("checkpoint", limit=CHECKPOINT_LIMIT)
        try:
            checkpoint = notes.verify_checkpoint(raw, self.info.origin, self.info.key)
        except notes.NoteError as error:
            raise LogMisbehaved(f"checkpoint refused: {error}", raw) from error
        assert checkpoint.at is not None
        return Head(checkpoint.size, checkpoint.root, checkpoint.at, raw)

    async def entries(self, first: int, last: int, head: Head) -> AsyncIterator[Slice]:
        """Entries [first, last) of the tree of `head`; raises LogFailure. A slice is what one tile holds of them."""
        if not 0 <= first <= last <= head.size:
            raise ValueError(f"entries {first} to {last} of {head.size}")
        numbers = range(first // TILE_WIDTH, -(-last // TILE_WIDTH))
        for start in range(0, len(numbers), AHEAD):
            wanted = numbers[start : start + AHEAD]
            read = await asyncio.gather(*(self._data_tile(number, head) for number in wanted))
            for number, found in zip(wanted, read, strict=True):
                base = number * TILE_WIDTH
                await self._check(number, found, head)
                low, high = max(first - base, 0), min(last - base, len(found))
                yield Slice(base + low, tuple(found[low:high]))

    async def names(self, first: int, last: int, head: Head) -> AsyncIterator[Hints]:
        """The lines of names tiles for entries [first, last), unproved; raises NoNames or another LogFailure."""
        if not 0 <= first <= last <= head.size:
            raise ValueError(f"names {first} to {last} of {head.size}")
        for number in range(first // TILE_WIDTH, -(-last // TILE_WIDTH)):
            base, width = number * TILE_WIDTH, min(TILE_WIDTH, head.size - number * TILE_WIDTH)
            try:
                lines = tiles.read_names(await self._tile("names", number, width))
            except NotThere as error:
                raise NoNames(error.reason, f"{self.info.origin} has no names tile {number}") from error
            except TileError as error:
                raise NoNames(Reason.MALFORMED, f"names tile {number}: {error}") from error
            if len(lines) < width:
                raise NoNames(Reason.MALFORMED, f"names tile {number} has {len(lines)} lines, not {width}")
            low, high = max(first - base, 0), min(last - base, width)
            yield Hints(base + low, tuple(lines[low:high]))

    async def prove(self, old: Head, new: Head) -> None:
        """Return when the tree of `new` extends that of `old`; raises LogFailure with `new` as evidence."""
        if old.size == 0 or (old.size, old.root) == (new.size, new.root):
            return
        if old.size > new.size:
            raise LogMisbehaved(f"the tree went back from {old.size} to {new.size} entries", new.raw)
        proof = await self._hashes.consistency(old.size, new) if old.size < new.size else []
        try:
            verify_consistency(old.size, new.size, old.root, new.root, proof)
        except ProofError as error:
            self._hashes.forget()
            raise LogMisbehaved(f"size {new.size} does not extend size {old.size}: {error}", new.raw) from error

    async def inclusion(self, index: int, leaf: bytes, head: Head) -> Inclusion:
        """The proof that the leaf stands at `index`; raises LogFailure with the head as evidence when it does not."""
        path = await self._hashes.inclusion(index, head)
        try:
            verify_inclusion(index, head.size, leaf, path, head.root)
        except ProofError as error:
            self._hashes.forget()
            raise LogMisbehaved(f"entry {index} is not in the tree of size {head.size}: {error}", head.raw) from error
        return Inclusion(index, tuple(path))

    def source(self, index: int) -> str:
        """Address of the full data tile that holds or will hold the entry."""
        return self._asker.url + tiles.path("data", index // TILE_WIDTH)

    async def _check(self, number: int, found: list[Entry], head: Head) -> None:
        hashes = [entry.leaf_hash for entry in found]
        if len(found) < TILE_WIDTH:
            await self._hashes.check(head, (number, hashes))
        elif root_over(hashes) != await self._hashes.above(head, 0, number):
            self._hashes.forget()
            raise LogMisbehaved(f"data tile {number} is not in the tree of size {head.size}", head.raw)

    async def _data_tile(self, number: int, head: Head) -> list[Entry]:
        width = min(TILE_WIDTH, head.size - number * TILE_WIDTH)
        body = await self._tile("data", number, width)
        try:
            return tiles.read_data(body, number, width)
        except TileError as error:
            raise LogMisbehaved(f"data tile {number}: {error}", body[:CHECKPOINT_LIMIT]) from error

    async def _hash_tile(self, level: int, number: int, width: int) -> list[bytes]:
        body = await self._tile(str(level), number, width, limit=TILE_WIDTH * HASH)
        try:
            return split(tiles.read_hashes(body, width))
        except TileError as error:
            raise LogMisbehaved(f"hash tile {level}/{number}: {error}", body) from error

    async def _tile(self, kind: str, number: int, width: int, limit: int = tiles.INFLATED_LIMIT) -> bytes:
        try:
            return await self._asker.get(tiles.path(kind, number, width), limit=limit)
        except NotThere:
            if width == TILE_WIDTH:
                raise
        return await self._asker.get(
            tiles.path(kind, number), limit=limit
        )  # partial tiles go once the full one is there
