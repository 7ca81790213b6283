"""A small world of registrations with its RDAP, WHOIS and web servers on loopback: for tests of both ends."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx

from tests.lab.ctworld import FreeBudget, SetClock
from tracker.clients.guard import guarded_client, unverified_context
from tracker.clients.rdap import RdapClient
from tracker.clients.whois import WhoisClient, WhoisServer
from tracker.lab.authority import infrastructure
from tracker.lab.rdap import BOOTSTRAP_HOST, LabRdap
from tracker.lab.web import LabWeb
from tracker.lab.whois import LabWhois
from tracker.lab.world import Fault, Issuance, NameState, Registrar, Registry, Story, World

START = datetime(2024, 8, 28, tzinfo=UTC)
BORN = START + timedelta(days=8, hours=6, minutes=9, seconds=3)
NOW = START + timedelta(days=20)
BOOTSTRAP = f"https://{BOOTSTRAP_HOST}/rdap/dns.json"
WEB_ADDRESS = "45.120.0.10"
HOSTS = {BOOTSTRAP_HOST: "45.80.0.10", "rdap.so.example": "45.80.0.11", "whois.to.example": "45.80.0.12"}
TEXT = "words that only this operation writes " * 8


def state(name: str, **values: object) -> NameState:
    """A delegated name of registrar 1, serving the operation's page."""
    usual: dict[str, object] = {
        "name": name,
        "suffix": name.partition(".")[2],
        "registered_at": BORN,
        "updated_at": BORN + timedelta(hours=3),
        "expires_at": BORN + timedelta(days=365),
        "registrar": Registrar("Registrar 01 Ltd", 9001, "abuse@registrar-01.example"),
        "statuses": ("clientTransferProhibited", "serverHold"),
        "name_servers": ("ns1.host-a.example", "ns2.host-a.example"),
        "delegated": True,
        "addresses": (WEB_ADDRESS,),
        "page": "operation",
    }
    return NameState(**(usual | values))  # type: ignore[arg-type]


def world(*faults: Fault) -> World:
    """`rrn.so` and its pages under RDAP, `rrn.to` under WHOIS, born a week into the scenario."""
    born = {
        "rrn.so": state("rrn.so"),
        "rrn.to": state("rrn.to"),
        "seized.so": state("seized.so", page="seizure"),
        "parked.so": state("parked.so", page="parking"),
        "other.so": state("other.so", page="other"),
        "blank.so": state("blank.so", page=None),
    }
    texts = {"rrn.so": TEXT, "rrn.to": TEXT, "other.so": "somebody else writes of gardens and of bees " * 9}
    return World(
        scenario_id="registry",
        seed=1,
        start=START,
        end=START + timedelta(days=40),
        suffixes={
            "so": Registry("so", (), "rdap", "rdap.so.example"),
            "to": Registry("to", (), "whois", "whois.to.example"),
        },
        stories={name: Story(name, (BORN,), (row,), texts.get(name, "")) for name, row in born.items()},
        issuances=(Issuance(BORN + timedelta(minutes=40), ("rrn.so", "www.rrn.so"), 7),),
        faults=faults,
        hosts=HOSTS,
    )


def fault(source: str, kind: str, **values: object) -> Fault:
    """Trouble with every question, all the time."""
    return Fault(source, kind, START - timedelta(days=1), START + timedelta(days=99), 1.0, **values)  # type: ignore[arg-type]


@dataclass
class Dial:
    """Public addresses to loopback ports. A test may change `known`; `connected` tells what was dialled."""

    known: dict[str, Sequence[str]]
    ports: dict[tuple[str, int], int]
    asked: list[str] = field(default_factory=list)
    connected: list[tuple[str, int]] = field(default_factory=list)

    async def addresses(self, host: str) -> Sequence[str]:
        """Raises OSError for a host that is not known."""
        self.asked.append(host)
        if host not in self.known:
            raise OSError(f"{host} is not there")
        return self.known[host]

    def endpoint(self, address: str, port: int) -> tuple[str, int]:
        """Port 1 refuses."""
        self.connected.append((address, port))
        return "127.0.0.1", self.ports.get((address, port), 1)


@dataclass
class Bench:
    """The lab's servers and clients that reach them."""

    clock: SetClock
    budget: FreeBudget
    dial: Dial
    http: httpx.AsyncClient
    candidate: httpx.AsyncClient
    rdap: RdapClient
    whois: WhoisClient


@asynccontextmanager
async def bench(lab: World, overrides: dict[str, str] | None = None) -> AsyncIterator[Bench]:
    """Everything up, at NOW."""
    clock, budget = SetClock(NOW), FreeBudget()
    servers = (LabRdap(lab, clock), LabWhois(lab, clock), LabWeb(lab, clock))
    rdap, whois, (plain, tls) = await servers[0].start(), await servers[1].start(), await servers[2].start()
    ports = {(address, 443): rdap for address in HOSTS.values()}
    ports |= {("45.80.0.12", 43): whois, (WEB_ADDRESS, 80): plain, (WEB_ADDRESS, 443): tls}
    names = dict.fromkeys(lab.stories, (WEB_ADDRESS,))
    dial = Dial({host: (address,) for host, address in HOSTS.items()} | names, ports)
    trust = infrastructure(lab.seed).client_context()
    http = guarded_client(dial, ssl_context=trust, user_agent="test/1 (mailto:test@example.org)")
    candidate = guarded_client(dial, ssl_context=unverified_context(), user_agent="test/1")
    table = {"to": WhoisServer("whois.to.example")}
    async with http, candidate:
        yield Bench(
            clock,
            budget,
            dial,
            http,
            candidate,
            RdapClient(http, budget, clock, BOOTSTRAP, overrides or {}),
            WhoisClient(dial, budget, clock, table),
        )
    for server in servers:
        await server.close()
