"""One question over guarded HTTP: redirects as data, body capped, total deadline, failures named by a Reason."""

import asyncio
import email.utils
import ssl
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpx

from tracker.clients.bodies import UnusableBody, read_capped
from tracker.clients.guard import ForbiddenAddress
from tracker.model.facts import Reason

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class FetchFailed(Exception):
    """Nothing usable came back. `reason` says whether to try again later; it never says anything about a name."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A reply with any status. `url` is where it came from after the hops, `hops` are the URLs that redirected."""

    url: str
    status: int
    headers: httpx.Headers
    body: bytes = field(repr=False)
    hops: tuple[str, ...] = ()


async def fetch(
    client: httpx.AsyncClient,
    url: str,
    *,
    limit: int,
    deadline: float,
    redirects: int = 0,
    headers: dict[str, str] | None = None,
    cut: bool = False,
    shun: Collection[str] = (),
) -> Fetched:
    """GET `url` within `deadline` seconds in all, following at most `redirects` hops; raises FetchFailed.

    Each hop is resolved and guarded anew, and only http and https are followed; not to the names `shun` and what is
    under them, where the last hop then ends. A body over `limit` bytes fails, or is cut there with `cut`.
    """
    try:
        async with asyncio.timeout(deadline):
            return await _fetch(
                client, url, limit=limit, redirects=redirects, headers=headers or {}, cut=cut, shun=shun
            )
    except TimeoutError as error:
        raise FetchFailed(Reason.TIMEOUT, f"{url}: no answer in {deadline:g} s") from error
    except httpx.HTTPError as error:
        raise FetchFailed(_reason(error), f"{url}: {error or type(error).__name__}") from error
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchFailed(Reason.MALFORMED, f"{url}: {error}") from error


async def _fetch(
    client: httpx.AsyncClient,
    url: str,
    *,
    limit: int,
    redirects: int,
    headers: dict[str, str],
    cut: bool,
    shun: Collection[str],
) -> Fetched:
    hops: list[str] = []
    if _is_under(url, shun):
        raise FetchFailed(Reason.FORBIDDEN, f"{url[:200]}: nothing may be asked there")
    while True:
        if urlsplit(url).scheme not in {"http", "https"}:
            raise FetchFailed(Reason.FORBIDDEN, f"{url[:200]}: only http and https")
        async with client.stream("GET", url, headers=headers) as response:
            target = response.headers.get("Location", "")
            further = urljoin(url, target)
            shunned = bool(target) and _is_under(further, shun)
            if response.status_code not in _REDIRECTS or not target or len(hops) >= redirects or shunned:
                hops += [further] if shunned else []
                body = await read_capped(response, limit, cut=cut)
                return Fetched(
                    url=url, status=response.status_code, headers=response.headers, body=body, hops=tuple(hops)
                )
        hops.append(url)
        url = further


def _is_under(url: str, names: Collection[str]) -> bool:
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    return any(host == name or host.endswith(f".{name}") for name in names)


def retry_after(headers: httpx.Headers, now: datetime) -> float | None:
    """Seconds to stay away according to Retry-After (seconds or a date), or None when the server does not say."""
    value = headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())


def _reason(error: httpx.HTTPError) -> Reason:
    if isinstance(error, ForbiddenAddress):
        return Reason.BLOCKED_ADDRESS
    if isinstance(error, httpx.TimeoutException):
        return Reason.TIMEOUT
    if isinstance(error, UnusableBody | httpx.ProtocolError | httpx.UnsupportedProtocol):
        return Reason.MALFORMED
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return Reason.TLS_ERROR
        cause = cause.__cause__ or cause.__context__
    return Reason.UNREACHABLE
