"""Name servers and addresses that countless strangers share: having them in common says nothing."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address, ip_network

OPERATORS = frozenset(
    {
        # content delivery networks and large DNS services that anybody signs up for
        "cloudflare.com", "cloudns.net", "dnsmadeeasy.com", "dnsimple.com", "dnspod.net", "he.net", "nsone.net",
        "azure-dns.com", "azure-dns.net", "azure-dns.org", "alidns.com", "hichina.com", "ultradns.net",
        "googledomains.com", "google.com", "fastly.net", "akam.net", "bunny.net", "ddos-guard.net", "digitalocean.com",
        "linode.com", "vercel-dns.com", "wixdns.net", "wordpress.com", "squarespacedns.com", "shopify.com",
        # what registrars and mass hosters put in by default
        "registrar-servers.com", "domaincontrol.com", "namebrightdns.com", "name.com", "namesilo.com", "dnsowl.com",
        "porkbun.com", "dynadot.com", "orderbox-dns.com", "publicdomainregistry.com", "hover.com", "systemdns.com",
        "ui-dns.com", "ui-dns.de", "ui-dns.org", "ui-dns.biz", "worldnic.com", "register.com", "gandi.net", "ovh.net",
        "one.com", "rzone.de", "markmonitor.com", "cscdns.net", "dns-parking.com", "hostinger.com", "bluehost.com",
        "hostgator.com", "dreamhost.com", "reg.ru", "nic.ru", "beget.com", "timeweb.ru", "xincache.com",
    }
)  # fmt: skip
"""Registrable names of the hosts. Kept by hand; an operator that is missing here is still weighed by how many
strangers use it."""

_NUMBERED = ("awsdns-",)
"""Hosts under ever-changing registrable names that belong to one service (`ns-1.awsdns-07.com`)."""

NETWORKS = tuple(
    ip_network(text)
    for text in (
        # Cloudflare and Fastly, as these companies publish them for firewalls
        "173.245.48.0/20", "103.21.244.0/22", "103.22.200.0/22", "103.31.4.0/22", "141.101.64.0/18", "108.162.192.0/18",
        "190.93.240.0/20", "188.114.96.0/20", "197.234.240.0/22", "198.41.128.0/17", "162.158.0.0/15", "104.16.0.0/13",
        "104.24.0.0/14", "172.64.0.0/13", "131.0.72.0/22", "2400:cb00::/32", "2606:4700::/32", "2803:f800::/32",
        "2405:b500::/32", "2405:8100::/32", "2a06:98c0::/29", "2c0f:f248::/32", "151.101.0.0/16", "199.232.0.0/16",
    )
)  # fmt: skip


def telling_operators(operators: Iterable[str]) -> tuple[str, ...]:
    """Those operators of name servers that do not serve everybody, sorted."""
    return tuple(sorted({name for name in operators if name not in OPERATORS and not name.startswith(_NUMBERED)}))


@lru_cache(maxsize=65536)
def is_shared_address(text: str) -> bool:
    """Whether an address belongs to a network that fronts countless sites, or is no address at all."""
    try:
        address = ip_address(text)
    except ValueError:
        return True
    return any(address in network for network in NETWORKS if network.version == address.version)
