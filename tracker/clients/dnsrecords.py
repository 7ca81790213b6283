"""What the name servers of a delegated name say about it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import dns.exception
import dns.message

from tracker.clients.dnsinquiry import Inquiry, Outcomes
from tracker.clients.dnsmeans import Health, Means
from tracker.decoders.delegation import Finding
from tracker.decoders.delegation import judge as judge_delegation
from tracker.decoders.dnswire import (
    AAAA,
    CAA,
    CNAME,
    IN_CLASS,
    MX,
    NOERROR,
    NS,
    NXDOMAIN,
    SOA,
    TXT,
    A,
    Malformed,
    Reply,
    name_wire,
)
from tracker.model.facts import Presence, Reason
from tracker.model.names import DomainName

_ASKED = {"a": A, "aaaa": AAAA, "caa": CAA, "mx": MX, "ns": NS, "soa_mname": SOA, "txt": TXT}
_HOSTS = 4
_MOST_VALUES, _LONGEST_TEXT = 40, 500  # of one type; beyond that somebody stores data in the zone


@dataclass(frozen=True, slots=True)
class Profile:
    """Whether the name has an address, and what else its servers said; `facts` has a key only for what was answered.

    `ttls` are the seconds stated for each key. They are no facts: they may differ from reply to reply without anything
    having changed, and would cut a span in two.
    """

    presence: Presence
    reason: Reason
    facts: dict[str, tuple[str, ...]]
    ttls: dict[str, int] = field(default_factory=dict)


async def profile(means: Means, name: DomainName, name_servers: Sequence[str]) -> Profile:
    """Ask the servers for all of `_ASKED`. ABSENT only if they claim authority and deny A and AAAA."""
    try:
        servers = await _addresses(means, name_servers)
        questions = {name_wire(name) + rtype.to_bytes(2, "big") + IN_CLASS: key for key, rtype in _ASKED.items()}
    except Malformed:
        return Profile(Presence.INDETERMINATE, Reason.MALFORMED, {})
    allowed = [address for address in servers if means.check(address) is None]
    if not allowed:
        reason = Reason.FORBIDDEN if servers else Reason.NO_SERVER
        return Profile(Presence.INDETERMINATE, reason, {})
    outcomes = await Inquiry(means, allowed, Health(), judge=_judge).ask(list(questions))
    return _read(questions, outcomes)


async def _addresses(means: Means, hosts: Sequence[str]) -> list[str]:
    found: list[str] = []
    for host in hosts[:_HOSTS]:
        try:
            found += await means.dial.addresses(host)
        except OSError:
            continue
    ours = [address for address in found if ":" not in address] or found
    return list(dict.fromkeys(ours))


def _judge(reply: Reply, name: str) -> Finding:
    """As at the parent, but any record answers, and a referral back to somewhere is no answer."""
    if reply.rcode == NOERROR and reply.authoritative and reply.answer:
        return Finding(Presence.PRESENT, Reason.AUTHORITATIVE)
    finding = judge_delegation(reply, name)
    if finding.presence is Presence.PRESENT and not reply.authoritative:
        return Finding(Presence.INDETERMINATE, Reason.NO_SERVER)
    if reply.rcode == NXDOMAIN and any(record.rtype == CNAME for record in reply.answer):
        return Finding(Presence.ABSENT, Reason.NODATA)
    return finding


def _read(questions: dict[bytes, str], outcomes: Outcomes) -> Profile:
    facts: dict[str, tuple[str, ...]] = {}
    ttls: dict[str, int] = {}
    presence: dict[str, tuple[Presence, Reason]] = {}
    for question, key in questions.items():
        outcome = outcomes.found.get(question)
        if outcome is None:
            presence[key] = (Presence.ABSENT, Reason.NXDOMAIN)
            continue
        found = outcome.finding
        presence[key] = (found.presence, found.reason)
        if found.presence is Presence.PRESENT and outcome.reply is not None:
            values, ttl = read_values(outcome.reply, outcome.packet, _ASKED[key])
            if values:
                facts[key], ttls[key] = values, ttl
            else:  # an alias without a target of this kind, or a reply that dnspython refuses
                presence[key] = (Presence.ABSENT, Reason.NODATA) if values == () else _UNREADABLE
    if "a" in facts or "aaaa" in facts:
        return Profile(Presence.PRESENT, Reason.ADDRESS, facts, ttls)
    denied = [presence[key] for key in ("a", "aaaa")]
    if all(one is Presence.ABSENT for one, _ in denied):
        return Profile(Presence.ABSENT, Reason.NO_ADDRESS, facts, ttls)
    reason = next(reason for one, reason in denied if one is not Presence.ABSENT)
    return Profile(Presence.INDETERMINATE, reason, facts, ttls)


_UNREADABLE = (Presence.INDETERMINATE, Reason.MALFORMED)


def read_values(reply: Reply, packet: bytes, rtype: int) -> tuple[tuple[str, ...] | None, int]:
    """Sorted texts of the records of one type in the answer, and their TTL; None when dnspython refuses the message."""
    rows = (
        _policies(packet)
        if rtype == CAA
        else [(record.target[:_LONGEST_TEXT], record.ttl) for record in reply.answer if record.rtype == rtype]
    )
    if rows is None:
        return None, 0
    # Mail addresses stand in TXT and CAA iodef: people's, and no part of what is measured.
    values = sorted({text for text, _ in rows if "@" not in text})
    return tuple(values[:_MOST_VALUES]), min((ttl for _, ttl in rows), default=0)


def _policies(packet: bytes) -> list[tuple[str, int]] | None:
    """Texts and TTLs of the CAA records in the answer: few names have any, so dnspython reads them."""
    try:
        message = dns.message.from_wire(packet)
    except (dns.exception.DNSException, ValueError, IndexError):
        return None
    found = [rrset for rrset in message.answer if rrset.rdtype == CAA]
    return [(rdata.to_text()[:_LONGEST_TEXT], rrset.ttl) for rrset in found for rdata in rrset]
