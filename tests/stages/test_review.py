"""Reviews: an analyst's verdict is one more fact, with its author and reason."""

import pytest

from tests.stages.fakes import NOW, SO, MemoryLog, predecessor, run, sighting
from tracker.model.facts import Batch
from tracker.model.names import DomainName
from tracker.model.views import Verdict
from tracker.stages.review import NotACandidate, review


@pytest.fixture
def log() -> MemoryLog:
    """A name that was put forward for two watches, twice for one of them."""
    found = MemoryLog()
    rows = (sighting(SO), sighting(SO), sighting(SO, watch=predecessor(DomainName("rrn.world"))))
    found.append(run(), Batch(sightings=rows), NOW)
    return found


def said(log: MemoryLog, name: DomainName = SO, reviewer: str = "AB", reason: str = "same imprint") -> int:
    """Review a name."""
    return review(log, name, Verdict.CONFIRMED, reviewer=reviewer, reason=reason, note="", run=run("review"), at=NOW)


def test_a_review_speaks_for_every_watch(log: MemoryLog) -> None:
    """One row per watch that the name was put forward for, with verdict, reviewer and reason."""
    assert said(log, reviewer=" AB ") == 2
    rows = log.history().reviews
    assert {row.watch_key for row in rows} == {"predecessor:rrn.media", "predecessor:rrn.world"}
    assert {(row.verdict, row.reviewer, row.reason, row.at) for row in rows} == {
        ("CONFIRMED", "AB", "same imprint", NOW)
    }


def test_only_candidates_are_judged(log: MemoryLog) -> None:
    """A name that nobody put forward cannot be confirmed into one."""
    with pytest.raises(NotACandidate, match="never put forward"):
        said(log, DomainName("stranger.example"))
    assert log.history().reviews == ()


@pytest.mark.parametrize(("reviewer", "reason"), [(" ", "same imprint"), ("AB", "")])
def test_nobody_without_a_reason_decides(log: MemoryLog, reviewer: str, reason: str) -> None:
    """An anonymous or unreasoned verdict is refused, and nothing is stored."""
    with pytest.raises(ValueError, match="reviewer and a reason"):
        said(log, reviewer=reviewer, reason=reason)
    assert log.history().reviews == ()
