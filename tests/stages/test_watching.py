"""The watch by hand: rows are appended, what was seen stays, and the plan follows."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.stages.fakes import NOW, RRN, SO, MemoryLog, MemoryWork, predecessor, run
from tracker.model.facts import Batch
from tracker.model.names import DomainName
from tracker.model.times import When
from tracker.model.watching import Claim, ClaimKind, Cohort, Pap, Source, Tlp, Watch, WatchKind, WatchStatus
from tracker.ports import Due
from tracker.stages.planner import SWEEP, Planner, look_kind
from tracker.stages.watching import NotClaimed, NotWatched, Wish, add, change

LOOK = look_kind("delegation")
WISH = Wish(
    name=RRN,
    label="rrn",
    kind=WatchKind.PREDECESSOR,
    cohort=Cohort.OWN_BRAND,
    source=Source("by-hand", "a colleague"),
    brand="RRN",
    operation="doppelganger",
)


@pytest.fixture
def log() -> MemoryLog:
    """An empty log."""
    return MemoryLog()


@pytest.fixture
def work() -> MemoryWork:
    """Nothing due."""
    return MemoryWork()


@pytest.fixture
def planner(work: MemoryWork) -> Planner:
    """A planner with one probe."""
    return Planner(work, ("delegation",), edits=False, weekly_all=False)


def test_adding_watches_from_now_on(log: MemoryLog, work: MemoryWork, planner: Planner) -> None:
    """`since` is now, whatever the name's age: nothing earlier was under observation."""
    watch = add(log, planner, WISH, run(), NOW)
    assert log.watches() == (watch,)
    assert (watch.since, watch.operation_id, watch.cohort) == (NOW, "doppelganger", Cohort.OWN_BRAND)
    assert set(work.scheduled(LOOK)) == {RRN}
    assert log.history().takedowns == ()
    assert [row.operation_id for row in log.history().operations] == ["doppelganger"]


def test_a_day_of_seizure_makes_a_takedown(log: MemoryLog, work: MemoryWork, planner: Planner) -> None:
    """The day keeps its precision, and the cadence counts from the end of that day."""
    add(log, planner, replace(WISH, seized=When.of("2024-09-01")), run(), NOW)
    (row,), (hit,) = log.history().actions, log.history().takedowns
    assert (row.action_id, row.when) == ("by-hand-2024-09-01-doppelganger", When.of("2024-09-01"))
    assert (hit.domain, hit.cohort, hit.sources) == (RRN, Cohort.OWN_BRAND, (WISH.source,))
    assert work.scheduled(LOOK)[RRN].origin.isoformat() == "2024-09-02T00:00:00+00:00"


def test_domains_of_one_day_and_operation_are_one_action(log: MemoryLog, planner: Planner) -> None:
    """What was added before keeps operation and source, the finer moment stands, and another operation is apart."""
    wish = replace(WISH, seized=When.of("2024-09-01"))
    other = Source("by-hand", "a newspaper")
    add(log, planner, wish, run(), NOW)
    add(log, planner, replace(wish, name=SO, source=other, seized=When.of("2024-09-01T10:00:00Z")), run(), NOW)
    add(log, planner, replace(wish, name=DomainName("rrn.cc"), operation=""), run(), NOW)
    together, apart = {row.action_id: row for row in log.history().actions}.values()
    assert (together.operation_id, together.when) == ("doppelganger", When.of("2024-09-01T10:00:00Z"))
    assert together.sources == (WISH.source, other)
    assert (apart.action_id, apart.operation_id) == ("by-hand-2024-09-01", "")
    assert not any(source.title in row.title for row in (together, apart) for source in (*row.sources, other))


def test_a_day_to_come_changes_nothing(log: MemoryLog, work: MemoryWork, planner: Planner) -> None:
    """A seizure of next year is refused before anything is stored: it would head the next report."""
    with pytest.raises(ValueError, match="has not happened yet"):
        add(log, planner, replace(WISH, seized=When(NOW + timedelta(days=300))), run(), NOW)
    assert log.appended == []
    assert work.planned == {}


def test_adding_again_resumes_and_does_not_restart(log: MemoryLog, planner: Planner) -> None:
    """A removed watch that is wanted again keeps the moment since when it was watched first."""
    add(log, planner, WISH, run(), NOW)
    change(log, planner, RRN, WatchStatus.REMOVED, run(), NOW)
    again = add(log, planner, replace(WISH, why="it is back"), run(), NOW + timedelta(days=9))
    assert (again.since, again.status, again.why) == (NOW, WatchStatus.ACTIVE, "it is back")
    assert len(log.watches()) == 1


def test_a_protected_brand_has_no_cohort(log: MemoryLog, planner: Planner) -> None:
    """Cohorts are of what was taken down; a brand was not."""
    assert add(log, planner, replace(WISH, kind=WatchKind.PROTECTED), run(), NOW).cohort is None


