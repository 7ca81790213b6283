"""The two pages of a running tracker, joined to its parts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus

import structlog

from tracker.stages.health import complaints
from tracker.web.metrics import Reading, exposition
from tracker.web.server import Page, serving
from tracker.wiring import Parts, StorageTrouble, expired

logger = structlog.get_logger()
METRICS_KIND = "text/plain; version=0.0.4; charset=utf-8"


@asynccontextmanager
async def listening(parts: Parts) -> AsyncIterator[None]:
    """Answer `/healthz` and `/metrics` where `daemon.listen` says, or nowhere; raises ValueError for a bad place."""
    where = parts.settings.daemon.listen
    if not where:
        yield
        return
    desk = _Pages(parts)
    async with serving(where, {"/healthz": desk.health, "/metrics": desk.metrics}) as port:
        logger.info("answering /healthz and /metrics", port=port)
        yield


@dataclass(frozen=True, slots=True)
class _Pages:
    parts: Parts

    def health(self) -> Page:
        """200 `healthy`, or 503 with the lines of `tracker health`."""
        if lines := self._ailments():
            return Page("".join(f"{line}\n" for line in lines).encode(), HTTPStatus.SERVICE_UNAVAILABLE)
        return Page(b"healthy\n")

    def _ailments(self) -> list[str]:
        parts, now = self.parts, self.parts.clock.now()
        bundle = parts.settings.identity.ca_file
        try:
            found = [expired(bundle, now)] if bundle else []
        except ValueError as error:
            found = [str(error)]
        try:
            found += [*complaints(parts.log.history(), parts.work, now), parts.unwritable()]
        except StorageTrouble as trouble:
            found += [str(trouble)]
        return [line for line in found if line]

    def metrics(self) -> Page:
        """What Prometheus reads; 503 when the database cannot be read."""
        try:
            return self._metrics()
        except StorageTrouble as trouble:
            return Page(f"{trouble}\n".encode(), HTTPStatus.SERVICE_UNAVAILABLE)

    def _metrics(self) -> Page:
        parts = self.parts
        sources = {*parts.probes, *(sweep.id for sweep in parts.sweeps.values())}
        sources |= {source_id.partition("/")[0] for source_id in parts.certificates}
        reading = Reading(
            parts.log.history(),
            parts.views.load(),
            parts.work,
            parts.clock.now(),
            dict(parts.versions),
            frozenset(sources),
            tuple(parts.probes),
            len(self._ailments()),
        )
        return Page(exposition(reading), kind=METRICS_KIND)
