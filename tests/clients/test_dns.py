"""Delegations asked at the parents, in the lab: every name once, failures never an absence."""

from datetime import timedelta

import pytest

from tests.dnsworld import (
    HOST,
    NOON,
    ROOT,
    START,
    Net,
    in_lab,
    state,
    trouble,
    world,
)
from tracker.clients.dnscuts import ZoneCut
from tracker.clients.dnssweep import Answer
from tracker.lab.world import Story
from tracker.model.facts import Presence, Reason
from tracker.model.names import DomainName

ABSENT, PRESENT, UNKNOWN = Presence.ABSENT, Presence.PRESENT, Presence.INDETERMINATE
NAMES = [DomainName(name) for name in ("rrn.so", "held.so", "gone.to", "rrn.co.uk", "rrn.eu.com", "rrn.nosuch")]
WORLD = world(state("rrn.so"), state("held.so", delegated=False), state("rrn.eu.com", servers=("ns1.alpha.example",)))


async def asked(net: Net) -> list[Answer]:
    """The answers about NAMES."""
    return await net.client.delegations(NAMES)


def test_names_are_asked_at_their_parents() -> None:
    """Referrals, undelegated names, suffixes below suffixes, suffixes that do not exist: each name once, in order."""
    answers = in_lab(WORLD, asked)
    assert [answer.name for answer in answers] == NAMES
    assert [(answer.presence, answer.reason) for answer in answers] == [
        (PRESENT, Reason.DELEGATED),
        (ABSENT, Reason.NXDOMAIN),
        (ABSENT, Reason.NXDOMAIN),
        (ABSENT, Reason.NXDOMAIN),
        (PRESENT, Reason.DELEGATED),
        (ABSENT, Reason.NXDOMAIN),
    ]
    assert answers[0].name_servers == HOST
    assert answers[0].server in {"45.90.1.1", "45.90.1.2"}
    assert answers[4].server == "45.90.2.1"


def test_a_name_given_twice_is_answered_once() -> None:
    """Distinct names in the order of first mention."""

    async def use(net: Net) -> list[Answer]:
        return await net.client.delegations([NAMES[2], NAMES[0], NAMES[2]])

    assert [answer.name for answer in in_lab(WORLD, use)] == [NAMES[2], NAMES[0]]


def test_an_answer_follows_the_world_not_a_cache() -> None:
    """The same client sees a registration the moment the parent publishes it."""
    born = NOON + timedelta(minutes=1)
    story = Story("rrn.to", (START, born), (None, state("rrn.to")))

    async def use(net: Net) -> list[Presence]:
        seen = []
        for moment in (NOON, born):
            net.clock.at = moment
            seen.append((await net.client.delegations([DomainName("rrn.to")]))[0].presence)
        return seen

    assert in_lab(world(stories=[story]), use) == [ABSENT, PRESENT]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("servfail", Reason.SERVFAIL),
        ("refused", Reason.REFUSED),
        ("silence", Reason.TIMEOUT),
        ("garbage", Reason.MALFORMED),
    ],
)
def test_trouble_is_indeterminate_with_its_reason(kind: str, reason: Reason) -> None:
    """What a failing server says or does not say is never an absence."""

    async def use(net: Net) -> list[Answer]:
        await net.client.cut("so")
        net.clock.at = NOON + timedelta(hours=1)
        return await net.client.delegations([DomainName("rrn.so"), DomainName("gone.so")])

    answers = in_lab(world(state("rrn.so"), faults=[trouble(kind, first=NOON + timedelta(hours=1))]), use)
    assert {(answer.presence, answer.reason) for answer in answers} == {(UNKNOWN, reason)}
    assert {answer.attempts for answer in answers} == {4}


def test_a_suffix_whose_cut_cannot_be_found_is_unknown() -> None:
    """With the root silent nothing can be said of any name."""
    answers = in_lab(world(state("rrn.so"), faults=[trouble("silence")]), asked)
    assert {(answer.presence, answer.reason) for answer in answers} == {(UNKNOWN, Reason.TIMEOUT)}


def test_truncated_replies_are_asked_again_over_tcp() -> None:
    """Every UDP reply truncated: TCP gives the same answers."""
    answers = in_lab(world(*(state(name) for name in ("rrn.so", "rrn.eu.com")), faults=[trouble("truncate")]), asked)
    assert [answer.presence for answer in answers] == [PRESENT, ABSENT, ABSENT, ABSENT, PRESENT, ABSENT]


