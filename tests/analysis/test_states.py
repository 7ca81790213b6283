"""States: which rule decides what a name was, from looks of all probes."""

import re
from pathlib import Path

import pytest

from tests.analysis.histories import Story, at
from tracker.analysis.custody import Looked, custody
from tracker.analysis.index import index
from tracker.analysis.nameservers import bundled
from tracker.analysis.states import POLICY, STATE_RULES, StatePolicy, states
from tracker.model.facts import Presence
from tracker.model.names import DomainName
from tracker.model.times import Bounds
from tracker.model.views import State, StateSpan
from tracker.model.watching import ActionKind

NAME = "rrn.media"
SEIZURE_SERVERS = ("ns1.fbi.seized.gov", "ns2.fbi.seized.gov")
LOCKS = ("serverDeleteProhibited", "serverTransferProhibited", "serverUpdateProhibited")


def begun() -> Story:
    """A predecessor that is delegated to its own host on 1 September."""
    story = Story(as_of=at("2024-12-01"))
    story.predecessor(NAME, "2024-08-28")
    story.look(NAME, "delegation", "2024-09-01", ns=["ns1.host.example", "ns2.host.example"])
    return story


def spans(story: Story, name: str = NAME, policy: StatePolicy = POLICY) -> tuple[StateSpan, ...]:
    """The states of a name at the story's end."""
    looked = Looked(index(story.history()), DomainName(name))
    return states(looked, custody(looked, bundled()), policy)


def told(story: Story) -> list[tuple[str, str]]:
    """State and rule of each span."""
    return [(row.state.value, row.rule_id) for row in spans(story)]


def last(story: Story) -> tuple[str, str]:
    """State and rule of the last span."""
    return told(story)[-1]


def test_seized_needs_a_second_witness() -> None:
    """Delegation to a seizure server alone is nobody's seizure: anybody may point a name there."""
    story = begun()
    story.look(NAME, "delegation", ["2024-09-05", "2024-09-06"], ns=SEIZURE_SERVERS)
    assert last(story) == ("unknown", "unknown.seizure_server")


def test_a_published_action_is_a_second_witness() -> None:
    """The notice makes the delegation a seizure from the first look at it; another kind of action does not."""
    for kind, expected in ((ActionKind.SEIZURE, "seized.notice"), (ActionKind.PUBLICATION, "unknown.seizure_server")):
        story = begun()
        story.action("a", "2024-09-04", kind)
        story.taken("a", NAME)
        story.look(NAME, "delegation", ["2024-09-05", "2024-09-06"], ns=SEIZURE_SERVERS)
        assert last(story)[1] == expected
    row = spans(story)[-1]
    assert row.since == Bounds(at("2024-09-01"), at("2024-09-05"))
    assert row.last == at("2024-09-06")


def test_a_notice_alone_seizes_nothing() -> None:
    """A name on the list that still stands where it stood is not seized yet."""
    story = begun()
    story.action("a", "2024-08-30")
    story.taken("a", NAME)
    assert last(story) == ("unknown", "unknown.delegated")


def test_a_banner_or_the_server_locks_are_second_witnesses() -> None:
    """Seen while the name stood there, even days later; locks or banner from before prove nothing."""
    for probe, facts, rule in (
        ("page", {"kind": "seizure"}, "seized.banner"),
        ("registration", {"status": LOCKS}, "seized.status"),
    ):
        story = begun()
        story.look(NAME, "delegation", ["2024-09-05", "2024-09-09"], ns=SEIZURE_SERVERS)
        story.look(NAME, probe, "2024-09-08", **facts)
        assert told(story)[1:] == [("seized", rule)]
        story = begun()
        story.look(NAME, probe, "2024-08-30", **facts)
        story.look(NAME, "delegation", ["2024-09-05", "2024-09-09"], ns=SEIZURE_SERVERS)
        assert last(story) == ("unknown", "unknown.seizure_server")


def test_a_banner_elsewhere_is_no_seizure() -> None:
    """Who shows a banner from an ordinary host shows a picture."""
    story = begun()
    story.look(NAME, "page", "2024-09-01T01:00", kind="seizure")
    assert last(story) == ("unknown", "unknown.banner")


