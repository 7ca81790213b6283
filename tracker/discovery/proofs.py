"""What is kept of a log entry: its certificate, and all that somebody else needs to check that the log has it."""

import base64
import json
from collections import deque
from datetime import datetime
from hashlib import sha256

from tracker.clients.ctlogs import Head, Inclusion, LogReader
from tracker.decoders.certificates import CertificateError, describe, moment, name_text
from tracker.decoders.ctentries import Entry, EntryError
from tracker.decoders.der import DerError
from tracker.model.facts import Artefact

MARKS_KEPT = 1_000
"""Issuances remembered as sighted. Logs show the same one within a day or so; an older one is only sighted again."""


class Marks:
    """The issuances sighted lately, oldest first and bounded: what the ledger keeps."""

    def __init__(self, marks: tuple[str, ...] = ()) -> None:
        self._order = deque(marks[-MARKS_KEPT:], MARKS_KEPT)
        self._known = set(self._order)

    def __contains__(self, mark: str) -> bool:
        return mark in self._known

    def add(self, mark: str) -> None:
        """Remember one, and forget the oldest when there are too many."""
        if mark in self._known:
            return
        if len(self._order) == MARKS_KEPT:
            self._known.discard(self._order[0])
        self._order.append(mark)
        self._known.add(mark)

    @property
    def kept(self) -> tuple[str, ...]:
        """All of them, oldest first."""
        return tuple(self._order)


def certificate(reader: LogReader, index: int, entry: Entry, now: datetime, vantage: str) -> Artefact | None:
    """The certificate of the entry. What stands beside a proved leaf is not itself in the tree: it must agree."""
    try:
        der = entry.certificate
        told = describe(der)
        agrees = (list(told.names), told.not_before, told.not_after, told.issuer) == (
            entry.names,
            moment(entry.not_before),
            moment(entry.not_after),
            name_text(entry.issuer),
        )
    except (EntryError, CertificateError, DerError):
        return None
    if not agrees:
        return None
    return Artefact(
        artefact_id=sha256(der).hexdigest(),
        kind="certificate",
        media_type="application/pkix-cert",
        body=der,
        source_url=reader.source(index),
        retrieved_at=now,
        vantage=vantage,
    )


def proof(
    reader: LogReader, index: int, entry: Entry, head: Head, found: Inclusion, now: datetime, vantage: str
) -> Artefact:
    """Log and key, the signed head as the log gave it, the leaf, the path: enough to check without asking anybody."""
    info = reader.info
    body = json.dumps(
        {
            "log": {"log_id": info.log_id, "key": _b64(info.key), "origin": info.origin, "url": info.url},
            "head": {"size": head.size, "root": _b64(head.root), "signed": _b64(head.raw)},
            "entry": {"index": index, "leaf": _b64(entry.leaf), "leaf_hash": _b64(entry.leaf_hash)},
            "inclusion": {"index": found.index, "path": [_b64(node) for node in found.path]},
        },
        sort_keys=True,
        indent=1,
    ).encode("ascii")
    return Artefact(
        artefact_id=sha256(body).hexdigest(),
        kind="ct-proof",
        media_type="application/json",
        body=body,
        source_url=reader.source(index),
        retrieved_at=now,
        vantage=vantage,
    )


def evidence(body: bytes, scope: str, now: datetime, vantage: str) -> Artefact:
    """What a log said that cannot be true, kept as it was said."""
    return Artefact(
        artefact_id=sha256(body).hexdigest(),
        kind="ct-misbehaviour",
        media_type="application/octet-stream",
        body=body,
        source_url=f"https://{scope}",
        retrieved_at=now,
        vantage=vantage,
    )


def _b64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
