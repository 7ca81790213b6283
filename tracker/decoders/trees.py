"""Which hashes make up a Merkle tree: complete subtrees, tiles (static-ct-api), proofs drawn from them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracker.decoders.merkle import EMPTY_ROOT, HASH, ProofError, hashes_of, node_hash

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT

Node = tuple[int, int]
"""(level, index): the complete subtree over leaves [index << level, (index + 1) << level)."""


def nodes(first: int, last: int) -> list[Node]:
    """The complete subtrees over leaves [first, last), left to right; `first` must be aligned to the highest."""
    found: list[Node] = []
    while first < last:
        level = (last - first).bit_length() - 1
        found.append((level, first >> level))
        first += 1 << level
    return found


def fold(hashes: Sequence[bytes]) -> bytes:
    """One hash from those of `nodes`, joined from the right as the tree is."""
    current = hashes[-1]
    for left in reversed(hashes[:-1]):
        current = node_hash(left, current)
    return current


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """The leaf ranges whose hashes make up the inclusion proof of `index`, in the order of the proof."""
    found: list[tuple[int, int]] = []
    first, last = 0, size
    while last - first > 1:
        middle = first + _left(last - first)
        if index < middle:
            found.append((middle, last))
            last = middle
        else:
            found.append((first, middle))
            first = middle
    return found[::-1]


def consistency_ranges(size1: int, size2: int) -> list[tuple[int, int]]:
    """The leaf ranges whose hashes make up the consistency proof from `size1` to `size2`, in the order of the proof."""
    found: list[tuple[int, int]] = []
    first, last, whole = 0, size2, True
    while size1 != last:
        middle = first + _left(last - first)
        if size1 <= middle:
            found.append((middle, last))
            last = middle
        else:
            found.append((first, middle))
            first, whole = middle, False
    if not whole:
        found.append((first, last))
    return found[::-1]


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that must be kept of `size` leaves to append more: the roots of their complete subtrees, left to right."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    @classmethod
    def of_last(cls, size: int, leaf_hash: bytes, proof: Sequence[bytes]) -> "Frontier":
        """From the inclusion proof of leaf `size - 1` in the tree of `size`; compare `root`, or nothing is proved."""
        path = hashes_of(proof)
        low = (size & -size).bit_length() - 1
        if len(path) != low + size.bit_count() - 1:
            raise ProofError("inclusion proof of the wrong length")
        current = leaf_hash
        for sibling in path[:low]:
            current = node_hash(sibling, current)
        return cls(size, (*reversed(path[low:]), current))

    def extended(self, hashes: Sequence[bytes]) -> "Frontier":
        """The frontier after these leaves as well."""
        kept, size = list(self.hashes), self.size
        for current in hashes:
            height = size
            while height & 1:
                current = node_hash(kept.pop(), current)  # noqa: PLW2901 - the leaf climbs
                height >>= 1
            kept.append(current)
            size += 1
        return Frontier(size, tuple(kept))

    @property
    def root(self) -> bytes:
        """Root of the tree of `size` leaves."""
        return fold(self.hashes) if self.hashes else EMPTY_ROOT


class Tree:
    """A whole tree in memory, for those who own every leaf. Any earlier size can be asked for."""

    def __init__(self, hashes: Sequence[bytes]) -> None:
        self._rows = [list(hashes)]
        while len(self._rows[-1]) > 1:
            row = self._rows[-1]
            self._rows.append([node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)])

    def root(self, size: int) -> bytes:
        """Root over the first `size` leaves."""
        return self.over(0, size) if size else EMPTY_ROOT

    def over(self, first: int, last: int) -> bytes:
        """Hash over leaves [first, last), which must be a node of some tree over them."""
        return fold([self._rows[level][index] for level, index in nodes(first, last)])

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Inclusion proof of a leaf in the tree of the first `size`."""
        return [self.over(*leaves) for leaves in inclusion_ranges(index, size)]

    def consistency(self, size1: int, size2: int) -> list[bytes]:
        """Consistency proof between two earlier sizes."""
        return [self.over(*leaves) for leaves in consistency_ranges(size1, size2)]

    def tile(self, level: int, number: int, width: int = TILE_WIDTH) -> bytes:
        """A hash tile; shorter than `width` where the tree ends."""
        row = self._rows[level * TILE_HEIGHT] if level * TILE_HEIGHT < len(self._rows) else []
        return b"".join(row[number * TILE_WIDTH : number * TILE_WIDTH + width])


def tiles_of(size: int) -> Iterator[tuple[int, int, int]]:
    """(level, number, width) of the partial tiles at the right edge of a tree, lowest level first."""
    for level in range(TILE_HEIGHT):
        count = size >> (level * TILE_HEIGHT)
        if count % TILE_WIDTH:
            yield level, count // TILE_WIDTH, count % TILE_WIDTH


def in_tile(node: Node) -> tuple[int, int, int, int]:
    """Where the hashes under a node stand: (tile level, tile number, first position, number of hashes)."""
    level, index = node
    row = level % TILE_HEIGHT
    number = index >> (TILE_HEIGHT - row)
    return level // TILE_HEIGHT, number, (index << row) - number * TILE_WIDTH, 1 << row


def split(hashes: bytes) -> list[bytes]:
    """The hashes of a hash tile."""
    return [hashes[at : at + HASH] for at in range(0, len(hashes), HASH)]


def _left(count: int) -> int:
    return 1 << (count - 1).bit_length() - 1
