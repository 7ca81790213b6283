"""Bodies of replies: capped, and inflated under the same cap."""

import zlib

import httpx


class UnusableBody(httpx.HTTPError):
    """The body is longer than its cap, or is not what its Content-Encoding says."""


async def read_capped(response: httpx.Response, limit: int, *, cut: bool = False) -> bytes:
    """The decoded body of a streamed response; beyond `limit` bytes UnusableBody, or with `cut` only those.

    Inflates by hand: httpx decodes a chunk whole, and 200 KB of gzip can be 67 MB of memory.
    """
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
        raise UnusableBody(f"content encoding {encoding[:40]!r} was not asked for")
    inflater = None if encoding in {"", "identity"} else Inflater(limit)
    plain = bytearray()
    async for chunk in response.aiter_raw():
        plain += chunk if inflater is None else inflater.feed(chunk)
        if len(plain) > limit:
            if cut:
                return bytes(plain[:limit])
            raise UnusableBody(f"body longer than {limit} bytes")
    if inflater is not None and not inflater.complete and not cut:
        raise UnusableBody("compressed body ends early")
    return bytes(plain)


def inflate_capped(data: bytes, limit: int) -> bytes:
    """Inflate gzip or zlib data in memory; raises UnusableBody beyond `limit` bytes, or when cut short or neither."""
    inflater = Inflater(limit)
    plain = inflater.feed(data)
    if len(plain) > limit:
        raise UnusableBody(f"inflates to more than {limit} bytes")
    if not inflater.complete:
        raise UnusableBody("compressed data end early")
    return plain


class Inflater:
    """One layer of gzip (several members allowed), zlib or raw deflate; never inflates more than `limit` + 1 bytes."""

    def __init__(self, limit: int) -> None:
        self._left = limit + 1
        self._stream = zlib.decompressobj(zlib.MAX_WBITS | 32)
        self._started = False

    @property
    def complete(self) -> bool:
        """Whether the compressed data ended where they say they end; an empty body counts as whole."""
        return self._stream.eof or not self._started

    def feed(self, data: bytes) -> bytes:
        """The bytes that `data` inflates to, fewer once the limit is passed; raises UnusableBody."""
        plain = bytearray()
        while data and self._left > 0:
            if self._stream.eof:
                self._stream = zlib.decompressobj(zlib.MAX_WBITS | 32)
            try:
                part = self._stream.decompress(data, self._left)
            except zlib.error as error:
                if self._started:
                    raise UnusableBody(f"body does not inflate: {error}") from error
                self._stream = zlib.decompressobj(-zlib.MAX_WBITS)  # some servers call raw deflate "deflate"
                self._started = True
                continue
            self._started = True
            plain += part
            self._left -= len(part)
            data = self._stream.unused_data or self._stream.unconsumed_tail
        return bytes(plain)
