"""A walk over a certificate's DER by offsets, by the book: every tag and length is followed to its end.

It refuses what does not add up. What to do with a refused certificate is decided in `ctentries`; nothing here may be
read as "no names".
"""

from typing import NamedTuple

SAN = b"\x55\x1d\x11"
COMMON_NAME = b"\x55\x04\x03"

_BOOLEAN, _INTEGER, _OCTETS, _OID, _SEQUENCE, _SET = 0x01, 0x02, 0x04, 0x06, 0x30, 0x31
_VERSION, _EXTENSIONS, _DNS = 0xA0, 0xA3, 0x82
_ENCODINGS = {0x14: "latin-1", 0x1C: "utf-32-be", 0x1E: "utf-16-be"}


class DerError(ValueError):
    """The bytes are no certificate that can be read to the end."""


class Walked(NamedTuple):
    """What a walk finds: names of SAN then CN as written, the two Time values, issuer, key and subject as DER."""

    names: list[str]
    not_before: bytes
    not_after: bytes
    issuer: bytes
    public_key: bytes
    subject: bytes


def skip(data: bytes, at: int) -> tuple[int, int]:
    """Start and end of the value whose tag stands at `at`; raises DerError, or IndexError where the data ends early."""
    length = data[at + 1]
    start = at + 2
    if length >= 0x80:
        octets = length & 0x7F
        if not 1 <= octets <= 4:
            raise DerError("length of indefinite or absurd form")
        length = int.from_bytes(data[start : start + octets], "big")
        start += octets
    return start, start + length


def walk(data: bytes, start: int, end: int) -> Walked:
    """Read the TBSCertificate in `data[start:end]`; raises DerError, or IndexError where the data ends early."""
    at = _inside(data, start, end, _SEQUENCE, exactly=True)[0]
    if data[at] == _VERSION:
        at = _inside(data, at, end, _VERSION)[1]
    for _ in range(2):  # serial, signature algorithm
        at = _inside(data, at, end, data[at])[1]
    issuer = at
    at = _inside(data, at, end, _SEQUENCE)[1]
    name = data[issuer:at]
    first, at = _inside(data, at, end, _SEQUENCE)
    middle = _inside(data, first, at, data[first])[1]
    if _inside(data, middle, at, data[middle])[1] != at:
        raise DerError("no validity")
    not_before, not_after = data[first:middle], data[middle:at]
    subject = at
    at = _inside(data, at, end, _SEQUENCE)[1]
    common = _common_names(data, subject, at)
    holder = data[subject:at]
    key = at
    at = _inside(data, at, end, _SEQUENCE)[1]
    public_key = data[key:at]
    while at < end and data[at] != _EXTENSIONS:  # unique ids that nobody uses
        at = _inside(data, at, end, data[at])[1]
    names = _extensions(data, at, end) if at < end else []
    for name_in_subject in common:
        names = with_common(names, name_in_subject)
    return Walked(names, not_before, not_after, name, public_key, holder)


def inner(certificate: bytes) -> tuple[int, int]:
    """Start and end of the TBSCertificate in a certificate; raises DerError or IndexError."""
    at = _inside(certificate, 0, len(certificate), _SEQUENCE, exactly=True)[0]
    return at, _inside(certificate, at, len(certificate), _SEQUENCE)[1]


def serial(data: bytes, start: int, end: int) -> bytes:
    """The serial number, DER, of the TBSCertificate in `data[start:end]`; raises DerError or IndexError."""
    at = _inside(data, start, end, _SEQUENCE, exactly=True)[0]
    if data[at] == _VERSION:
        at = _inside(data, at, end, _VERSION)[1]
    return data[at : _inside(data, at, end, _INTEGER)[1]]


def with_common(names: list[str], common: str) -> list[str]:
    """Names with the CN behind them if it is new and can be a host: a CN may as well be a company or a person."""
    return [*names, common] if "." in common and " " not in common and common not in names else names


def attributes(data: bytes, at: int, end: int) -> list[tuple[int, bytes, int, bytes]]:
    """(number of the relative name, id, tag, value) of each attribute of a Name; raises DerError or IndexError."""
    found: list[tuple[int, bytes, int, bytes]] = []
    at = _inside(data, at, end, _SEQUENCE, exactly=True)[0]
    number = 0
    while at < end:
        inner, at = _inside(data, at, end, _SET)
        while inner < at:
            first, inner = _inside(data, inner, at, _SEQUENCE)
            oid, value = _inside(data, first, inner, _OID)
            start, stop = _inside(data, value, inner, data[value], exactly=True)
            found.append((number, data[oid:value], data[value], data[start:stop]))
        number += 1
    return found


def text(tag: int, value: bytes) -> str:
    """A string value by its type, UTF-8 unless that says otherwise; raises DerError for what is no text."""
    try:
        return value.decode(_ENCODINGS.get(tag, "utf-8"))
    except UnicodeDecodeError as error:
        raise DerError("text in the wrong encoding") from error


def _inside(data: bytes, at: int, end: int, tag: int, *, exactly: bool = False) -> tuple[int, int]:
    start, stop = skip(data, at)
    if data[at] != tag or stop > end or (exactly and stop != end):
        raise DerError(f"no value of type {tag:#04x} where one should be")
    return start, stop


def _common_names(data: bytes, at: int, end: int) -> list[str]:
    return [text(tag, value) for _, oid, tag, value in attributes(data, at, end) if oid == COMMON_NAME]


def _extensions(data: bytes, at: int, end: int) -> list[str]:
    at = _inside(data, at, end, _EXTENSIONS, exactly=True)[0]
    at = _inside(data, at, end, _SEQUENCE, exactly=True)[0]
    names: list[str] = []
    while at < end:
        inner, at = _inside(data, at, end, _SEQUENCE)
        oid, value = _inside(data, inner, at, _OID)
        if data[oid:value] == SAN:  # there should be one; of two, both say whom it is for
            names += _alternative_names(data, value, at)
    return names


def _alternative_names(data: bytes, at: int, end: int) -> list[str]:
    if data[at] == _BOOLEAN:
        at = _inside(data, at, end, _BOOLEAN)[1]
    at = _inside(data, at, end, _OCTETS, exactly=True)[0]
    at = _inside(data, at, end, _SEQUENCE, exactly=True)[0]
    names: list[str] = []
    while at < end:
        start, stop = _inside(data, at, end, data[at])
        if data[at] == _DNS:
            names.append(text(0x0C, data[start:stop]))
        at = stop
    return names
