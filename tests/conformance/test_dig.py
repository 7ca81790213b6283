"""The lab's name servers read by dig: what we play is DNS to others too."""

import asyncio
import re
import shutil

import pytest

from tests.dnsworld import HOST, ROOT, FixedClock, state, trouble, world
from tracker.lab.dns import LabDns
from tracker.lab.world import World

DIG = shutil.which("dig")
pytestmark = pytest.mark.skipif(DIG is None, reason="dig is not installed (Debian package bind9-dnsutils)")
ALPHA, CHILD = "45.90.1.1", "45.91.0.1"
PLAYED = world(state("rrn.so", addresses=("45.92.0.1", "2a00::1")))


def dig(address: str, *question: str, played: World = PLAYED) -> str:
    """What dig prints for a question to the server that plays a public address."""

    async def run() -> str:
        lab = LabDns(played, FixedClock())
        try:
            host, port = (await lab.start())[address]
            assert DIG is not None
            options = ("+norecurse", "+tries=1", "+time=2", "+nocookie", *question)
            child = await asyncio.create_subprocess_exec(
                DIG, f"@{host}", "-p", str(port), *options, stdout=asyncio.subprocess.PIPE
            )
            out, _ = await child.communicate()
            return re.sub(r"[ \t]+", " ", out.decode())
        finally:
            await lab.close()

    return asyncio.run(run())


@pytest.mark.parametrize("how", [(), ("+tcp",), ("+noedns",)], ids=["udp", "tcp", "without EDNS"])
def test_a_delegation_is_a_referral_without_authority(how: tuple[str, ...]) -> None:
    """Name servers with glue in the right sections, no AA flag, no complaint of dig's."""
    text = dig(ALPHA, "rrn.so", "NS", *how)
    assert "status: NOERROR" in text and ";; flags: qr;" in text and "WARNING" not in text and ";; Got bad" not in text
    for host in HOST:
        assert f"rrn.so. 86400 IN NS {host}." in text.partition("AUTHORITY SECTION")[2]
        assert f"{host}. 86400 IN A 45.91.0." in text.partition("ADDITIONAL SECTION")[2]


def test_a_name_that_is_not_there_is_denied_with_authority() -> None:
    """NXDOMAIN, AA, the zone's SOA; the fast path's bytes are a message like any other."""
    text = dig(ALPHA, "nobody.so", "NS", "+bufsize=1232")
    assert "status: NXDOMAIN" in text and ";; flags: qr aa;" in text
    assert "so. 3600 IN SOA ns1.alpha.example. hostmaster.ns1.alpha.example. 1 7200 900 1209600 900" in text


def test_the_root_refers_and_the_zone_knows_itself() -> None:
    """A walk down from the root: referral to the registry, which has NS and SOA of its own."""
    assert "so. 691200 IN NS ns1.alpha.example." in dig(ROOT, "rrn.so", "NS")
    assert ";; flags: qr aa;" in dig(ALPHA, "so", "NS")
    assert "so. 3600 IN SOA ns1.alpha.example." in dig(ALPHA, "so", "SOA").partition("ANSWER SECTION")[2]


@pytest.mark.parametrize(
    ("rtype", "shown"),
    [
        ("A", "rrn.so. 3600 IN A 45.92.0.1"),
        ("AAAA", "rrn.so. 3600 IN AAAA 2a00::1"),
        ("MX", "rrn.so. 3600 IN MX 10 mail.rrn.so."),
        ("TXT", 'rrn.so. 3600 IN TXT "v=spf1 -all"'),
        ("NS", "rrn.so. 86400 IN NS ns1.host.example."),
        ("SOA", "rrn.so. 3600 IN SOA ns1.host.example."),
    ],
)
def test_the_names_own_servers_answer(rtype: str, shown: str) -> None:
    """Every kind of record that a profile asks for."""
    assert shown in dig(CHILD, "rrn.so", rtype).partition("ANSWER SECTION")[2]


def test_no_such_data_is_an_empty_answer_with_soa() -> None:
    """CAA is not there, the name is."""
    text = dig(CHILD, "rrn.so", "CAA")
    assert "status: NOERROR" in text and "ANSWER: 0, AUTHORITY: 1" in text and "IN SOA" in text


@pytest.mark.parametrize(
    ("kind", "shown"),
    [("servfail", "status: SERVFAIL"), ("refused", "status: REFUSED"), ("silence", "no servers could be reached")],
)
def test_trouble_looks_like_trouble(kind: str, shown: str) -> None:
    """The faults that scenarios play."""
    assert shown in dig(ALPHA, "rrn.so", "NS", "+time=1", played=world(state("rrn.so"), faults=[trouble(kind)]))


def test_what_is_cut_short_comes_whole_over_tcp() -> None:
    """dig follows the truncation flag by itself."""
    text = dig(ALPHA, "rrn.so", "NS", played=world(state("rrn.so"), faults=[trouble("truncate")]))
    assert "Truncated, retrying in TCP mode" in text and "ns1.host.example." in text
