"""Composition of what asks registries; and `tracker registration`, the probe without a database, for names at hand."""

import asyncio
import random
from collections.abc import Iterator, Sequence

import httpx

from tracker.clients.guard import guarded_client
from tracker.clients.rdap import RdapClient, bundled_overrides
from tracker.clients.system import Outside, machine
from tracker.clients.whois import WhoisClient, bundled_referrals, bundled_servers
from tracker.engine.budget import Rate, TokenBudget
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Observation
from tracker.model.names import DomainName, to_unicode
from tracker.ports import Budget, Notes
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
    "withheld",
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


def rdap_client(
    settings: Settings, http: httpx.AsyncClient, budget: Budget, outside: Outside, notes: Notes | None = None
) -> RdapClient:
    """The RDAP client of these settings; `notes` keep the bootstrap file between runs."""
    asked = settings.registration
    return RdapClient(
        http,
        budget,
        outside.clock,
        asked.bootstrap_url,
        bundled_overrides() if asked.unlisted else {},
        notes=notes,
        registrar=asked.registrar,
        deadline=asked.timeout,
    )


def whois_client(settings: Settings, budget: Budget, outside: Outside, notes: Notes | None = None) -> WhoisClient:
    """The WHOIS client of these settings; `notes` keep what IANA said between runs."""
    return WhoisClient(
        outside.dial,
        budget,
        outside.clock,
        bundled_servers(),
        referrals=bundled_referrals(),
        iana=settings.registration.iana_whois,
        notes=notes,
        deadline=settings.registration.timeout,
    )


async def looks(
    names: Sequence[DomainName], settings: Settings, user_agent: str, outside: Outside
) -> list[Observation]:
    """One look at the registry per distinct name, at the pace of the settings."""
    asked = settings.registration
    budget = TokenBudget(Rate(asked.rate), outside.clock, random.Random(outside.rng.random()))
    async with guarded_client(outside.dial, ssl_context=outside.trust, user_agent=user_agent) as http:
        probe = RegistrationProbe(
            rdap_client(settings, http, budget, outside),
            whois_client(settings, budget, outside),
            Suffixes.bundled().split,
            outside.clock,
            settings.identity.vantage,
        )
        return [look async for batch in probe.observe(names) for look in batch.observations]
