"""Definite absences: what proves them and what does not."""

from tests.analysis.histories import Story, at
from tracker.analysis.absence import absences
from tracker.analysis.index import index
from tracker.model.facts import CanaryResult, Coverage, Layer, Presence, Sweep, Technique
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.watching import Watch, WatchKind

RRN = DomainName("rrn.so")


def instants(story: Story, layer: Layer = Layer.DELEGATED, name: DomainName = RRN) -> list[str]:
    """The starts of a name's absences, hour precision."""
    return [f"{absence.first:%dT%H}" for absence in absences(index(story.history()), name, layer)]


def test_a_sweep_proves_absence_of_what_it_asked_and_did_not_except() -> None:
    """Asked, canary good, no exception: absent no earlier than the coverage began; what was not asked is open."""
    story = Story(as_of=at("2024-10-01"))
    story.predecessor("rrn.media", "2024-08-28")
    story.sweep("2024-09-01", ["rrn"], ["so", "cc"])
    story.sweep("2024-09-02", ["rrn"], ["cc"])
    story.sweep("2024-09-03", ["ukrlm"], ["so"])
    story.sweep("2024-09-04", ["rrn"], ["so"])
    found = absences(index(story.history()), RRN, Layer.DELEGATED)
    assert [absence.first for absence in found] == [at("2024-09-01"), at("2024-09-04")]
    assert found[0].last == at("2024-09-01T00:05")
    assert found[0].witness == "sweep:suffixes@2024-09-01T00:00:00Z"


def test_exceptions_and_bad_canaries_prove_nothing() -> None:
    """Present and unsure names, and everything under a suffix whose canary failed, are not absent."""
    story = Story(as_of=at("2024-10-01"))
    story.predecessor("rrn.media", "2024-08-28")
    story.sweep("2024-09-01", ["rrn"], ["so"], present=["rrn.so"])
    story.sweep("2024-09-02", ["rrn"], ["so"], unsure=["rrn.so"])
    for day, canary in enumerate(result for result in CanaryResult if result is not CanaryResult.GOOD):
        story.sweep(f"2024-09-0{3 + day}", ["rrn"], ["so"], canary=canary)
    assert instants(story) == []


def test_looks_prove_absence_at_their_layer_and_above() -> None:
    """What is not delegated neither resolves nor serves; a directory's 404 says nothing of the zone."""
    story = Story(as_of=at("2024-10-01"))
    story.look("rrn.so", "delegation", ["2024-09-01", "2024-09-02"], Presence.ABSENT)
    story.look("rrn.so", "addresses", "2024-09-03", Presence.ABSENT)
    story.look("rrn.so", "registration", "2024-09-04", Presence.ABSENT)
    story.look("rrn.so", "delegation", "2024-09-05", Presence.INDETERMINATE)
    story.look("rrn.so", "delegation", "2024-09-06")
    assert instants(story, Layer.REGISTERED) == ["04T00"]
    assert instants(story, Layer.DELEGATED) == ["01T00", "02T00"]
    assert instants(story, Layer.RESOLVING) == instants(story, Layer.SERVING) == ["01T00", "02T00", "03T00"]


def test_two_level_suffixes_are_found() -> None:
    """The label is what stands before the first dot of a registrable name."""
    story = Story(as_of=at("2024-10-01"))
    story.predecessor("rrn.media", "2024-08-28")
    story.sweep("2024-09-01", ["rrn"], ["com.tr"])
    assert instants(story, name=DomainName("rrn.com.tr")) == ["01T00"]
    assert instants(story, name=DomainName("rrn.tr")) == []


def test_sweeps_that_ask_the_same_are_looked_up_once() -> None:
    """200 sweeps over the same suffixes form one group, so a name is sought in one set and not in two hundred."""
    suffixes = tuple(f"s{number}" for number in range(1_000))
    labels = tuple(f"label{number}" for number in range(30))
    sweeps = tuple(
        Sweep(
            sweep_id=str(number),
            technique=Technique.SAME_LABEL,
            source="suffixes",
            layer=Layer.DELEGATED,
            vantage="here",
            first=at("2024-09-01"),
            last=at("2024-09-01"),
            coverage=(
                Coverage(
                    labels=labels,
                    suffixes=suffixes,
                    canary=CanaryResult.GOOD,
                    first=at("2024-09-01"),
                    last=at("2024-09-01"),
                ),
            ),
        )
        for number in range(200)
    )
    watches = tuple(Watch(kind=WatchKind.CONTROL, label=label, since=at("2024-08-28")) for label in labels)
    indexed = index(History(as_of=at("2024-10-01"), watches=watches, sweeps=sweeps))
    found = [absences(indexed, DomainName(f"label{number % 30}.s{number}"), Layer.DELEGATED) for number in range(500)]
    assert all(len(rows) == 200 for rows in found)
    assert [len(groups) for groups in indexed.coverage.values()] == [1] * len(labels)
