"""The planner: what new facts make due, and what they stop."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.stages.fakes import NOW, RRN, SO, MemoryWork, action, look, predecessor, sighting, takedown
from tracker.model.facts import Presence
from tracker.model.names import DomainName
from tracker.model.times import iso
from tracker.model.watching import Pap, Watch, WatchKind, WatchStatus
from tracker.ports import Due, answered_key
from tracker.stages.cadence import DAY, HOUR, MINUTE
from tracker.stages.planner import EDITS, SWEEP, SWEEP_ALL, Planner, look_kind

DELEGATION, PAGE = look_kind("delegation"), look_kind("page")
SWEEPS = (SWEEP, SWEEP_ALL, EDITS)


def planner(**more: bool) -> Planner:
    """A planner of two probes and all sweeps."""
    return Planner(MemoryWork(), ("delegation", "page"), **({"edits": True, "weekly_all": True} | more))


def row(plan: Planner, kind: str, key: str) -> Due:
    """The row that stands in the plan."""
    return plan.work.scheduled(kind)[key]


def test_a_new_predecessor_is_swept_and_looked_at_at_once() -> None:
    """Baseline first: every sweep of its label, every probe at the name, all due now."""
    plan = planner()
    plan.watched([predecessor()], NOW)
    assert {kind: row(plan, kind, "rrn").due_at for kind in SWEEPS} == dict.fromkeys(SWEEPS, NOW)
    assert row(plan, DELEGATION, RRN).due_at == row(plan, PAGE, RRN).due_at == NOW


def test_of_a_brand_only_its_front_page_is_looked_at_and_a_control_is_swept() -> None:
    """The page shows what a copy of it would have in common with it; all else of the brand is none of our business."""
    plan = planner()
    brand = replace(predecessor(), kind=WatchKind.PROTECTED)
    control = Watch(kind=WatchKind.CONTROL, label="garden", since=NOW, matched_to=brand.key)
    plan.watched([brand, control], NOW)
    assert set(plan.work.scheduled(SWEEP)) == {"rrn", "garden"}
    assert not plan.work.scheduled(DELEGATION)
    assert set(plan.work.scheduled(PAGE)) == {RRN}
    passive = Planner(MemoryWork(), ("delegation",), edits=True, weekly_all=True)
    passive.watched([brand], NOW)
    assert not passive.work.scheduled(PAGE), "only where pages are on"


def test_switches_leave_sweeps_out() -> None:
    """Without edits and without the weekly sweep only the frequent suffixes are due."""
    plan = planner(edits=False, weekly_all=False)
    plan.watched([predecessor()], NOW)
    assert [kind for kind in SWEEPS if plan.work.scheduled(kind)] == [SWEEP]


def test_two_watches_with_one_label_share_a_sweep() -> None:
    """The second does not pull forward what is planned for the first."""
    plan = planner()
    plan.watched([predecessor()], NOW)
    plan.swept(SWEEP, plan.work.due(SWEEP, NOW, 9), NOW)
    planned = row(plan, SWEEP, "rrn")
    plan.watched([predecessor(SO)], NOW + HOUR)
    assert row(plan, SWEEP, "rrn") == planned
    assert row(plan, DELEGATION, SO).due_at == NOW + HOUR


def test_a_takedown_starts_the_fast_cadence_once() -> None:
    """The first time the list names it: sweeps and looks count from the notice; the second time nothing moves."""
    plan = planner()
    watch = predecessor()
    plan.watched([watch], NOW - 60 * DAY)
    later = NOW + 20 * MINUTE
    assert plan.taken_down([takedown()], [action()], [watch], later) == 1
    assert row(plan, SWEEP, "rrn") == Due(SWEEP, "rrn", later, NOW)
    assert row(plan, DELEGATION, RRN) == Due(DELEGATION, RRN, later, NOW)
    plan.looked("delegation", [row(plan, DELEGATION, RRN)], {RRN: Presence.PRESENT}, later)
    planned = row(plan, DELEGATION, RRN)
    assert planned.due_at - later < 17 * MINUTE
    assert plan.taken_down([takedown()], [action()], [watch], later + HOUR) == 0
    assert row(plan, DELEGATION, RRN) == planned


def test_an_old_takedown_is_not_hurried() -> None:
    """A list read two months after the notice: the cadence counts from the notice, not from the reading."""
    plan = planner()
    plan.taken_down([takedown()], [action()], [predecessor()], NOW + 60 * DAY)
    assert row(plan, DELEGATION, RRN).origin == NOW


def test_the_control_of_a_predecessor_is_swept_as_often() -> None:
    """Chance is measured by the same sweeps at the same hours."""
    plan = planner()
    watch = predecessor()
    control = Watch(kind=WatchKind.CONTROL, label="garden", since=NOW, matched_to=watch.key)
    plan.taken_down([takedown()], [action()], [watch, control], NOW)
    assert row(plan, SWEEP, "garden").origin == row(plan, SWEEP, "rrn").origin


@pytest.mark.parametrize(
    "silenced", [{"pap": Pap.RED}, {"status": WatchStatus.PAUSED}, {"status": WatchStatus.REMOVED}]
)
def test_what_must_not_be_looked_at_is_dropped(silenced: dict[str, object]) -> None:
    """PAP:RED, paused and removed all end every sweep and every look."""
    plan = planner()
    plan.watched([predecessor()], NOW)
    plan.watched([predecessor(**silenced)], NOW + HOUR)
    assert plan.work.next_due() is None


@pytest.mark.parametrize("silenced", [{"pap": Pap.RED}, {"status": WatchStatus.PAUSED}])
def test_a_takedown_does_not_wake_what_must_not_be_looked_at(silenced: dict[str, object]) -> None:
    """The takedown is noted as met, and nothing becomes due."""
    plan = planner()
    watch = predecessor(**silenced)
    plan.watched([watch], NOW)
    assert plan.taken_down([takedown()], [action()], [watch], NOW) == 1
    assert plan.work.next_due() is None


def test_a_label_is_swept_as_long_as_somebody_wants_it() -> None:
    """Pausing one of two names with the same label leaves the sweeps of the other."""
    plan = planner()
    other, paused = predecessor(SO), predecessor(status=WatchStatus.PAUSED)
    plan.watched([predecessor(), other], NOW)
    plan.watched([paused], NOW, [paused, other])
    assert set(plan.work.scheduled(SWEEP)) == {"rrn"}
    assert set(plan.work.scheduled(DELEGATION)) == {SO}
    plan.watched([replace(other, status=WatchStatus.PAUSED)], NOW, [paused])
    assert plan.work.next_due() is None


def test_a_baseline_name_is_profiled_once() -> None:
    """It was there before; each probe looks once, and the sweeps see it from then on."""
    plan = planner()
    plan.sighted([sighting(SO)], [look(SO)], NOW, baseline=True)
    assert row(plan, DELEGATION, SO).due_at == NOW
    plan.looked("delegation", plan.work.due(DELEGATION, NOW, 9), {SO: Presence.PRESENT}, NOW)
    assert not plan.work.scheduled(DELEGATION)
    assert set(plan.work.scheduled(PAGE)) == {SO}
    plan.sighted([sighting(SO)], [look(SO)], NOW + DAY, baseline=False)
    assert not plan.work.scheduled(DELEGATION)


def test_a_profile_that_told_nothing_is_made_again() -> None:
    """A timeout is not a profile."""
    plan = planner()
    plan.sighted([sighting(SO)], [look(SO)], NOW, baseline=True)
    plan.looked("delegation", plan.work.due(DELEGATION, NOW, 9), {SO: Presence.INDETERMINATE}, NOW)
    assert row(plan, DELEGATION, SO).due_at > NOW


def test_a_baseline_name_that_changes_hands_counts_as_new() -> None:
    """Other name servers than in the baseline: from now on it is watched like a discovery."""
    plan = planner()
    plan.sighted([sighting(SO)], [look(SO)], NOW, baseline=True)
    plan.looked("delegation", plan.work.due(DELEGATION, NOW, 9), {SO: Presence.PRESENT}, NOW)
    moved = NOW + 3 * DAY
    plan.sighted([sighting(SO)], [look(SO, servers="ns1.other.example")], moved, baseline=False)
    assert row(plan, DELEGATION, SO) == Due(DELEGATION, SO, moved, moved)
    plan.looked("delegation", plan.work.due(DELEGATION, moved, 9), {SO: Presence.PRESENT}, moved)
    assert row(plan, DELEGATION, SO).due_at - moved < 17 * MINUTE


def test_a_baseline_name_that_came_back_is_looked_at_anew() -> None:
    """It was out of the zone for a while: whose it is now the first look cannot say, even with the same servers."""
    plan = planner()
    plan.sighted([sighting(SO)], [look(SO)], NOW, baseline=True)
    plan.looked("delegation", plan.work.due(DELEGATION, NOW, 9), {SO: Presence.PRESENT}, NOW)
    back = NOW + 3 * DAY
    plan.returned([SO], back)
    assert row(plan, DELEGATION, SO) == Due(DELEGATION, SO, back, back)
    plan.looked("delegation", plan.work.due(DELEGATION, back, 9), {SO: Presence.PRESENT}, back)
    again = row(plan, DELEGATION, SO)
    plan.returned([SO], back + HOUR)
    assert row(plan, DELEGATION, SO) == again


def test_a_look_that_failed_is_no_change_of_hands() -> None:
    """A baseline name whose servers could not be learned this time stays a baseline name."""
    plan = planner()
    plan.sighted([sighting(SO)], [look(SO)], NOW, baseline=True)
    plan.looked("delegation", plan.work.due(DELEGATION, NOW, 9), {SO: Presence.PRESENT}, NOW)
    plan.sighted([sighting(SO)], [look(SO, presence=Presence.INDETERMINATE)], NOW + DAY, baseline=False)
    assert not plan.work.scheduled(DELEGATION)


def test_a_discovery_is_looked_at_once_more_only_when_due() -> None:
    """Seen again by a later sweep, its fast cadence does not start anew."""
    plan = planner()
    plan.sighted([sighting(SO)], [look(SO)], NOW, baseline=False)
    plan.looked("delegation", plan.work.due(DELEGATION, NOW, 9), {SO: Presence.PRESENT}, NOW)
    planned = row(plan, DELEGATION, SO)
    plan.sighted([sighting(SO)], [look(SO, servers="ns1.other.example")], NOW + 5 * MINUTE, baseline=False)
    assert row(plan, DELEGATION, SO) == planned


def test_the_dead_thin_out_but_stay() -> None:
    """A name that is long gone is still due, about monthly; one that is back is no longer dead."""
    plan = planner()
    plan.work.schedule([Due(DELEGATION, SO, NOW, NOW)])
    now, gaps = NOW, []
    for _ in range(200):
        due = plan.work.due(DELEGATION, now, 9)
        plan.looked("delegation", due, {SO: Presence.ABSENT}, now)
        gaps.append(row(plan, DELEGATION, SO).due_at - now)
        now = row(plan, DELEGATION, SO).due_at
    assert gaps[0] < 17 * MINUTE
    assert 27 * DAY < gaps[-1] < 33 * DAY
    back = now
    plan.looked("delegation", plan.work.due(DELEGATION, back, 9), {SO: Presence.PRESENT}, back)
    assert row(plan, DELEGATION, SO).due_at - back < 8 * DAY


def test_not_knowing_is_not_being_dead() -> None:
    """Looks that told nothing neither begin nor end the time for which a name counts as gone."""
    plan = planner()
    due = [Due(DELEGATION, SO, NOW, NOW - 30 * DAY)]
    before = NOW - DAY
    plan.looked("delegation", due, {SO: Presence.INDETERMINATE}, before)
    assert row(plan, DELEGATION, SO).due_at - before < 1.2 * DAY
    plan.looked("delegation", due, {SO: Presence.ABSENT}, NOW)
    plan.looked("delegation", due, {SO: Presence.INDETERMINATE}, NOW + 60 * DAY)
    assert plan.work.get(f"absent:delegation:{SO}") == iso(NOW)


def test_a_baseline_ends_with_the_first_whole_sweep() -> None:
    """What the first sweep finds was there before, what the second finds is new; edits count for themselves."""
    plan = planner()
    plan.watched([predecessor()], NOW)
    assert plan.is_baseline(SWEEP, "rrn") and plan.is_baseline(EDITS, "rrn")
    plan.swept(SWEEP_ALL, plan.work.due(SWEEP_ALL, NOW, 9), NOW)
    assert not plan.is_baseline(SWEEP, "rrn")
    assert plan.is_baseline(EDITS, "rrn")


def test_a_sweep_that_told_nothing_is_made_again_and_is_no_baseline() -> None:
    """After an hour, two, four, six at most; then as planned again."""
    plan = planner()
    plan.watched([predecessor()], NOW)
    waits = []
    for _ in range(5):
        due = plan.work.due(SWEEP, NOW + DAY, 9)
        plan.swept(SWEEP, due, NOW, told=False)
        waits.append((row(plan, SWEEP, "rrn").due_at - NOW) / timedelta(hours=1))
    assert waits == [1, 2, 4, 6, 6]
    assert plan.is_baseline(SWEEP, "rrn")
    plan.swept(SWEEP, plan.work.due(SWEEP, NOW + DAY, 9), NOW)
    assert row(plan, SWEEP, "rrn").attempts == 0 and not plan.is_baseline(SWEEP, "rrn")


def test_a_change_hurries_the_other_probes() -> None:
    """A name that goes is asked about at the registry at once, and looked at again within the quarter hour."""
    plan = Planner(MemoryWork(), ("delegation", "registration", "page"), edits=False, weekly_all=False)
    plan.watched([predecessor()], NOW)
    settled = NOW + 120 * DAY
    for probe in plan.probes:
        plan.looked(probe, plan.work.rows(look_kind(probe), [RRN]), {RRN: Presence.PRESENT}, settled)
    assert all(row(plan, look_kind(probe), RRN).due_at > settled + DAY for probe in plan.probes)
    page = row(plan, look_kind("page"), RRN)
    gone = settled + 7 * DAY
    plan.looked("delegation", plan.work.rows(DELEGATION, [RRN]), {RRN: Presence.ABSENT}, gone)
    assert row(plan, look_kind("registration"), RRN).due_at == gone
    assert row(plan, DELEGATION, RRN).due_at - gone <= timedelta(minutes=17)
    assert row(plan, look_kind("page"), RRN) == page


def test_looks_that_told_nothing_come_again_soon_and_then_later() -> None:
    """An outage of a server costs four hours or sixteen, not a week; it is forgotten with the first answer."""
    plan = planner()
    plan.watched([predecessor()], NOW)
    at, waits = NOW + 120 * DAY, []
    for presence in (Presence.INDETERMINATE,) * 3 + (Presence.PRESENT,):
        plan.looked("delegation", plan.work.rows(DELEGATION, [RRN]), {RRN: presence}, at)
        waits.append((row(plan, DELEGATION, RRN).due_at - at) / timedelta(hours=1))
    assert [round(wait / hours, 1) for wait, hours in zip(waits, (4, 16, 64, 168), strict=True)] == pytest.approx(
        [1, 1, 1, 1], abs=0.11
    )
    assert row(plan, DELEGATION, RRN).attempts == 0


@pytest.mark.parametrize(("kind", "least", "most"), [(SWEEP_ALL, 7 * DAY, 7 * DAY), (EDITS, DAY, DAY)])
def test_wide_sweeps_have_fixed_distances(kind: str, least: timedelta, most: timedelta) -> None:
    """All suffixes weekly, edits daily, whatever happened."""
    plan = planner()
    plan.swept(kind, [Due(kind, "rrn", NOW, NOW)], NOW)
    assert least <= row(plan, kind, "rrn").due_at - NOW <= most


def test_a_takedown_without_a_watch_is_still_looked_at() -> None:
    """The name itself, though there is no label to sweep."""
    plan = planner()
    gone = DomainName("gone.example")
    assert plan.taken_down([takedown(gone)], [action()], [], NOW) == 1
    assert set(plan.work.scheduled(DELEGATION)) == {gone}
    assert not plan.work.scheduled(SWEEP)


def test_what_happened_makes_a_registry_s_answer_old() -> None:
    """A takedown, or new hands: the answer that still stands is forgotten, so that the change is seen at once."""
    plan = planner()
    plan.watched([predecessor()], NOW)
    kept = answered_key("registration", RRN)
    plan.work.put(kept, iso(NOW + 20 * HOUR))
    plan.watched([predecessor()], NOW + HOUR)
    assert plan.work.get(kept) == iso(NOW + 20 * HOUR), "adding a watch again is no news"
    plan.taken_down([takedown()], [action()], [predecessor()], NOW + HOUR)
    assert plan.work.get(kept) == ""
