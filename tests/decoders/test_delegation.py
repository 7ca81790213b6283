"""What replies of parents mean."""

import pytest

from tracker.decoders.delegation import judge, judge_anyone
from tracker.decoders.dnswire import CNAME, NS, SOA, Record, Reply
from tracker.model.facts import Presence, Reason

ABSENT, PRESENT, UNKNOWN = Presence.ABSENT, Presence.PRESENT, Presence.INDETERMINATE
OURS = Record("rrn.so", NS, 60, "ns1.x.example")
ZONE = Record("so", SOA, 60, "ns.so")
UPWARDS = Record("", NS, 60, "a.root-servers.net")
ALIAS = Record("rrn.so", CNAME, 60, "gone.example")


def reply(
    rcode: int = 0,
    answer: tuple[Record, ...] = (),
    authority: tuple[Record, ...] = (),
    *,
    authoritative: bool = True,
    truncated: bool = False,
) -> Reply:
    """A reply with the given sections."""
    return Reply(rcode, authoritative, truncated, False, answer, authority, ())


@pytest.mark.parametrize(
    ("given", "presence", "reason"),
    [
        (reply(authority=(OURS,), authoritative=False), PRESENT, Reason.DELEGATED),
        (reply(answer=(OURS,)), PRESENT, Reason.AUTHORITATIVE),
        (reply(answer=(OURS,), authoritative=False), UNKNOWN, Reason.NO_SERVER),
        (reply(3, authority=(ZONE,)), ABSENT, Reason.NXDOMAIN),
        (reply(3, authority=(ZONE,), authoritative=False), UNKNOWN, Reason.NO_SERVER),
        (reply(3, answer=(ALIAS,)), PRESENT, Reason.AUTHORITATIVE),
        (reply(authority=(ZONE,)), ABSENT, Reason.NODATA),
        (reply(authority=(ZONE,), authoritative=False), UNKNOWN, Reason.NO_SERVER),
        (reply(authority=(UPWARDS,), authoritative=False), UNKNOWN, Reason.NO_SERVER),
        (reply(), UNKNOWN, Reason.MALFORMED),
        (reply(2), UNKNOWN, Reason.SERVFAIL),
        (reply(5), UNKNOWN, Reason.REFUSED),
        (reply(1), UNKNOWN, Reason.MALFORMED),
        (reply(9), UNKNOWN, Reason.SERVER_ERROR),
        (reply(truncated=True), UNKNOWN, Reason.RATE_LIMITED),
    ],
)
def test_reading_of_a_parents_reply(given: Reply, presence: Presence, reason: Reason) -> None:
    """Only a claim of authority makes an absence, and nothing but the name's own NS or alias makes a presence."""
    finding = judge(given, "rrn.so")
    assert (finding.presence, finding.reason) == (presence, reason)


def test_name_servers_are_sorted_and_distinct() -> None:
    """Equal delegations give equal facts in whatever order the server shuffles them."""
    other = Record("rrn.so", NS, 60, "ns0.x.example")
    assert judge(reply(authority=(OURS, other, OURS)), "rrn.so").name_servers == ("ns0.x.example", "ns1.x.example")


def test_a_chosen_servers_word_counts_without_authority() -> None:
    """A resolver never claims authority; the user asked it nevertheless."""
    assert judge_anyone(reply(3, authority=(ZONE,), authoritative=False), "rrn.so").presence is ABSENT
    assert judge_anyone(reply(answer=(OURS,), authoritative=False), "rrn.so").presence is PRESENT
    assert judge_anyone(reply(2, authoritative=False), "rrn.so").presence is UNKNOWN
