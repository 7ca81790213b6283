"""The lab's name servers, read by dnspython: what they say is DNS, and true to the world."""

from datetime import timedelta

import dns.asyncquery
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import pytest

from tests.dnsworld import ALPHA, HOSTS, NOON, ROOT, START, FixedClock, state, trouble, world
from tests.virtual import on_virtual_time
from tracker.lab.dns import LabDns
from tracker.lab.world import Registry, Story, World

ALPHA_SERVER, BETA_SERVER, PLATFORM_SERVER, HOST_SERVER = "45.90.1.1", "45.90.2.1", "45.90.3.1", "45.91.0.1"
WORLD = world(state("rrn.so"), state("held.so", delegated=False), state("v6.so", addresses=("2a00::1",)))


def ask(
    address: str, name: str, rtype: str = "NS", *, played: World = WORLD, tcp: bool = False, at=NOON
) -> dns.message.Message:  # type: ignore[no-untyped-def]
    """One question to one public address of the lab."""

    async def run() -> dns.message.Message:
        lab = LabDns(played, FixedClock(at))
        try:
            host, port = (await lab.start())[address]
            query = dns.message.make_query(name, rtype, use_edns=0, payload=1232)
            query.flags &= ~dns.flags.RD
            way = dns.asyncquery.tcp if tcp else dns.asyncquery.udp
            return await way(query, host, port=port, timeout=1)
        finally:
            await lab.close()

    return on_virtual_time(run())


def sections(reply: dns.message.Message) -> tuple[str, bool, list[str], list[str]]:
    """Code, authority, and the records of answer and authority as text."""
    return (
        dns.rcode.to_text(reply.rcode()),
        bool(reply.flags & dns.flags.AA),
        [rrset.to_text() for rrset in reply.answer],
        [rrset.to_text() for rrset in reply.authority],
    )


@pytest.mark.parametrize("tcp", [False, True])
def test_a_delegated_name_is_referred_with_glue(tcp: bool) -> None:
    """NS in authority, no claim of authority, addresses of the servers beside it."""
    reply = ask(ALPHA_SERVER, "rrn.so", tcp=tcp)
    code, authoritative, answer, authority = sections(reply)
    assert (code, authoritative, answer) == ("NOERROR", False, [])
    assert authority == ["rrn.so. 86400 IN NS ns1.host.example.\nrrn.so. 86400 IN NS ns2.host.example."]
    assert {rrset.to_text() for rrset in reply.additional} == {
        "ns1.host.example. 86400 IN A 45.91.0.1",
        "ns2.host.example. 86400 IN A 45.91.0.2",
    }


@pytest.mark.parametrize("name", ["unknown.so", "held.so", "www.unknown.so", "UNKNOWN.so"])
def test_what_is_not_delegated_does_not_exist(name: str) -> None:
    """NXDOMAIN with the zone's SOA, by the fast path and by the long one."""
    code, authoritative, answer, authority = sections(ask(ALPHA_SERVER, name))
    assert (code, authoritative, answer) == ("NXDOMAIN", True, [])
    assert authority[0].startswith("so. 3600 IN SOA ns1.alpha.example. hostmaster.ns1.alpha.example. ")


def test_fast_and_long_path_say_the_same() -> None:
    """With a fault somewhere in the world every question goes the long way; the bytes are equal."""
    elsewhere = trouble("servfail", 0.0)
    slow = world(state("rrn.so"), faults=[elsewhere])
    for name in ("unknown.so", "a.co.so", "x.to"):
        fast_reply, slow_reply = ask(ALPHA_SERVER, name), ask(ALPHA_SERVER, name, played=slow)
        assert sections(fast_reply) == sections(slow_reply)


def test_zone_cuts_from_the_root_down() -> None:
    """Top-level domains live two days, zones below one; a registry's own lower zone is answered, another's referred."""
    assert "so. 691200 IN NS ns1.alpha.example." in sections(ask(ROOT, "rrn.so"))[3][0]
    assert sections(ask(ROOT, "nosuch"))[0] == "NXDOMAIN"
    assert "co.so. 691200 IN NS" in sections(ask(ALPHA_SERVER, "co.so"))[2][0]
    assert sections(ask(ALPHA_SERVER, "x.eu.com"))[3] == ["eu.com. 691200 IN NS ns1.beta.example."]
    assert sections(ask(BETA_SERVER, "rrn.so"))[0] == "REFUSED"


