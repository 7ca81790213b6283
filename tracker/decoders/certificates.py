"""What a certificate says, for people: times, issuer, and the names that can still be seen in a broken one."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256

from tracker.decoders.der import DerError, attributes, inner, text, walk

_SHORT = {
    b"\x55\x04\x03": "CN",
    b"\x55\x04\x06": "C",
    b"\x55\x04\x07": "L",
    b"\x55\x04\x08": "ST",
    b"\x55\x04\x09": "STREET",
    b"\x55\x04\x0a": "O",
    b"\x55\x04\x0b": "OU",
    b"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01": "UID",
    b"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19": "DC",
}
_TAGGED = re.compile(rb"(?:\x82|\x55\x04\x03.)(?:([\x01-\x7f])|\x81([\x80-\xff]))", re.DOTALL)
_HOST = re.compile(rb"(?:[A-Za-z0-9_*-]{1,63}\.){1,12}[A-Za-z0-9-]{2,63}\.?")
_LOOSE = re.compile(rb"(?<![A-Za-z0-9_*.-])" + _HOST.pattern)
_EMPTY_NAME = b"\x30\x00"
_SALVAGED_NAMES = 1_000
_SALVAGED_BYTES = 65_536


class CertificateError(ValueError):
    """The bytes are no certificate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What is kept of one certificate. Hashes are hex; `names` are as written; whether it was trusted is not said."""

    sha256: str
    spki_sha256: str
    names: tuple[str, ...]
    issuer: str
    not_before: datetime
    not_after: datetime
    is_self_signed: bool
    """By its names: issuer and subject are one, and not empty."""


def describe(der: bytes) -> Certificate:
    """Read one certificate that matters; raises CertificateError for what cannot be read to the end."""
    try:
        start, end = inner(der)
        found = walk(der, start, end)
        return Certificate(
            sha256=sha256(der).hexdigest(),
            spki_sha256=sha256(found.public_key).hexdigest(),
            names=tuple(found.names),
            issuer=name_text(found.issuer),
            not_before=moment(found.not_before),
            not_after=moment(found.not_after),
            is_self_signed=found.issuer == found.subject and len(found.issuer) > len(_EMPTY_NAME),
        )
    except (DerError, IndexError) as error:
        raise CertificateError(f"no certificate: {error}") from error


def moment(time: bytes) -> datetime:
    """The instant of a DER UTCTime or GeneralizedTime; raises DerError."""
    digits = time[2:].decode("latin-1")
    if time[:1] == b"\x17":  # years 50 to 99 are the last century's
        digits = ("19" if digits[:2] >= "50" else "20") + digits
    if time[:2] not in {b"\x17\x0d", b"\x18\x0f"} or not digits[:14].isdecimal() or digits[14:] != "Z":
        raise DerError("time of unknown form")
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise DerError("no such time") from error


@lru_cache(maxsize=4096)
def name_text(name: bytes) -> str:
    """A DER Name as RFC 4514 text, last part first; what cannot be read is given as `#` and hex, never left out."""
    try:
        found = attributes(name, 0, len(name))
    except (IndexError, DerError):
        return "#" + name.hex()
    sets: list[list[str]] = []
    for number, oid, tag, value in found:
        if number == len(sets):
            sets.append([])
        sets[number].append(f"{_SHORT.get(oid) or _dotted(oid)}={_escaped(tag, value)}")
    return ",".join("+".join(each) for each in reversed(sets))


def _dotted(oid: bytes) -> str:
    numbers, number = [], 0
    for octet in oid:
        number = number << 7 | octet & 0x7F
        if not octet & 0x80:
            numbers.append(number)
            number = 0
    first = min(numbers[0] // 40, 2) if numbers else 0
    return ".".join(str(each) for each in ([first, numbers[0] - 40 * first, *numbers[1:]] if numbers else [0]))


def _escaped(tag: int, value: bytes) -> str:
    try:
        plain = text(tag, value)
    except DerError:
        return "#" + value.hex()
    plain = re.sub(r'([\\",;+<>])', r"\\\1", plain).replace("\x00", r"\00")
    if plain.startswith(("#", " ")):
        plain = "\\" + plain
    return plain[:-1] + r"\ " if plain.endswith(" ") and len(plain) > 1 else plain


def salvage(der: bytes) -> list[str]:
    """Every name that can be seen in bytes that are no whole certificate; too many rather than too few."""
    seen: dict[str, None] = {}
    der = der[:_SALVAGED_BYTES]
    for tagged in _TAGGED.finditer(der):
        length = (tagged[1] or tagged[2])[0]
        host = _HOST.fullmatch(der, tagged.end(), tagged.end() + length)
        if host:
            seen[host[0].decode("ascii")] = None
    for loose in _LOOSE.finditer(der):
        seen.setdefault(loose[0].decode("ascii"))
    return list(seen)[:_SALVAGED_NAMES]
