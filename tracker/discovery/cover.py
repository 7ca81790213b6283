"""Which of the listed logs are followed, how they are read, and what of the fresh certificates is seen that way."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from tracker.decoders.loglist import LogInfo, Protocol

BUSY = 13.7e6
"""Entries a day of a busy shard in 2026; most shards grow by a tenth of that, so what follows from it is a ceiling."""
_BYTES = {"names": 22, "data": 384, "entries": 3_801}  # on the wire per entry, gzip where the protocol has it


class Reading(StrEnum):
    """How static logs are read. By `names`, an entry is fetched and proved only when one of its names matches."""

    NAMES = "names"
    DATA = "data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tailing:
    """How logs are followed. `catch_up_entries` are read back from the head of a log that is met for the first time.

    `partial_patience` is how long a partial tile may wait to become full; `most_entries` bounds what one call reads of
    one log, so that a backlog does not hold up the others for ever. `wanted` are substrings of log addresses and
    override `operators`, which are substrings of operators' names; without either, every static log is followed.
    """

    catch_up_entries: int = 20_000
    partial_patience: timedelta = timedelta(minutes=10)
    most_entries: int = 200_000
    wanted: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    reading: Reading = Reading.DATA

    def chosen(self, listed: Iterable[LogInfo]) -> tuple[LogInfo, ...]:
        """The logs to follow among those that may hold fresh certificates.

        Of a named operator the static logs, or, where it has none, those of RFC 6962.
        """
        logs = tuple(listed)
        if self.wanted:
            return tuple(log for log in logs if any(text in log.url for text in self.wanted))
        names = [text.casefold() for text in self.operators]
        named = [log for log in logs if not names or any(text in log.operator.casefold() for text in names)]
        tiled = {log.operator for log in named if log.protocol is Protocol.STATIC}
        return tuple(log for log in named if log.protocol is Protocol.STATIC or (names and log.operator not in tiled))

    def means(self, log: LogInfo) -> str:
        """By what the log is read: `names`, `data` or `entries`."""
        return self.reading.value if log.protocol is Protocol.STATIC else "entries"

    def gigabytes(self, log: LogInfo, *, nameless: bool = False) -> float:
        """What a busy day of this log costs, at most, by figures of 2026; a `nameless` static log is read by data."""
        means = "data" if nameless and log.protocol is Protocol.STATIC else self.means(log)
        return BUSY * _BYTES[means] / 1e9


def sentence(
    followed: Sequence[LogInfo], fresh: Sequence[LogInfo], tailing: Tailing, nameless: Container[str] = ()
) -> str:
    """What is read of what could be read, for people. A certificate is mostly in logs of two operators or more.

    `nameless` are the ids of logs that are known to offer no names tiles.
    """
    operators, every = {log.operator for log in followed}, {log.operator for log in fresh}
    left = sorted(every - operators)
    unread = f"; not read: {', '.join(left)}" if left else ""
    cost = sum(tailing.gigabytes(log, nameless=log.log_id in nameless) for log in followed)
    hoped = [log for log in followed if tailing.means(log) == Reading.NAMES and log.log_id not in nameless]
    dearer = f" ({tailing.gigabytes(hoped[0], nameless=True):.1f} for a log without names tiles)" if hoped else ""
    return (
        f"{len(followed)} of {len(fresh)} certificate logs that may hold today's certificates are followed, "
        f"of {len(operators)} of {len(every)} operators{unread}; at most {cost:.1f} GB a day{dearer}"
    )
