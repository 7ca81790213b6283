"""The RDAP client: which server, and what counts as an absence."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx
import pytest

from tests.lab.ctworld import FreeBudget, SetClock, Written, run
from tests.lab.registryworld import BOOTSTRAP, NOW, Bench, Dial, bench, fault, world
from tracker.clients.guard import guarded_client, unverified_context
from tracker.clients.http import Fetched
from tracker.clients.rdap import RdapClient, RdapReply, bundled_overrides, judge
from tracker.lab.authority import infrastructure
from tracker.lab.http import Request, Response, serve
from tracker.model.facts import Reason

DOMAIN = json.dumps({"objectClassName": "domain", "ldhName": "rrn.so"}).encode()


def _with(main: Callable[[Bench], Awaitable[RdapReply]], *faults: object, **options: object) -> tuple[RdapReply, Bench]:
    async def whole() -> tuple[RdapReply, Bench]:
        async with bench(world(*faults), **options) as lab:  # type: ignore[arg-type]
            return await main(lab), lab

    return run(whole)


def _got(status: int, body: bytes = b"", kind: str = "application/rdap+json", host: str = "rdap.example") -> RdapReply:
    headers = httpx.Headers({"Content-Type": kind})
    got = Fetched(url=f"https://{host}/domain/rrn.so", status=status, headers=headers, body=body)
    return judge(got, "rrn.so", "rdap.example")


def test_found_with_the_bootstrap_s_server() -> None:
    """The bootstrap names the server; its budget is taken once, under its own name."""
    reply, lab = _with(lambda lab: lab.rdap.lookup("rrn.so", "so"))
    assert reply.outcome is Reason.RDAP_FOUND and reply.facts is not None
    assert reply.facts.registrar == "Registrar 01 Ltd"
    assert lab.budget.taken == ["rdap.so.example"]


def test_not_found_and_no_server() -> None:
    """404 of the authoritative server is an absence; a suffix that nobody serves is a question without a server."""
    assert _with(lambda lab: lab.rdap.lookup("nosuch.so", "so"))[0].outcome is Reason.RDAP_NOT_FOUND
    assert _with(lambda lab: lab.rdap.lookup("rrn.to", "to"))[0].outcome is Reason.NO_SERVER


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("throttle", Reason.RATE_LIMITED),
        ("error", Reason.SERVER_ERROR),
        ("silence", Reason.TIMEOUT),
        ("garbage", Reason.MALFORMED),
    ],
)
def test_trouble_is_never_an_absence(kind: str, reason: Reason) -> None:
    """Every fault of the server leaves the question open."""

    async def main(lab: Bench) -> RdapReply:
        await lab.rdap.refresh()
        lab.clock.moment = NOW + timedelta(hours=1)
        return await lab.rdap.lookup("nosuch.so", "so")

    trouble = fault("rdap", kind)
    late = type(trouble)("rdap", kind, NOW + timedelta(minutes=1), trouble.last, 1.0, retry_after=90)
    reply, lab = _with(main, late)
    assert reply.outcome is reason
    assert lab.budget.refusals == ([("rdap.so.example", 90.0)] if kind == "throttle" else lab.budget.refusals)


def test_without_a_bootstrap_nothing_is_known() -> None:
    """An unreachable bootstrap file is our failure, not the absence of a server."""
    assert _with(lambda lab: lab.rdap.lookup("rrn.so", "so"), fault("rdap", "error"))[0].outcome is Reason.UNREACHABLE


def test_a_server_that_asked_for_quiet_is_not_asked() -> None:
    """A long pause is not waited for; the name is looked at another time."""

    async def main(lab: Bench) -> RdapReply:
        lab.budget.blocked = NOW + timedelta(hours=1)
        return await lab.rdap.lookup("rrn.so", "so")

    reply, lab = _with(main)
    assert reply.outcome is Reason.RATE_LIMITED and lab.budget.taken == []


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (_got(404), Reason.RDAP_NOT_FOUND),
        (_got(404, b'{"errorCode": 404}'), Reason.RDAP_NOT_FOUND),
        (_got(404, b"<html>", "text/html"), Reason.MALFORMED),
        (_got(404, b"\n <!DOCTYPE html>", ""), Reason.MALFORMED),
        (_got(404, b"", host="elsewhere.example"), Reason.MALFORMED),
        (_got(200, b'{"errorCode": 404}'), Reason.MALFORMED),
        (_got(200, DOMAIN), Reason.RDAP_FOUND),
        (_got(200, DOMAIN.replace(b"rrn", b"xyz")), Reason.MALFORMED),
        (_got(400), Reason.MALFORMED),
        (_got(403), Reason.FORBIDDEN),
        (_got(429), Reason.RATE_LIMITED),
        (_got(501), Reason.NO_SERVER),
        (_got(502), Reason.SERVER_ERROR),
        (_got(302), Reason.MALFORMED),
    ],
)
def test_statuses(reply: RdapReply, reason: Reason) -> None:
    """Only a 404 of the registry itself, in its own format, says that a name is not registered."""
    assert reply.outcome is reason
    assert (reply.facts is not None) == (reason is Reason.RDAP_FOUND)


class _Registry:
    """A bootstrap host and two registries of which a test decides what they say."""

    def __init__(self, **says: Response) -> None:
        self.says = says
        self.asked: list[str] = []
        self.etags: list[str] = []

    def answer(self, request: Request) -> Response:
        """By path, with the bootstrap's own name for its file."""
        self.asked.append(f"{request.host}{request.path}")
        self.etags.append(request.headers.get("if-none-match", ""))
        if request.host == "registrar.example":
            return self.says["at_registrar"]
        return self.says.get(request.path.rpartition("/")[2].replace(".", "_"), Response(404))

    def run(self, main: Callable[[RdapClient, SetClock], Awaitable[None]], **options: object) -> None:
        """Give the client to a test, on loopback."""

        async def whole() -> None:
            server = await serve(self.answer)
            secure = await serve(self.answer, infrastructure(1).server_context("rdap.example"))
            hosts = ("data.iana.org", "over.example", "evil.example", "rdap.example", "registrar.example")
            known = dict.fromkeys(hosts, ("45.80.0.10",)) | {"inside.example": ("127.0.0.1",)}
            ports = {("45.80.0.10", 80): server.port, ("45.80.0.10", 443): secure.port}
            dial = Dial(known, ports)  # type: ignore[arg-type]
            clock = SetClock(NOW)
            async with guarded_client(dial, ssl_context=unverified_context(), user_agent="t") as http:
                client = RdapClient(
                    http,
                    FreeBudget(),
                    clock,
                    BOOTSTRAP.replace("https", "http"),
                    {"zz": "http://over.example/rdap", "in": "http://inside.example/"},
                    **options,  # type: ignore[arg-type]
                )
                await main(client, clock)
            await server.close()
            await secure.close()

        run(whole)


