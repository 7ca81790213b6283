"""The sweep of suffixes as a discovery source: coverage, looks, sightings, gaps in one batch."""

from collections.abc import Sequence
from datetime import timedelta

from tests.dnsworld import NOON, START, Net, in_lab, state, trouble, world
from tracker.discovery.suffixes import SuffixSweep
from tracker.model.facts import Batch, CanaryResult, Layer, Presence, Reason, Technique
from tracker.model.names import DomainName
from tracker.model.watching import Watch, WatchKind

SUFFIXES = ("so", "to", "co.uk", "eu.com", "pages.com")
RRN = Watch(
    kind=WatchKind.PREDECESSOR,
    label="rrn",
    since=START,
    name=DomainName("rrn.com"),
    friendly=(DomainName("rrn.co.uk"),),
)
CONTROL = Watch(kind=WatchKind.CONTROL, label="qpz", since=START, matched_to="rrn")
PLAYED = world(state("rrn.so"), state("rrn.co.uk"), state("qpz.to"))


def discovered(
    played=PLAYED, suffixes: Sequence[str] = SUFFIXES, watches: Sequence[Watch] = (RRN, CONTROL), prepare=None
) -> list[Batch]:  # type: ignore[no-untyped-def]
    """The batches of one discovery."""

    async def use(net: Net) -> list[Batch]:
        if prepare is not None:
            await prepare(net)
        source = SuffixSweep(net.client, "here", suffixes, lambda: [DomainName("rrn.so")])
        return [batch async for batch in source.discover(watches, None)]

    return in_lab(played, use)


def test_one_batch_with_sweep_looks_sightings_and_gaps() -> None:
    """Everything of one sweep is stored in one transaction."""
    (batch,) = discovered()
    (sweep,) = batch.sweeps
    assert sweep.sweep_id.startswith("suffixes@2024-09-01T12:00:00Z/")
    assert (sweep.technique, sweep.layer) == (Technique.SAME_LABEL, Layer.DELEGATED)
    assert [(row.canary, row.suffixes, row.exceptions) for row in sweep.coverage] == [
        (CanaryResult.GOOD, ("co.uk", "eu.com", "so", "to"), ("rrn.co.uk", "rrn.so", "qpz.to")),
        (CanaryResult.WILDCARD, ("pages.com",), ()),
    ]
    assert {row.labels for row in sweep.coverage} == {("qpz", "rrn")}
    assert [(gap.scope, gap.reason) for gap in batch.gaps] == [("pages.com", Reason.WILDCARD)]


def test_the_id_of_a_sweep_tells_what_was_asked_and_when() -> None:
    """Equal sweeps have equal ids; another set of suffixes or labels in the same second has another."""
    ids = [
        discovered(suffixes=suffixes, watches=watches)[0].sweeps[0].sweep_id
        for suffixes, watches in (
            ((("so", "to"), (RRN,))),
            (("to", "so"), (RRN,)),
            (("so",), (RRN,)),
            (("so", "to"), (CONTROL,)),
        )
    ]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


def test_a_look_is_what_the_delegation_probe_would_have_seen() -> None:
    """Probe, layer, name servers: a look of a sweep extends the spans of the probe."""
    (batch,) = discovered()
    look = next(look for look in batch.observations if look.name == "rrn.so")
    assert (look.probe, look.layer, look.presence, look.at) == ("delegation", Layer.DELEGATED, Presence.PRESENT, NOON)
    assert look.facts == {"ns": ("ns1.host.example", "ns2.host.example")}


def test_sightings_are_for_strangers_only_and_for_controls_too() -> None:
    """Friendly names are seen and not put forward; a control is treated as a watch."""
    (batch,) = discovered()
    assert {(row.watch_key, row.name) for row in batch.sightings} == {
        ("predecessor:rrn.com", "rrn.so"),
        ("control:qpz", "qpz.to"),
    }
    assert {row.reason for row in batch.sightings} == {
        "The label rrn is delegated under .so.",
        "The label qpz is delegated under .to.",
    }


def test_two_watches_of_one_label_share_the_question_not_the_sighting() -> None:
    """The same label imitated and owned: one question, a sighting for each."""
    other = Watch(kind=WatchKind.PROTECTED, label="rrn", since=START, name=DomainName("rrn.to"))
    (batch,) = discovered(watches=(RRN, other))
    assert [row.watch_key for row in batch.sightings if row.name == "rrn.so"] == [
        "predecessor:rrn.com",
        "protected:rrn.to",
    ]
    assert sum(look.name == "rrn.so" for look in batch.observations) == 1


def test_a_registry_in_trouble_is_a_gap_and_no_absence() -> None:
    """Coverage says unreachable, the gap says why, no name is mentioned."""

    async def prepare(net: Net) -> None:
        for suffix in ("so", "to"):
            await net.client.cut(suffix)
        net.clock.at = NOON + timedelta(hours=1)

    played = world(state("rrn.so"), faults=[trouble("servfail", first=NOON + timedelta(minutes=30))])
    (batch,) = discovered(played, ("so", "to"), prepare=prepare)
    assert [(row.canary, row.suffixes) for row in batch.sweeps[0].coverage] == [
        (CanaryResult.UNREACHABLE, ("so", "to"))
    ]
    assert [(gap.scope, gap.reason, gap.detail) for gap in batch.gaps] == [
        ("2 suffixes", Reason.SERVFAIL, "not swept: so, to")
    ]
    assert batch.observations == ()
    assert batch.sightings == ()


def test_nothing_to_watch_is_nothing_to_do() -> None:
    """No labels, no sweep."""
    assert discovered(watches=()) == []
    assert discovered(suffixes=()) == []


def test_a_name_that_nobody_may_ask_about_is_in_no_question_and_in_no_coverage() -> None:
    """PAP:RED: not asked, so neither there nor absent, and no canary; its neighbours are asked as ever."""

    async def use(net: Net) -> list[Batch]:
        red = DomainName("rrn.so")
        source = SuffixSweep(net.client, "here", ("so", "to"), lambda: [red], lambda: [red])
        return [batch async for batch in source.discover((RRN, CONTROL), None)]

    (batch,) = in_lab(PLAYED, use)
    assert not [look for look in batch.observations if look.name == "rrn.so"], "it is there, and would have been seen"
    covered = {(label, suffix) for row in batch.sweeps[0].coverage for label in row.labels for suffix in row.suffixes}
    assert covered == {("qpz", "so"), ("qpz", "to"), ("rrn", "to")}
