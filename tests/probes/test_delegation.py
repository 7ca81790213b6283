"""The delegation probe: one look per name, failures as data."""

from datetime import timedelta

import dns.message
import dns.rcode
import dns.rdatatype

from tests.dnsworld import HOST, NOON, Net, in_lab, state, trouble, world
from tracker.lab.world import World
from tracker.model.facts import Batch, Layer, Presence, Reason
from tracker.model.names import DomainName
from tracker.probes.delegation import DelegationProbe

NAMES = [DomainName(name) for name in ("rrn.so", "held.so", "gone.to")]


def observed(played: World, moment=NOON) -> Batch:  # type: ignore[no-untyped-def]
    """The batch of one observation at `moment`, the cuts known since noon."""

    async def use(net: Net) -> list[Batch]:
        await net.client.delegations(NAMES)
        net.clock.at = moment
        return [batch async for batch in DelegationProbe(net.client, net.clock, "here").observe(NAMES)]

    (batch,) = in_lab(played, use)
    return batch


def test_a_look_per_name_with_reason_and_name_servers() -> None:
    """Delegated, held back by a hold, never registered."""
    batch = observed(world(state("rrn.so"), state("held.so", delegated=False)))
    assert [(look.name, look.presence, look.reason, dict(look.facts)) for look in batch.observations] == [
        ("rrn.so", Presence.PRESENT, Reason.DELEGATED, {"ns": HOST}),
        ("held.so", Presence.ABSENT, Reason.NXDOMAIN, {}),
        ("gone.to", Presence.ABSENT, Reason.NXDOMAIN, {}),
    ]
    assert {(look.probe, look.layer, look.vantage, look.at) for look in batch.observations} == {
        ("delegation", Layer.DELEGATED, "here", NOON)
    }


def test_the_reply_is_kept_as_it_came_but_for_our_message_id() -> None:
    """Equal replies are one artefact, and a resolver library reads it; a plain denial is one as well."""
    played = world(state("rrn.so"), state("held.so", delegated=False))
    batch, again = observed(played), observed(played, NOON + timedelta(hours=1))
    reply, held, gone = batch.artefacts
    assert [look.artefact_ids for look in batch.observations] == [(kept.artefact_id,) for kept in (reply, held, gone)]
    assert again.artefacts[0].artefact_id == reply.artefact_id
    assert reply.source_url.endswith("/rrn.so?type=NS")
    message = dns.message.from_wire(reply.body)
    assert message.id == 0
    assert {str(record) for rrset in message.authority for record in rrset} == {f"{host}." for host in HOST}
    denial = dns.message.from_wire(gone.body)
    assert (denial.rcode(), [rrset.rdtype for rrset in denial.authority]) == (dns.rcode.NXDOMAIN, [dns.rdatatype.SOA])


def test_failures_are_looks_that_could_not_tell() -> None:
    """A refusing registry yields indeterminate looks, no exception and no absence."""
    played = world(state("rrn.so"), faults=[trouble("refused", first=NOON + timedelta(minutes=1))])
    batch = observed(played, NOON + timedelta(minutes=2))
    assert {(look.presence, look.reason) for look in batch.observations} == {(Presence.INDETERMINATE, Reason.REFUSED)}
