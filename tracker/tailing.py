"""Composition of what hears of new certificates: the logs, and a certstream server of the user's own."""

from contextlib import AsyncExitStack
from datetime import timedelta

import httpx
import structlog

from tracker.clients.certstream import CertstreamClient
from tracker.clients.ctdirectory import Directory, own_network
from tracker.clients.guard import guarded_client
from tracker.clients.system import Outside
from tracker.discovery.certificates import READERS, Certificates, Share
from tracker.discovery.cover import Reading, Tailing
from tracker.discovery.matching import WatchMatcher
from tracker.discovery.streamed import CertStream
from tracker.engine.budget import Rate
from tracker.grounds import Ground
from tracker.lookalikes.suffixes import Suffixes
from tracker.ports import DiscoverySource
from tracker.settings import Settings

logger = structlog.get_logger()

LOG_BURST = 4
"""Requests to one CT log that may go out together after a rest."""


def certificate_sources(
    settings: Settings,
    outside: Outside,
    suffixes: Suffixes,
    http: httpx.AsyncClient,
    base: Ground,
    user_agent: str,
    ends: AsyncExitStack,
) -> dict[str, DiscoverySource]:
    """By id; each log has one of the readers. What has to be closed is left with `ends`; raises ValueError."""
    asked = settings.certificates
    matcher = WatchMatcher(suffixes, settings.lists.match_bits)
    found: dict[str, DiscoverySource] = {}
    if asked.enabled:
        if not 1 <= asked.readers < len(READERS):
            raise ValueError(f"certificates.readers wants 1 to {len(READERS) - 1}, not {asked.readers}")
        budget = base.budget("ct", Rate(asked.rate, LOG_BURST), None)
        if own := own_network(asked.log_list_url):  # a client of its own: nobody else may go there
            http = guarded_client(outside.dial, ssl_context=outside.trust, user_agent=user_agent, chosen=own)
            ends.push_async_callback(http.aclose)
        directory = Directory(http, budget, outside.clock, asked.log_list_url)
        tailing = Tailing(
            catch_up_entries=asked.catch_up,
            partial_patience=timedelta(seconds=asked.partial_patience),
            wanted=asked.logs,
            operators=asked.operators,
            reading=Reading(asked.reading),
        )
        for number in range(asked.readers):
            reader = Certificates(
                directory,
                matcher,
                outside.clock,
                vantage=settings.identity.vantage,
                contact=settings.identity.contact,
                tailing=tailing,
                tell=logger.info,
                share=Share(number, asked.readers),
                elsewhere=base.log.cursor,
            )
            found[reader.id] = reader
    if asked.certstream:
        stream = CertstreamClient(
            asked.certstream, outside.clock, outside.rng, trust=outside.trust, user_agent=user_agent
        )
        ends.push_async_callback(stream.close)
        found[CertStream.id] = CertStream(stream, matcher, outside.clock)
    return found
