"""Moments: what an authority's servers answer is no sign of life of the operation."""

from tests.analysis.histories import Story, at
from tracker.analysis.index import index
from tracker.analysis.nameservers import bundled
from tracker.analysis.timing import derive_timing
from tracker.model.facts import Layer
from tracker.model.names import DomainName
from tracker.model.views import Ending

SEIZED = ("ns1.fbi.seized.gov", "ns2.fbi.seized.gov")
OWN = ("ns1.host.example", "ns2.host.example")


def test_a_seized_name_that_resolves_to_the_banner_lives_once() -> None:
    """One episode at each layer, ended by the seizure, however often the banner's address is seen afterwards."""
    story = Story(as_of=at("2024-09-20"))
    story.predecessor("rrn.media", "2024-08-28")
    story.action("doj", "2024-09-04")
    story.taken("doj", "rrn.media")
    before = [f"2024-09-0{day}T10" for day in (1, 2, 3)]
    after = [f"2024-09-{day:02d}T10" for day in range(5, 18)]
    story.look("rrn.media", "delegation", before, ns=OWN)
    story.look("rrn.media", "delegation", after, ns=SEIZED)
    for probe in ("addresses", "certificate"):
        story.look("rrn.media", probe, before, a="198.51.100.1")
        story.look("rrn.media", probe, [f"{day[:10]}T11" for day in after], a="198.51.100.99")
    derived = derive_timing(index(story.history()), [DomainName("rrn.media")], [], bundled())
    ends = {(row.layer, row.number): row.ending for row in derived.episodes}
    assert ends == {
        (Layer.REGISTERED, 1): None,
        (Layer.DELEGATED, 1): Ending.SEIZED,
        (Layer.RESOLVING, 1): Ending.SEIZED,
        (Layer.SERVING, 1): Ending.SEIZED,
    }
