"""The short path through a certificate: who it names, when it holds, who issued it, at stream speed.

It takes nothing for granted that decides about a name. Whatever is not of the usual form is left to `der.walk`.
"""

from functools import lru_cache

from tracker.decoders.der import DerError, skip, with_common

Identity = tuple[list[str], bytes, bytes, bytes]
"""Names (SAN, then CN), not before, not after, issuer; the last three are DER."""

_VALIDITY = b"\x30\x1e\x17\x0d"
_SAN = b"\x06\x03\x55\x1d\x11"
_UTF8 = (0x0C, 0x13, 0x16)
_CN_ALONE = frozenset(
    bytes((0x30, size, 0x31, size - 2, 0x30, size - 4, 0x06, 0x03, 0x55, 0x04, 0x03, tag, size - 11))
    for size in range(11, 0x80)
    for tag in _UTF8
)
"""What stands before the text in a subject of a single attribute, the CN."""
_PREFIX_LIMIT = 1_024  # what is remembered per issuer must stay small, whatever a certificate claims


def identify(data: bytes, first: int, end: int) -> Identity | None:  # noqa: PLR0912 - one pass, no calls: it is hot
    """Identity of the TBSCertificate that ends at `end` and whose serial ends at `first`; None when it is unusual.

    Raises IndexError, UnicodeDecodeError or DerError where the data is broken. What stands between serial and validity
    is checked once per issuer. The SAN is searched for by its id: found once, it is the SAN; found twice (bytes chosen
    to look like one), it is unusual.
    """
    find = data.find
    validity = find(_VALIDITY, first, end)
    if not 0 < validity - first < _PREFIX_LIMIT:
        return None
    issuer = _issuer(data[first:validity])
    subject = validity + 32
    length = data[subject + 1]
    at = find(_SAN, subject + length, end) + 5
    if issuer is None or at < 5 or length > 0x7F or find(_SAN, at, end) >= 0:
        return None
    if data[at] == 0x01:  # critical
        at += 3
    size = data[at + 1]
    if size < 0x7E and data[at + 3] == size - 2:
        stop = at + 2 + size
        at += 4
    else:
        at, outer = skip(data, at)
        at, stop = skip(data, at)
        if stop != outer:
            return None
    names: list[str] = []
    while at < stop:
        size = data[at + 1]
        if size < 0x80:
            start = at + 2
            after = start + size
        else:
            start, after = skip(data, at)
        if data[at] == 0x82:
            names.append(data[start:after].decode())
        at = after
    if at != stop or stop > end:
        return None
    if length:
        begin = subject + 13
        if data[subject:begin] not in _CN_ALONE:
            return None
        common = data[begin : subject + 2 + length].decode()
        if common not in names:
            names = with_common(names, common)
    return names, data[validity + 2 : validity + 17], data[validity + 17 : subject], issuer


@lru_cache(maxsize=4096)
def _issuer(prefix: bytes) -> bytes | None:
    """The issuer out of what stands between serial and validity, if that is an algorithm, a Name and nothing more."""
    try:
        middle = skip(prefix, 0)[1]
        last = skip(prefix, middle)[1]
        whole = prefix[0] == prefix[middle] == 0x30 and last == len(prefix)
    except (IndexError, DerError):
        return None
    return prefix[middle:] if whole else None
