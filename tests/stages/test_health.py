"""Health: one line per reason why the watch cannot be relied on, and none when it can."""

from datetime import timedelta

from tests.stages.fakes import NOW, RRN, MemoryLog, MemoryWork, look, run
from tracker.model.facts import Batch, Canary, Presence, Reason
from tracker.model.names import DomainName
from tracker.ports import Due
from tracker.stages import health

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def healthy() -> tuple[MemoryLog, MemoryWork]:
    """A log with a look and a pass that ended."""
    log, work = MemoryLog(), MemoryWork()
    log.append(run(), Batch(observations=(look(RRN, NOW),)), NOW)
    health.begun(work, NOW)
    health.ended(work, NOW, ["poll/list"], {})
    return log, work


def test_a_watch_that_works_has_no_complaints() -> None:
    """Something was seen, a pass ended, nothing is late."""
    log, work = healthy()
    assert health.complaints(log.history(), work, NOW + HOUR) == []


def test_a_daemon_that_is_gone_is_missed() -> None:
    """No pass for six hours; a long one that began is no silence."""
    log, work = healthy()
    assert health.complaints(log.history(), work, NOW + 7 * HOUR) == [
        "no pass since 2024-09-04T15:00:00Z: is `tracker run` still running?"
    ]
    health.begun(work, NOW + 6 * HOUR)
    assert health.complaints(log.history(), work, NOW + 7 * HOUR) == []


def test_a_backlog_is_told_by_kind() -> None:
    """Six hours overdue is not waiting for a turn."""
    log, work = healthy()
    work.schedule([Due("look:delegation", f"{number}.example", NOW - 7 * HOUR, NOW) for number in range(3)])
    work.schedule([Due("poll", "list", NOW - HOUR, NOW)])
    assert health.complaints(log.history(), work, NOW) == [
        "look:delegation: 3 late, the oldest since 2024-09-04T08:00:00Z"
    ]


def test_a_failure_is_remembered_until_its_kind_succeeds() -> None:
    """Whatever name the next unit of the kind begins with; and after a day nobody remembers."""
    log, work = healthy()
    health.ended(work, NOW, [], {"look/delegation/a.example": "churn.db: database or disk is full"})
    (line,) = health.complaints(log.history(), work, NOW)
    assert line == "look/delegation failed at 2024-09-04T15:00:00Z: churn.db: database or disk is full"
    health.ended(work, NOW + HOUR, ["look/addresses/b.example"], {})
    assert len(health.complaints(log.history(), work, NOW + HOUR)) == 1
    health.ended(work, NOW + 2 * HOUR, ["look/delegation/b.example"], {})
    assert health.complaints(log.history(), work, NOW + 2 * HOUR) == []
    health.ended(work, NOW + 2 * HOUR, [], {"derive": "bug"})
    health.begun(work, NOW + 2 * DAY)
    assert not any("bug" in line for line in health.complaints(log.history(), work, NOW + 2 * DAY))


def test_a_clock_that_is_not_believed_is_told_until_a_pass_is_made() -> None:
    """It leapt ahead and back: whenever it is asked, health names it; the first pass by a good clock ends that."""
    log, work = healthy()
    ahead = NOW + 365 * DAY
    health.doubted(work, ahead, "the clock leapt")
    assert "clock failed at 2025-09-04T15:00:00Z: the clock leapt" in health.complaints(log.history(), work, ahead)
    health.ended(work, NOW + HOUR, [], {})
    assert health.complaints(log.history(), work, NOW + HOUR) == []
    (line,) = health.complaints(log.history(), work, NOW - DAY)
    assert line.startswith("the clock says 2024-09-03T15:00:00Z, but facts were recorded at 2024-09-04T15:00:00Z")


def test_a_canary_that_died_is_told_until_the_next_one_lives() -> None:
    """Seen as what it is not, or not seen at all: either way we cannot trust our eyes."""
    log, work = healthy()

    def canary(seen: Presence, reason: Reason, hours: int) -> Batch:
        at = NOW + hours * HOUR
        return Batch(canaries=(Canary("delegation", DomainName("example.com"), Presence.PRESENT, seen, reason, at),))

    log.append(run(), canary(Presence.INDETERMINATE, Reason.TIMEOUT, 0), NOW)
    assert health.complaints(log.history(), work, NOW) == [
        "canary: delegation saw example.com as INDETERMINATE (timeout) at 2024-09-04T15:00:00Z, though it is PRESENT"
    ]
    log.append(run(), canary(Presence.PRESENT, Reason.DELEGATED, 1), NOW + HOUR)
    assert health.complaints(log.history(), work, NOW + HOUR) == []
