"""Derivation: the stored views follow the log, and equal those made from nothing."""

from datetime import timedelta

from tests.stages.fakes import (
    NOW,
    RRN,
    SO,
    MemoryLog,
    MemoryViews,
    MemoryWork,
    action,
    look,
    predecessor,
    run,
    sighting,
    sweep,
    takedown,
)
from tracker.analysis.derivation import Judge, Memory
from tracker.analysis.policy import Policy
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Batch, Presence
from tracker.stages.derive import NOTE, derive_views

JUDGE = Judge(Suffixes.bundled())
HOUR = timedelta(hours=1)


def begun() -> MemoryLog:
    """A log with one seized predecessor, swept once."""
    log = MemoryLog()
    log.append(run(), Batch(watches=(predecessor(),), actions=(action(),), takedowns=(takedown(),)), NOW)
    log.append(run(), Batch(sweeps=(sweep(["rrn"], NOW),), observations=(look(RRN),)), NOW)
    return log


def test_nothing_recorded_gives_no_views() -> None:
    """An empty log is no log with empty views."""
    store = MemoryViews()
    assert derive_views(MemoryLog(), store, MemoryWork(), JUDGE) is None
    assert store.writes == 0


def test_nothing_new_is_not_derived_again() -> None:
    """The second call finds its work done."""
    store, work = MemoryViews(), MemoryWork()
    first = derive_views(begun(), store, work, JUDGE)
    assert derive_views(begun(), store, work, JUDGE) == first
    assert store.writes == 1


def test_step_by_step_equals_from_scratch() -> None:
    """After every append the incremental views are those of somebody who starts anew."""
    log, store, work = begun(), MemoryViews(), MemoryWork()
    derive_views(log, store, work, JUDGE)
    later = (
        Batch(sightings=(sighting(SO, NOW + HOUR),), observations=(look(SO, NOW + HOUR),)),
        Batch(observations=(look(RRN, NOW + 2 * HOUR, servers="ns1.fbi.seized.gov"),)),
        Batch(observations=(look(SO, NOW + 3 * HOUR, Presence.INDETERMINATE),)),
        Batch(sweeps=(sweep(["rrn"], NOW + 4 * HOUR),)),
        Batch(observations=(look(SO, NOW + 5 * HOUR, Presence.ABSENT),)),
        Batch(observations=(look(SO, NOW + 12 * HOUR, Presence.ABSENT),)),
    )
    for hours, batch in enumerate(later, start=1):
        log.append(run(), batch, NOW + 12 * HOUR * hours)
        views = derive_views(log, store, work, JUDGE)
        assert views == JUDGE.derive(log.history())[0]
    assert views is not None
    assert [row.name for row in views.candidates] == [SO]


def test_other_rules_derive_all_anew() -> None:
    """Views of an older version of the rules are not kept, though nothing was recorded since."""
    log, store, work = begun(), MemoryViews(), MemoryWork()
    derive_views(log, store, work, JUDGE)
    stricter = Judge(JUDGE.suffixes, Policy(rules_version="next"))
    views = derive_views(log, store, work, stricter)
    assert views is not None and views.rules_version == "next"
    assert store.writes == 2


def test_views_without_their_note_are_derived_from_scratch() -> None:
    """Work may be lost; that costs time and changes nothing."""
    log, store = begun(), MemoryViews()
    derive_views(log, store, MemoryWork(), JUDGE)
    log.append(run(), Batch(observations=(look(RRN, NOW + HOUR),)), NOW + HOUR)
    assert derive_views(log, store, MemoryWork(), JUDGE) == JUDGE.derive(log.history())[0]


def test_the_note_reads_back() -> None:
    """What is remembered between two derivations survives being written down."""
    work = MemoryWork()
    derive_views(begun(), MemoryViews(), work, JUDGE)
    noted = work.get(NOTE)
    assert noted is not None
    assert Memory.from_text(noted).as_text() == noted
    assert Memory.from_text(noted).sweeps
