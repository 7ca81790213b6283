"""The list of certificate logs (version 3): read, checked, and which of them may hold fresh certificates."""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from urllib.parse import urlsplit

import orjson

from tracker.model.times import from_iso

MAX_LIFETIME = timedelta(days=200)
"""Longest validity of a fresh certificate since 2026-03-15. Shards are split by expiry, not by the day of logging."""

_READABLE = frozenset({"pending", "qualified", "usable", "readonly"})
_PLACEHOLDER = "example.com"


class LogListError(ValueError):
    """The text is no log list; a single odd log in it is dropped with a reason, not raised."""


class Protocol(StrEnum):
    """How a log is read."""

    STATIC = "static-ct-api"
    RFC6962 = "rfc6962"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogInfo:
    """One log. `log_id` is base64 of SHA-256 of `key` (DER); `url` is where it is read, with a slash at the end.

    `origin` is what checkpoints are signed as. `first` and `last` bound the expiry of its certificates, [first, last);
    `final` is the (size, root) at which a read-only log stopped.
    """

    log_id: str
    key: bytes
    description: str
    operator: str
    protocol: Protocol
    url: str
    origin: str
    state: str
    mmd: int
    first: datetime | None = None
    last: datetime | None = None
    final: tuple[int, bytes] | None = None

    def holds_fresh(self, now: datetime, lifetime: timedelta = MAX_LIFETIME) -> bool:
        """Whether a certificate issued now, valid for at most `lifetime`, may be in this log."""
        return (self.first is None or self.first <= now + lifetime) and (self.last is None or self.last > now)


@dataclass(frozen=True, slots=True)
class LogList:
    """The usable part of a list, sorted by log_id; `dropped` says what was left out and why."""

    version: str
    at: datetime | None
    logs: tuple[LogInfo, ...]
    dropped: tuple[str, ...]

    def to_follow(self, now: datetime) -> tuple[LogInfo, ...]:
        """The readable production logs that may hold certificates issued at `now`."""
        return tuple(log for log in self.logs if log.state in _READABLE and log.holds_fresh(now))


def read(text: bytes, plain: frozenset[str] = frozenset()) -> LogList:
    """Read a version 3 list, or one log's own row; raises LogListError.

    A log whose id is not the hash of its key is dropped, and one without TLS unless its host is among the `plain`.
    """
    try:
        data = orjson.loads(text)
        rows = list(_rows(data))
        version, made = str(data.get("version", "")), _moment(data.get("log_list_timestamp"))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise LogListError(f"no log list: {error}") from error
    logs: dict[str, LogInfo] = {}
    dropped: list[str] = []
    for operator, protocol, row in rows:
        try:
            log = _log(operator, protocol, row, plain)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            name = str(row.get("description", "?")) if isinstance(row, dict) else "?"
            dropped.append(f"{name}: {error}")
        else:
            logs[log.log_id] = log
    return LogList(version, made, tuple(logs[key] for key in sorted(logs)), tuple(dropped))


def _rows(data: Mapping[str, object]) -> Iterator[tuple[str, Protocol, dict[str, object]]]:
    if "operators" not in data and "log_id" in data:  # what a log says of itself: a list of one
        detail = {"final_tree_head": data["final_tree_head"]} if "final_tree_head" in data else {}
        state = {"state": {str(data["status"]): detail}} if "status" in data else {}
        yield "", Protocol.STATIC if "monitoring_url" in data else Protocol.RFC6962, {**state, **data}
        return
    operators = data["operators"]
    if not isinstance(operators, list):
        raise TypeError("operators is no list")
    for operator in operators:
        for key, protocol in (("logs", Protocol.RFC6962), ("tiled_logs", Protocol.STATIC)):
            for row in operator.get(key) or []:
                yield str(operator.get("name", "")), protocol, row


def _log(operator: str, protocol: Protocol, row: Mapping[str, object], plain: frozenset[str]) -> LogInfo:
    key = base64.b64decode(_text(row, "key"), validate=True)
    log_id = base64.b64encode(sha256(key).digest()).decode("ascii")
    if log_id != row["log_id"]:
        raise ValueError("log_id is not the hash of the key")
    static = protocol is Protocol.STATIC
    url = _text(row, "monitoring_url" if static else "url")
    submission = _text(row, "submission_url") if static else url
    host = urlsplit(url).hostname or ""
    schemes = {"https", "http"} if host in plain else {"https"}
    if urlsplit(url).scheme not in schemes or not host or host == _PLACEHOLDER or host.endswith("." + _PLACEHOLDER):
        raise ValueError(f"not an address to read from: {url[:100]}")
    if row.get("log_type", "prod") != "prod":
        raise ValueError("not a production log")
    state = row.get("state")
    name, detail = next(iter(state.items())) if isinstance(state, dict) and state else ("unknown", {})
    interval = row.get("temporal_interval")
    first, last = (
        (interval["start_inclusive"], interval["end_exclusive"]) if isinstance(interval, dict) else (None, None)
    )
    final = detail.get("final_tree_head") if isinstance(detail, dict) else None
    mmd = row.get("mmd", 0)
    return LogInfo(
        log_id=log_id,
        key=key,
        description=str(row.get("description", "")),
        operator=operator,
        protocol=protocol,
        url=url if url.endswith("/") else url + "/",
        origin=submission.partition("://")[2].rstrip("/"),
        state=str(name),
        mmd=mmd if isinstance(mmd, int) else 0,
        first=_moment(first),
        last=_moment(last),
        final=(int(final["tree_size"]), base64.b64decode(final["sha256_root_hash"])) if final else None,
    )


def _text(row: Mapping[str, object], key: str) -> str:
    value = row[key]
    if not isinstance(value, str) or not value:
        raise ValueError(f"{key} is no text")
    return value


def _moment(value: object) -> datetime | None:
    return from_iso(value) if isinstance(value, str) else None
