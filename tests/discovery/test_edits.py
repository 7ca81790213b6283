"""The sweep of generated lookalikes as a discovery source."""

from tests.dnsworld import START, Net, in_lab, state, world
from tracker.discovery.edits import EditSweep
from tracker.model.facts import Batch, Presence, Technique
from tracker.model.names import DomainName
from tracker.model.watching import Watch, WatchKind

SPIEGEL = Watch(kind=WatchKind.PROTECTED, label="spiegel", since=START, name=DomainName("spiegel.com"))
RANKED = [DomainName(name) for name in ("spiegel.so", "spiegeI.so".lower(), "splegel.so", "spiegell.to", "late.so")]


def test_the_best_are_asked_and_the_label_itself_is_left_out() -> None:
    """Rank decides who is asked, coverage says exactly which labels under which suffix."""

    async def use(net: Net) -> list[Batch]:
        source = EditSweep(net.client, "here", lambda watch: RANKED, list, best=3)
        return [batch async for batch in source.discover([SPIEGEL], None)]

    (batch,) = in_lab(world(state("splegel.so"), state("late.so"), state("spiegel.so")), use)
    (sweep,) = batch.sweeps
    assert sweep.technique is Technique.EDIT
    assert [(row.labels, row.suffixes, row.exceptions) for row in sweep.coverage] == [
        (("spiegei", "splegel"), ("so",), ("splegel.so",)),
        (("spiegell",), ("to",), ()),
    ]
    assert [(row.watch_key, row.name, row.technique) for row in batch.sightings] == [
        ("protected:spiegel.com", "splegel.so", Technique.EDIT)
    ]
    assert batch.sightings[0].reason == "A lookalike generated from spiegel.com is delegated under .so."
    assert [look.presence for look in batch.observations] == [Presence.PRESENT]


def test_a_lookalike_that_nobody_may_ask_about_is_left_out() -> None:
    """PAP:RED holds for the sweep of lookalikes, too."""

    async def use(net: Net) -> list[Batch]:
        red = [DomainName("splegel.so")]
        source = EditSweep(net.client, "here", lambda watch: RANKED, list, best=3, apart=lambda: red)
        return [batch async for batch in source.discover([SPIEGEL], None)]

    (batch,) = in_lab(world(state("splegel.so")), use)
    assert [(row.labels, row.suffixes) for row in batch.sweeps[0].coverage] == [
        (("spiegei",), ("so",)),
        (("spiegell",), ("to",)),
    ]
    assert not batch.sightings
