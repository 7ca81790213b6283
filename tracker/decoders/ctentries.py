"""Entries of certificate logs (RFC 6962, section 3.4), as static logs and `get-entries` frame them.

Most entries are alike and are read by a short path that takes nothing for granted: it gives an entry only when every
length it used adds up, else the careful path reads the entry by the book.
"""

import binascii
import struct
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

import orjson

from tracker.decoders.certificates import moment, name_text, salvage
from tracker.decoders.der import DerError, inner, serial, walk
from tracker.decoders.identity import Identity, identify

X509, PRECERT = 0, 1
KINDS = ("x509", "precert")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HEAD = struct.Struct(">QH").unpack_from
_PRECERT_HEAD = struct.Struct(">QH32xBHHH6sB").unpack_from
_X509_HEAD = struct.Struct(">QHBHHHHH6sB").unpack_from
_PRECERT_TAIL = struct.Struct(">5sBIBHH").unpack_from
_X509_TAIL = struct.Struct(">5sBIH").unpack_from
_V3 = b"\xa0\x03\x02\x01\x02\x02"
_LONG = 0x3082
_STATIC = b"\x00\x08\x00\x00\x05"
_TIMESTAMP_LIMIT = 253_402_300_800_000


_new = tuple.__new__


class EntryError(ValueError):
    """The framing is broken, so what follows cannot be read either."""


class Entry(NamedTuple):
    """One logged certificate. `names` are as written, SAN then CN; with a `problem` they are what could be salvaged.

    `timestamp` is in milliseconds since 1970; the two times and the issuer are DER; `raw[:cut]` is the
    TimestampedEntry; `leaf_index` is the position that the entry claims (static logs), `extra` the undecoded extra_data
    (RFC 6962).
    """

    timestamp: int
    kind: int
    names: list[str]
    not_before: bytes
    not_after: bytes
    issuer: bytes
    leaf_index: int | None
    raw: bytes
    cut: int
    extra: str
    problem: str

    @property
    def leaf(self) -> bytes:
        """The MerkleTreeLeaf, whose hash is in the tree."""
        return b"\x00\x00" + self.raw[: self.cut]

    @property
    def leaf_hash(self) -> bytes:
        """The hash of `leaf`, as it stands in the tree."""
        return sha256(b"\x00\x00\x00" + self.raw[: self.cut]).digest()

    @property
    def at(self) -> datetime:
        """When the log says that it took the entry; raises EntryError for a time beyond the year 9999."""
        if self.timestamp >= _TIMESTAMP_LIMIT:
            raise EntryError("timestamp out of range")
        return _EPOCH + timedelta(milliseconds=self.timestamp)

    @property
    def certificate(self) -> bytes:
        """The certificate, or the full precertificate, DER: the thing to keep as evidence. Raises EntryError."""
        data, at = self.raw, 10
        if self.kind == PRECERT:
            data, at = (_base64(self.extra), 0) if self.extra else (self.raw, self.cut)
        end = at + 3 + int.from_bytes(data[at : at + 3], "big")
        if not at + 3 < end <= len(data):
            raise EntryError("no certificate beside the entry")
        return data[at + 3 : end]

    @property
    def issuance(self) -> bytes:
        """16 bytes that a precertificate and its certificate share, in whatever log: of issuer and serial number.

        What cannot be read that far stands for itself alone.
        """
        at = 42 if self.kind == PRECERT else 10
        start, end = at + 3, at + 3 + int.from_bytes(self.raw[at : at + 3], "big")
        try:
            if self.problem:
                raise DerError(self.problem)
            if self.kind == X509:
                low, high = inner(self.raw[start:end])
                start, end = start + low, start + high
            return sha256(self.issuer + serial(self.raw, start, end)).digest()[:16]
        except (IndexError, DerError):
            return sha256(self.leaf).digest()[:16]

    def row(self) -> dict[str, object]:
        """The entry as the `parse` commands print it; an unreadable time or issuer is empty."""
        return {
            "timestamp": _iso_ms(self.timestamp),
            "type": KINDS[self.kind],
            "names": self.names,
            "not_before": _iso(self.not_before),
            "not_after": _iso(self.not_after),
            "issuer": name_text(self.issuer) if self.issuer else "",
        }


def read_static(data: bytes) -> list[Entry]:
    """The TileLeaf records of a data tile, in order; raises EntryError where the framing breaks."""
    entries: list[Entry] = []
    at, size = 0, len(data)
    while at < size:
        try:
            entry = _quick_static(data, at)
        except (IndexError, ValueError, struct.error):
            entry = None
        if entry is None:
            entry = _careful(data, at, static=True, extra="")
        entries.append(entry)
        at += len(entry.raw)
    return entries


def read_get_entries(text: bytes) -> list[Entry]:
    """The entries of a `get-entries` reply, in order; raises EntryError. `extra` stays undecoded: few are needed."""
    try:
        rows = orjson.loads(text)["entries"]
        pairs = [(binascii.a2b_base64(row["leaf_input"]), row["extra_data"]) for row in rows]
    except (TypeError, KeyError) as error:
        raise EntryError("no get-entries reply: entries with leaf_input and extra_data are wanted") from error
    except ValueError as error:
        raise EntryError(f"no get-entries reply: {error}") from error
    return [read_leaf(leaf, extra) for leaf, extra in pairs]