def test_canaries_are_there() -> None:
    """nic.SUFFIX and the zone's own SOA under every registry."""
    assert "nic.so." in sections(ask(ALPHA_SERVER, "nic.so"))[2][0]
    assert "IN SOA" in sections(ask(BETA_SERVER, "co.uk", "SOA"))[2][0]


def test_a_platform_answers_every_name() -> None:
    """Wildcards, so that a sweep has something to notice."""
    assert sections(ask(PLATFORM_SERVER, "qwertyuiop.pages.com"))[:2] == ("NOERROR", True)
    assert "IN A" in sections(ask(PLATFORM_SERVER, "qwertyuiop.pages.com", "A"))[2][0]


@pytest.mark.parametrize(
    ("name", "rtype", "expected"),
    [
        ("rrn.so", "A", "rrn.so. 3600 IN A 45.92.0.1"),
        ("www.rrn.so", "A", "www.rrn.so. 3600 IN A 45.92.0.1"),
        ("v6.so", "AAAA", "v6.so. 3600 IN AAAA 2a00::1"),
        ("rrn.so", "MX", "rrn.so. 3600 IN MX 10 mail.rrn.so."),
        ("rrn.so", "TXT", 'rrn.so. 3600 IN TXT "v=spf1 -all"'),
    ],
)
def test_a_names_own_server_answers(name: str, rtype: str, expected: str) -> None:
    """The child's records, with authority."""
    assert sections(ask(HOST_SERVER, name, rtype))[:3] == ("NOERROR", True, [expected])


def test_a_names_own_server_denies_and_refuses() -> None:
    """No data, no such name, not ours."""
    assert sections(ask(HOST_SERVER, "rrn.so", "AAAA"))[:3] == ("NOERROR", True, [])
    assert sections(ask(HOST_SERVER, "x.rrn.so", "A"))[0] == "NXDOMAIN"
    assert sections(ask(HOST_SERVER, "unknown.so", "A"))[0] == "REFUSED"


def test_replies_follow_the_virtual_instant() -> None:
    """A name is there from the second it is delegated."""
    born = NOON + timedelta(minutes=20)
    played = world(stories=[Story("rrn.to", (START, born), (None, state("rrn.to")))])
    assert sections(ask(ALPHA_SERVER, "rrn.to", played=played, at=born - timedelta(seconds=1)))[0] == "NXDOMAIN"
    assert sections(ask(ALPHA_SERVER, "rrn.to", played=played, at=born))[3] != []


@pytest.mark.parametrize(("kind", "code"), [("servfail", "SERVFAIL"), ("refused", "REFUSED")])
@pytest.mark.parametrize("unit", ["request", "day"])
def test_scripted_trouble(kind: str, code: str, unit: str) -> None:
    """Per question or for whole days, of names with a story and of names without."""
    for name in ("rrn.so", "unknown.so"):
        played = world(state("rrn.so"), faults=[trouble(kind, unit=unit)])
        assert sections(ask(ALPHA_SERVER, name, played=played))[0] == code


def test_truncation_is_for_udp_only() -> None:
    """TC over UDP, the answer over TCP."""
    played = world(state("rrn.so"), faults=[trouble("truncate")])
    assert ask(ALPHA_SERVER, "rrn.so", played=played).flags & dns.flags.TC
    assert sections(ask(ALPHA_SERVER, "rrn.so", played=played, tcp=True))[3] != []


def test_two_registries_cannot_share_an_address() -> None:
    """A port plays one registry; the scenario is wrong."""
    twin = Registry("twin", ALPHA.name_servers, "none", "")
    played = World(
        scenario_id="x",
        seed=1,
        start=START,
        end=NOON,
        suffixes={"so": ALPHA, "to": twin},
        stories={},
        issuances=(),
        faults=(),
        hosts=HOSTS,
    )

    async def run() -> None:
        lab = LabDns(played, FixedClock())
        try:
            await lab.start()
        finally:
            await lab.close()

    with pytest.raises(ValueError, match="address of two name servers"):
        on_virtual_time(run())