def _file(*suffixes: str) -> Response:
    body = {"version": "1.0", "services": [[list(suffixes), ["https://rdap.example/"]]]}
    return Response(200, {"ETag": '"1"'}, json.dumps(body).encode())


def test_the_last_good_bootstrap_is_kept() -> None:
    """A file that shrank by more than a fifth, or is none, is refused; a day later it is read again."""
    registry = _Registry(dns_json=_file(*(f"s{n}" for n in range(10))))

    async def main(client: RdapClient, clock: SetClock) -> None:
        assert await client.refresh() is None
        for bad in (_file("s0", "s1"), Response(200, {}, b"<html>"), Response(503), Response(200, {}, b"\xff\xfe")):
            registry.says["dns_json"] = bad
            assert await client.refresh() is None  # fresh: not asked
            clock.moment += timedelta(days=1)
            assert await client.refresh() in {Reason.MALFORMED, Reason.SERVER_ERROR}
            assert await client.base("s9") == "https://rdap.example/"
        registry.says["dns_json"] = _file(*(f"s{n}" for n in range(9)))
        clock.moment += timedelta(hours=1)
        assert await client.refresh() is None
        assert await client.base("s9") is None

    registry.run(main)


def test_a_kept_bootstrap_outlives_a_restart_and_its_source() -> None:
    """What one run kept is used by the next at once, is not asked for again within the day, and then by its ETag."""
    notes = Written()

    async def first(client: RdapClient, _: SetClock) -> None:
        assert await client.base("co.s0") == "https://rdap.example/"

    registry = _Registry(dns_json=_file("s0"))
    registry.run(first, notes=notes)
    registry.run(first, notes=notes)
    assert registry.asked == ["data.iana.org/rdap/dns.json"]

    async def day_after(client: RdapClient, clock: SetClock) -> None:
        clock.moment += timedelta(days=1)
        assert await client.refresh() in {None, Reason.SERVER_ERROR}
        assert await client.base("s0") == "https://rdap.example/"

    for source in (Response(500), Response(304)):
        registry.says["dns_json"] = source
        registry.run(day_after, notes=notes)
    assert [etag for etag in registry.etags if etag] == ['"1"'] * 2
    broken = Written(dict.fromkeys(notes, "{"))
    _Registry(dns_json=_file("s0")).run(first, notes=broken)


def _domain(**values: object) -> Response:
    return Response(200, {}, json.dumps({"objectClassName": "domain", "ldhName": "rrn.s0"} | values).encode())


