"""What a name's front page shows. This tells whoever runs it that somebody looks; it is off unless switched on."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpx

from tracker.clients.http import Fetched, FetchFailed, fetch
from tracker.decoders.favicon import favicon_hash, inline_icon
from tracker.decoders.page import Page, clean, read_page
from tracker.model.facts import Artefact, Batch, Facts, Layer, Observation, Presence, Reason
from tracker.model.names import DomainName
from tracker.ports import Clock

LIMIT: Final = 1_500_000
ICON_LIMIT: Final = 256 * 1024
REDIRECTS: Final = 5
_OK: Final = 200
_ERROR: Final = 400
_HEADER: Final = 120  # characters kept of a header
_TRY_PLAIN: Final = frozenset({Reason.UNREACHABLE, Reason.TLS_ERROR, Reason.TIMEOUT})


class PageProbe:
    """`ports.Probe` at SERVING. `client` is a guarded client that verifies no certificates.

    PRESENT means that something answered over HTTP, be it 403 or a decoy: cloaked sites show every vantage something
    else. No answer is INDETERMINATE, never ABSENT, for the same reason. `outlets` tells the imitated outlets' own
    names, `outlet_ids` their own accounts: what a copied page has of those proves copying, not whose site it is. A page
    that leads to one of the names `apart` is not followed there.
    """

    id = "page"
    layer = Layer.SERVING

    def __init__(
        self,
        client: httpx.AsyncClient,
        clock: Clock,
        vantage: str,
        *,
        outlets: Callable[[], Collection[str]] = tuple,
        outlet_ids: Collection[str] = (),
        apart: Callable[[], Collection[str]] = tuple,
        deadline: float = 30.0,
        in_flight: int = 20,
    ) -> None:
        self._client, self._clock, self._vantage = client, clock, vantage
        self._outlets, self._outlet_ids, self._apart = outlets, frozenset(outlet_ids), apart
        self._deadline, self._in_flight = deadline, in_flight

    async def observe(self, names: Sequence[DomainName]) -> AsyncIterator[Batch]:
        """One page per distinct name, over TLS or else without, some names together."""
        distinct, outlets = list(dict.fromkeys(names)), frozenset(self._outlets())
        for start in range(0, len(distinct), self._in_flight):
            part = distinct[start : start + self._in_flight]
            looks = await asyncio.gather(*(self._look(name, outlets) for name in part))
            kept = {artefact.artefact_id: artefact for _, artefact in looks if artefact is not None}
            yield Batch(observations=tuple(look for look, _ in looks), artefacts=tuple(kept.values()))

    async def _look(self, name: DomainName, outlets: Collection[str]) -> tuple[Observation, Artefact | None]:
        try:
            got = await self._fetched(name)
        except FetchFailed as failure:
            return self._observation(name, failure.reason, {}, None), None
        media_type = got.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        is_page = media_type in {"", "text/html", "application/xhtml+xml"}
        page = read_page(got.body, got.headers.get("Content-Type", "")) if is_page else None
        artefact = None if page is None or not got.body else self._artefact(got)
        facts = facts_of(name, got, page, outlets, self._outlet_ids)
        if page is not None and got.status < _ERROR:
            facts = {**facts, **await self._favicon(got.url, page)}
        return self._observation(name, Reason.SERVED, facts, artefact), artefact

    async def _favicon(self, url: str, page: Page) -> Facts:
        """The icon's hash. A page without one, or one that is no image, has no such fact; one more visit, no more."""
        raw = inline_icon(page.icon)
        if raw is None:
            try:
                target = urljoin(url, page.icon or "/favicon.ico")
                headers = {"Accept": "image/*"}
                got = await fetch(
                    self._client,
                    target,
                    limit=ICON_LIMIT,
                    deadline=self._deadline,
                    redirects=REDIRECTS,
                    headers=headers,
                    shun=self._apart(),
                )
            except (FetchFailed, ValueError):
                return {}
            raw = got.body if got.status == _OK else b""
        value = favicon_hash(raw)
        return {} if value is None else {"favicon_mmh3": (str(value),)}

    async def _fetched(self, name: DomainName) -> Fetched:
        try:
            return await self._fetch(f"https://{name}/")
        except FetchFailed as failure:
            if failure.reason not in _TRY_PLAIN:
                raise
        return await self._fetch(f"http://{name}/")

    async def _fetch(self, url: str) -> Fetched:
        headers = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1", "Accept-Language": "en;q=0.8,*;q=0.5"}
        return await fetch(
            self._client,
            url,
            limit=LIMIT,
            deadline=self._deadline,
            redirects=REDIRECTS,
            headers=headers,
            cut=True,
            shun=self._apart(),
        )

    def _artefact(self, got: Fetched) -> Artefact:
        return Artefact(
            artefact_id=hashlib.sha256(got.body).hexdigest(),
            kind="page",
            media_type="text/html",
            body=got.body,
            source_url=got.url,
            retrieved_at=self._clock.now(),
            vantage=self._vantage,
        )

    def _observation(self, name: DomainName, reason: Reason, facts: Facts, artefact: Artefact | None) -> Observation:
        return Observation(
            name=name,
            probe=self.id,
            layer=self.layer,
            vantage=self._vantage,
            at=self._clock.now(),
            presence=Presence.PRESENT if reason is Reason.SERVED else Presence.INDETERMINATE,
            reason=reason,
            facts=facts,
            artefact_ids=() if artefact is None else (artefact.artefact_id,),
        )


