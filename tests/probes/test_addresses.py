"""The address probe: what a name's own servers say."""

from datetime import timedelta

import dns.message
import dns.rrset
import pytest

from tests.dnsworld import NOON, Net, in_lab, state, trouble, world
from tracker.clients.dnsrecords import Profile, read_values
from tracker.decoders.dnswire import CAA, IN_CLASS, TXT, name_wire, read
from tracker.lab.world import World
from tracker.model.facts import Layer, Observation, Presence, Reason
from tracker.model.names import DomainName
from tracker.probes.addresses import AddressProbe

QUESTION = name_wire("rrn.so") + CAA.to_bytes(2, "big") + IN_CLASS


def look_at(name: str, played: World, moment=NOON) -> Observation:  # type: ignore[no-untyped-def]
    """One look at one name."""

    async def use(net: Net) -> Observation:
        await net.client.delegations([DomainName(name)])
        net.clock.at = moment
        probe = AddressProbe(net.client, net.clock, "here")
        (batch,) = [batch async for batch in probe.observe([DomainName(name)])]
        return batch.observations[0]

    return in_lab(played, use)


def test_addresses_mail_and_texts_of_a_name_that_resolves() -> None:
    """Sorted facts, lower case, no trailing dots; TTLs are none of them, for they would end spans."""
    look = look_at("rrn.so", world(state("rrn.so", addresses=("45.92.0.9", "45.92.0.1", "2a00::1"))))
    assert (look.layer, look.presence, look.reason) == (Layer.RESOLVING, Presence.PRESENT, Reason.ADDRESS)
    assert dict(look.facts) == {
        "a": ("45.92.0.1", "45.92.0.9"),
        "aaaa": ("2a00::1",),
        "mx": ("10 mail.rrn.so",),
        "ns": ("ns1.host.example", "ns2.host.example"),
        "soa_mname": ("ns1.host.example",),
        "txt": ("v=spf1 -all",),
    }


@pytest.mark.parametrize(
    ("played", "presence", "reason"),
    [
        (world(), Presence.ABSENT, Reason.NXDOMAIN),
        (world(state("rrn.so", addresses=())), Presence.ABSENT, Reason.NO_ADDRESS),
        (world(state("rrn.so", servers=("ns1.unknown.example",))), Presence.INDETERMINATE, Reason.NO_SERVER),
    ],
)
def test_names_without_an_address(played: World, presence: Presence, reason: Reason) -> None:
    """Denied by the parent, denied by the name's own servers, servers that cannot be found."""
    look = look_at("rrn.so", played)
    assert (look.presence, look.reason) == (presence, reason)


def test_a_server_that_does_not_serve_the_name_says_nothing() -> None:
    """Delegated to a host that answers REFUSED: lame, not absent."""
    look = look_at("rrn.so", world(state("rrn.so", servers=("ns1.alpha.example",)), state("rrn.to")))
    assert look.presence is Presence.INDETERMINATE


def test_trouble_at_the_parent_is_not_an_absence_here() -> None:
    """Could not ask the parent, so could not tell."""
    played = world(state("rrn.so"), faults=[trouble("servfail", first=NOON + timedelta(minutes=1))])
    look = look_at("rrn.so", played, NOON + timedelta(minutes=2))
    assert (look.presence, look.reason) == (Presence.INDETERMINATE, Reason.SERVFAIL)


def test_the_client_tells_ttls_beside_the_facts() -> None:
    """Seconds per kind of record, for whoever wants to see them."""

    async def use(net: Net) -> Profile:
        return await net.client.profile(DomainName("rrn.so"), ("ns1.host.example",))

    seen = in_lab(world(state("rrn.so")), use)
    assert seen.ttls == {"a": 3600, "mx": 3600, "ns": 86_400, "soa_mname": 3600, "txt": 3600}


def read_back(message: dns.message.Message, rtype: int) -> tuple[tuple[str, ...] | None, int]:
    """What is made of a reply about rrn.so."""
    packet = message.to_wire()
    return read_values(read(packet, QUESTION[:-4] + rtype.to_bytes(2, "big") + IN_CLASS), packet, rtype)


def test_texts_keep_their_case_and_are_capped() -> None:
    """Tokens are case-sensitive, data in TXT does not fill the log, and mail addresses are left out."""
    reply = dns.message.make_response(dns.message.make_query("rrn.so", "TXT"))
    long = " ".join(f'"{"x" * 200}"' for _ in range(4))
    reply.answer.append(dns.rrset.from_text("rrn.so.", 300, "IN", "TXT", '"Token=AbC" "dEf"', long, '"a@b.c"'))
    assert read_back(reply, TXT) == (("Token=AbCdEf", "x" * 500), 300)


def test_certificate_policies_are_read_by_the_library_or_not_at_all() -> None:
    """A message that it refuses says nothing, which is not the same as that there are none."""
    reply = dns.message.make_response(dns.message.make_query("rrn.so", "CAA"))
    reply.answer.append(
        dns.rrset.from_text("rrn.so.", 60, "IN", "CAA", '0 issue "LetsEncrypt.org"', '0 iodef "mailto:a@b.c"')
    )
    assert read_back(reply, CAA) == (('0 issue "LetsEncrypt.org"',), 60)
    empty = read(dns.message.make_response(dns.message.make_query("rrn.so", "CAA")).to_wire(), QUESTION)
    assert read_values(empty, b"no message", CAA) == (None, 0)
