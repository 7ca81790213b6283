"""RDAP: which server knows a suffix, and what it says of a name. A 404 counts only from that very server."""

import asyncio
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib import resources
from typing import Final
from urllib.parse import quote, urlsplit

import httpx

from tracker.clients.http import Fetched, FetchFailed, fetch, retry_after
from tracker.decoders.rdap import RdapError, RdapFacts, read_bootstrap, read_domain
from tracker.model.facts import Reason
from tracker.ports import Budget, Clock

BOOTSTRAP_LIMIT: Final = 4 * 1024 * 1024
REPLY_LIMIT: Final = 512 * 1024
FRESH: Final = timedelta(days=1)
RETRY: Final = timedelta(minutes=15)
LARGEST_LOSS: Final = 0.2
"""A bootstrap file that lost more than this share of its suffixes is refused: that is a fault, not the world."""
PATIENCE: Final = timedelta(minutes=2)
"""A server that asked us to stay away for longer is not waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RdapReply:
    """What became of one question. `outcome` RDAP_FOUND and RDAP_NOT_FOUND are definite; any other tells nothing.

    `facts` and `raw` (with personal data still inside) only when found.
    """

    outcome: Reason
    status: int = 0
    facts: RdapFacts | None = None
    raw: bytes = field(default=b"", repr=False)
    url: str = ""
    detail: str = ""


def bundled_overrides() -> Mapping[str, str]:
    """The shipped table of servers that the bootstrap file lacks, by suffix; its file says where they come from."""
    text = resources.files(__package__).joinpath("rdap_overrides.toml").read_text(encoding="utf-8")
    bases: dict[str, str] = tomllib.loads(text)["base"]
    return bases


class RdapClient:
    """Asks the server that the bootstrap, or an override for suffixes it lacks, names for a suffix.

    `bootstrap` is the last good file as text, if the caller kept one; `bootstrap_text` is what to keep. `budget` is
    taken per server host, whatever number of suffixes it serves.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        budget: Budget,
        clock: Clock,
        bootstrap_url: str,
        overrides: Mapping[str, str],
        *,
        bootstrap: str | None = None,
        deadline: float = 20.0,
    ) -> None:
        self._http = http
        self._budget = budget
        self._clock = clock
        self._bootstrap_url = bootstrap_url
        self._overrides = overrides
        self._deadline = deadline
        self.bootstrap_text = bootstrap
        self._bases = {} if bootstrap is None else read_bootstrap(bootstrap)
        self._etag = ""
        self._next_read: datetime | None = None
        self._proved: set[str] = set()
        self._reading = asyncio.Lock()

    async def refresh(self) -> Reason | None:
        """Read the bootstrap file if it is due; None when what is known is fresh, else why it could not be read.

        The last good file stays in use, also beside a file that shrank too much.
        """
        async with self._reading:  # those who come while it is being read wait for it
            return await self._refreshed(self._clock.now())

    async def _refreshed(self, now: datetime) -> Reason | None:
        if self._next_read is not None and now < self._next_read:
            return None if self._bases else Reason.UNREACHABLE
        self._next_read = now + RETRY
        try:
            headers = {"If-None-Match": self._etag} if self._etag and self._bases else {}
            got = await fetch(
                self._http, self._bootstrap_url, limit=BOOTSTRAP_LIMIT, deadline=self._deadline, headers=headers
            )
            if got.status != 304:
                self._take(got)
        except FetchFailed as failure:
            return failure.reason
        except (RdapError, UnicodeDecodeError):
            return Reason.MALFORMED
        self._next_read = now + FRESH
        return None

    def _take(self, got: Fetched) -> None:
        if got.status != 200:
            raise FetchFailed(Reason.SERVER_ERROR, f"{got.url}: status {got.status}")
        text = got.body.decode("utf-8")
        bases = read_bootstrap(text)
        if len(bases) < (1 - LARGEST_LOSS) * len(self._bases) or not bases:
            raise RdapError(f"{len(bases)} suffixes where there were {len(self._bases)}")
        self._bases, self.bootstrap_text, self._etag = bases, text, got.headers.get("ETag", "")

    async def base(self, suffix: str) -> str | None:
        """Base URL of the server for a suffix (the longest known end of it), or None; reads the bootstrap when due."""
        await self.refresh()
        labels = suffix.split(".")
        for start in range(len(labels)):
            end = ".".join(labels[start:])
            if end in self._bases or end in self._overrides:
                return self._bases.get(end) or self._overrides[end].rstrip("/") + "/"
        return None

    def is_official(self, base: str) -> bool:
        """Whether the bootstrap file names this base; what an override says needs proof."""
        return base in self._bases.values()

    async def lookup(self, name: str, suffix: str) -> RdapReply:
        """Ask about `name` (A-labels). Never raises: failures are outcomes.

        An absence told by an override counts only when the same server knows the suffix's own `nic` name: a server that
        moved answers 404 to everything.
        """
        base = await self.base(suffix)
        if base is None:
            return RdapReply(outcome=Reason.NO_SERVER if self._bases else Reason.UNREACHABLE)
        reply = await self._ask(base, name)
        if reply.outcome is Reason.RDAP_NOT_FOUND and not self.is_official(base) and base not in self._proved:
            if (await self._ask(base, f"nic.{suffix}")).outcome is not Reason.RDAP_FOUND:
                return replace(reply, outcome=Reason.NO_SERVER, detail="404 of a server that did not show its suffix")
            self._proved.add(base)
        return reply

    async def _ask(self, base: str, name: str) -> RdapReply:
        server = urlsplit(base).hostname or base
        blocked = self._budget.blocked_until(server)
        if blocked is not None and blocked - self._clock.now() > PATIENCE:
            return RdapReply(outcome=Reason.RATE_LIMITED, url=base, detail="asked to stay away")
        await self._budget.take(server)
        url = f"{base}domain/{quote(name)}"
        headers = {"Accept": "application/rdap+json, application/json;q=0.9"}
        try:
            got = await fetch(self._http, url, limit=REPLY_LIMIT, deadline=self._deadline, redirects=2, headers=headers)
        except FetchFailed as failure:
            return RdapReply(outcome=failure.reason, url=url, detail=failure.detail)
        if got.status in {429, 503}:
            self._budget.refused(server, retry_after(got.headers, self._clock.now()))
        return judge(got, name, server)


