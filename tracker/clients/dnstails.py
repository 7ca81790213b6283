"""The reply that nearly every candidate gets, told by its bytes: no such name."""

from collections.abc import Callable

_KNOWN_TAILS = 50_000


def _absences(high_bytes: tuple[int, ...]) -> frozenset[bytes]:
    bits = (0, 0x10, 0x20, 0x80, 0x90, 0xA0, 0xB0)  # CD, AD, RA in whatever mixture
    return frozenset(bytes((high, 0x03 | low, 0, 1, 0, 0)) for high in high_bytes for low in bits)


FROM_AUTHORITY = _absences((0x84, 0x85))
"""Flags and counts of the reply that nearly every candidate gets: authoritative, no such name, one question, no answer.
"""
FROM_ANYONE = FROM_AUTHORITY | _absences((0x80, 0x81))
"""The same, also without claim to authority: what a resolver says."""


class Tails:
    """NXDOMAIN replies, less id and question, that were read strictly once and found sound.

    A zone's SOA repeats byte for byte, so the strict reading is paid once per zone and serial, not once per name.
    """

    __slots__ = ("_check", "seen")

    def __init__(self, check: Callable[[bytes, bytes], bool]) -> None:
        self._check = check
        self.seen: set[bytes] = set()

    def learn(self, question: bytes, reply: bytes) -> bool:
        """Read one reply in full; True and remembered when it is a sound NXDOMAIN."""
        if not self._check(question, reply):
            return False
        if len(self.seen) >= _KNOWN_TAILS:
            self.seen.clear()
        self.seen.add(reply[2:12] + reply[12 + len(question) :])
        return True


def unlearned() -> Tails:
    """Takes no denial for known: each is read in full, and kept as it came."""
    return Tails(lambda question, reply: False)
