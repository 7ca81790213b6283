"""Where lists come from: bundled with the product, a file, or a polled URL with ETag and Last-Modified."""

import importlib.resources
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from tracker.clients.http import FetchFailed
from tracker.clients.http import fetch as get
from tracker.model.facts import Reason

BUNDLED = "bundled:"
LOOSE = (".txt", ".csv", ".list")
"""Endings of lists that are just names; everything else is a watchlist in TOML."""
SIZE_CAP = 8 * 1024 * 1024
"""Bytes of one list after inflation; a longer one is refused whole, because a cut list looks like a shrunken one."""
DEADLINE = 120.0
"""Seconds for one whole list."""
REDIRECTS = 5
"""Hops that a list may be away; each is guarded anew."""


class Unreachable(Exception):
    """The list could not be read. `reason` is for the gap, the message for people."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Fetched:
    """A list's text with the validators to send next time; `text` is None when it did not change."""

    text: str | None
    validators: Mapping[str, str]


def bundled_folder() -> Path:
    """The watchlists that ship with the product: inside the wheel, or beside the package in a checkout."""
    inside = Path(str(importlib.resources.files("tracker"))) / "_watchlists"
    return inside if inside.exists() else inside.parent.parent / "watchlists"


def path_of(location: str) -> Path:
    """The file behind `bundled:NAME` or a path; it need not exist."""
    if location.startswith(BUNDLED):
        return bundled_folder() / f"{location.removeprefix(BUNDLED)}.toml"
    return Path(location)


def is_url(location: str) -> bool:
    """Whether the location is polled over the network."""
    return location.startswith(("https://", "http://"))


async def fetch(location: str, http: httpx.AsyncClient, validators: Mapping[str, str], cap: int = SIZE_CAP) -> Fetched:
    """Read a list; raises Unreachable. A file is read afresh each time: it is cheap, and clocks of files lie."""
    if not is_url(location):
        return Fetched(_from_file(path_of(location), cap), {})
    try:
        reply = await get(http, location, limit=cap, deadline=DEADLINE, redirects=REDIRECTS, headers=dict(validators))
    except FetchFailed as error:
        raise Unreachable(error.reason, error.detail) from error
    if reply.status == httpx.codes.NOT_MODIFIED:
        return Fetched(None, validators)
    if reply.status == httpx.codes.TOO_MANY_REQUESTS:
        raise Unreachable(Reason.RATE_LIMITED, f"{location}: 429")
    if reply.status != httpx.codes.OK:
        raise Unreachable(Reason.SERVER_ERROR, f"{location}: HTTP {reply.status}")
    seen = {"If-None-Match": reply.headers.get("etag"), "If-Modified-Since": reply.headers.get("last-modified")}
    return Fetched(reply.body.decode("utf-8", "replace"), {key: value for key, value in seen.items() if value})


def _from_file(path: Path, cap: int) -> str:
    try:
        if path.stat().st_size > cap:
            raise Unreachable(Reason.MALFORMED, f"{path}: longer than {cap} bytes")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Unreachable(Reason.UNREACHABLE, f"{path}: {error}") from error