def test_seized_is_not_terminal() -> None:
    """A release to other servers ends the state, and a later stranger is judged anew."""
    story = begun()
    story.action("a", "2024-09-04")
    story.taken("a", NAME)
    story.look(NAME, "delegation", "2024-09-05", ns=SEIZURE_SERVERS)
    story.look(NAME, "delegation", "2025-09-05", ns=["ns1.sedoparking.com"])
    assert [state for state, _ in told(_until(story, "2025-10-01"))] == [
        "unknown",
        "seized",
        "parked",
    ]


def _until(story: Story, as_of: str) -> Story:
    story.as_of = at(as_of)
    return story


@pytest.mark.parametrize(
    ("presence", "facts", "expected"),
    [
        (Presence.PRESENT, {"status": "serverHold"}, ("held", "held.status")),
        (Presence.PRESENT, {"status": ["clientHold", "clientTransferProhibited"]}, ("held", "held.status")),
        (Presence.PRESENT, {"status": "pendingDelete"}, ("undelegated", "undelegated.leaving")),
        (Presence.PRESENT, {"status": "clientTransferProhibited"}, ("undelegated", "undelegated.registered")),
        (Presence.PRESENT, {}, ("undelegated", "undelegated.registered")),
        (Presence.ABSENT, {}, ("undelegated", "undelegated.not_registered")),
        (Presence.INDETERMINATE, {}, ("undelegated", "undelegated.registration_unknown")),
    ],
)
def test_what_the_registry_says_tells_absences_apart(
    presence: Presence, facts: dict[str, str], expected: tuple[str, str]
) -> None:
    """NXDOMAIN with a registration is held or undelegated, with a 404 not registered, alone it is not known which."""
    story = begun()
    story.look(NAME, "delegation", "2024-09-05", Presence.ABSENT)
    story.look(NAME, "registration", "2024-09-05T01:00", presence, **facts)
    assert last(story) == expected


def test_a_registration_seen_before_the_absence_does_not_explain_it() -> None:
    """What the directory said while the name was delegated is out of date once it is not."""
    story = begun()
    story.look(NAME, "registration", "2024-08-31", status="serverHold")
    story.look(NAME, "delegation", "2024-09-05", Presence.ABSENT)
    assert last(story) == ("undelegated", "undelegated.registration_unknown")


def test_a_held_name_that_is_deleted_later_was_held_first() -> None:
    """Each absence takes the registry's latest word before it, not the end of the story."""
    story = begun()
    for day, presence, status in (("05", Presence.PRESENT, "clientHold"), ("25", Presence.ABSENT, "")):
        story.look(NAME, "registration", f"2024-09-{day}T01:00", presence, **({"status": status} if status else {}))
        story.look(NAME, "delegation", f"2024-09-{day}T02:00", Presence.ABSENT)
    assert told(story)[1:] == [("held", "held.status"), ("undelegated", "undelegated.not_registered")]


@pytest.mark.parametrize(
    ("servers", "expected"),
    [
        ("ns1.sinkhole.ch", ("sinkholed", "sinkholed.sinkhole_cert")),
        ("ns1.suspended-domain.com", ("held", "held.held_registrar")),
        ("ns1.pendingrenewaldeletion.com", ("parked", "parked.expired_registrar")),
        ("ns1.bodis.com", ("parked", "parked.parked_service")),
        ("dns1.registrar-servers.com", ("unknown", "unknown.delegated")),
    ],
)
def test_name_servers_tell_the_state(servers: str, expected: tuple[str, str]) -> None:
    """The rule id carries the row of the data file; weak rows decide nothing."""
    story = begun()
    story.look(NAME, "delegation", "2024-09-05", ns=servers)
    assert last(story) == expected


