"""Reviews: an analyst's verdict is one more fact, with its author and reason; a queue is stored whole or not at all."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.stages.fakes import NOW, SO, MemoryLog, look, predecessor, run, sighting
from tracker.model.acts import MuteScope
from tracker.model.facts import Batch
from tracker.model.names import DomainName
from tracker.model.views import Verdict
from tracker.model.watching import Watch, WatchKind
from tracker.stages.review import Decided, Decision, Refusals, decide, expiry

WORLD = predecessor(DomainName("rrn.world"))
CONTROL = Watch(kind=WatchKind.CONTROL, label="keller", since=NOW)
IMPRINT = Decision(name=SO, verdict=Verdict.CONFIRMED, reason="same imprint", line=2)


@pytest.fixture
def log() -> MemoryLog:
    """A name that was put forward for two watches, twice for one of them, and for a control."""
    found = MemoryLog()
    sightings = (sighting(SO), sighting(SO), sighting(SO, watch=WORLD), sighting(SO, watch=CONTROL))
    watches = (predecessor(), WORLD, CONTROL)
    found.append(run(), Batch(watches=watches, sightings=sightings, observations=(look(SO),)), NOW)
    return found


def said(log: MemoryLog, *decisions: Decision, reviewer: str = "AB", later: int = 0) -> Decided:
    """Decide, `later` hours after now."""
    return decide(log, decisions, reviewer=reviewer, run=run("review"), at=NOW + timedelta(hours=later))


def test_a_review_speaks_for_every_watch(log: MemoryLog) -> None:
    """One row per watch that the name was put forward for, with verdict, reviewer and reason; a control is none."""
    assert said(log, IMPRINT, reviewer=" AB ") == Decided(2, 0, 0)
    rows = log.history().reviews
    assert {row.watch_key for row in rows} == {"predecessor:rrn.media", "predecessor:rrn.world"}
    assert {(row.verdict, row.reviewer, row.reason, row.at) for row in rows} == {
        ("CONFIRMED", "AB", "same imprint", NOW)
    }


@pytest.mark.parametrize("written", ["rrn.media", "RRN[.]media", "predecessor:rrn.media"])
def test_a_review_may_be_for_one_predecessor(log: MemoryLog, written: str) -> None:
    """As the queue has it: this name as a replacement of that one."""
    assert said(log, replace(IMPRINT, predecessor=written)).verdicts == 1
    assert [row.watch_key for row in log.history().reviews] == ["predecessor:rrn.media"]


def test_one_bad_row_keeps_the_others_out(log: MemoryLog) -> None:
    """Every refused row is told with its line, and nothing is stored."""
    stranger = Decision(name=DomainName("stranger.example"), verdict=Verdict.LIKELY, reason="x", line=3)
    elsewhere = replace(IMPRINT, predecessor="faz.ltd", line=4)
    contrary = replace(IMPRINT, verdict=Verdict.RULED_OUT, line=5)
    silent = replace(IMPRINT, reason=" ", line=6)
    with pytest.raises(Refusals) as refused:
        said(log, IMPRINT, stranger, elsewhere, contrary, silent)
    assert [(row.line, row.reason) for row in refused.value.refusals] == [
        (3, "stranger.example was never put forward for anything that is watched"),
        (4, "rrn.so was never put forward for faz.ltd, only for rrn.media, rrn.world"),
        (5, "rrn.so is RULED_OUT here and CONFIRMED in line 2"),
        (6, "a review needs a reviewer and a reason"),
    ]
    assert log.history().reviews == ()


def test_a_queue_imported_twice_is_imported_once(log: MemoryLog) -> None:
    """What this analyst said last in the same words is no news; other words, another verdict, another analyst are."""
    said(log, IMPRINT)
    assert said(log, IMPRINT, reviewer="ab", later=1) == Decided(0, 0, 2)
    assert said(log, replace(IMPRINT, reason="same tracker"), later=1) == Decided(2, 0, 0)
    assert said(log, IMPRINT, reviewer="CD", later=1) == Decided(2, 0, 0)


def test_nobody_decides_anonymously(log: MemoryLog) -> None:
    """Without initials nothing is stored."""
    with pytest.raises(Refusals, match="reviewer and a reason"):
        said(log, IMPRINT, reviewer=" ")
    assert log.history().reviews == ()


def test_a_mute_that_is_imported_twice_is_known(log: MemoryLog) -> None:
    """Thirty days are counted from the first time; another length, or another analyst, is another mute."""
    mute = Decision(name=SO, verdict=None, reason="parked", until="30d", predecessor="rrn.media")
    assert said(log, mute) == Decided(0, 1, 0)
    assert said(log, mute, later=24) == Decided(0, 0, 1)
    assert said(log, replace(mute, until="60d"), later=24) == Decided(0, 1, 0)
    assert said(log, replace(mute, until="60d"), reviewer="CD", later=48) == Decided(0, 1, 0)


def test_a_mute_takes_its_value_from_the_name(log: MemoryLog) -> None:
    """By suffix it covers `so`; what is not known of a name cannot be muted; a verdict may go with it in one file."""
    mute = Decision(name=SO, verdict=None, reason="a wave of parking", scope=MuteScope.SUFFIX, until="30d")
    assert said(log, IMPRINT, mute) == Decided(2, 1, 0)
    (row,) = log.history().mutes
    assert (row.scope, row.value, row.until, row.reviewer) == (MuteScope.SUFFIX, "so", NOW + timedelta(days=30), "AB")
    with pytest.raises(Refusals, match="no registrar of rrn"):
        said(log, replace(mute, scope=MuteScope.REGISTRAR))
    predecessors = said(log, replace(mute, scope=MuteScope.PREDECESSOR))
    assert predecessors == Decided(0, 2, 0)


@pytest.mark.parametrize(
    ("text", "day"),
    [("2024-12-31", "2024-12-31"), ("31.12.2024", "2024-12-31"), ("4 weeks", "2024-10-02"), ("0d", "2024-09-04")],
)
def test_ends_of_mutes(text: str, day: str) -> None:
    """A day, as written by people and by spreadsheets, or a length."""
    assert expiry(text, NOW).date().isoformat() == day


@pytest.mark.parametrize(
    ("text", "reason"), [("soon", "no end of a mute"), ("12/11/2024", "no end"), ("2024-01-01", "ended")]
)
def test_an_end_that_is_none_is_refused(text: str, reason: str) -> None:
    """Nor one that two readers would read differently, nor one that has passed."""
    with pytest.raises(ValueError, match=reason):
        expiry(text, NOW)
