"""Data, hash and names tiles: recorded ones, packed ones, hostile ones."""

import gzip
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.decoders import merkle, tiles
from tracker.decoders.tiles import TileError, path, read_data, read_hashes, read_names, unpack
from tracker.decoders.trees import split

TILES = Path(__file__).parents[3] / "shared" / "data" / "ct" / "navigli2025h2" / "tile"


def recorded(kind: str) -> bytes:
    """A tile of the recorded log; skips the test where the recording is absent."""
    if not TILES.exists():
        pytest.skip("no recorded tiles on this machine")
    return (TILES / kind / "000").read_bytes()


def test_recorded_leaves_hash_to_the_recorded_hash_tile() -> None:
    """Every leaf of the data tile hashes to its place in the level-0 tile that the real log served."""
    hashes = split(read_hashes(recorded("0"), 256))
    entries = read_data(recorded("data"), 0, 256)
    assert [merkle.leaf_hash(entry.leaf) for entry in entries] == [entry.leaf_hash for entry in entries] == hashes


def test_recorded_names_tile_agrees_with_the_data_tile() -> None:
    """The hints of the names tile are the names that the certificates hold."""
    entries = read_data(recorded("data"))
    lines = read_names(gzip.compress(recorded("names")))
    assert [(line.timestamp, sorted(line.names)) for line in lines] == [
        (entry.timestamp, sorted(entry.names)) for entry in entries
    ]


def test_a_full_tile_can_stand_in_for_a_partial_one() -> None:
    """Entries beyond the wanted width are cut off; fewer than wanted are refused."""
    body = gzip.compress(recorded("data"))
    assert len(read_data(body, 0, 44)) == 44
    with pytest.raises(TileError):
        read_data(recorded("data")[: sum(len(entry.raw) for entry in read_data(body, 0, 44))], 0, 45)


def test_an_entry_out_of_place_is_refused() -> None:
    """A leaf_index that is not the entry's place means that the tile is another one."""
    with pytest.raises(TileError, match="says that it is 0"):
        read_data(recorded("data"), 1)


@pytest.mark.parametrize("damage", [b"\x00", b"\x00" * 300])
def test_bytes_behind_the_last_entry_are_refused(damage: bytes) -> None:
    """Trailing bytes are no entry, so the tile is not what it should be."""
    with pytest.raises(TileError):
        read_data(recorded("data") + damage)


@pytest.mark.parametrize("body", [b"", gzip.compress(b"", mtime=0)], ids=["plain", "gzip"])
def test_a_tile_of_nothing_is_none(body: bytes) -> None:
    """A tile holds an entry at least; an empty file is a download that failed."""
    with pytest.raises(TileError):
        read_data(body)


def test_an_unknown_entry_type_is_refused() -> None:
    """Nothing after an entry of a kind that we do not know can be framed."""
    body = bytearray(recorded("data"))
    body[9] = 2
    with pytest.raises(TileError, match="unknown type 2"):
        read_data(bytes(body))


def test_gzip_is_told_by_its_bytes_and_stops_at_the_cap() -> None:
    """Gzip is inflated whatever headers say; a bomb, a cut and a tail are refused."""
    assert unpack(gzip.compress(b"abc")) == unpack(b"abc") == b"abc"
    bomb = gzip.compress(bytes(40_000_000))
    for wrong in (bomb, gzip.compress(b"abc")[:-3], gzip.compress(b"abc") + b"x", b"\x1f\x8b nonsense"):
        with pytest.raises(TileError):
            unpack(wrong)
    assert len(unpack(bomb, 40_000_000)) == 40_000_000
    assert len(zlib.compress(bomb)) < 1_000_000


@given(st.binary(max_size=300))
def test_nonsense_raises_tile_errors_only(junk: bytes) -> None:
    """No bytes make a tile reader raise anything but TileError."""
    for read in (read_data, read_names, unpack, lambda body: read_hashes(body, 3)):
        for body in (junk, gzip.compress(junk)):
            try:
                read(body)
            except TileError:
                continue


@pytest.mark.parametrize(
    ("kind", "number", "width", "wanted"),
    [
        ("0", 1234067, 256, "tile/0/x001/x234/067"),
        ("data", 5, 256, "tile/data/005"),
        ("names", 1000, 44, "tile/names/x001/000.p/44"),
    ],
)
def test_paths(kind: str, number: int, width: int, wanted: str) -> None:
    """Numbers are written in groups of three, all but the last marked."""
    assert path(kind, number, width) == wanted


def test_a_names_line_of_another_shape_is_refused() -> None:
    """A names tile is JSON lines with Timestamp and DNS; anything else is refused as a whole."""
    assert read_names(b'{"Timestamp":1,"DNS":["a.example"],"Subject":{"CommonName":"b.example"}}\n') == [
        tiles.NamesLine(1, ["a.example", "b.example"])
    ]
    for wrong in (b"[1]\n", b'{"Timestamp":"1"}\n', b'{"Timestamp":1,"DNS":[2]}\n'):
        with pytest.raises(TileError):
            read_names(wrong)
