"""Bodies: capped, and inflated under the same cap."""

import gzip
import zlib

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lab.ctworld import run
from tracker.clients.bodies import Inflater, UnusableBody, inflate_capped, read_capped

LIMIT = 10_000


def _read(body: bytes, encoding: str = "", *, cut: bool = False) -> bytes:
    async def main() -> bytes:
        headers = {"Content-Encoding": encoding} if encoding else {}
        pieces = [body[at : at + 700] for at in range(0, len(body), 700)]

        async def stream():  # type: ignore[no-untyped-def]
            for piece in pieces:
                yield piece

        return await read_capped(httpx.Response(200, headers=headers, content=stream()), LIMIT, cut=cut)

    return run(main)


@given(st.binary(max_size=LIMIT), st.sampled_from(["", "gzip", "deflate", "raw"]))
def test_what_was_sent_is_what_is_read(body: bytes, encoding: str) -> None:
    """Plain, gzip, zlib and raw deflate give the same bytes."""
    raw = zlib.compressobj(wbits=-15)
    packed = {
        "": body,
        "gzip": gzip.compress(body),
        "deflate": zlib.compress(body),
        "raw": raw.compress(body) + raw.flush(),
    }[encoding]
    assert _read(packed, "deflate" if encoding == "raw" else encoding) == body


def test_members_of_gzip_are_joined() -> None:
    """Two gzip members in a row are one body."""
    assert _read(gzip.compress(b"one ") + gzip.compress(b"two"), "gzip") == b"one two"


@pytest.mark.parametrize("encoding", ["", "gzip", "deflate"])
def test_a_long_body_is_refused_or_cut(encoding: str) -> None:
    """One byte over the cap fails; with `cut` exactly the cap is kept."""
    body = bytes(LIMIT + 1)
    packed = {"": body, "gzip": gzip.compress(body), "deflate": zlib.compress(body)}[encoding]
    with pytest.raises(UnusableBody, match="longer"):
        _read(packed, encoding)
    assert _read(packed, encoding, cut=True) == body[:LIMIT]


def test_a_bomb_stops_at_the_cap() -> None:
    """200 KB that inflate to 200 MB never become more than the cap and a byte."""
    bomb = gzip.compress(bytes(200_000_000), compresslevel=1)
    inflater = Inflater(LIMIT)
    assert len(inflater.feed(bomb)) == LIMIT + 1
    assert inflater.feed(bomb) == b""
    with pytest.raises(UnusableBody, match="more than"):
        inflate_capped(bomb, LIMIT)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "x-unknown"])
def test_encodings_that_were_not_asked_for_are_refused(encoding: str) -> None:
    """One layer, of two kinds."""
    with pytest.raises(UnusableBody):
        _read(b"abc", encoding)


def test_broken_and_short_compression_is_refused() -> None:
    """A body that ends early is not the body."""
    whole = gzip.compress(b"a" * 5000 + bytes(range(256)))
    with pytest.raises(UnusableBody, match="early"):
        _read(whole[:-9], "gzip")
    with pytest.raises(UnusableBody, match="inflate"):
        _read(whole[:-8] + bytes(8), "gzip")
    with pytest.raises(UnusableBody, match="early"):
        inflate_capped(whole[:-9], LIMIT)