def _registrar(name: str, mail: str) -> dict[str, object]:
    card = ["vcard", [["fn", {}, "text", name], ["email", {}, "text", mail]]]
    return {
        "entities": [
            {"roles": ["registrar"], "vcardArray": card, "entities": [{"roles": ["abuse"], "vcardArray": card}]}
        ]
    }


def _related(url: str) -> dict[str, object]:
    return {"links": [{"rel": "related", "type": "application/rdap+json", "href": url}]}


@pytest.mark.parametrize(
    ("url", "followed"),
    [
        ("https://registrar.example/domain/rrn.s0", True),
        ("http://registrar.example/domain/rrn.s0", False),
        ("https://registrar.example:8443/domain/rrn.s0", False),
        ("https://registrar.example/entity/1", False),
        ("https://rdap.example/domain/rrn.s0", False),
        ("https://user@registrar.example/domain/rrn.s0", False),
        ("https://[::ffff:127.0.0.1]/domain/rrn.s0", False),
        ("https://inside.example/domain/rrn.s0", False),
        ("https://registrar.example:x/domain/", False),
    ],
)
def test_one_hop_to_the_registrar_for_what_the_registry_leaves_out(url: str, followed: bool) -> None:
    """The registrar's name and abuse contact come from its own server; dates and statuses never do."""
    registry = _Registry(
        dns_json=_file("s0"),
        rrn_s0=_domain(**_related(url), status=["active"]),
        at_registrar=_domain(
            **_registrar("Seller Ltd", "abuse@seller.example"),
            **_related("https://rdap.example/domain/x"),
            status=["inactive"],
        ),
    )

    async def main(client: RdapClient, _: SetClock) -> None:
        reply = await client.lookup("rrn.s0", "s0")
        assert reply.outcome is Reason.RDAP_FOUND and reply.facts is not None
        stated = (reply.facts.registrar, reply.facts.abuse_email)
        assert stated == (("Seller Ltd", "abuse@seller.example") if followed else ("", ""))
        assert reply.facts.statuses == ("ok",)

    registry.run(main)
    assert sum(path.startswith("registrar.example") for path in registry.asked) == followed


def test_no_hop_without_need_or_wish() -> None:
    """A registry that names registrar and abuse contact has said all that is kept; the hop can be switched off."""
    full = _domain(
        **_registrar("Seller Ltd", "abuse@seller.example"), **_related("https://registrar.example/domain/rrn.s0")
    )
    bare = _domain(**_related("https://registrar.example/domain/rrn.s0"))

    async def main(client: RdapClient, _: SetClock) -> None:
        assert (await client.lookup("rrn.s0", "s0")).outcome is Reason.RDAP_FOUND

    for answer, options in ((full, {}), (bare, {"registrar": False})):
        registry = _Registry(dns_json=_file("s0"), rrn_s0=answer)
        registry.run(main, **options)
        assert not any(path.startswith("registrar") for path in registry.asked)


def test_an_override_must_show_its_suffix_before_its_404_counts() -> None:
    """A server that moved answers 404 to everything; one that knows nic.SUFFIX is believed."""

    async def moved(client: RdapClient, _: SetClock) -> None:
        assert (await client.lookup("rrn.zz", "zz")).outcome is Reason.NO_SERVER

    async def proved(client: RdapClient, _: SetClock) -> None:
        for _again in range(2):
            assert (await client.lookup("rrn.zz", "zz")).outcome is Reason.RDAP_NOT_FOUND

    _Registry(dns_json=_file("s0")).run(moved)
    nic = Response(200, {}, json.dumps({"objectClassName": "domain", "ldhName": "nic.zz"}).encode())
    registry = _Registry(dns_json=_file("s0"), nic_zz=nic)
    registry.run(proved)
    assert [path for path in registry.asked if path.endswith("nic.zz")] == ["over.example/rdap/domain/nic.zz"]


def test_redirects_are_guarded_and_no_absence() -> None:
    """A registry that sends us inside, or to a stranger who denies the name, has said nothing."""

    async def main(client: RdapClient, _: SetClock) -> None:
        assert (await client.lookup("a.zz", "zz")).outcome is Reason.BLOCKED_ADDRESS
        assert (await client.lookup("b.zz", "zz")).outcome is Reason.MALFORMED
        assert (await client.lookup("rrn.in", "in")).outcome is Reason.BLOCKED_ADDRESS

    _Registry(
        dns_json=_file("s0"),
        a_zz=Response(302, {"Location": "http://[::ffff:127.0.0.1]/domain/a.zz"}),
        b_zz=Response(302, {"Location": "http://evil.example/domain/gone.zz"}),
    ).run(main)


def test_the_shipped_overrides() -> None:
    """Suffixes in lower case, https only."""
    for suffix, base in bundled_overrides().items():
        assert suffix == suffix.lower() and base.startswith("https://")
