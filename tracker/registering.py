"""Composition for `tracker registration`: the registration probe without a database, for names at hand."""

import asyncio
import random
from collections.abc import Iterator, Sequence

from tracker.clients.guard import guarded_client
from tracker.clients.rdap import RdapClient, bundled_overrides
from tracker.clients.system import Outside, machine
from tracker.clients.whois import WhoisClient, bundled_servers
from tracker.engine.budget import Rate, TokenBudget
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Observation
from tracker.model.names import DomainName, to_unicode
from tracker.probes.registration import RegistrationProbe
from tracker.settings import Settings

FACTS = (
    "registered_at",
    "expires_at",
    "updated_at",
    "precision",
    "registrar",
    "registrar_iana_id",
    "abuse_email",
    "status",
    "name_servers",
    "via",
)
COLUMNS = ("domain", "domain_unicode", "presence", "reason", *FACTS)

__all__ = ["COLUMNS", "looks", "machine", "registered"]


def registered(
    names: Sequence[DomainName], settings: Settings, user_agent: str, outside: Outside
) -> Iterator[tuple[object, ...]]:
    """One row of COLUMNS per distinct name, in the order of first mention."""
    for look in asyncio.run(looks(names, settings, user_agent, outside)):
        facts = (";".join(look.facts.get(key, ())) for key in FACTS)
        yield (look.name, to_unicode(look.name), look.presence.value, look.reason.value, *facts)


async def looks(
    names: Sequence[DomainName], settings: Settings, user_agent: str, outside: Outside
) -> list[Observation]:
    """One look at the registry per distinct name, at the pace of the settings."""
    asked = settings.registration
    budget = TokenBudget(Rate(asked.rate), outside.clock, random.Random(outside.rng.random()))
    async with guarded_client(outside.dial, ssl_context=outside.trust, user_agent=user_agent) as http:
        probe = RegistrationProbe(
            RdapClient(http, budget, outside.clock, asked.bootstrap_url, bundled_overrides(), deadline=asked.timeout),
            WhoisClient(outside.dial, budget, outside.clock, bundled_servers(), deadline=asked.timeout),
            Suffixes.bundled().split,
            outside.clock,
            settings.identity.vantage,
        )
        return [look async for batch in probe.observe(names) for look in batch.observations]
