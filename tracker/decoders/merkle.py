"""Hashes and proofs of certificate logs' Merkle trees (RFC 6962, section 2.1).

Proofs are checked by the iterative algorithms of RFC 9162, sections 2.1.3.2 and 2.1.4.2.
"""

from collections.abc import Sequence
from hashlib import sha256

HASH = 32
EMPTY_ROOT = sha256(b"").digest()

_SIZE_LIMIT = 1 << 64


class ProofError(ValueError):
    """The proof does not hold, or what was given is no proof at all."""


def leaf_hash(leaf: bytes) -> bytes:
    """Hash of one MerkleTreeLeaf."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def root_over(hashes: Sequence[bytes]) -> bytes:
    """Root of the tree over these leaf (or equally high subtree) hashes; of none, the hash of nothing."""
    row = list(hashes)
    if not row:
        return EMPTY_ROOT
    while len(row) > 1:  # an odd one out moves up as it is: the same tree as splitting at the largest power of two
        paired = [sha256(b"\x01" + row[i] + row[i + 1]).digest() for i in range(0, len(row) - 1, 2)]
        if len(row) & 1:
            paired.append(row[-1])
        row = paired
    return row[0]


def verify_inclusion(index: int, size: int, leaf_hash: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf at `index` is in the tree of `size` leaves; raises ProofError for malformed arguments too."""
    _check_sizes(index, size)
    if index >= size:
        raise ProofError(f"index {index} is not below size {size}")
    path, current, wanted = hashes_of(proof), digest("leaf hash", leaf_hash), digest("root", root)
    fn, sn = index, size - 1
    for sibling in path:
        if sn == 0:
            raise ProofError("proof too long")
        if fn & 1 or fn == sn:
            current = node_hash(sibling, current)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            current = node_hash(current, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn:
        raise ProofError("proof too short")
    if current != wanted:
        raise ProofError("calculated root differs")


def verify_consistency(size1: int, size2: int, root1: bytes, root2: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree of `size2` extends that of `size1`; raises ProofError for malformed arguments too.

    Nothing follows from an empty first tree, so `size1` = 0 is refused rather than waved through.
    """
    _check_sizes(size1, size2)
    path = hashes_of(proof)
    if not 0 < size1 <= size2:
        raise ProofError(f"no consistency from size {size1} to size {size2}")
    if size1 == size2:
        _check_same(root1, root2, path)
        return
    first, second = digest("first root", root1), digest("second root", root2)
    if not size1 & (size1 - 1):
        path = [first, *path]
    if not path:
        raise ProofError("empty proof")
    old, new = _both_roots(size1, size2, path)
    if old != first:
        raise ProofError("first root differs")
    if new != second:
        raise ProofError("second root differs")


def _check_same(root1: bytes, root2: bytes, path: Sequence[bytes]) -> None:
    # Only sameness is judged here: nothing is hashed, so the length of the roots proves nothing either way.
    if path:
        raise ProofError("sizes are equal, but the proof is not empty")
    if not isinstance(root1, bytes) or not isinstance(root2, bytes) or not root1 or root1 != root2:
        raise ProofError("two roots at one size")


def _both_roots(size1: int, size2: int, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    fn, sn = size1 - 1, size2 - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    old = new = path[0]
    for node in path[1:]:
        if sn == 0:
            raise ProofError("proof too long")
        if fn & 1 or fn == sn:
            old, new = node_hash(node, old), node_hash(node, new)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            new = node_hash(new, node)
        fn, sn = fn >> 1, sn >> 1
    if sn:
        raise ProofError("proof too short")
    return old, new


def _check_sizes(*sizes: int) -> None:
    for size in sizes:
        if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size < _SIZE_LIMIT:
            raise ProofError("index or size is no 64-bit number")


def digest(what: str, value: object) -> bytes:
    """The value if it is one hash; raises ProofError."""
    try:
        plain = bytes(value) if isinstance(value, (bytes, bytearray, memoryview)) else b""
    except ValueError:  # a view of memory that was given back
        plain = b""
    if len(plain) != HASH:
        raise ProofError(f"{what} is not {HASH} bytes")
    return plain


def hashes_of(proof: object) -> list[bytes]:
    """The value if it is a list of hashes; raises ProofError."""
    if not isinstance(proof, (list, tuple)):
        raise ProofError("proof is no list of hashes")
    return [digest("proof element", element) for element in proof]