def test_the_next_server_is_asked_when_one_is_down() -> None:
    """A closed port costs an attempt, not an answer."""
    for down in ("45.90.1.1", "45.90.1.2"):
        answers = in_lab(WORLD, asked, down=[down])
        assert answers[0].presence is PRESENT
        assert answers[0].server != down


def test_without_internet_everything_is_unreachable_at_once() -> None:
    """Closed ports everywhere: one reason, no waiting for time-outs."""
    answers = in_lab(WORLD, asked, down=[ROOT], timeout=5.0)
    assert {(answer.presence, answer.reason) for answer in answers} == {(UNKNOWN, Reason.UNREACHABLE)}


def test_a_forbidden_address_is_never_asked() -> None:
    """Name servers that resolve to private or loopback addresses: their operator cannot make us connect there."""

    async def use(net: Net) -> tuple[ZoneCut, Reason, int]:
        net.dial.hosts["ns1.inside.example"] = "10.0.0.1"
        net.dial.endpoints["10.0.0.1"] = net.dial.endpoints["45.91.0.1"]
        cut = await net.client.cut("rrn.so")
        profile = await net.client.profile(DomainName("rrn.so"), ["ns1.inside.example"])
        return cut, profile.reason, net.budget.questions("10.0.0.1")

    cut, reason, questions = in_lab(world(state("rrn.so", servers=("ns1.inside.example",)), state("x.so")), use)
    assert (cut.servers, cut.reason, reason, questions) == ((), Reason.FORBIDDEN, Reason.FORBIDDEN, 0)


def test_a_blocked_server_is_rate_limited_not_asked() -> None:
    """While the budget has a server blocked its names are unknown, and no packet goes out."""

    async def use(net: Net) -> tuple[list[Answer], int]:
        await net.client.cut("so")
        before = net.client.counts.questions
        net.budget.blocked = {"45.90.1.1": NOON, "45.90.1.2": NOON}
        answers = await net.client.delegations([DomainName("rrn.so")])
        return answers, net.client.counts.questions - before

    answers, questions = in_lab(WORLD, use)
    assert (answers[0].presence, answers[0].reason) == (UNKNOWN, Reason.RATE_LIMITED)
    assert questions == 0


def test_every_question_is_paid_from_the_budget() -> None:
    """No question without a token, retries included, and never more at a time than the burst."""

    async def use(net: Net) -> tuple[list[tuple[str, int]], int]:
        names = [DomainName(f"n{number}.so") for number in range(120)]
        await net.client.cut("so")
        net.clock.at = NOON + timedelta(hours=1)
        await net.client.delegations(names)
        return net.budget.taken, net.client.counts.questions

    taken, questions = in_lab(world(faults=[trouble("servfail", 0.2, first=NOON + timedelta(hours=1))]), use)
    assert sum(amount for _, amount in taken) == questions > 120
    assert max(amount for _, amount in taken) == 50


def test_cuts_are_remembered_for_their_ttl() -> None:
    """Root and registry are asked once for a cut; the next name costs one question."""

    async def use(net: Net) -> tuple[ZoneCut, int]:
        cut = await net.client.cut("co.so")
        before = net.client.counts.questions
        await net.client.delegations([DomainName("rrn.co.so")])
        return cut, net.client.counts.questions - before

    cut, questions = in_lab(WORLD, use)
    assert set(cut.servers) == {"45.90.1.1", "45.90.1.2"}
    assert questions == 1


def test_servers_without_glue_are_resolved() -> None:
    """A referral that only names hosts is followed through the dial, which may not know them either."""

    async def use(net: Net) -> list[ZoneCut]:
        cuts = [await net.client.cut("rrn.eu.com")]
        net.dial.hosts.clear()
        return [*cuts, await net.client.cut("other.eu.com")]

    names = [state("rrn.eu.com", servers=("ns1.far.example",)), state("other.eu.com", servers=("ns2.far.example",))]

    async def with_far(net: Net) -> list[ZoneCut]:
        net.dial.hosts["ns1.far.example"] = "45.93.0.1"
        return await use(net)

    found, lost = in_lab(world(*names), with_far)
    assert found.servers == ("45.93.0.1",)
    assert (lost.servers, lost.reason) == ((), Reason.NO_SERVER)


def test_labels_that_cannot_be_asked_are_unknown() -> None:
    """A label above 63 bytes is neither there nor not there."""

    async def use(net: Net) -> list[Answer]:
        return await net.client.delegations([DomainName("x" * 64 + ".so")])

    (answer,) = in_lab(WORLD, use)
    assert (answer.presence, answer.reason, answer.attempts) == (UNKNOWN, Reason.MALFORMED, 0)
