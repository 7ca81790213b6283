"""Publishing: every finished week once, as it was known at its end."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.stages.fakes import MemoryLog, MemoryWork, look, run
from tracker.model.facts import Batch
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import iso
from tracker.stages.publish import last_report, next_monday, publish_missing

TUESDAY = datetime(2024, 9, 3, 10, tzinfo=UTC)
"""In 2024-W36."""


class Printed:
    """A publication that notes what it was asked for."""

    def __init__(self) -> None:
        self.weeks: list[str] = []
        self.names: list[set[str]] = []

    def __call__(self, history: History, week: str) -> Path:
        self.weeks.append(week)
        self.names.append(set(history.spans))
        return Path(week)


def test_each_finished_week_is_published_once() -> None:
    """Three weeks after the first run there are three reports; a second call finds nothing to do."""
    log, work, printed = MemoryLog(), MemoryWork(), Printed()
    log.append(run(at=TUESDAY), Batch(), TUESDAY)
    now = TUESDAY + timedelta(days=20)
    assert list(publish_missing(log, work, printed, now)) == [Path(f"2024-W{week}") for week in (36, 37, 38)]
    assert list(publish_missing(log, work, printed, now)) == []
    assert printed.weeks == ["2024-W36", "2024-W37", "2024-W38"]
    assert last_report(work) == ("2024-W38", iso(now))


def test_a_week_that_is_not_over_waits() -> None:
    """On Sunday evening there is nothing to publish; on Monday there is."""
    log, work, printed = MemoryLog(), MemoryWork(), Printed()
    log.append(run(at=TUESDAY), Batch(), TUESDAY)
    sunday = datetime(2024, 9, 8, 23, 59, tzinfo=UTC)
    assert list(publish_missing(log, work, printed, sunday)) == []
    assert last_report(work) is None
    assert list(publish_missing(log, work, printed, sunday + timedelta(minutes=1))) == [Path("2024-W36")]


def test_a_report_knows_no_more_than_its_week() -> None:
    """Published late, it still holds only what was recorded by the end of that week."""
    log, work, printed = MemoryLog(), MemoryWork(), Printed()
    for day, name in ((0, "first.example"), (7, "second.example")):
        at = TUESDAY + timedelta(days=day)
        log.append(run(at=at), Batch(observations=(look(DomainName(name), at),)), at)
    list(publish_missing(log, work, printed, TUESDAY + timedelta(days=14)))
    assert printed.names == [{"first.example"}, {"first.example", "second.example"}]


def test_a_failed_week_is_published_next_time() -> None:
    """What could not be written is not marked as written."""
    log, work = MemoryLog(), MemoryWork()
    log.append(run(at=TUESDAY), Batch(), TUESDAY)

    def full(history: History, week: str) -> Path:
        raise OSError("no space left")

    now = TUESDAY + timedelta(days=7)
    with pytest.raises(OSError):
        list(publish_missing(log, work, full, now))
    assert list(publish_missing(log, work, Printed(), now)) == [Path("2024-W36")]


def test_before_the_first_run_there_is_nothing() -> None:
    """A new installation publishes no empty weeks, and does not fix its beginning yet."""
    work = MemoryWork()
    assert list(publish_missing(MemoryLog(), work, Printed(), TUESDAY)) == []
    assert not work.kept


@given(st.integers(0, 10 * 365 * 24 * 60))
def test_next_monday_is_a_monday_within_the_week(minutes: int) -> None:
    """A quarter past midnight UTC, later than now, and never more than a week and a quarter of an hour away."""
    now = TUESDAY + timedelta(minutes=minutes)
    monday = next_monday(now)
    assert (monday.isoweekday(), monday.hour, monday.minute) == (1, 0, 15)
    assert timedelta(0) < monday - now <= timedelta(days=7, minutes=15)
