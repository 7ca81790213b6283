"""The second opinion: asked only in doubt, quarantined when it makes names up, never an end to a doubt."""

import random
from collections.abc import Callable

import dns.flags
import dns.message
import dns.rrset
import pytest

from tests.dnsworld import HOST, NOON, ROOT, FixedClock, MapDial, Unlimited, scripted, state, trouble, world
from tests.virtual import on_virtual_time
from tracker.clients.dns import DnsClient
from tracker.clients.dnsresolver import endpoint_of
from tracker.clients.dnssweep import Answer
from tracker.clients.guard import forbidden
from tracker.lab.dns import LabDns
from tracker.lab.world import World
from tracker.model.facts import Presence, Reason
from tracker.model.names import DomainName
from tracker.probes.delegation import DelegationProbe
from tracker.reading import contacts
from tracker.resolving import dns_client
from tracker.settings import Dns, Settings

THERE, GONE = DomainName("there.so"), DomainName("gone.so")
BROKEN = world(state(THERE), faults=[trouble("servfail")])
SOUND = world(state(THERE))


def honest(name: str) -> list[str] | None:
    """A resolver that knows example.com and there.so."""
    return {"example.com": ["a.iana-servers.net."], THERE: ["ns9.cached.example."]}.get(name)


def ask(played: World, says: Callable[[str], list[str] | None]) -> tuple[list[Answer], list[dns.message.Message]]:
    """Both names, asked in a world whose resolver says what `says` says (None = NXDOMAIN); what the resolver heard."""
    heard: list[dns.message.Message] = []

    def reply(packet: bytes) -> list[bytes]:
        query = dns.message.from_wire(packet)
        heard.append(query)
        found = says(query.question[0].name.to_text(omit_final_dot=True))
        message = dns.message.make_response(query, recursion_available=True)
        if found is None:
            message.set_rcode(3)
            message.authority.append(dns.rrset.from_text("so.", 60, "IN", "SOA", "ns.so. h.so. 1 2 3 4 5"))
        else:
            message.answer.append(dns.rrset.from_text(query.question[0].name, 60, "IN", "NS", *found))
        return [message.to_wire()]

    async def run() -> list[Answer]:
        clock, lab = FixedClock(), LabDns(played, FixedClock())
        _, transport, endpoint = await scripted(reply)
        try:
            client = DnsClient(
                MapDial(dict(await lab.start())),
                Unlimited(),
                clock,
                random.Random(7),
                [ROOT],
                check=forbidden,
                timeout=0.05,
                resolver=endpoint,
            )
            return await client.delegations([THERE, GONE])
        finally:
            transport.close()
            await lab.close()

    return on_virtual_time(run()), heard


def test_a_clear_answer_of_the_parents_is_not_discussed() -> None:
    """The resolver hears nothing."""
    answers, heard = ask(SOUND, honest)
    assert [answer.presence for answer in answers] == [Presence.PRESENT, Presence.ABSENT]
    assert answers[0].name_servers == HOST and not heard


def test_a_doubt_stays_a_doubt_with_the_resolvers_word_as_reason() -> None:
    """SERVFAIL at the parents: the cached delegation and the denial are told, neither becomes a fact."""
    answers, heard = ask(BROKEN, honest)
    assert {answer.presence for answer in answers} == {Presence.INDETERMINATE}
    assert [answer.reason for answer in answers] == [Reason.RESOLVER_FOUND, Reason.RESOLVER_DENIED]
    assert answers[0].name_servers == ("ns9.cached.example",)
    assert heard and all(query.flags & dns.flags.RD for query in heard)


@pytest.mark.parametrize(
    "says",
    [lambda name: ["ns.advertising.example."], lambda name: None],
    ids=["makes every name up", "denies every name"],
)
def test_a_resolver_that_lies_about_the_canaries_is_quarantined(says: Callable[[str], list[str] | None]) -> None:
    """The parents' own reason stays, and nothing but the canaries is asked."""
    answers, heard = ask(BROKEN, says)
    # Who had to be left alone after three failures is refused from then on: the parents' reason either way.
    assert {answer.reason for answer in answers} <= {Reason.SERVFAIL, Reason.RATE_LIMITED}
    asked = {query.question[0].name.to_text(omit_final_dot=True) for query in heard}
    assert not asked & {THERE, GONE}


def test_a_probe_records_no_servers_on_hearsay() -> None:
    """What the resolver's cache holds is not a fact about the delegation."""

    class Hearsay:
        async def delegations(self, names: list[DomainName], *, keep: bool) -> list[Answer]:
            return [Answer(THERE, Presence.INDETERMINATE, Reason.RESOLVER_FOUND, ("ns9.cached.example",), ROOT, 4)]

    async def run() -> None:
        probe = DelegationProbe(Hearsay(), FixedClock(), "here")  # type: ignore[arg-type]
        async for batch in probe.observe([THERE]):
            (look,) = batch.observations
            assert (look.presence, look.facts, look.at) == (Presence.INDETERMINATE, {}, NOON)

    on_virtual_time(run())


def test_addresses_of_resolvers() -> None:
    """With and without port, IPv4 and IPv6; anything else is refused."""
    assert endpoint_of("192.0.2.1") == ("192.0.2.1", 53)
    assert endpoint_of("192.0.2.1:5353") == ("192.0.2.1", 5353)
    assert endpoint_of("[2001:db8::1]:5353") == ("2001:db8::1", 5353)
    assert endpoint_of("2001:db8::1") == ("2001:db8::1", 53)
    for text in ("resolver.example", "192.0.2.1:0", "192.0.2.1:x", ""):
        with pytest.raises(ValueError):
            endpoint_of(text)


def test_a_setting_that_is_no_address_is_refused_by_name() -> None:
    """Before anything is asked."""
    with pytest.raises(ValueError, match=r"dns\.resolver wants ADDR"):
        dns_client(Dns(resolver="resolver.example"), MapDial({}), FixedClock(), random.Random(1))


def test_a_dry_run_names_the_resolver() -> None:
    """Whoever is asked stands in the list of who would be asked."""
    told = contacts(Settings(dns=Dns(resolver="192.0.2.53")), [], NOON)
    assert any("192.0.2.53" in line for line in told)
    assert not any("Resolver" in line for line in contacts(Settings(), [], NOON))
