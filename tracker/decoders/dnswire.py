"""DNS messages as bytes: questions built by concatenation, replies read strictly.

dnspython needs some 250 microseconds for a message; a sweep reads millions, nearly all of which say NXDOMAIN, and every
look at a name's addresses reads five more. What is read here is names, NS, CNAME, SOA, A, AAAA, MX and TXT. The rest
goes to dnspython.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from struct import Struct

A, NS, CNAME, SOA, MX, TXT, AAAA, OPT, CAA = 1, 2, 5, 6, 15, 16, 28, 41, 257
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED, BADVERS = 0, 1, 2, 3, 4, 5, 16

IN = 1
IN_CLASS = b"\x00\x01"
NS_IN = b"\x00\x02" + IN_CLASS
SOA_IN = b"\x00\x06" + IN_CLASS
EDNS = b"\x00\x00\x29\x04\xd0\x00\x00\x00\x00\x00\x00"
"""OPT record announcing 1,232 bytes, the size that crosses every path unfragmented."""

HEAD = b"\x00\x00\x00\x01\x00\x00\x00\x00\x00\x01"
"""What follows the id in a question with EDNS and RD=0."""
HEAD_RD = b"\x01" + HEAD[1:]
HEAD_PLAIN = HEAD[:-1] + b"\x00"

_COUNTS = Struct(">HHHHHH")
_RECORD = Struct(">HHIH")
_LENGTHS = {length: bytes((length,)) for length in range(1, 64)}
_POINTER = 0xC0
_MOST_HOPS = 128  # a name has no more labels than this, so no honest one needs more pointers


class Malformed(ValueError):
    """The bytes are no reply to the question; the message says where it broke."""


@dataclass(frozen=True, slots=True)
class Record:
    """One resource record. `owner` and `target` are lower-case names without trailing dot ('' = the root).

    `target` is the name in NS and CNAME, the address in A and AAAA, the primary in SOA, preference and name in MX, the
    strings of a TXT as one text, case and all; empty for every other type.
    """

    owner: str
    rtype: int
    ttl: int
    target: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply whose id was matched by the caller and whose question was found to be ours."""

    rcode: int
    authoritative: bool
    truncated: bool
    recursion: bool
    answer: tuple[Record, ...]
    authority: tuple[Record, ...]
    additional: tuple[Record, ...]


def name_wire(name: str) -> bytes:
    """A name in wire form, root label included; raises Malformed for labels or names that do not fit."""
    if not name or name == ".":
        return b"\x00"
    try:
        labels = name.rstrip(".").encode("ascii").split(b".")
    except UnicodeEncodeError as error:
        raise Malformed(f"{name[:80]!r} is not in A-labels") from error
    try:
        wire = b"".join([_LENGTHS[len(label)] + label for label in labels])
    except KeyError as error:
        raise Malformed(f"{name[:80]!r} has a label that is empty or too long") from error
    if len(wire) > 254:
        raise Malformed(f"{name[:80]!r}… is longer than 255 bytes")
    return wire + b"\x00"


def label_wire(label: str) -> bytes:
    """One label in wire form, without the root label; raises Malformed."""
    if "." in label:
        raise Malformed(f"{label[:80]!r} is not one label")
    return name_wire(label)[:-1]


def question_name(question: bytes) -> str:
    """The name in a question of ours (wire name, type, class)."""
    return _Names(question).read(0, len(question))[0]


def read(message: bytes, question: bytes) -> Reply:
    """Read a whole reply to `question` (wire name, type, class); raises Malformed, and nothing else, for anything else.

    Strict: section counts must be met exactly, compression may only point backwards, bytes left over are refused. The
    echoed question is compared without regard to ASCII case. A truncated reply is read no further than its question.
    """
    if len(message) < 12:
        raise Malformed("shorter than a header")
    _, flags, questions, answers, authorities, additionals = _COUNTS.unpack_from(message)
    if not flags & 0x8000 or flags & 0x7800:
        raise Malformed("not a reply to a query")
    at = 12 + len(question)
    if questions == 1:
        echoed = message[12:at]
        if echoed != question and (echoed.lower() != question.lower() or echoed[-4:] != question[-4:]):
            raise Malformed("another question")
    elif questions == 0 and flags & 0x000F in {FORMERR, NOTIMP, REFUSED, SERVFAIL}:
        at = 12  # an error may come back without the question
    else:
        raise Malformed("not one question")
    rcode, truncated = flags & 0x000F, bool(flags & 0x0200)
    sections: tuple[tuple[Record, ...], ...] = ((), (), ())
    if not truncated:
        names = _Names(message)
        at, answer, high = _section(message, names, at, answers)
        at, authority, _ = _section(message, names, at, authorities)
        at, additional, extended = _section(message, names, at, additionals)
        if at != len(message):
            raise Malformed("bytes after the last record")
        rcode |= (extended or high) << 4
        sections = (answer, authority, additional)
    return Reply(rcode, bool(flags & 0x0400), truncated, bool(flags & 0x0080), *sections)