def judge(got: Fetched, name: str, server: str) -> RdapReply:
    """The reading of one reply: pure, for replies however they were got."""
    outcome = _OUTCOMES.get(got.status, Reason.SERVER_ERROR if got.status >= 500 else Reason.MALFORMED)
    facts: RdapFacts | None = None
    detail = ""
    if got.status == 404:
        outcome, detail = _absence(got, server)
    elif got.status == 200:
        try:
            read = read_domain(got.body)
            if read.domain in {"", name}:
                facts = read
            else:
                outcome, detail = Reason.MALFORMED, f"speaks of {read.domain[:80]}"
        except RdapError as error:
            outcome, detail = Reason.MALFORMED, str(error)
    raw = got.body if facts is not None else b""
    return RdapReply(outcome=outcome, status=got.status, facts=facts, raw=raw, url=got.url, detail=detail)


_OUTCOMES: Final = {
    200: Reason.RDAP_FOUND,
    400: Reason.MALFORMED,
    401: Reason.FORBIDDEN,
    403: Reason.FORBIDDEN,
    429: Reason.RATE_LIMITED,
    451: Reason.FORBIDDEN,
    501: Reason.NO_SERVER,
}


def _absence(got: Fetched, server: str) -> tuple[Reason, str]:
    """A 404 of the registry itself means not registered; one of another host, or a web page, means a wrong turn."""
    if (urlsplit(got.url).hostname or "") != server:
        return Reason.MALFORMED, "404 after a redirect to another server"
    if "html" in got.headers.get("Content-Type", "") or got.body.lstrip()[:1] == b"<":
        return Reason.MALFORMED, "404 with a web page"
    return Reason.RDAP_NOT_FOUND, ""
