"""Composition root: the only module that names concrete classes together."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from importlib.metadata import version
from pathlib import Path

import httpx
import structlog

from tracker import __version__, registering
from tracker.analysis.controls import controls_for
from tracker.analysis.derivation import Judge
from tracker.analysis.index import index
from tracker.analysis.pivots import leads
from tracker.analysis.policy import Policy
from tracker.analysis.traits import Reading
from tracker.clients.dns import DnsClient
from tracker.clients.guard import forbidden, guarded_client, unverified_context
from tracker.clients.messenger import MissingApprise, messengers
from tracker.clients.proxy import Proxy
from tracker.clients.system import Outside, expired, machine
from tracker.discovery.edits import EditSweep
from tracker.discovery.pivots import Pivots
from tracker.discovery.suffixes import SuffixSweep
from tracker.engine.budget import Rate
from tracker.export.publication import weekly_publication
from tracker.feeds import feed
from tracker.feeds.published import Means
from tracker.grounds import Ground, Role, ground
from tracker.lookalikes.best import Best
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Presence
from tracker.model.names import DomainName, parse
from tracker.model.watching import Watch
from tracker.policies import discretion, figures_of, policy_of
from tracker.ports import Clock, DiscoverySource, Engine, Feed, Log, Messenger, Probe, StorageTrouble, ViewStore, Work
from tracker.probes.addresses import AddressProbe
from tracker.probes.certificate import CertificateProbe
from tracker.probes.delegation import DelegationProbe
from tracker.probes.page import PageProbe
from tracker.probes.registration import Kept, RegistrationProbe
from tracker.resolving import dns_client
from tracker.settings import Settings
from tracker.settings import probes as switched_on
from tracker.stages import planner
from tracker.stages.canary import Canaries
from tracker.stages.notify import Discretion
from tracker.stages.permission import untouchable
from tracker.stages.planner import Planner
from tracker.stages.publish import Publication
from tracker.tailing import certificate_sources

__all__ = [
    "MissingApprise",
    "Parts",
    "StorageTrouble",
    "build",
    "expired",
    "machine",
    "messengers",
    "swept",
    "user_agent",
    "versions",
]

logger = structlog.get_logger()

KEEPALIVE = 3600.0
"""Seconds that a connection to infrastructure is kept: logs and lists are read again before it ends."""
WEB_PORTS = frozenset({80, 443})
VISITS_PER_SECOND = 5.0
"""TLS handshakes per second with one address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything that the daemon works with, built and connected."""

    settings: Settings
    clock: Clock
    log: Log
    work: Work
    views: ViewStore
    engine: Engine
    planner: Planner
    feeds: Mapping[str, Feed]
    sweeps: Mapping[str, DiscoverySource]
    certificates: Mapping[str, DiscoverySource]
    probes: Mapping[str, Probe]
    judge: Judge
    controls: Callable[[Sequence[Watch]], tuple[Watch, ...]]
    publication: Publication
    messengers: Mapping[str, Messenger]
    discretion: Discretion
    versions: Mapping[str, str]
    canaries: Canaries | None = None
    pivots: DiscoverySource | None = None
    discard: Callable[[datetime], int] = lambda _: 0
    """Drops old bodies of raw replies as of a moment; how many."""
    unwritable: Callable[[], str] = lambda: ""
    """Why nothing can be stored now; empty when it can."""
    ours: Callable[[], None] = lambda: None
    """Raises StorageTrouble unless the database is ours to work on, as it was in the beginning."""


@asynccontextmanager
async def build(
    settings: Settings, outside: Outside, role: Role = Role.ALL, queues: Sequence[str] = ()
) -> AsyncIterator[Parts]:
    """Open the database, take its lock, and connect everything; raises DatabaseInUse, WrongSchema or ValueError."""
    suffixes = Suffixes.bundled()
    async with (
        guarded_client(
            outside.dial, ssl_context=outside.trust, user_agent=user_agent(settings), keepalive=KEEPALIVE
        ) as http,
        ground(settings, outside, role, queues) as base,
        AsyncExitStack() as ends,
    ):
        log, work = base.log, base.work
        dns = dns_client(settings.dns, outside.dial, outside.clock, outside.rng, base.budget)
        vantage, policy = settings.identity.vantage, policy_of(settings)
        known, apart = partial(_delegated, log), partial(_apart, log)
        probes = _probes(settings, outside, dns, http, suffixes, base)
        judge = Judge(suffixes, policy)
        means = Means(http=http, clock=outside.clock, suffixes=suffixes, complain=logger.warning)
        yield Parts(
            settings=settings,
            clock=outside.clock,
            log=log,
            work=work,
            views=base.views,
            engine=base.engine,
            planner=Planner(
                work,
                tuple(probes),
                settings.sweeps.edits > 0,
                settings.sweeps.weekly_all,
                timedelta(hours=settings.pages.every_hours),
            ),
            feeds={entry: feed(entry, means) for entry in settings.lists.watchlists},
            sweeps={
                planner.SWEEP: SuffixSweep(dns, vantage, swept(settings, suffixes), known, apart),
                planner.SWEEP_ALL: SuffixSweep(dns, vantage, suffixes.all(), known, apart),
                planner.EDITS: EditSweep(
                    dns,
                    vantage,
                    Best(suffixes, settings.sweeps.edits),
                    known,
                    settings.sweeps.edits,
                    apart,
                ),
            },
            certificates=certificate_sources(settings, outside, suffixes, http, base, user_agent(settings), ends),
            probes=probes,
            judge=judge,
            controls=partial(controls_for, share=settings.lists.controls),
            publication=weekly_publication(
                log,
                lambda history: judge.derive(history)[0],
                Path(settings.publishing.directory),
                figures_of(settings),
            ),
            messengers=messengers(settings.notifications.urls),
            discretion=discretion(settings),
            versions=versions(suffixes, policy),
            canaries=_canaries(settings, suffixes, dns, probes),
            pivots=Pivots(
                lambda: leads(index(log.history()), base.views.replacements(), Reading(suffixes, policy.servers)),
                settings.lists.new_names,
                http,
                dns,
                outside.clock,
            ),
            discard=partial(log.discard, settings.retention.days, settings.retention.megabytes),
            unwritable=base.unwritable,
            ours=base.ours,
        )


def _canaries(settings: Settings, suffixes: Suffixes, dns: DnsClient, probes: Mapping[str, Probe]) -> Canaries | None:
    """Pages and certificates are left out: nobody's host is visited for our own peace of mind."""
    if not settings.daemon.canary:
        return None
    try:
        present = parse(settings.daemon.canary)
    except ValueError as error:
        raise ValueError(f"daemon.canary: {error}") from error
    suffix = suffixes.split(present).suffix
    asked = ("delegation", "addresses", "registration")
    return Canaries(
        present,
        SuffixSweep(dns, settings.identity.vantage, (suffix,), lambda: (present,)),
        {probe_id: probe for probe_id, probe in probes.items() if probe_id in asked},
    )


