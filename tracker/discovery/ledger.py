"""What is remembered of each certificate log between reads: the last proved head, and the next entry to read."""

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tracker.clients.ctlogs import Head
from tracker.decoders.loglist import LogInfo, Protocol
from tracker.model.times import from_iso


class LedgerError(ValueError):
    """The cursor is no ledger. A ledger is never guessed: reading on from a wrong index would lose entries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """One log. All entries before `next_index` were read, or are named in a gap; `head` is the last proved tree head.

    `until` is the moment up to which reads or gaps account for this log; `partial_since` when the partial tile at the
    growing end was first seen and left alone; `owed` are entries that stand as hints until they can be fetched.
    """

    info: LogInfo
    head: Head | None = None
    next_index: int | None = None
    until: datetime | None = None
    partial_since: datetime | None = None
    owed: tuple[int, ...] = ()

    @property
    def finished(self) -> bool:
        """Whether a read-only log was read to its very end."""
        read = self.info.final is not None and self.next_index is not None and self.next_index >= self.info.final[0]
        return read and not self.owed


@dataclass(frozen=True, slots=True)
class Ledger:
    """All logs by log_id, and the marks of the issuances that were sighted lately, oldest first."""

    rows: Mapping[str, LogRow] = field(default_factory=dict)
    sighted: tuple[str, ...] = ()


def farthest(ledgers: Iterable[Ledger]) -> dict[str, LogRow]:
    """Each log as it was left by whoever read it furthest: logs change hands when the number of readers does."""
    rows: dict[str, LogRow] = {}
    for ledger in ledgers:
        for log_id, row in ledger.rows.items():
            known = rows.get(log_id)
            if known is None or (row.next_index or 0) > (known.next_index or 0):
                rows[log_id] = row
    return rows


def dump(ledger: Ledger) -> str:
    """Canonical JSON of the ledger."""
    logs = {log_id: _row_out(ledger.rows[log_id]) for log_id in sorted(ledger.rows)}
    return json.dumps(
        {"version": 1, "logs": logs, "sighted": list(ledger.sighted)}, sort_keys=True, separators=(",", ":")
    )


def load(text: str) -> Ledger:
    """The ledger in a cursor; raises LedgerError."""
    try:
        data = json.loads(text)
        if data["version"] != 1:
            raise LedgerError(f"ledger of version {data['version']}")
        rows = {log_id: _row_in(log_id, row) for log_id, row in data["logs"].items()}
        return Ledger(rows, tuple(str(mark) for mark in data.get("sighted", ())))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LedgerError(f"the cursor of the certificate logs is damaged: {error}") from error


def _row_out(row: LogRow) -> dict[str, object]:
    info, head = row.info, row.head
    return {
        "key": _b64(info.key),
        "description": info.description,
        "operator": info.operator,
        "protocol": info.protocol.value,
        "url": info.url,
        "origin": info.origin,
        "state": info.state,
        "mmd": info.mmd,
        "first": _stamp(info.first),
        "last": _stamp(info.last),
        "final": None if info.final is None else [info.final[0], _b64(info.final[1])],
        "head": None if head is None else [head.size, _b64(head.root), head.at.isoformat()],
        "next_index": row.next_index,
        "until": _stamp(row.until),
        "partial_since": _stamp(row.partial_since),
        "owed": list(row.owed),
    }


def _row_in(log_id: str, row: Mapping[str, object]) -> LogRow:
    def moment(key: str) -> datetime | None:
        value = row[key]
        return None if value is None else from_iso(str(value))

    def pair(key: str) -> tuple[int, bytes] | None:
        value = row[key]
        return (int(value[0]), base64.b64decode(value[1])) if isinstance(value, list) else None

    head, listed = pair("head"), row["head"]
    next_index, mmd, owed = row["next_index"], row["mmd"], row.get("owed")
    if not isinstance(mmd, int) or not (next_index is None or isinstance(next_index, int)):
        raise LedgerError("an index or delay is no number")
    return LogRow(
        info=LogInfo(
            log_id=log_id,
            key=base64.b64decode(str(row["key"])),
            description=str(row["description"]),
            operator=str(row["operator"]),
            protocol=Protocol(str(row["protocol"])),
            url=str(row["url"]),
            origin=str(row["origin"]),
            state=str(row["state"]),
            mmd=mmd,
            first=moment("first"),
            last=moment("last"),
            final=pair("final"),
        ),
        head=Head(*head, from_iso(str(listed[2]))) if head is not None and isinstance(listed, list) else None,
        next_index=next_index,
        until=moment("until"),
        partial_since=moment("partial_since"),
        owed=tuple(int(index) for index in owed) if isinstance(owed, list) else (),
    )


def _stamp(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _b64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
