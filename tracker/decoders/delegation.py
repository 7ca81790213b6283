"""What a parent zone's reply says about a delegation: present, absent, or nothing."""

from dataclasses import dataclass

from tracker.decoders.dnswire import CNAME, FORMERR, NOERROR, NS, NXDOMAIN, REFUSED, SERVFAIL, SOA, Record, Reply
from tracker.model.facts import Presence, Reason


@dataclass(frozen=True, slots=True)
class Finding:
    """The reading of one reply. `name_servers` are sorted; empty also when the name exists without a delegation of its
    own.
    """

    presence: Presence
    reason: Reason
    name_servers: tuple[str, ...] = ()


_UNKNOWING = Finding(Presence.INDETERMINATE, Reason.NO_SERVER)
_CUT_SHORT = Finding(Presence.INDETERMINATE, Reason.RATE_LIMITED)
_UNDECIDED = {SERVFAIL: Reason.SERVFAIL, REFUSED: Reason.REFUSED, FORMERR: Reason.MALFORMED}


def judge(reply: Reply, name: str, *, anyone: bool = False) -> Finding:
    """Read the reply to an NS or SOA question about `name` that was put to the parent's servers.

    A negative or positive answer counts only if the server claims authority; with `anyone`, also a resolver's. A
    referral to some other name, upwards or sideways, says nothing: that server does not know. Nor does an empty NOERROR
    without SOA.
    """
    trusted = reply.authoritative or anyone
    aliased = any(record.rtype == CNAME and record.owner == name for record in reply.answer)
    finding = _UNKNOWING
    if reply.truncated:
        finding = _CUT_SHORT
    elif reply.rcode == NXDOMAIN and not aliased:  # else the code speaks of the alias's target, and the name is there
        finding = Finding(Presence.ABSENT, Reason.NXDOMAIN) if trusted else _UNKNOWING
    elif reply.rcode not in {NOERROR, NXDOMAIN}:
        finding = Finding(Presence.INDETERMINATE, _UNDECIDED.get(reply.rcode, Reason.SERVER_ERROR))
    elif any(record.owner == name and record.rtype in {NS, CNAME, SOA} for record in reply.answer):
        reason = Reason.AUTHORITATIVE if reply.authoritative else Reason.DELEGATED
        finding = Finding(Presence.PRESENT, reason, _targets(reply.answer, name)) if trusted else _UNKNOWING
    elif servers := _targets(reply.authority, name):
        finding = Finding(Presence.PRESENT, Reason.DELEGATED, servers)
    elif not reply.answer and not reply.authority:
        finding = Finding(Presence.INDETERMINATE, Reason.MALFORMED)
    elif trusted and not reply.answer and any(record.rtype == SOA for record in reply.authority):
        finding = Finding(Presence.ABSENT, Reason.NODATA)
    return finding


def judge_anyone(reply: Reply, name: str) -> Finding:
    """As `judge`, for a server that the user chose: a resolver's word counts."""
    return judge(reply, name, anyone=True)


def _targets(records: tuple[Record, ...], name: str) -> tuple[str, ...]:
    return tuple(sorted({record.target for record in records if record.rtype == NS and record.owner == name}))
