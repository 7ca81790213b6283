"""Where lists come from: bundled with the product, a file, or a polled URL with ETag and Last-Modified."""

import importlib.resources
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from tracker.clients.bodies import UnusableBody, read_capped
from tracker.model.facts import Reason

BUNDLED = "bundled:"
LOOSE = (".txt", ".csv", ".list")
"""Endings of lists that are just names; everything else is a watchlist in TOML."""
SIZE_CAP = 8 * 1024 * 1024
"""Bytes of one list after inflation; a longer one is refused whole, because a cut list looks like a shrunken one."""


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


async def fetch(location: str, http: httpx.AsyncClient, validators: Mapping[str, str]) -> Fetched:
    """Read a list; raises Unreachable. A file is read afresh each time: it is cheap, and clocks of files lie."""
    if not is_url(location):
        try:
            return Fetched(path_of(location).read_text(encoding="utf-8"), {})
        except (OSError, UnicodeDecodeError) as error:
            raise Unreachable(Reason.UNREACHABLE, f"{location}: {error}") from error
    try:
        async with http.stream("GET", location, headers=dict(validators)) as response:
            if response.status_code == httpx.codes.NOT_MODIFIED:
                return Fetched(None, validators)
            if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
                raise Unreachable(Reason.RATE_LIMITED, f"{location}: 429")
            if response.status_code != httpx.codes.OK:
                raise Unreachable(Reason.SERVER_ERROR, f"{location}: HTTP {response.status_code}")
            body = await read_capped(response, SIZE_CAP)
            seen = {
                "If-None-Match": response.headers.get("etag"),
                "If-Modified-Since": response.headers.get("last-modified"),
            }
            return Fetched(body.decode("utf-8", "replace"), {key: value for key, value in seen.items() if value})
    except UnusableBody as error:
        raise Unreachable(Reason.MALFORMED, f"{location}: {error}") from error
    except httpx.TimeoutException as error:
        raise Unreachable(Reason.TIMEOUT, f"{location}: no answer in time") from error
    except (httpx.HTTPError, OSError) as error:
        raise Unreachable(Reason.UNREACHABLE, f"{location}: {error or type(error).__name__}") from error