@pytest.mark.parametrize(
    ("probe", "presence", "facts", "expected"),
    [
        ("addresses", Presence.ABSENT, {}, ("not_resolving", "not_resolving")),
        ("addresses", Presence.PRESENT, {"a": "192.0.2.1"}, ("unknown", "unknown.resolving")),
        ("addresses", Presence.INDETERMINATE, {}, ("unknown", "unknown.delegated")),
        ("page", Presence.ABSENT, {}, ("unreachable", "unreachable")),
        ("page", Presence.INDETERMINATE, {}, ("unknown", "unknown.delegated")),
        ("page", Presence.PRESENT, {"kind": "parking"}, ("parked", "parked.page")),
        ("page", Presence.PRESENT, {"final_host": "www.lemonde.fr"}, ("redirecting", "redirecting")),
        ("page", Presence.PRESENT, {"final_host": f"www.{NAME}", "text_sha256": "ab"}, ("serving_operation",) * 2),
        ("page", Presence.PRESENT, {}, ("unknown", "unknown.resolving")),
        ("certificate", Presence.PRESENT, {}, ("unknown", "unknown.delegated")),
    ],
)
def test_layers_above_tell_the_state_of_a_delegated_name(
    probe: str, presence: Presence, facts: dict[str, str], expected: tuple[str, str]
) -> None:
    """Addresses and pages refine; looks that could not tell change nothing."""
    story = begun()
    story.look(NAME, probe, "2024-09-01T01:00", presence, **facts)
    assert last(story) == expected


def test_a_text_served_before_the_takedown_is_the_operations() -> None:
    """Any name that shows it afterwards serves the operation, as does a copy of the imitated outlet; others do not."""
    story = begun()
    story.action("a", "2024-09-04")
    story.taken("a", NAME)
    story.look(NAME, "page", "2024-09-03", text_sha256="ab")
    story.look(NAME, "page", "2024-10-03", text_sha256="cd")
    pages = {"rrn.so": {"text_sha256": "ab"}, "rrn.cc": {"text_sha256": "cd"}}
    pages["rrn.to"] = {"text_sha256": "ef", "copy_of": "outlet.example"}
    for name, facts in pages.items():
        story.look(name, "delegation", "2024-10-05", ns="ns1.host.example")
        story.look(name, "page", "2024-10-05T01:00", **facts)
    assert spans(story, "rrn.so")[-1].state is State.SERVING_OPERATION
    assert spans(story, "rrn.cc")[-1].state is State.SERVING_OTHER
    clone = spans(story, "rrn.to")[-1]
    assert (clone.state, clone.rule_id) == (State.SERVING_OPERATION, "serving_clone")


def test_what_stood_behind_the_old_delegation_is_forgotten() -> None:
    """After a change of servers, page and addresses must be looked at again."""
    story = begun()
    story.look(NAME, "page", "2024-09-01T01:00", kind="parking")
    story.look(NAME, "delegation", "2024-09-02", ns="ns1.other.example")
    assert last(story) == ("unknown", "unknown.delegated")


def test_an_old_look_stops_speaking() -> None:
    """A page seen longer ago than the policy carries tells nothing of today, nor does an old delegation."""
    story = begun()
    story.look(NAME, "page", "2024-09-01T01:00", kind="parking")
    story.look(NAME, "delegation", "2024-09-20", ns=["ns1.host.example", "ns2.host.example"])
    assert last(story) == ("unknown", "unknown.delegated")
    story.look(NAME, "delegation", ["2024-09-21", "2024-09-29"], Presence.INDETERMINATE)
    assert last(story) == ("unknown", "unknown.not_seen")
    story.look(NAME, "addresses", "2024-10-20", Presence.ABSENT)
    assert last(story) == ("unknown", "unknown.not_seen")


def test_indeterminate_looks_leave_a_fresh_state_alone() -> None:
    """A timeout an hour after a definite look changes nothing."""
    story = begun()
    story.look(NAME, "delegation", "2024-09-01T01:00", Presence.INDETERMINATE)
    assert told(story) == [("unknown", "unknown.delegated")]
    only = Story(as_of=at("2024-12-01"))
    only.look(NAME, "delegation", "2024-09-01", Presence.INDETERMINATE)
    assert told(only) == [("unknown", "unknown.not_seen")]


def test_a_look_that_learnt_no_servers_does_not_release_a_name() -> None:
    """A sweep's exception says present and no more; the servers known before stay."""
    story = begun()
    story.look(NAME, "delegation", "2024-09-05", ns="ns1.sinkhole.ch")
    story.look(NAME, "delegation", "2024-09-06")
    assert told(story)[-1] == ("sinkholed", "sinkholed.sinkhole_cert")
    assert len(told(story)) == 2


