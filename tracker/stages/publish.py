"""Write what is due to be read: the weekly report and the data package, once per ISO week."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tracker.analysis.churn import week_bounds, week_of
from tracker.model.history import History
from tracker.model.times import from_iso, iso, midnight
from tracker.ports import Log, Work

LAST = "published"
"""Note: the newest week that was published, and when."""
Publication = Callable[[History, str], Path]
"""Writes the report and package of one ISO week from the log as it was known at its end; returns the folder."""


def next_monday(now: datetime) -> datetime:
    """A quarter past midnight UTC after the ISO week that `now` lies in has ended."""
    start = midnight(now) - timedelta(days=now.astimezone(UTC).weekday())
    return start + timedelta(days=7, minutes=15)


def last_report(work: Work) -> tuple[str, str] | None:
    """The newest ISO week that was published and when that was; None before the first."""
    week, _, at = (work.get(LAST) or "").partition(" ")
    return (week, at) if week else None


def publish_missing(log: Log, work: Work, publication: Publication, now: datetime) -> Iterator[Path]:
    """Publish every finished week since the first run that was not published yet; a second call finds nothing to do."""
    first = work.get("published:from")
    if first is None:
        runs = log.history().runs
        if not runs:
            return
        first = iso(min(run.started_at for run in runs))
        work.put("published:from", first)
    moment = from_iso(first)
    while week_bounds(week_of(moment))[1] <= now:
        week = week_of(moment)
        if work.get(f"published:{week}") is None:
            yield publication(log.history(week_bounds(week)[1]), week)
            work.put(f"published:{week}", iso(now))
            work.put(LAST, f"{week} {iso(now)}")
        moment += timedelta(days=7)
