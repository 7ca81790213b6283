"""Merkle proofs: the recorded vectors, and properties against a tree written the slow way."""

import base64
import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.decoders import merkle
from tracker.decoders.merkle import ProofError, verify_consistency, verify_inclusion
from tracker.decoders.trees import Tree

VECTORS = Path(__file__).parents[3] / "shared" / "data" / "ct" / "merkle"
LEAVES = [merkle.leaf_hash(str(number).encode()) for number in range(700)]


def _slow(hashes: list[bytes]) -> bytes:
    if len(hashes) <= 1:
        return hashes[0] if hashes else sha256(b"").digest()
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return sha256(b"\x01" + _slow(hashes[:split]) + _slow(hashes[split:])).digest()


def _vectors(kind: str) -> list[Path]:
    return sorted((VECTORS / kind).rglob("*.json"))


def _bytes(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def test_recorded_inclusion_proofs() -> None:
    """Every recorded inclusion vector is accepted or refused as it says."""
    if not _vectors("inclusion"):
        pytest.skip("no recorded Merkle vectors on this machine")
    for path in _vectors("inclusion"):
        case = json.loads(path.read_text())
        proof = [_bytes(node) for node in case["proof"] or []]
        given_case = (case["leafIdx"], case["treeSize"], _bytes(case["leafHash"]), proof, _bytes(case["root"]))
        if case["wantErr"]:
            with pytest.raises(ProofError):
                verify_inclusion(*given_case)
        else:
            verify_inclusion(*given_case)


def test_recorded_consistency_proofs() -> None:
    """Every recorded consistency vector is accepted or refused as it says."""
    if not _vectors("consistency"):
        pytest.skip("no recorded Merkle vectors on this machine")
    for path in _vectors("consistency"):
        case = json.loads(path.read_text())
        proof = [_bytes(node) for node in case["proof"] or []]
        given_case = (case["size1"], case["size2"], _bytes(case["root1"]), _bytes(case["root2"]), proof)
        if case["wantErr"]:
            with pytest.raises(ProofError):
                verify_consistency(*given_case)
        else:
            verify_consistency(*given_case)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_own_proofs_hold_and_damaged_ones_do_not(data: st.DataObject) -> None:
    """Proofs of any tree verify; with one bit flipped, one node more or one less they are refused."""
    size2 = data.draw(st.integers(2, 300))
    size1, index = data.draw(st.integers(1, size2)), data.draw(st.integers(0, size2 - 1))
    tree = Tree(LEAVES[:size2])
    root1, root2 = _slow(LEAVES[:size1]), _slow(LEAVES[:size2])
    assert (tree.root(size1), tree.root(size2)) == (root1, root2)
    inclusion, consistency = tree.inclusion(index, size2), tree.consistency(size1, size2)
    verify_inclusion(index, size2, LEAVES[index], inclusion, root2)
    verify_consistency(size1, size2, root1, root2, consistency)
    position, bit = data.draw(st.integers(0, 8)), data.draw(st.integers(0, 255))
    for proof, check in (
        (inclusion, lambda p: verify_inclusion(index, size2, LEAVES[index], p, root2)),
        (consistency, lambda p: verify_consistency(size1, size2, root1, root2, p)),
    ):
        damaged = [[*proof, LEAVES[0]], [LEAVES[0], *proof]]
        if proof:
            flipped = bytearray(proof[position % len(proof)])
            flipped[bit // 8] ^= 1 << bit % 8
            here = position % len(proof)
            damaged += [proof[:-1], [*proof[:here], bytes(flipped), *proof[here + 1 :]]]
        for wrong in damaged:
            with pytest.raises(ProofError):
                check(wrong)


JUNK = st.one_of(
    st.none(),
    st.integers(),
    st.floats(),
    st.text(max_size=3),
    st.binary(max_size=40),
    st.lists(st.binary(max_size=33), max_size=3),
    st.booleans(),
)


@given(JUNK, JUNK, JUNK, JUNK, JUNK)
@settings(max_examples=60)
def test_nonsense_raises_nothing_but_proof_errors(a: object, b: object, c: object, d: object, e: object) -> None:
    """Arguments of any type and value are refused with ProofError, and only with it."""
    for verify in (verify_inclusion, verify_consistency):
        with pytest.raises(ProofError):
            verify(a, b, c, d, e)  # type: ignore[arg-type]


def test_odd_views_of_memory_are_no_hashes() -> None:
    """Given back, without dimensions, or 32 items that are not bytes: ProofError; a view of 32 bytes is a hash."""
    gone = memoryview(bytearray(32))
    gone.release()
    for view in (gone, memoryview(b"x").cast("B", []), memoryview(bytes(128)).cast("I")):
        with pytest.raises(ProofError):
            verify_inclusion(0, 1, view, [], view)  # type: ignore[arg-type]
    verify_inclusion(0, 1, memoryview(LEAVES[0]), [], LEAVES[0])  # type: ignore[arg-type]


def test_huge_sizes_end_at_once() -> None:
    """A size of 2**63 costs no more than its proof is long."""
    for size in (2**63, 2**64 - 1):
        with pytest.raises(ProofError):
            verify_inclusion(1, size, LEAVES[0], LEAVES[:70], LEAVES[1])
        with pytest.raises(ProofError):
            verify_consistency(size - 2, size, LEAVES[0], LEAVES[0], LEAVES[:70])
