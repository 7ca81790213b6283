"""Every way to a name or address that somebody else chose, against every form of an address that is not public."""

import asyncio
import gzip
import json
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import httpx
import pytest

from tests.lab.ctworld import FreeBudget, SetClock, run
from tests.lab.registryworld import BOOTSTRAP, NOW
from tracker.clients.guard import forbidden, guarded_client, unverified_context
from tracker.clients.rdap import RdapClient
from tracker.clients.whois import IANA, WhoisClient, WhoisServer
from tracker.feeds.locations import Unreachable
from tracker.feeds.locations import fetch as fetch_list
from tracker.lab.authority import infrastructure
from tracker.lab.http import Request, Response, serve
from tracker.model.facts import Batch, Reason
from tracker.model.names import DomainName
from tracker.probes.certificate import CertificateProbe
from tracker.probes.page import LIMIT, PageProbe

BOMB = gzip.compress(b"\x89PNG\r\n\x1a\n" + bytes(96 * 1024 * 1024), 9)
FIRST, OUTSIDE = "45.80.0.10", "45.80.0.99"
NAMED = {
    "loopback": ("127.0.0.1",),
    "private": ("10.1.2.3",),
    "carrier-grade NAT": ("100.64.0.1",),
    "cloud metadata": ("169.254.169.254",),
    "multicast": ("224.0.0.1",),
    "mapped": ("::ffff:127.0.0.1",),
    "NAT64": ("64:ff9b::7f00:1",),
    "6to4": ("2002:7f00:1::",),
    "Teredo": ("2001:0:4136:e378:8000:63bf:3fff:fdd2",),
    "unique local": ("fd00:ec2::254",),
    "one of two": (OUTSIDE, "127.0.0.1"),
}
SPELLED = {
    "numeric, short": ("0x7f.1", "127.0.0.1"),
    "numeric, decimal": ("2130706433", "127.0.0.1"),
    "numeric, octal": ("0177.1", "127.0.0.1"),
    "localhost": ("localhost", "127.0.0.1"),
    "literal": ("127.0.0.1", "127.0.0.1"),
    "literal metadata": ("169.254.169.254", "169.254.169.254"),
    "literal six": ("[::1]", "::1"),
    "literal mapped": ("[::ffff:127.0.0.1]", "::ffff:127.0.0.1"),
    "literal NAT64": ("[64:ff9b::7f00:1]", "64:ff9b::7f00:1"),
    "literal 6to4": ("[2002:7f00:1::]", "2002:7f00:1::"),
    "literal Teredo": ("[2001:0:7f00:1::]", "2001:0:7f00:1::"),
}
FORMS = {label: ("inside.example", answers) for label, answers in NAMED.items()} | {
    label: (host, (address,)) for label, (host, address) in SPELLED.items()
}


@dataclass
class Dial:
    """Resolves what it was told, notes what was connected to; `turns` are answers from the second question on."""

    known: dict[str, Sequence[str]]
    ports: dict[tuple[str, int], int]
    turns: dict[str, Sequence[str]] = field(default_factory=dict)
    connected: list[str] = field(default_factory=list)

    async def addresses(self, host: str) -> Sequence[str]:
        """Raises OSError for a host that is not known."""
        if host not in self.known:
            raise OSError(f"{host} is not there")
        found = self.known[host]
        self.known[host] = self.turns.get(host, found)
        return found

    def endpoint(self, address: str, port: int) -> tuple[str, int]:
        """Port 1 refuses."""
        self.connected.append(address)
        return "127.0.0.1", self.ports.get((address, port), 1)


