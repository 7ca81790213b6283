"""What a parent zone's reply says about a delegation: present, absent, or nothing."""

from dataclasses import dataclass

from tracker.decoders.dnswire import CNAME, FORMERR, NOERROR, NS, NXDOMAIN, REFUSED, SERVFAIL, SOA, Record, Reply
from tracker.model.facts import Presence, Reason


@dataclass(frozen=True, slots=True)
class Finding:
    """The reading of one reply. `name_servers` are sorted; empty also when the name exists without a delegation of its own."""

    presence: Presence
    reason: Reason
    name_servers: tuple[str, ...] = ()


_UNDECIDED = {SERVFAIL: Reason.SERVFAIL, REFUSED: Reason.REFUSED, FORMERR: Reason.MALFORMED}


def judge(reply: Reply, name: str, *, anyone: bool = False) -> Finding:
    """Read the reply to an NS or SOA question about `name` that was put to the parent's servers.

    A negative or positive answer counts only if the server claims authority; with `anyone`, also a resolver's. A referral to
    some other name, upwards or sideways, says nothing: that server does not know. An empty NOERROR without SOA says nothing.
    """
    if reply.truncated:
        return Finding(Presence.INDETERMINATE, Reason.RATE_LIMITED)
    trusted = reply.authoritative or anyone
    if reply.rcode == NXDOMAIN:
        if not trusted:
            return Finding(Presence.INDETERMINATE, Reason.NO_SERVER)
        # An alias whose target does not exist is itself there: the code speaks of the target.
        if not any(record.rtype == CNAME and record.owner == name for record in reply.answer):
            return Finding(Presence.ABSENT, Reason.NXDOMAIN)
    elif reply.rcode != NOERROR:
        return Finding(Presence.INDETERMINATE, _UNDECIDED.get(reply.rcode, Reason.SERVER_ERROR))
    if any(record.owner == name and record.rtype in {NS, CNAME, SOA} for record in reply.answer):
        reason = Reason.AUTHORITATIVE if reply.authoritative else Reason.DELEGATED
        present = Finding(Presence.PRESENT, reason, _targets(reply.answer, name))
        return present if trusted else Finding(Presence.INDETERMINATE, Reason.NO_SERVER)
    servers = _targets(reply.authority, name)
    if servers:
        return Finding(Presence.PRESENT, Reason.DELEGATED, servers)
    if trusted and not reply.answer and any(record.rtype == SOA for record in reply.authority):
        return Finding(Presence.ABSENT, Reason.NODATA)
    empty = not reply.answer and not reply.authority
    return Finding(Presence.INDETERMINATE, Reason.MALFORMED if empty else Reason.NO_SERVER)


def _targets(records: tuple[Record, ...], name: str) -> tuple[str, ...]:
    return tuple(sorted({record.target for record in records if record.rtype == NS and record.owner == name}))