def test_a_protected_brand_is_no_lookalike_of_itself(log: MemoryLog, planner: Planner) -> None:
    """Its own site is its own, though nobody wrote it into a list."""
    assert add(log, planner, replace(WISH, kind=WatchKind.PROTECTED), run(), NOW).own == (RRN,)


def test_an_adopted_name_inherits_from_its_claims(log: MemoryLog, planner: Planner) -> None:
    """Operation and source of the claim, and the strictest marking of any list that names it."""
    source = Source("meta:x", "Meta", "https://lists.example/x.csv", "row 7")
    claims = [
        Claim(kind=ClaimKind.BELONGS, domain=SO, source=source, operation_id="op", tlp=Tlp.AMBER),
        Claim(kind=ClaimKind.REGISTERED, domain=SO, source=source, pap=Pap.RED),
        Claim(kind=ClaimKind.BELONGS, domain=RRN, source=source, tlp=Tlp.RED),
    ]
    log.append(run(), Batch(claims=tuple(claims)), NOW)
    wish = Wish(name=SO, label="rrn", kind=WatchKind.ADOPTED, cohort=Cohort.OWN_BRAND, source=Source("by-hand", ""))
    watch = add(log, planner, wish, run(), NOW)
    assert (watch.key, watch.operation_id, watch.sources) == (f"adopted:{SO}", "op", (source,))
    assert (watch.tlp, watch.pap) == (Tlp.AMBER, Pap.RED)
    with pytest.raises(NotClaimed, match=r"no list that was read names nobody\.example"):
        add(log, planner, replace(wish, name=DomainName("nobody.example")), run(), NOW)


def test_adding_again_never_loosens_a_marking(log: MemoryLog, planner: Planner) -> None:
    """A second call without a marking keeps the first; a stricter one holds."""
    add(log, planner, replace(WISH, tlp=Tlp.GREEN), run(), NOW)
    assert add(log, planner, WISH, run(), NOW).tlp is Tlp.GREEN
    assert add(log, planner, replace(WISH, tlp=Tlp.RED, pap=Pap.AMBER), run(), NOW).tlp is Tlp.RED


@pytest.mark.parametrize("status", [WatchStatus.PAUSED, WatchStatus.REMOVED])
def test_pausing_and_removing_stop_looks_and_keep_facts(
    log: MemoryLog, work: MemoryWork, planner: Planner, status: WatchStatus
) -> None:
    """The takedown and the watch row stay in the log; nothing stays due."""
    add(log, planner, replace(WISH, seized=When.of("2024-09-04")), run(), NOW)
    assert [row.status for row in change(log, planner, RRN, status, run(), NOW)] == [status]
    assert work.next_due() is None
    assert len(log.history().takedowns) == len(log.history().watches) == 1


def test_a_shared_label_stays_swept(log: MemoryLog, work: MemoryWork, planner: Planner) -> None:
    """`rrn.so` is watched too, so `rrn` is still asked after `rrn.media` was paused."""
    add(log, planner, WISH, run(), NOW)
    add(log, planner, replace(WISH, name=SO), run(), NOW)
    change(log, planner, RRN, WatchStatus.PAUSED, run(), NOW)
    assert set(work.scheduled(SWEEP)) == {"rrn"}
    assert set(work.scheduled(LOOK)) == {SO}


def test_resuming_makes_it_due_at_once(log: MemoryLog, work: MemoryWork, planner: Planner) -> None:
    """After a pause the name is looked at as soon as somebody looks at what is due."""
    add(log, planner, WISH, run(), NOW)
    change(log, planner, RRN, WatchStatus.PAUSED, run(), NOW)
    later = NOW + timedelta(days=3)
    change(log, planner, RRN, WatchStatus.ACTIVE, run(), later)
    assert work.due(LOOK, later, 9) == (Due(LOOK, RRN, later, later - timedelta(days=14)),)


def test_a_control_is_changed_by_its_label(log: MemoryLog, planner: Planner) -> None:
    """It has no name; and a label alone never changes the watch of a name."""
    control = Watch(kind=WatchKind.CONTROL, label="rrn", since=NOW)
    log.append(run(), Batch(watches=(control, predecessor())), NOW)
    assert [row.kind for row in change(log, planner, "rrn", WatchStatus.PAUSED, run(), NOW)] == [WatchKind.CONTROL]


def test_what_is_not_watched_cannot_be_changed(log: MemoryLog, planner: Planner) -> None:
    """A slip of the pen is an error, not a silent nothing."""
    with pytest.raises(NotWatched, match=SO):
        change(log, planner, SO, WatchStatus.PAUSED, run(), NOW)
    assert log.appended == []
