"""Who may be looked at: a pause, a removal and a PAP marking reach the candidates of a watch as well as its name."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.stages.fakes import NOW, RRN, SO, MemoryLog, MemoryWork, predecessor, run, sighting
from tracker.model.facts import Batch
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.watching import Pap, Watch, WatchKind, WatchStatus
from tracker.stages import permission
from tracker.stages.planner import Planner, look_kind
from tracker.stages.watching import change

PARENTS, PAGES = "delegation", "page"
OTHER = DomainName("other.example")


def history(*watches: Watch) -> History:
    """Watches, with `rrn.so` put forward for `rrn.media`."""
    return History(as_of=NOW, watches=watches, sightings=(sighting(SO),))


def refused(names: list[DomainName], probe: str, found: History) -> frozenset[str]:
    """Those of the names that are not to be looked at."""
    return permission.refused(names, probe, found.watches, found.sightings)


@pytest.mark.parametrize("status", [WatchStatus.PAUSED, WatchStatus.REMOVED])
def test_candidates_of_a_watch_that_rests_are_not_looked_at(status: WatchStatus) -> None:
    """Neither the name nor what was found for it; a name that no watch has to do with may be."""
    found = history(predecessor(status=status))
    assert refused([RRN, SO, OTHER], PARENTS, found) == {RRN, SO}


def test_red_stops_every_look_and_amber_those_that_can_be_seen() -> None:
    """PAP:RED: nothing is asked. PAP:AMBER: registries and parent zones are, the operator's own hosts are not."""
    red, amber = (history(predecessor(pap=pap)) for pap in (Pap.RED, Pap.AMBER))
    assert refused([RRN, SO], PARENTS, red) == {RRN, SO}
    assert refused([RRN, SO], PARENTS, amber) == frozenset()
    assert refused([RRN, SO], PAGES, amber) == {RRN, SO}
    assert refused([RRN, SO], PAGES, history(predecessor(pap=Pap.GREEN))) == frozenset()


def test_a_candidate_of_two_watches_needs_one_that_admits_it() -> None:
    """Found for an active watch as well, it is looked at for that one."""
    other = replace(predecessor(), name=OTHER)
    both = replace(
        history(predecessor(status=WatchStatus.PAUSED), other),
        sightings=(sighting(SO), replace(sighting(SO), watch_key=other.key)),
    )
    assert refused([SO], PARENTS, both) == frozenset()


def test_names_marked_red_are_untouchable_for_everybody() -> None:
    """Whoever else watches the label; not what is only paused, visible to the operator alone, or no longer watched."""
    others = [predecessor(DomainName(f"{place}.example"), pap=pap) for place, pap in enumerate(Pap)]
    gone = replace(predecessor(OTHER, pap=Pap.RED), status=WatchStatus.REMOVED)
    assert permission.untouchable([*others, gone]) == {"3.example"}


def test_a_marking_of_the_name_itself_holds_against_everything() -> None:
    """One watch of a name says PAP:RED: that another was put forward or is active does not matter."""
    red = replace(predecessor(SO, pap=Pap.RED), kind=WatchKind.ADOPTED)
    assert refused([SO], PARENTS, history(predecessor(), red)) == {SO}
    assert refused([SO], PARENTS, history(predecessor(), predecessor(SO), red)) == {SO}


def test_a_pause_reaches_what_is_planned_and_resuming_plans_it_again() -> None:
    """At once, not when it is next due; names profiled at baseline stay as they were."""
    log, work = MemoryLog(), MemoryWork()
    planner = Planner(work, (PARENTS,), edits=False, weekly_all=False)
    old = DomainName("rrn.de")
    log.append(run(), Batch(watches=(predecessor(),), sightings=(sighting(SO), sighting(old))), NOW)
    planner.watched([predecessor()], NOW)
    planner.sighted([sighting(old)], [], NOW, baseline=True)
    planner.sighted([sighting(SO)], [], NOW, baseline=False)
    assert set(work.scheduled(look_kind(PARENTS))) == {RRN, SO, old}
    change(log, planner, RRN, WatchStatus.PAUSED, run(), NOW)
    assert work.next_due() is None
    later = NOW + timedelta(days=3)
    change(log, planner, RRN, WatchStatus.ACTIVE, run(), later)
    assert {name: row.due_at for name, row in work.scheduled(look_kind(PARENTS)).items()} == {RRN: later, SO: later}
