"""Frontiers, tiles and nodes against whole trees."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.decoders import merkle, trees
from tracker.decoders.trees import Frontier, Tree

LEAVES = [merkle.leaf_hash(str(number).encode()) for number in range(700)]


@given(st.integers(0, 400), st.integers(0, 300))
@settings(max_examples=40, deadline=None)
def test_a_frontier_stands_for_the_leaves_it_forgot(size: int, more: int) -> None:
    """Appending to a frontier gives the root of the whole, and it can be regained from the last leaf's proof."""
    whole = Frontier().extended(LEAVES[: size + more])
    assert Frontier().extended(LEAVES[:size]).extended(LEAVES[size : size + more]) == whole
    assert whole.root == merkle.root_over(LEAVES[: size + more])
    if size:
        proof = Tree(LEAVES[:size]).inclusion(size - 1, size)
        assert Frontier.of_last(size, LEAVES[size - 1], proof) == Frontier().extended(LEAVES[:size])


@given(st.integers(1, 700))
@settings(max_examples=30, deadline=None)
def test_partial_tiles_at_the_edge_fold_to_the_root(size: int) -> None:
    """The right-edge tiles hold exactly the subtrees that make up the root."""
    tree = Tree(LEAVES[:size])
    kept: list[bytes] = []
    for level, number, width in trees.tiles_of(size):
        hashes = trees.split(tree.tile(level, number, width))
        assert len(hashes) == width
        kept.insert(0, trees.fold([merkle.root_over(hashes[at : at + (1 << high)]) for high, at in _spans(width)]))
    assert trees.fold(kept) == tree.root(size)


def _spans(width: int) -> list[tuple[int, int]]:
    return [(level, index << level) for level, index in trees.nodes(0, width)]


def test_nodes_are_found_in_their_tiles() -> None:
    """A node's hash is the root over the tile positions that `in_tile` names."""
    tree = Tree(LEAVES)
    for first, last in ((0, 512), (256, 512), (640, 656), (512, 640), (698, 699)):
        (node,) = trees.nodes(first, last)
        level, number, position, count = trees.in_tile(node)
        hashes = trees.split(tree.tile(level, number))[position : position + count]
        assert merkle.root_over(hashes) == tree.over(first, last)
