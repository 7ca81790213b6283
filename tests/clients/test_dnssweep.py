"""Sweeps: canaries decide whether silence about a name means anything."""

from datetime import timedelta

import pytest

from tests.dnsworld import NOON, ROOT, START, Net, in_lab, state, trouble, world
from tracker.clients.dnssweep import SuffixResult, SweepResult
from tracker.lab.world import Story
from tracker.model.facts import CanaryResult, Presence, Reason

LABELS = [f"label{number}" for number in range(30)] + ["rrn"]
SUFFIXES = ["so", "to", "co.so", "co.uk", "eu.com"]


def swept(played, suffixes=SUFFIXES, *, seen=None, prepare=None, down=()) -> tuple[SweepResult, Net]:  # type: ignore[no-untyped-def]
    """One sweep of LABELS under `suffixes`; `prepare(net)` runs once the cuts are known."""

    async def use(net: Net) -> tuple[SweepResult, Net]:
        if prepare is not None:
            for suffix in suffixes:
                await net.client.cut(suffix)
            prepare(net)
        return await net.client.sweep(LABELS, suffixes, seen), net

    return in_lab(played, use, down=down)


def by_suffix(result: SweepResult) -> dict[str, SuffixResult]:
    """The parts of a sweep by suffix."""
    return {part.suffix: part for part in result.suffixes}


def later(net: Net) -> None:
    """An hour after noon."""
    net.clock.at = NOON + timedelta(hours=1)


def test_a_sweep_finds_what_is_there_and_nothing_else() -> None:
    """All suffixes good, the delegated names as exceptions with their name servers, held names absent."""
    played = world(state("rrn.so"), state("rrn.eu.com"), state("label3.to"), state("label4.to", delegated=False))
    result, _ = swept(played)
    assert {part.canary for part in result.suffixes} == {CanaryResult.GOOD}
    assert [answer.name for part in result.suffixes for answer in part.exceptions] == [
        "rrn.eu.com",
        "rrn.so",
        "label3.to",
    ]
    assert [part.suffix for part in result.suffixes] == sorted(SUFFIXES)
    assert {part.asked for part in result.suffixes} == {len(LABELS)}


def test_a_suffix_that_has_every_name_is_a_wildcard() -> None:
    """Hosting platforms answer the random label too; their names are not asked, and none is reported."""
    result, net = swept(world(), ["pages.com", "so"])
    assert by_suffix(result)["pages.com"].canary is CanaryResult.WILDCARD
    assert by_suffix(result)["pages.com"].exceptions == ()
    assert by_suffix(result)["pages.com"].asked == 0
    assert by_suffix(result)["so"].canary is CanaryResult.GOOD
    assert net.budget.questions("45.90.3.1") == 2


def test_a_suffix_that_does_not_exist_is_missing() -> None:
    """Silence under it proves nothing about the suffix that was meant."""
    result, _ = swept(world(), ["so", "nosuch", "x.nosuch"])
    assert {part.suffix: part.canary for part in result.suffixes} == {
        "so": CanaryResult.GOOD,
        "nosuch": CanaryResult.MISSING,
        "x.nosuch": CanaryResult.MISSING,
    }


@pytest.mark.parametrize("kind", ["servfail", "refused", "silence"])
def test_a_failing_registry_is_not_swept(kind: str) -> None:
    """The canary fails, so no name is asked and nobody becomes absent."""
    faults = [trouble(kind, first=NOON + timedelta(minutes=30))]
    result, net = swept(world(state("rrn.so"), faults=faults), ["so", "to"], prepare=later)
    assert {part.canary for part in result.suffixes} == {CanaryResult.UNREACHABLE}
    assert {part.asked for part in result.suffixes} == {0}
    reasons = {"servfail": Reason.SERVFAIL, "refused": Reason.REFUSED, "silence": Reason.TIMEOUT}
    assert {part.reason for part in result.suffixes} == {reasons[kind]}
    assert net.budget.questions("45.90.1.1") + net.budget.questions("45.90.1.2") < 40


