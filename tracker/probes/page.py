"""What a name's front page shows. This tells whoever runs it that somebody looks; it is off unless switched on."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from typing import Final
from urllib.parse import urlsplit

import httpx

from tracker.clients.http import Fetched, FetchFailed, fetch
from tracker.decoders.page import Page, read_page
from tracker.model.facts import Artefact, Batch, Facts, Layer, Observation, Presence, Reason
from tracker.model.names import DomainName
from tracker.ports import Clock

LIMIT: Final = 1_500_000
REDIRECTS: Final = 5
_ERROR: Final = 400
_TRY_PLAIN: Final = frozenset({Reason.UNREACHABLE, Reason.TLS_ERROR, Reason.TIMEOUT})


class PageProbe:
    """`ports.Probe` at SERVING. `client` is a guarded client that verifies no certificates.

    PRESENT means that something answered over HTTP, be it 403 or a decoy: cloaked sites show every vantage something
    else. No answer is INDETERMINATE, never ABSENT, for the same reason.
    """

    id = "page"
    layer = Layer.SERVING

    def __init__(
        self, client: httpx.AsyncClient, clock: Clock, vantage: str, *, deadline: float = 30.0, in_flight: int = 20
    ) -> None:
        self._client, self._clock, self._vantage = client, clock, vantage
        self._deadline, self._in_flight = deadline, in_flight

    async def observe(self, names: Sequence[DomainName]) -> AsyncIterator[Batch]:
        """One page per distinct name, over TLS or else without, some names together."""
        distinct = list(dict.fromkeys(names))
        for start in range(0, len(distinct), self._in_flight):
            looks = await asyncio.gather(*(self._look(name) for name in distinct[start : start + self._in_flight]))
            kept = {artefact.artefact_id: artefact for _, artefact in looks if artefact is not None}
            yield Batch(observations=tuple(look for look, _ in looks), artefacts=tuple(kept.values()))

    async def _look(self, name: DomainName) -> tuple[Observation, Artefact | None]:
        try:
            got = await self._fetched(name)
        except FetchFailed as failure:
            return self._observation(name, failure.reason, {}, None), None
        media_type = got.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        is_page = media_type in {"", "text/html", "application/xhtml+xml"}
        page = read_page(got.body, got.headers.get("Content-Type", "")) if is_page else None
        artefact = None if page is None or not got.body else self._artefact(got)
        return self._observation(name, Reason.SERVED, facts_of(name, got, page), artefact), artefact

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
            self._client, url, limit=LIMIT, deadline=self._deadline, redirects=REDIRECTS, headers=headers, cut=True
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


def facts_of(name: str, got: Fetched, page: Page | None) -> Facts:
    """Facts of an observation; `hops` are the hosts passed on the way. An error page has a kind and no text of its own:
    it is the server's, and thousands share it.
    """
    final = urlsplit(got.url).hostname or ""
    hosts = {urlsplit(url).hostname or "" for url in got.hops} - {name, final, ""}
    texts: dict[str, tuple[str, ...]] = {
        "status": (str(got.status),),
        "final_host": (final,),
        "hops": tuple(sorted(hosts)),
        "kind": (page.kind if page is not None and page.kind else "error" if got.status >= _ERROR else "",),
    }
    if page is not None and got.status < _ERROR:
        texts |= {"title": (page.title,), "language": (page.language,), "trackers": page.trackers}
        if page.text:
            texts |= {"text_sha256": (page.text_sha256,), "simhash": (f"{page.simhash:016x}",)}
            texts |= {"dom": (page.dom_sha256,)}
    return {key: values for key, values in texts.items() if any(values)}