def test_sweeps_make_states() -> None:
    """An absence that only a sweep proved is a state; its bounds are those of the coverage."""
    story = begun()
    story.sweep("2024-09-05", ["rrn"], ["media"])
    row = spans(story)[-1]
    assert (row.state, row.since) == (State.UNDELEGATED, Bounds(at("2024-09-01"), at("2024-09-05T00:05")))


def test_a_short_carry_is_a_policy() -> None:
    """The policy is a value: the same looks under another one are judged by it."""
    story = begun()
    story.look(NAME, "addresses", "2024-09-09", Presence.ABSENT)
    policy = StatePolicy(version="short", carry=at("2024-09-02") - at("2024-09-01"))
    assert len(spans(story, policy=policy)) == 1
    assert last(story) == ("not_resolving", "not_resolving")


def test_every_rule_is_documented() -> None:
    """docs/states.md names every rule id that the code can give, and no other."""
    text = (Path(__file__).parents[2] / "docs" / "states.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `([a-z_.*]+)` \|", text.partition("\n## ")[0], re.MULTILINE))
    assert documented == set(STATE_RULES)


def test_a_look_that_could_not_tell_bounds_no_transition() -> None:
    """After ten days of silence the name may have been delegated all along: the bound reaches back to the last look
    that told anything."""
    story = begun()
    story.look(NAME, "delegation", "2024-09-15", Presence.INDETERMINATE)
    story.look(NAME, "delegation", "2024-09-16", Presence.ABSENT)
    unsure, gone = spans(story)[-2:]
    assert unsure.rule_id == "unknown.not_seen"
    assert gone.since == Bounds(at("2024-09-01"), at("2024-09-16"))


def test_an_address_that_is_gone_does_not_say_that_the_delegation_stood() -> None:
    """Held at nine, no address at ten, no delegation at eleven: the hold began after the last look at the delegation,
    not after the one at the address."""
    story = begun()
    story.look(NAME, "delegation", "2024-09-02T06", ns=["ns1.host.example", "ns2.host.example"])
    story.look(NAME, "addresses", "2024-09-02T10", Presence.ABSENT)
    story.look(NAME, "delegation", "2024-09-02T11", Presence.ABSENT)
    story.look(NAME, "registration", "2024-09-02T11", status=["clientHold"])
    held = spans(story)[-1]
    assert held.rule_id == "held.status"
    assert held.since == Bounds(at("2024-09-02T06"), at("2024-09-02T11"))


def test_an_address_does_not_prolong_what_the_delegation_alone_says() -> None:
    """Back at ten, an address at eleven, the delegation seen at twelve: what ended was last seen at six."""
    story = begun()
    story.look(NAME, "delegation", ["2024-09-02T00", "2024-09-02T06"], Presence.ABSENT)
    story.look(NAME, "addresses", "2024-09-02T11", a="198.51.100.7")
    story.look(NAME, "delegation", "2024-09-02T12", ns=["ns1.host.example", "ns2.host.example"])
    gone, back = spans(story)[-2:]
    assert gone.last == at("2024-09-02T06")
    assert back.since == Bounds(at("2024-09-02T06"), at("2024-09-02T12"))


def test_what_the_registry_said_before_the_absence_is_not_what_the_absence_means() -> None:
    """No hold at seven, when the name was still there; absent at eight, the hold read at nine: held since eight."""
    story = begun()
    story.look(NAME, "delegation", "2024-09-02T06", ns=["ns1.host.example", "ns2.host.example"])
    story.look(NAME, "registration", "2024-09-02T07", status=["clientTransferProhibited"])
    story.look(NAME, "delegation", ["2024-09-02T08", "2024-09-02T10"], Presence.ABSENT)
    story.look(NAME, "registration", "2024-09-02T09", status=["clientHold"])
    held = spans(story)[-1]
    assert held.rule_id == "held.status"
    assert held.since == Bounds(at("2024-09-02T06"), at("2024-09-02T08"))