def test_a_registry_that_fails_in_mid_sweep_is_a_gap() -> None:
    """The closing canary misses it: what was seen is kept, what was not seen is not absent."""
    faults = [trouble("servfail", first=NOON + timedelta(minutes=30))]

    def fail_after_some(net: Net) -> None:
        before = len(net.budget.taken)

        def later_on() -> None:
            if len(net.budget.taken) > before + 3:
                later(net)

        net.budget.on_take = later_on

    result, _ = swept(world(state("rrn.so"), faults=faults), ["so", "to", "com"], prepare=fail_after_some)
    assert {(part.canary, part.reason) for part in result.suffixes} == {(CanaryResult.UNREACHABLE, Reason.SERVFAIL)}
    assert {part.asked for part in result.suffixes} == {len(LABELS)}
    assert {answer.name for part in result.suffixes for answer in part.exceptions} == {"rrn.so"}


def test_without_internet_a_sweep_ends_at_once() -> None:
    """Every suffix unreachable, with the reason, after a handful of packets."""
    result, net = swept(world(), down=[ROOT])
    assert {(part.canary, part.reason) for part in result.suffixes} == {(CanaryResult.UNREACHABLE, Reason.UNREACHABLE)}
    assert net.client.counts.questions < 30


def test_one_dead_server_of_two_costs_no_suffix() -> None:
    """The other server answers; the dead one is left alone after three fruitless bursts."""
    for down in ("45.90.1.1", "45.90.1.2"):
        result, net = swept(world(state("rrn.so")), ["so", "to", "co.so"], down=[down])
        assert {part.canary for part in result.suffixes} == {CanaryResult.GOOD}
        assert [answer.name for part in result.suffixes for answer in part.exceptions] == ["rrn.so"]
        assert net.budget.questions(down) <= 4 * 50


def test_a_name_seen_before_is_the_first_canary() -> None:
    """When it is gone, nic.SUFFIX is asked instead; the sweep stays good."""
    played = world(state("old.so"), stories=[Story("died.to", (START, START), (state("died.to"), None))])
    result, _ = swept(played, ["so", "to"], seen={"so": "old", "to": "died"})
    assert {part.canary for part in result.suffixes} == {CanaryResult.GOOD}


def test_the_way_that_worked_is_tried_first_next_time() -> None:
    """The second sweep asks fewer questions than the first, which had to find a living canary."""

    async def use(net: Net) -> tuple[int, int]:
        counts = []
        for _ in range(2):
            before = net.client.counts.questions
            await net.client.sweep(LABELS, ["so"], {"so": "never"})
            counts.append(net.client.counts.questions - before)
        return counts[0], counts[1]

    first, second = in_lab(world(), use)
    assert second < first


def test_a_lost_name_among_good_ones_is_an_exception_not_an_absence() -> None:
    """Names whose own question fails are indeterminate exceptions of a suffix whose canaries were good."""
    faults = [trouble("servfail", 0.1, first=NOON + timedelta(minutes=30))]

    found: list[SuffixResult] = []
    for minute in range(31, 37):
        result, _ = swept(
            world(faults=faults),
            ["so", "to", "com"],
            prepare=lambda net, minute=minute: setattr(net.clock, "at", NOON + timedelta(minutes=minute)),
        )
        found += [part for part in result.suffixes if part.canary is CanaryResult.GOOD and part.exceptions]
    assert found
    assert {answer.presence for part in found for answer in part.exceptions} == {Presence.INDETERMINATE}
    assert {answer.reason for part in found for answer in part.exceptions} == {Reason.SERVFAIL}


def test_labels_may_differ_by_suffix() -> None:
    """A plan asks each suffix its own labels and no others."""

    async def use(net: Net) -> SweepResult:
        return await net.client.sweep_plan({"so": ["rrn"], "to": ["other"]})

    result = in_lab(world(state("rrn.so"), state("rrn.to")), use)
    assert [answer.name for part in result.suffixes for answer in part.exceptions] == ["rrn.so"]
    assert {part.asked for part in result.suffixes} == {1}


def test_the_instants_enclose_the_asking() -> None:
    """`first` is read before the first question, `last` after the last reply."""
    result, _ = swept(world())
    assert all(result.first <= part.first <= part.last <= result.last for part in result.suffixes)


def test_a_label_that_is_none_is_refused() -> None:
    """A dot in a label is a mistake of the caller, not an answer of the network."""

    async def use(net: Net) -> SweepResult:
        return await net.client.sweep(["rrn.so"], ["so"])

    with pytest.raises(ValueError, match="not one label"):
        in_lab(world(), use)