def facts_of(
    name: str, got: Fetched, page: Page | None, outlets: Collection[str] = (), outlet_ids: Collection[str] = ()
) -> Facts:
    """Facts of an observation; `hops` are the hosts passed on the way, in order. An error page has a kind and no text
    of its own: it is the server's, and thousands share it.
    """
    final = _host(got.url)
    hosts = dict.fromkeys(host for url in got.hops if (host := _host(url)) not in {name, final, ""})
    texts: dict[str, tuple[str, ...]] = {
        "status": (str(got.status),),
        "final_host": (final,),
        "hops": tuple(hosts),
        "kind": (page.kind if page is not None and page.kind else "error" if got.status >= _ERROR else "",),
        "server": (clean(got.headers.get("Server", ""))[:_HEADER],),
        "powered_by": (clean(got.headers.get("X-Powered-By", ""))[:_HEADER],),
    }
    if page is not None and got.status < _ERROR:
        texts |= _contents(got.url, page, outlets, frozenset(outlet_ids))
    return {key: values for key, values in texts.items() if any(values)}


def _contents(url: str, page: Page, outlets: Collection[str], outlet_ids: frozenset[str]) -> dict[str, tuple[str, ...]]:
    own = _host(url)
    canonical, refresh = (_host(_joined(url, link)) for link in (page.canonical, page.refresh))
    copied = [outlet for outlet in outlets if _is_under(canonical, outlet) and not _is_under(own, outlet)]
    texts: dict[str, tuple[str, ...]] = {
        "kind_reason": (page.kind_reason,),
        "title": (page.title,),
        "language": (page.language,),
        "trackers": tuple(row for row in page.trackers if row not in outlet_ids),
        "outlet_trackers": tuple(row for row in page.trackers if row in outlet_ids),
        "copy_of": tuple(sorted(copied)[:1]),
        "canonical": (canonical if canonical != own else "",),
        "refresh": (refresh if refresh != own else "",),
        "sellers": page.sellers,
    }
    if page.text:
        texts |= {"text_sha256": (page.text_sha256,), "simhash": (f"{page.simhash:016x}",)}
        texts |= {"dom": (page.dom_sha256,)}
    return texts


def _joined(url: str, link: str) -> str:
    try:
        return urljoin(url, link) if link else ""
    except ValueError:
        return ""


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_under(host: str, name: str) -> bool:
    return host == name or host.endswith("." + name)
