"""The one way out: every connection to a name or address that we did not choose goes through here."""

import ipaddress
import ssl
from collections.abc import Iterable, Sequence
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import httpcore
import httpx

from tracker.clients.bodies import UnusableBody, inflate_capped, read_capped
from tracker.clients.proxy import Proxy
from tracker.ports import Dial

__all__ = [
    "ForbiddenAddress",
    "GuardedBackend",
    "GuardedTransport",
    "UnusableBody",
    "checked_addresses",
    "forbidden",
    "guarded_client",
    "inflate_capped",
    "read_capped",
    "unverified_context",
]

NOBODY: Final[frozenset[str]] = frozenset()

IPv4 = ipaddress.IPv4Address
IPv6 = ipaddress.IPv6Address

# Own tables rather than `is_global`: that one calls multicast, NAT64 and 6to4 forms global, and changes with Python.
_NOT_PUBLIC_V4: Final = tuple(
    (ipaddress.IPv4Network(block), why)
    for block, why in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "cloud host service"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "protocol assignments"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
_NOT_PUBLIC_V6: Final = tuple(
    (ipaddress.IPv6Network(block), why)
    for block, why in (
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("64:ff9b:1::/48", "local NAT64"),
        ("2001::/32", "Teredo"),
        ("2001::/23", "protocol assignments"),
        ("2001:db8::/32", "documentation"),
        ("3fff::/20", "documentation"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)
_GLOBAL_V6: Final = ipaddress.IPv6Network("2000::/3")  # the only block from which IANA hands out global unicast
_LAST_32_BITS: Final = tuple(
    (ipaddress.IPv6Network(block), form)
    for block, form in (("::ffff:0:0/96", "mapped"), ("64:ff9b::/96", "NAT64"), ("::/96", "IPv4-compatible"))
)
_SIX_TO_FOUR: Final = ipaddress.IPv6Network("2002::/16")
_ISATAP: Final = frozenset({0x00005EFE, 0x02005EFE})


KEPT: Final = 4
"""Idle connections that are kept: httpx looks at each of them again with every request."""


class ForbiddenAddress(httpx.ConnectError):
    """The guard refused to connect. An `httpx.HTTPError`, so that a caller that only knows httpx still fails safely."""

    def __init__(self, host: str, address: str, why: str) -> None:
        super().__init__(f"{host}: {address} must not be connected to ({why})")
        self.host = host
        self.address = address
        self.why = why


def forbidden(address: str) -> str | None:
    """Why `address` must not be connected to, or None when it is public unicast. Text that is no address is refused."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "not an address"
    return _forbidden_v4(parsed) if isinstance(parsed, IPv4) else _forbidden_v6(parsed)


def _forbidden_v4(address: IPv4) -> str | None:
    return next((why for block, why in _NOT_PUBLIC_V4 if address in block), None)


def _forbidden_v6(address: IPv6) -> str | None:
    why = next((why for block, why in _NOT_PUBLIC_V6 if address in block), None)
    if why is not None:
        return why
    inner, form = _unwrapped(address)
    if inner is not None:
        why = _forbidden_v4(inner)
        if why is not None:
            return f"{form} {why}"
        if form in {"mapped", "NAT64"}:
            return None
    return None if address in _GLOBAL_V6 else "not global unicast"


def _unwrapped(address: IPv6) -> tuple[IPv4 | None, str]:
    """The IPv4 address that a packet to `address` may end at, and the name of the form that carries it."""
    value = int(address)
    for block, form in _LAST_32_BITS:
        if address in block:
            return IPv4(value & 0xFFFFFFFF), form
    if address in _SIX_TO_FOUR:
        return IPv4((value >> 80) & 0xFFFFFFFF), "6to4"
    if (value >> 32) & 0xFFFFFFFF in _ISATAP:
        return IPv4(value & 0xFFFFFFFF), "ISATAP"
    return None, ""


async def checked_addresses(dial: Dial, host: str, chosen: frozenset[str] = NOBODY) -> Sequence[str]:
    """The addresses of `host`, all of them public unicast; raises ForbiddenAddress or OSError.

    One forbidden answer refuses the host: mixed answers are how rebinding looks, and which is tried first is chance.
    Only an address that the user `chose`, written as such, is taken unchecked.
    """
    if host in chosen:
        return (host,)
    try:
        addresses: Sequence[str] = (str(ipaddress.ip_address(host)),)
    except ValueError:
        addresses = tuple(await dial.addresses(host))
    if not addresses:
        raise OSError(f"{host} has no address")
    for address in addresses:
        why = forbidden(address)
        if why is not None:
            raise ForbiddenAddress(host, address, why)
    return addresses


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Resolves once, checks all answers and connects to a checked one; SNI and Host stay the name.

    With `proxy` the checked address is connected to from there; the proxy itself is the operator's choice, unchecked.
    """

    def __init__(
        self,
        dial: Dial,
        ports: frozenset[int] | None = None,
        tries: int = 3,
        proxy: Proxy | None = None,
        chosen: frozenset[str] = NOBODY,
    ) -> None:
        self._dial = dial
        self._ports = ports
        self._chosen = chosen
        self._proxy = proxy
        self._tries = tries
        self._sockets = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to a checked address of `host`; raises ForbiddenAddress or httpcore's connection errors."""
        if self._ports is not None and port not in self._ports:
            raise ForbiddenAddress(host, f"port {port}", "port not allowed")
        try:
            addresses = await checked_addresses(self._dial, host, self._chosen)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in addresses[: self._tries]:
            try:
                if self._proxy is not None:
                    return await self._through(self._proxy, address, port, timeout)
                real_host, real_port = self._dial.endpoint(address, port)
                return await self._sockets.connect_tcp(real_host, real_port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError(f"{host}: nothing to connect to")

    async def _through(
        self, proxy: Proxy, address: str, port: int, timeout: float | None
    ) -> httpcore.AsyncNetworkStream:
        stream = await self._sockets.connect_tcp(proxy.host, proxy.port, timeout)
        try:
            await proxy.open(
                address, port, lambda count: stream.read(count, timeout), lambda data: stream.write(data, timeout)
            )
        except BaseException as error:  # of a caller who was cancelled, too, nothing stays open
            await stream.aclose()
            if isinstance(error, OSError):
                raise httpcore.ConnectError(str(error)) from error
            raise
        return stream

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Refused: a local socket is never a public server."""
        raise ForbiddenAddress(path, path, "local socket")

    async def sleep(self, seconds: float) -> None:
        """Wait on the loop."""
        await self._sockets.sleep(seconds)


class GuardedTransport(httpx.AsyncHTTPTransport):
    """httpx transport over GuardedBackend. No unix socket, nothing from the environment, no proxy but the given one."""

    def __init__(
        self,
        dial: Dial,
        ssl_context: ssl.SSLContext,
        *,
        limits: httpx.Limits,
        ports: frozenset[int] | None = None,
        proxy: Proxy | None = None,
        chosen: frozenset[str] = NOBODY,
    ) -> None:
        super().__init__(verify=ssl_context, trust_env=False, limits=limits)
        # httpx has no argument for the network backend; the pool is the one thing that has to be ours.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl_context,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=GuardedBackend(dial, ports, proxy=proxy, chosen=chosen),
        )


def guarded_client(
    dial: Dial,
    *,
    ssl_context: ssl.SSLContext,
    user_agent: str,
    timeout: float = 20.0,
    connections: int = 20,
    keepalive: float = 15.0,
    ports: frozenset[int] | None = None,
    proxy: Proxy | None = None,
    chosen: frozenset[str] = NOBODY,
) -> httpx.AsyncClient:
    """An httpx client whose every connection is guarded.

    `timeout`: seconds per read, write, connect; not a total. `keepalive`: seconds that an idle connection is kept.
    `chosen`: addresses that the user named, which may be private.
    Follows no redirect (a hop is a new decision), keeps no cookie, reads no proxy or netrc from the environment.
    """
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=KEPT, keepalive_expiry=keepalive)
    return httpx.AsyncClient(
        transport=GuardedTransport(dial, ssl_context, limits=limits, ports=ports, proxy=proxy, chosen=chosen),
        headers={"User-Agent": user_agent, "Accept-Encoding": "gzip, deflate"},
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=())),
        timeout=timeout,
        follow_redirects=False,
        trust_env=False,
    )


def unverified_context() -> ssl.SSLContext:
    """TLS for candidates only: their certificate errors are observations, so the handshake must succeed to see them."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