@dataclass
class Way:
    """What a caller is given: its clients, and the host that it is to be led to."""

    dial: Dial
    host: str
    http: httpx.AsyncClient
    clock: SetClock = field(default_factory=lambda: SetClock(NOW))

    def rdap(self) -> RdapClient:
        """A client whose overrides lead suffix `in` straight to the host."""
        overrides = {"in": f"https://{self.host}/"}
        return RdapClient(self.http, FreeBudget(), self.clock, BOOTSTRAP.replace("https", "http"), overrides)

    def whois(self, **table: WhoisServer) -> WhoisClient:
        """A client that may be sent on to the host, and asks IANA."""
        return WhoisClient(self.dial, FreeBudget(), self.clock, table, referrals={self.host}, iana=IANA)


async def _page(way: Way) -> None:
    probe = PageProbe(way.http, way.clock, "lab")
    _ = [batch async for batch in probe.observe([DomainName(way.host)])]


async def _page_redirect(way: Way) -> None:
    probe = PageProbe(way.http, way.clock, "lab")
    _ = [batch async for batch in probe.observe([DomainName("moved.example")])]


async def _favicon(way: Way) -> None:
    probe = PageProbe(way.http, way.clock, "lab")
    _ = [batch async for batch in probe.observe([DomainName("icon.example")])]


async def _certificate(way: Way) -> None:
    probe = CertificateProbe(way.dial, forbidden, FreeBudget(), way.clock, "lab")
    _ = [batch async for batch in probe.observe([DomainName(way.host.strip("[]"))])]


async def _rdap_server(way: Way) -> None:
    await way.rdap().lookup("rrn.in", "in")


async def _rdap_redirect(way: Way) -> None:
    await way.rdap().lookup("moved.so", "so")


async def _rdap_link(way: Way) -> None:
    await way.rdap().lookup("linked.so", "so")


async def _whois_server(way: Way) -> None:
    await way.whois(so=WhoisServer(way.host)).lookup("rrn.so", "so")


async def _whois_referral(way: Way) -> None:
    await way.whois(so=WhoisServer("whois.example")).lookup("thin.so", "so")


async def _whois_by_iana(way: Way) -> None:
    await way.whois().lookup("rrn.led", "led")


async def _feed(way: Way) -> None:
    with suppress(Unreachable):
        await fetch_list(f"https://{way.host}/list.txt", way.http, {})


async def _feed_redirect(way: Way) -> None:
    with suppress(Unreachable):
        await fetch_list("http://moved.example/list.txt", way.http, {})


CALLERS: dict[str, Callable[[Way], Awaitable[None]]] = {
    "page": _page,
    "page, by redirect": _page_redirect,
    "favicon": _favicon,
    "certificate": _certificate,
    "RDAP server": _rdap_server,
    "RDAP, by redirect": _rdap_redirect,
    "RDAP link to the registrar": _rdap_link,
    "WHOIS server": _whois_server,
    "WHOIS referral": _whois_referral,
    "WHOIS server by IANA": _whois_by_iana,
    "feed": _feed,
    "feed, by redirect": _feed_redirect,
}


