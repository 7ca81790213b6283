"""The guard: every form of an address that is not public, on every way to it."""

import ipaddress

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lab.ctworld import run
from tests.lab.registryworld import Dial
from tests.virtual import on_virtual_time
from tracker.clients.guard import (
    ForbiddenAddress,
    checked_addresses,
    forbidden,
    guarded_client,
    unverified_context,
)
from tracker.lab.http import Request, Response, serve

PUBLIC = "45.80.0.10"
NOT_PUBLIC = (
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "169.254.169.254",
    "168.63.129.16",
    "172.16.0.1",
    "192.0.0.192",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.7",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:c0a8:101::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "2a00:1450::5efe:10.0.0.1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "4000::1",
)
NOT_ADDRESSES = ("0x7f.1", "2130706433", "017700000001", "localhost", "", "127.1", "[::1]")


@pytest.mark.parametrize("address", NOT_PUBLIC + NOT_ADDRESSES)
def test_refused(address: str) -> None:
    """Anything but public unicast has a reason, and so has text that only a resolver would take for an address."""
    assert forbidden(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", PUBLIC, "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]
)
def test_public_unicast_passes(address: str) -> None:
    """Public addresses pass, wrapped ones by what they wrap."""
    assert forbidden(address) is None


@given(st.integers(0, 2**32 - 1))
def test_a_wrapped_address_is_never_freer_than_what_it_wraps(value: int) -> None:
    """Mapped, NAT64 and 6to4 forms are refused whenever the address inside is; and what Python calls private is."""
    inner = ipaddress.IPv4Address(value)
    if not inner.is_global or inner.is_multicast or inner.is_reserved:
        assert forbidden(str(inner))
    if forbidden(str(inner)):
        assert forbidden(f"::ffff:{inner}")
        assert forbidden(f"64:ff9b::{inner}")
        assert forbidden(str(ipaddress.IPv6Address((0x2002 << 112) | (value << 80) | 1)))


@given(st.integers(0, 2**128 - 1))
def test_six_is_refused_wherever_the_standard_library_refuses_it(value: int) -> None:
    """Our table is at least as strict as the library's on bare IPv6."""
    address = ipaddress.IPv6Address(value)
    if not address.is_global and not address.ipv4_mapped:
        assert forbidden(str(address))


@pytest.mark.parametrize("answers", [["127.0.0.1"], [PUBLIC, "10.0.0.1"], ["::ffff:127.0.0.1", PUBLIC]])
def test_one_forbidden_answer_refuses_the_host(answers: list[str]) -> None:
    """A mixed answer is how rebinding looks: nothing of it is connected to."""
    dial = Dial({"mixed.example": answers}, {})
    with pytest.raises(ForbiddenAddress):
        run(lambda: checked_addresses(dial, "mixed.example"))
    assert not dial.connected


def test_a_host_without_answers_is_a_network_failure() -> None:
    """No address is no refusal."""
    with pytest.raises(OSError, match="no address"):
        run(lambda: checked_addresses(Dial({"none.example": []}, {}), "none.example"))


async def _asked(url: str, dial: Dial, answer, **options: object) -> tuple[httpx.Response, list[Request]]:
    seen: list[Request] = []

    def noting(request: Request) -> Response | None:
        seen.append(request)
        return answer(request)

    server = await serve(noting)
    for address in ("45.80.0.10", "45.80.0.11"):
        dial.ports[address, 80] = server.port
    try:
        async with guarded_client(dial, ssl_context=unverified_context(), user_agent="test/1", **options) as client:  # type: ignore[arg-type]
            response = await client.get(url)
            await client.get(url)
        return response, seen
    finally:
        await server.close()


def test_the_checked_address_is_the_one_connected_to() -> None:
    """The name is resolved once per connection, Host stays the name, and nothing resolves again behind the guard."""
    dial = Dial({"site.example": ["45.80.0.11"]}, {})
    response, seen = run(lambda: _asked("http://site.example/", dial, lambda _: Response(200, {}, b"here")))
    assert response.text == "here"
    assert {request.host for request in seen} == {"site.example"}
    assert dial.asked == ["site.example"]
    assert dial.connected == [("45.80.0.11", 80)]


def test_rebinding_between_two_connections_is_refused() -> None:
    """A name that turns to loopback after a good answer is refused at the next connection."""

    class Rebinding(Dial):
        async def addresses(self, host: str):  # type: ignore[no-untyped-def]
            self.asked.append(host)
            return ["45.80.0.10"] if len(self.asked) == 1 else ["127.0.0.1"]

    dial = Rebinding({}, {})
    with pytest.raises(ForbiddenAddress):
        run(lambda: _asked("http://site.example/", dial, lambda _: Response(200, {"Connection": "close"}, b"x", cut=1)))
    assert dial.connected == [("45.80.0.10", 80)]


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "169.254.169.254", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]"])
def test_addresses_in_urls_are_checked_without_a_resolver(host: str) -> None:
    """An address written into a URL goes the same way as a resolved one."""
    dial = Dial({}, {})
    with pytest.raises(ForbiddenAddress):
        run(lambda: _asked(f"http://{host}/", dial, lambda _: Response()))
    assert not dial.asked and not dial.connected


@pytest.mark.parametrize("host", ["0x7f.1", "2130706433", "0177.1", "localhost"])
def test_numeric_spellings_are_checked_as_what_they_resolve_to(host: str) -> None:
    """A resolver turns odd spellings into loopback; the check acts on its result."""
    dial = Dial({host: ["127.0.0.1"]} | {str(httpx.URL(f"http://{host}/").host): ["127.0.0.1"]}, {})
    with pytest.raises(ForbiddenAddress):
        run(lambda: _asked(f"http://{host}/", dial, lambda _: Response()))
    assert not dial.connected


def test_nothing_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy variable would carry every request past the guard."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    dial = Dial({"site.example": [PUBLIC]}, {})
    response, _ = run(lambda: _asked("http://site.example/", dial, lambda _: Response(200, {}, b"direct")))
    assert response.text == "direct"


def test_no_cookie_is_kept() -> None:
    """What one answer sets, the next question does not carry."""
    dial = Dial({"site.example": [PUBLIC]}, {})
    _, seen = run(lambda: _asked("http://site.example/", dial, lambda _: Response(200, {"Set-Cookie": "a=b; Path=/"})))
    assert len(seen) == 2
    assert all("cookie" not in request.headers for request in seen)


def test_ports_can_be_restricted() -> None:
    """A candidate's redirect to a mail port is not followed."""
    dial = Dial({"site.example": [PUBLIC]}, {})
    with pytest.raises(ForbiddenAddress, match="port"):
        run(lambda: _asked("http://site.example:25/", dial, lambda _: Response(), ports=frozenset({80, 443})))
    assert not dial.connected


def test_the_next_address_is_tried_when_one_is_down() -> None:
    """Both answers are public; the first refuses, the second answers."""
    dial = Dial({"site.example": ["45.80.0.99", PUBLIC]}, {})
    response, _ = run(lambda: _asked("http://site.example/", dial, lambda _: Response(200, {}, b"second")))
    assert response.text == "second"
    assert dial.connected == [("45.80.0.99", 80), (PUBLIC, 80)]


def test_a_name_that_does_not_resolve_is_httpx_s_own_error() -> None:
    """Callers that know only httpx see a connection error, not an OSError."""

    async def main() -> None:
        async with guarded_client(Dial({}, {}), ssl_context=unverified_context(), user_agent="t") as client:
            with pytest.raises(httpx.ConnectError):
                await client.get("http://nowhere.example/")

    on_virtual_time(main())
