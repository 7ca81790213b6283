"""The lab's certificate log once more, by RFC 6962's JSON interface: the same leaves, the same key, the same tree."""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tracker.decoders.merkle import leaf_hash
from tracker.lab.authority import public_der
from tracker.lab.ctlog import CtLog
from tracker.lab.http import Response

MOST = 100
"""Entries in one reply: fewer than anybody asks for."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class JsonFace:
    """Answers `ct/v1/…` as a log of `most` entries per reply does; a function of path and instant, like the log."""

    def __init__(self, log: CtLog, *, most: int = MOST) -> None:
        self._log = log
        self._most = most
        self._places: dict[bytes, int] = {}

    def answer(self, path: str, moment: datetime) -> Response:
        """The reply to a path below the log's address, query included; 400 for what makes no sense, 404 for unknown."""
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        call = parts.path.strip("/").removeprefix("ct/v1/")
        calls = {
            "get-sth": self._head,
            "get-entries": self._entries,
            "get-sth-consistency": self._consistency,
            "get-proof-by-hash": self._proof,
            "get-roots": self._roots,
        }
        if call not in calls:
            return Response(404, {}, b"not found")
        try:
            found = calls[call](query, moment)
        except (KeyError, ValueError, binascii.Error) as error:
            return Response(400, {}, str(error).encode())
        if found is None:
            return Response(404, {}, b"not found")
        return Response(200, {"Content-Type": "application/json"}, json.dumps(found).encode())

    def listed(self, url: str) -> dict[str, Any]:
        """The row of a version 3 log list that has this log at `url`."""
        public = public_der(self._log.key)
        return {
            "description": "Lab log, RFC 6962",
            "log_id": _b64(hashlib.sha256(public).digest()),
            "key": _b64(public),
            "url": url,
            "mmd": 86_400,
            "state": {"usable": {"timestamp": "2024-01-01T00:00:00Z"}},
        }

    def _head(self, _: Mapping[str, str], moment: datetime) -> dict[str, Any]:
        size = self._log.size(moment)
        root, signature = self._log.sign(size, moment)
        return {
            "tree_size": size,
            "timestamp": (moment - _EPOCH) // timedelta(milliseconds=1),
            "sha256_root_hash": _b64(root),
            "tree_head_signature": _b64(signature),
        }

    def _entries(self, query: Mapping[str, str], moment: datetime) -> dict[str, Any]:
        first, size = int(query["start"]), self._log.size(moment)
        last = min(int(query["end"]) + 1, size, first + self._most)
        if not 0 <= first < last:
            raise ValueError("no such range")
        pairs = [self._log.entry(index) for index in range(first, last)]
        return {"entries": [{"leaf_input": _b64(leaf), "extra_data": _b64(extra)} for leaf, extra in pairs]}

    def _consistency(self, query: Mapping[str, str], moment: datetime) -> dict[str, Any]:
        first, second = int(query["first"]), int(query["second"])
        if not 0 <= first <= second <= self._log.size(moment):
            raise ValueError("no such sizes")
        return {"consistency": [_b64(node) for node in self._log.tree.consistency(first, second)] if first else []}

    def _proof(self, query: Mapping[str, str], moment: datetime) -> dict[str, Any] | None:
        size = int(query["tree_size"])
        if not 0 < size <= self._log.size(moment):
            raise ValueError("no such size")
        index = self._index(base64.b64decode(query["hash"], validate=True), size)
        if index is None:
            return None
        return {"leaf_index": index, "audit_path": [_b64(node) for node in self._log.tree.inclusion(index, size)]}

    def _index(self, found: bytes, size: int) -> int | None:
        for index in range(len(self._places), size):
            self._places[leaf_hash(self._log.entry(index)[0])] = index
        place = self._places.get(found)
        return place if place is not None and place < size else None

    def _roots(self, _: Mapping[str, str], __: datetime) -> dict[str, Any]:
        return {"certificates": [_b64(self._log.authority_der)]}


def _b64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