def _probes(
    settings: Settings,
    outside: Outside,
    dns: DnsClient,
    http: httpx.AsyncClient,
    suffixes: Suffixes,
    base: Ground,
) -> dict[str, Probe]:
    clock, vantage, notes = outside.clock, settings.identity.vantage, base.work
    asked = settings.registration
    budget = base.budget("registration", Rate(asked.rate), None)
    rdap = registering.rdap_client(settings, http, budget, outside, base.work)
    whois = registering.whois_client(settings, budget, outside, base.work)
    kept = Kept(timedelta(hours=asked.keep_found), timedelta(hours=min(6, max(1, asked.keep_absent))))
    visits = base.budget("visits", Rate(VISITS_PER_SECOND), None)
    proxy = Proxy.of(settings.pages.proxy)
    pages = guarded_client(
        outside.dial,
        ssl_context=unverified_context(),
        user_agent=settings.pages.user_agent,
        ports=WEB_PORTS,
        proxy=proxy,
    )
    every: dict[str, Probe] = {
        DelegationProbe.id: DelegationProbe(dns, clock, vantage),
        AddressProbe.id: AddressProbe(dns, clock, vantage),
        RegistrationProbe.id: RegistrationProbe(rdap, whois, suffixes.split, clock, vantage, notes=notes, kept=kept),
        CertificateProbe.id: CertificateProbe(outside.dial, forbidden, visits, clock, vantage, proxy=proxy),
        PageProbe.id: PageProbe(
            pages,
            clock,
            vantage,
            outlets=partial(_outlets, base.log),
            outlet_ids=settings.pages.outlet_ids,
            apart=partial(_apart, base.log),
        ),
    }
    return {probe_id: every[probe_id] for probe_id in switched_on(settings)}


def user_agent(settings: Settings) -> str:
    """Who asks, with a way to reach them: servers slow down the anonymous."""
    contact = f" (+{settings.identity.contact})" if settings.identity.contact else ""
    return f"domain-churn-tracker/{__version__}{contact}"


def versions(suffixes: Suffixes, policy: Policy) -> dict[str, str]:
    """What a run rests on besides the facts."""
    return {
        "tracker": __version__,
        "rules": policy.rules_version,
        "suffixes": suffixes.version,
        "python-whois": version("python-whois"),
    }


def swept(settings: Settings, suffixes: Suffixes) -> tuple[str, ...]:
    """The suffixes that are swept often; raises ValueError for a file that cannot be read."""
    match settings.sweeps.suffixes:
        case "frequent":
            return suffixes.frequent()
        case "all":
            return suffixes.all()
        case path:
            try:
                lines = Path(path).read_text(encoding="utf-8").split()
            except OSError as error:
                raise ValueError(f"sweeps.suffixes: {path}: {error.strerror}") from error
            return tuple(sorted({line.strip(".").lower() for line in lines if not line.startswith("#")}))


def _outlets(log: Log) -> frozenset[str]:
    """Own names of whom the watched names imitate: a page that says it is theirs is a copy."""
    return frozenset(name for watch in log.watches() for name in watch.own)


def _apart(log: Log) -> frozenset[DomainName]:
    """Names that nothing may be asked about."""
    return untouchable(log.watches())


def _delegated(log: Log) -> list[DomainName]:
    spans = log.history().spans
    return [
        name
        for name, rows in spans.items()
        if any(row.probe == "delegation" and row.presence is Presence.PRESENT for row in rows)
    ]
