"""RDAP: what the server of a suffix says of a name. A 404 counts only from that very server."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from importlib import resources
from typing import Final
from urllib.parse import quote, urlsplit

import httpx

from tracker.clients.http import Fetched, FetchFailed, fetch, retry_after
from tracker.clients.rdapbootstrap import Bootstrap
from tracker.decoders.rdap import RdapError, RdapFacts, read_domain
from tracker.model.facts import Reason
from tracker.ports import Budget, Clock, Notes

REPLY_LIMIT: Final = 512 * 1024
PATIENCE: Final = timedelta(minutes=2)
"""A server that asked us to stay away for longer is not waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RdapReply:
    """What became of one question. `outcome` RDAP_FOUND and RDAP_NOT_FOUND are definite; any other tells nothing.

    `facts` only when found; `raw` (with personal data still inside) also when denied.
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

    `budget` is taken per server host, whatever number of suffixes it serves. With `registrar`, a found name whose
    registry names no registrar or abuse contact is asked about once more, where the registry's answer points to.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        budget: Budget,
        clock: Clock,
        bootstrap_url: str,
        overrides: Mapping[str, str],
        *,
        notes: Notes | None = None,
        registrar: bool = True,
        deadline: float = 20.0,
    ) -> None:
        self._http = http
        self._budget = budget
        self._clock = clock
        self._bootstrap = Bootstrap(http, clock, bootstrap_url, notes, deadline=deadline)
        self._overrides = overrides
        self._registrar = registrar
        self._deadline = deadline
        self._proved: set[str] = set()

    async def refresh(self) -> Reason | None:
        """Read the bootstrap file if it is due; None when what is known is fresh, else why it could not be read."""
        return await self._bootstrap.refresh()

    async def base(self, suffix: str) -> str | None:
        """Base URL of the server for a suffix (the longest known end of it), or None; reads the bootstrap when due."""
        await self.refresh()
        labels = suffix.split(".")
        for start in range(len(labels)):
            end = ".".join(labels[start:])
            if end in self._bootstrap.bases or end in self._overrides:
                return self._bootstrap.bases.get(end) or self._overrides[end].rstrip("/") + "/"
        return None

    def is_official(self, base: str) -> bool:
        """Whether the bootstrap file names this base; what an override says needs proof."""
        return base in self._bootstrap.bases.values()

    async def lookup(self, name: str, suffix: str) -> RdapReply:
        """Ask about `name` (A-labels). Never raises: failures are outcomes.

        An absence told by an override counts only when the same server knows the suffix's own `nic` name: a server that
        moved answers 404 to everything.
        """
        base = await self.base(suffix)
        if base is None:
            return RdapReply(outcome=Reason.NO_SERVER if self._bootstrap.bases else Reason.UNREACHABLE)
        reply = await self._ask(base, name)
        if reply.outcome is Reason.RDAP_NOT_FOUND and not self.is_official(base) and base not in self._proved:
            if (await self._ask(base, f"nic.{suffix}")).outcome is not Reason.RDAP_FOUND:
                return replace(reply, outcome=Reason.NO_SERVER, detail="404 of a server that did not show its suffix")
            self._proved.add(base)
        return await self._completed(reply, name) if self._registrar else reply

    async def _completed(self, reply: RdapReply, name: str) -> RdapReply:
        """The reply with registrar and abuse contact from the registrar's own server, if it lacked one of them.

        One hop, and nothing else is taken from it: dates, statuses and servers are the registry's to state. What the
        registrar says again under `related` is not followed.
        """
        facts = reply.facts
        if facts is None or (facts.registrar and facts.abuse_email) or not _is_registrars(facts.related, reply.url):
            return reply
        theirs = (await self._fetched(facts.related, name, redirects=0)).facts
        if theirs is None:
            return reply
        stated = ("registrar", "registrar_iana_id", "abuse_email")
        missing = {key: getattr(theirs, key) for key in stated if not getattr(facts, key)}
        return replace(reply, facts=replace(facts, **missing), detail=f"registrar: {facts.related[:200]}")

    async def _ask(self, base: str, name: str) -> RdapReply:
        return await self._fetched(f"{base}domain/{quote(name)}", name, redirects=2)

    async def _fetched(self, url: str, name: str, *, redirects: int) -> RdapReply:
        server = urlsplit(url).hostname or url
        blocked = self._budget.blocked_until(server)
        if blocked is not None and blocked - self._clock.now() > PATIENCE:
            return RdapReply(outcome=Reason.RATE_LIMITED, url=url, detail="asked to stay away")
        await self._budget.take(server)
        headers = {"Accept": "application/rdap+json, application/json;q=0.9"}
        try:
            got = await fetch(
                self._http, url, limit=REPLY_LIMIT, deadline=self._deadline, redirects=redirects, headers=headers
            )
        except FetchFailed as failure:
            return RdapReply(outcome=failure.reason, url=url, detail=failure.detail)
        if got.status in _REFUSALS:
            self._budget.refused(server, retry_after(got.headers, self._clock.now()))
        return judge(got, name, server)


def _is_registrars(url: str, asked: str) -> bool:
    """Whether a link may be followed: https on its own port, a domain object, and another server than the one asked."""
    try:
        parts = urlsplit(url)
        usual = parts.port in {None, 443}
    except ValueError:
        return False
    other = parts.hostname is not None and parts.hostname != urlsplit(asked).hostname
    return parts.scheme == "https" and usual and other and "/domain/" in parts.path and parts.username is None


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
    raw = got.body if facts is not None or outcome is Reason.RDAP_NOT_FOUND else b""
    return RdapReply(outcome=outcome, status=got.status, facts=facts, raw=raw, url=got.url, detail=detail)


_REFUSALS: Final = frozenset({401, 403, 429, 503})

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