def read_leaf(leaf: bytes, extra: str = "") -> Entry:
    """One MerkleTreeLeaf (`leaf_input`, decoded) with its undecoded extra_data; raises EntryError."""
    if leaf[:2] != b"\x00\x00" or not isinstance(extra, str):
        raise EntryError("no version 1 leaf")
    data = leaf[2:]
    try:
        entry = _quick_leaf(data, extra)
    except (IndexError, ValueError, struct.error):
        entry = None
    return entry or _careful(data, 0, static=False, extra=extra)


def _quick_static(data: bytes, at: int) -> Entry | None:
    if data[at + 9]:
        timestamp, kind, high, low, tag, length, version, serial = _PRECERT_HEAD(data, at)
        end = at + 49 + length
        first = at + 56 + serial
        extensions, index_high, index, after_high, after_low, _ = _PRECERT_TAIL(data, end)
        cut = end + 10
        after = cut + 3 + (after_high << 16 | after_low)
    else:
        timestamp, kind, high, low, tag, outer, inner, tbs, version, serial = _X509_HEAD(data, at)
        length, tag = outer, tag & inner
        end = at + 21 + tbs
        first = at + 28 + serial
        extensions, index_high, index, _ = _X509_TAIL(data, at + 17 + outer)
        after = cut = at + 27 + outer
    if length + 4 != high << 16 | low or version != _V3 or tag != _LONG or kind > 1 or extensions != _STATIC:
        return None
    after += 2 + (data[after] << 8 | data[after + 1])
    if after > len(data):
        return None
    identity = identify(data, first, end)
    if identity is None:
        return None
    names, not_before, not_after, issuer = identity
    index |= index_high << 32
    return _new(Entry, (timestamp, kind, names, not_before, not_after, issuer, index, data[at:after], cut - at, "", ""))


def _quick_leaf(data: bytes, extra: str) -> Entry | None:
    if data[9]:
        timestamp, kind, high, low, tag, length, version, serial = _PRECERT_HEAD(data, 0)
        end = stop = 49 + length
        first = 56 + serial
    else:
        timestamp, kind, high, low, tag, length, inner, tbs, version, serial = _X509_HEAD(data, 0)
        tag &= inner
        end, stop = 21 + tbs, 17 + length
        first = 28 + serial
    if length + 4 != high << 16 | low or version != _V3 or tag != _LONG or kind > 1 or data[stop:] != b"\x00\x00":
        return None
    identity = identify(data, first, end)
    if identity is None:
        return None
    names, not_before, not_after, issuer = identity
    return _new(Entry, (timestamp, kind, names, not_before, not_after, issuer, None, data, len(data), extra, ""))


def _careful(data: bytes, at: int, *, static: bool, extra: str) -> Entry:
    """Any entry, by the book. Framing must hold; a certificate that does not is salvaged."""
    if len(data) - at < 10:
        raise EntryError("entry ends early")
    timestamp, kind = _HEAD(data, at)
    if kind not in {X509, PRECERT}:
        raise EntryError(f"entry of unknown type {kind}")
    body, end = _sized(data, at + (42 if kind == PRECERT else 10), 3)
    extensions, cut = _sized(data, end, 2)
    after = _sized(data, _sized(data, cut, 3)[1] if kind == PRECERT else cut, 2)[1] if static else cut
    if not static and cut != len(data):
        raise EntryError("bytes after the entry")
    identity, problem = _walked(data, body, end, kind)
    index = _leaf_index(data[extensions:cut])
    return Entry(timestamp, kind, *identity, index, data[at:after], cut - at, extra, problem)


def _walked(data: bytes, body: int, end: int, kind: int) -> tuple[Identity, str]:
    try:
        start, stop = body, end
        if kind == X509:
            start, stop = (body + place for place in inner(data[body:end]))
        return walk(data, start, stop)[:4], ""
    except (IndexError, ValueError) as error:
        return (salvage(data[body:end]), b"", b"", b""), str(error) or "unreadable certificate"


def _sized(data: bytes, at: int, octets: int) -> tuple[int, int]:
    start = at + octets
    end = start + int.from_bytes(data[at:start], "big")
    if end > len(data) or start > len(data):
        raise EntryError("entry ends early")
    return start, end


def _leaf_index(extensions: bytes) -> int | None:
    at = 0
    while at + 3 <= len(extensions):
        size = int.from_bytes(extensions[at + 1 : at + 3], "big")
        if extensions[at] == 0 and size == 5 and at + 8 <= len(extensions):
            return int.from_bytes(extensions[at + 3 : at + 8], "big")
        at += 3 + size
    return None


def _base64(text: str) -> bytes:
    try:
        return binascii.a2b_base64(text)
    except ValueError as error:
        raise EntryError("no base64") from error


def _iso(time: bytes) -> str:
    try:
        return moment(time).strftime("%Y-%m-%dT%H:%M:%SZ")
    except DerError:
        return ""


def _iso_ms(timestamp: int) -> str:
    if timestamp >= _TIMESTAMP_LIMIT:
        return ""
    return (_EPOCH + timedelta(milliseconds=timestamp)).strftime("%Y-%m-%dT%H:%M:%S.") + f"{timestamp % 1000:03d}Z"