def _section(message: bytes, names: "_Names", at: int, count: int) -> tuple[int, tuple[Record, ...], int]:
    records: list[Record] = []
    extended = 0
    end = len(message)
    for _ in range(count):
        owner, at = names.read(at, end)
        if at + 10 > end:
            raise Malformed("record cut short")
        rtype, rclass, ttl, length = _RECORD.unpack_from(message, at)
        at += 10
        stop = at + length
        if stop > end:
            raise Malformed("record data cut short")
        if rtype == OPT:
            extended = ttl >> 24
        elif rclass != IN:
            raise Malformed("record of another class")
        records.append(Record(owner, rtype, ttl, _target(message, names, rtype, at, stop)))
        at = stop
    return at, tuple(records), extended


def _target(message: bytes, names: "_Names", rtype: int, at: int, stop: int) -> str:
    if rtype in {NS, CNAME}:
        target, after = names.read(at, stop)
    elif rtype == SOA:
        target, after = names.read(at, stop)
        _, after = names.read(after, stop)
        after += 20
    elif rtype in {A, AAAA}:
        if stop - at != (4 if rtype == A else 16):
            raise Malformed("address of the wrong length")
        data = message[at:stop]
        target, after = ".".join(map(str, data)) if rtype == A else str(ip_address(data)), stop
    elif rtype == MX:
        exchange, after = names.read(at + 2, stop)
        target = f"{message[at] << 8 | message[at + 1]} {exchange}"
    elif rtype == TXT:
        target, after = _strings(message, at, stop)
    else:
        target, after = "", stop
    if after != stop:
        raise Malformed("record data of the wrong length")
    return target


def _strings(message: bytes, at: int, stop: int) -> tuple[str, int]:
    """The strings of one TXT, put together, and the offset behind them."""
    parts: list[bytes] = []
    while at < stop:
        begin = at + 1
        at = begin + message[at]
        parts.append(message[begin:at])
    return b"".join(parts).decode("utf-8", "replace"), at


class _Names:
    """Reads names of one message, remembering those already read, so that compression costs one look-up."""

    __slots__ = ("_message", "_seen")

    def __init__(self, message: bytes) -> None:
        self._message = message
        self._seen: dict[int, str] = {}

    def read(self, at: int, stop: int, hops: int = 0) -> tuple[str, int]:
        """The name at `at` and the offset behind it, which lies no further than `stop`."""
        if hops > _MOST_HOPS:
            raise Malformed("too many pointers in one name")
        message, seen = self._message, self._seen
        begin, labels, starts, size = at, [], [], 0
        rest = ""
        while True:
            if at >= stop:
                raise Malformed("name cut short")
            length = message[at]
            if length >= _POINTER:
                if at + 2 > stop:
                    raise Malformed("pointer cut short")
                where = (length & 0x3F) << 8 | message[at + 1]
                if where >= begin or where < 12:
                    raise Malformed("pointer does not point backwards")
                found = seen.get(where)
                rest = self.read(where, begin, hops + 1)[0] if found is None else found
                at += 2
                break
            if length > 63:
                raise Malformed("unknown kind of label")
            at += 1
            if not length:
                break
            if at + length > stop:
                raise Malformed("label cut short")
            starts.append(at - 1)
            labels.append(_label_text(message[at : at + length]))
            size += length + 1
            at += length
        if size + len(rest) > 254:
            raise Malformed("name too long")
        for start, label in zip(reversed(starts), reversed(labels), strict=True):
            rest = f"{label}.{rest}" if rest else label
            seen[start] = rest
        if not starts:
            seen[begin] = rest
        return rest, at


def _label_text(label: bytes) -> str:
    text = label.decode("latin-1").lower()
    if text.isascii() and text.replace("-", "a").replace("_", "a").isalnum():
        return text
    return "".join(c if c.isascii() and c.isprintable() and c not in '."();@$\\ ' else f"\\{ord(c):03d}" for c in text)


def addresses_of(records: Sequence[Record], host: str) -> tuple[str, ...]:
    """Addresses that the records give for `host`, IPv4 first: glue."""
    return tuple(
        record.target for kind in (A, AAAA) for record in records if record.rtype == kind and record.owner == host
    )
