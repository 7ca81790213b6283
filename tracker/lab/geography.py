"""Who runs what in the lab: registries, registrars, hosters, and the public address of every infrastructure host."""

from collections.abc import Collection, Mapping
from ipaddress import IPv4Address
from string import ascii_lowercase

from tracker.clients.whois import bundled_servers
from tracker.lab import draws
from tracker.lab.stories import SEIZURE_HOST, SEIZURE_SERVERS
from tracker.lab.world import Registrar, Registry
from tracker.lookalikes.suffixes import Suffixes

REGISTRIES = 40
REGISTRARS = 20
STRANGERS_HOSTS = tuple(
    f"host-{letters}" for letters in (*ascii_lowercase[2:], *(f"a{letter}" for letter in ascii_lowercase))
)
"""Fifty that strangers choose among evenly, like the twenty registrars: as common as the rules assume at first."""
HOSTS = ("host-a", "host-b", *STRANGERS_HOSTS)
PLATFORM = "platform"
SERVICES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "cdn": (("ada.ns.cloudflare.com", "hugo.ns.cloudflare.com"), "104.16.9.1"),
    "default": (("dns1.registrar-servers.com", "dns2.registrar-servers.com"), "45.121.0.10"),
    "parking": (("ns1.sedoparking.com", "ns2.sedoparking.com"), "45.121.0.11"),
    "protection": (("ns1.markmonitor.com", "ns3.markmonitor.com"), "45.121.0.12"),
    "verification": (
        ("failed-whois-verification.namecheap.com", "verify-contact-details.namecheap.com"),
        "127.0.0.1",
    ),
}
"""Companies that everybody knows: name servers, and where their customers' pages are. The one that holds names back
answers with an address that must never be connected to."""
PROTECTOR = "brand-protection"
WITHOUT_RDAP = ("cn", "ir", "ru", "su", "to", "tr")
ROOTS = {
    "a.root-servers.net": "198.41.0.4",
    "b.root-servers.net": "170.247.170.2",
    "c.root-servers.net": "192.33.4.12",
    "d.root-servers.net": "199.7.91.13",
    "e.root-servers.net": "192.203.230.10",
    "f.root-servers.net": "192.5.5.241",
    "g.root-servers.net": "192.112.36.4",
    "h.root-servers.net": "198.97.190.53",
    "i.root-servers.net": "192.36.148.17",
    "j.root-servers.net": "192.58.128.30",
    "k.root-servers.net": "193.0.14.129",
    "l.root-servers.net": "199.7.83.42",
    "m.root-servers.net": "202.12.27.33",
}
CT_HOST = "ct.lab.example"
FEED_HOST = "lists.lab.example"
BOOTSTRAP_HOST = "data.iana.org"
_FIRST_ADDRESS = IPv4Address("45.80.0.10")
_FIRST_WEB_ADDRESS = IPv4Address("45.120.0.10")


def registrar(registrar_id: str) -> Registrar:
    """A registrar by its short id, `r1` to `r20`, or the one that brand owners use."""
    if registrar_id == PROTECTOR:
        return Registrar("MarkMonitor Inc.", 292, "abusecomplaints@markmonitor.example")
    ordinal = int(registrar_id.removeprefix("r"))
    return Registrar(f"Registrar {ordinal:02d} Ltd", 9000 + ordinal, f"abuse@registrar-{ordinal:02d}.example")


def name_servers(host: str) -> tuple[str, ...]:
    """The name servers that a hoster gives its customers."""
    if host in SERVICES:
        return SERVICES[host][0]
    return SEIZURE_SERVERS if host == SEIZURE_HOST else (f"ns1.{host}.example", f"ns2.{host}.example")


def web_address(host: str) -> str:
    """Where a hoster's customers have their pages: one address per hoster, shared by all of them."""
    if host in SERVICES:
        return SERVICES[host][1]
    return str(_FIRST_WEB_ADDRESS + (*HOSTS, SEIZURE_HOST).index(host))


def whois_servers() -> dict[str, str]:
    """Top-level domains that the lab plays without RDAP, with the WHOIS server that the product's table names."""
    known = bundled_servers()
    return {top: known[top].host for top in WITHOUT_RDAP if top in known}


def registries(suffixes: Suffixes, used: Collection[str], whois: Mapping[str, str], seed: int) -> dict[str, Registry]:
    """A registry for every suffix in use: by top-level domain, hosting platforms apart.

    `whois` maps top-level domains without RDAP to the WHOIS server that the product's own table names for them.
    """
    frequent, icann = frozenset(suffixes.frequent()), frozenset(suffixes.icann())
    found: dict[str, Registry] = {}
    for suffix in sorted(used):
        if suffix not in frequent and suffix not in icann:
            found[suffix] = _registry(PLATFORM, "none", "", wildcard=True)
            continue
        top = suffix.rpartition(".")[2]
        if top in whois:
            found[suffix] = _registry(f"registry-{top}", "whois", whois[top])
        else:
            registry_id = f"registry-{draws.number(1, REGISTRIES, seed, 'registry', top):02d}"
            found[suffix] = _registry(registry_id, "rdap", f"rdap.{registry_id}.example")
    return found


def _registry(registry_id: str, registration: str, host: str, *, wildcard: bool = False) -> Registry:
    servers = tuple((f"ns{place}.{registry_id}.example", "") for place in (1, 2))
    return Registry(registry_id, servers, registration, host, wildcard)


def addresses(found: Mapping[str, Registry]) -> dict[str, str]:
    """A public address for every infrastructure host; public, because the product's guard stays on in the lab."""
    hosts = {server for registry in found.values() for server, _ in registry.name_servers}
    hosts |= {registry.host for registry in found.values() if registry.host}
    for host in (*HOSTS, *SERVICES, SEIZURE_HOST):
        hosts |= set(name_servers(host))
    hosts |= {CT_HOST, FEED_HOST, BOOTSTRAP_HOST}
    return ROOTS | {host: str(_FIRST_ADDRESS + place) for place, host in enumerate(sorted(hosts))}


def with_addresses(found: Mapping[str, Registry], known: Mapping[str, str]) -> dict[str, Registry]:
    """The registries with the addresses of their name servers filled in; suffixes of one registry share one value."""
    filled: dict[str, Registry] = {}
    for registry in found.values():
        servers = tuple((server, known[server]) for server, _ in registry.name_servers)
        filled[registry.registry_id] = Registry(
            registry.registry_id, servers, registry.registration, registry.host, registry.wildcard
        )
    return {suffix: filled[registry.registry_id] for suffix, registry in found.items()}