@asynccontextmanager
async def _way(host: str, answers: Sequence[str], turns: Sequence[str] | None = None) -> AsyncIterator[Way]:
    """Servers that lead to `host` by every means; the host itself is nobody's."""

    def answer(request: Request) -> Response:
        last = request.path.rpartition("/")[2]
        if request.host == "bomb.example" or last == "bomb.so":
            kind = "image/png" if last.endswith(".png") else "text/html"
            return Response(200, {"Content-Type": kind, "Content-Encoding": "gzip"}, BOMB)
        if request.host == "fuse.example":
            return Response(
                200, {"Content-Type": "text/html"}, b"<title>x</title><link rel=icon href=//bomb.example/i.png>"
            )
        if last == "dns.json":
            services = [[["so"], ["https://rdap.example/"]]]
            return Response(200, {}, json.dumps({"version": "1.0", "services": services}).encode())
        if request.host == "moved.example" or last == "moved.so":
            return Response(302, {"Location": f"https://{host}/domain/moved.so"})
        if request.host == "icon.example":
            page = f'<title>x</title><link rel=icon href="https://{host}/i.png">'
            return Response(200, {"Content-Type": "text/html"}, page.encode())
        link = {"rel": "related", "type": "application/rdap+json", "href": f"https://{host}/domain/{last}"}
        found = {"objectClassName": "domain", "ldhName": last, "links": [link]}
        return Response(200, {}, json.dumps(found).encode())

    async def line(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        question = (await reader.readline()).strip().decode()
        named = f"domain: LED\nwhois: {host}\n"
        thin = f"Domain Name: {question}\nRegistrar: Seller\nRegistrar WHOIS Server: {host}\n"
        writer.write((named if question == "led" else thin).encode())
        writer.close()

    plain = await serve(answer)
    secure = await serve(answer, infrastructure(1).server_context("rdap.example"))
    whois = await asyncio.start_server(line, "127.0.0.1", 0)
    ports = {(FIRST, 80): plain.port, (FIRST, 443): secure.port, (FIRST, 43): whois.sockets[0].getsockname()[1]}
    ours = (
        "data.iana.org",
        "rdap.example",
        "moved.example",
        "icon.example",
        "whois.example",
        "bomb.example",
        "fuse.example",
        IANA,
    )
    dial = Dial(dict.fromkeys(ours, (FIRST,)) | {host: answers, host.strip("[]"): answers}, ports)
    if turns is not None:
        dial.turns[host] = turns
    async with guarded_client(dial, ssl_context=unverified_context(), user_agent="t") as http:
        yield Way(dial, host, http)
    await plain.close()
    await secure.close()
    whois.close()


def _connected(caller: str, host: str, answers: Sequence[str], turns: Sequence[str] | None = None) -> set[str]:
    async def main() -> set[str]:
        async with _way(host, answers, turns) as way:
            await CALLERS[caller](way)
            return set(way.dial.connected)

    return run(main)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("caller", CALLERS)
def test_nothing_inside_is_connected_to(caller: str, form: str) -> None:
    """Whoever leads there and however the address is written: no packet goes anywhere but to our own first server."""
    host, answers = FORMS[form]
    assert _connected(caller, host, answers) <= {FIRST}


@pytest.mark.parametrize("caller", CALLERS)
def test_each_caller_would_have_gone_there(caller: str) -> None:
    """With a public address behind the same name every one of them connects: so the test above can fail."""
    assert OUTSIDE in _connected(caller, "outside.example", (OUTSIDE,))


@pytest.mark.parametrize("caller", CALLERS)
def test_what_was_checked_is_what_is_connected_to(caller: str) -> None:
    """A name that answers with a public address when checked and with one inside a moment later leads nowhere else."""
    seen = _connected(caller, "turning.example", (OUTSIDE,), ("127.0.0.1",))
    assert OUTSIDE in seen and seen <= {FIRST, OUTSIDE}


def test_a_gzip_bomb_stops_at_the_cap() -> None:
    """A hundred kilobytes that would be a hundred megabytes: each caller stops at its cap; a page is cut there."""

    async def main() -> tuple[Batch, Batch, Reason, Reason]:
        async with _way("outside.example", (OUTSIDE,)) as way:
            pages = PageProbe(way.http, way.clock, "lab")
            (bomb,) = [batch async for batch in pages.observe([DomainName("bomb.example")])]
            (fuse,) = [batch async for batch in pages.observe([DomainName("fuse.example")])]
            rdap = (await way.rdap().lookup("bomb.so", "so")).outcome
            try:
                await fetch_list("http://bomb.example/list.txt", way.http, {})
            except Unreachable as refused:
                return bomb, fuse, rdap, refused.reason
            raise AssertionError("the list was read")

    tracemalloc.start()
    bomb, fuse, rdap, feed = run(main)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(bomb.artefacts[0].body) == LIMIT
    assert fuse.observations[0].facts["title"] == ("x",) and "favicon_mmh3" not in fuse.observations[0].facts
    assert (rdap, feed) == (Reason.MALFORMED, Reason.MALFORMED)
    assert peak < len(BOMB) * 2 + 64 * 1024 * 1024
