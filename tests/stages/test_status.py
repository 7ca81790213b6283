"""Status: what is watched, alive and late, and when each source last told anything."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.stages.fakes import NOW, RRN, SO, MemoryLog, MemoryWork, action, look, predecessor, run, sighting, sweep
from tracker.analysis.announced import waiting
from tracker.model.facts import Batch, CanaryResult, Gap, Layer, Presence, Reason, Technique
from tracker.model.times import Bounds, When, iso
from tracker.model.views import Assessment, Ending, Episode, Replacement, Verdict, Views
from tracker.model.watching import Announcement, AnnouncementStatus, Cohort, Source, Watch, WatchKind, WatchStatus
from tracker.ports import Due, Held
from tracker.stages.planner import POLL
from tracker.stages.publish import publish_missing
from tracker.stages.status import blind, freshness, stale, status_rows, told

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def log(*batches: Batch) -> MemoryLog:
    """A log with these batches."""
    found = MemoryLog()
    for batch in batches:
        found.append(run(), batch, NOW)
    return found


def gap(at: datetime, reason: Reason = Reason.RATE_LIMITED) -> Gap:
    """A gap of the sweeps."""
    return Gap(source="suffixes", scope="zz", first=at, last=at, reason=reason)


def test_the_newest_success_counts() -> None:
    """Sweeps with a good canary, looks that told something and sightings are successes of their sources."""
    found = log(
        Batch(sweeps=(sweep(["rrn"], NOW), sweep(["rrn"], NOW + HOUR))),
        Batch(observations=(look(SO, NOW), look(SO, NOW + 2 * HOUR, Presence.ABSENT))),
    )
    assert {row.source: row.success for row in freshness(found.history())} == {
        "suffixes": NOW + HOUR,
        "delegation": NOW + 2 * HOUR,
    }


def test_a_sweep_that_reached_nobody_is_no_success() -> None:
    """Every canary failed: the source is failing, however recent its attempt."""
    found = log(Batch(sweeps=(sweep(["rrn"], NOW, CanaryResult.UNREACHABLE),), gaps=(gap(NOW),)))
    (row,) = freshness(found.history())
    assert (row.success, row.failing, row.reason) == (None, True, Reason.RATE_LIMITED)


def test_a_probe_that_never_learned_anything_is_failing() -> None:
    """Looks alone are no success; the reason of the last one is shown."""
    (row,) = freshness(log(Batch(observations=(look(SO, NOW, Presence.INDETERMINATE),))).history())
    assert (row.source, row.success, row.failing, row.reason) == ("delegation", None, True, Reason.TIMEOUT)


def test_one_silent_name_is_no_failing_probe() -> None:
    """A probe that learned about another name works."""
    found = log(Batch(observations=(look(RRN, NOW), look(SO, NOW + HOUR, Presence.INDETERMINATE))))
    (row,) = freshness(found.history())
    assert not row.failing


def test_failing_is_what_happened_last() -> None:
    """A gap before the last success is over; one after it is not; a wildcard suffix is no failure at all."""
    good = Batch(sweeps=(sweep(["rrn"], NOW),))
    assert not freshness(log(good, Batch(gaps=(gap(NOW - HOUR),))).history())[0].failing
    assert freshness(log(good, Batch(gaps=(gap(NOW + HOUR),))).history())[0].failing
    assert not freshness(log(good, Batch(gaps=(gap(NOW + HOUR, Reason.WILDCARD),))).history())[0].failing


def test_the_last_report_is_shown() -> None:
    """Its week and when it was written; nothing before the first."""
    found, work = log(Batch(sweeps=(sweep(["rrn"], NOW),))), MemoryWork()
    assert not [row for row in status_rows(found.history(), None, work, NOW) if row[0] == "report"]
    list(publish_missing(found, work, lambda _, week: Path(week), NOW + 14 * DAY))
    (row,) = [row for row in status_rows(found.history(), None, work, NOW) if row[0] == "report"]
    assert row == ("report", "2024-W37", "", "2024-09-18T15:00:00Z", "")


def test_stale_sources_are_named() -> None:
    """Fresh within two days, stale after, and an empty log is not healthy."""
    found = log(Batch(sweeps=(sweep(["rrn"], NOW),))).history()
    assert stale(found, NOW + 2 * DAY) == []
    assert stale(found, NOW + 2 * DAY + HOUR) == ["suffixes: last success 2024-09-04T15:00:00Z"]
    assert stale(MemoryLog().history(), NOW) == ["nothing was recorded yet"]
    failing = log(Batch(gaps=(gap(NOW),))).history()
    assert stale(failing, NOW) == ["suffixes: never a success, only rate_limited"]


def test_what_is_not_asked_by_choice_is_not_stale() -> None:
    """Without a contact no log is read: the status says so, and the container is healthy all the same."""
    log = MemoryLog()
    left = Gap(source="certificates", scope="logs", first=NOW, last=NOW, reason=Reason.NOT_ASKED)
    log.append(run(), Batch(observations=(look(RRN),), gaps=(left,)), NOW)
    assert stale(log.history(), NOW) == []
    assert [row.source for row in freshness(log.history()) if row.failing] == ["certificates"]


def test_rows_say_what_is_watched_alive_and_late() -> None:
    """Paused watches and controls' verdicts are not counted; what is overdue is told with its age."""
    found = log(
        Batch(
            watches=(
                predecessor(),
                predecessor(SO, status=WatchStatus.PAUSED),
                Watch(kind=WatchKind.CONTROL, label="garden", since=NOW),
            ),
            observations=(look(RRN, NOW),),
            sightings=(sighting(SO),),
        )
    )
    views = Views(
        as_of=NOW,
        rules_version="test",
        assessments=tuple(
            Assessment(
                watch_key=key, name=SO, verdict=verdict, by_rules=verdict, bits=0.0, prior_bits=-5.0, families=()
            )
            for key, verdict in ((predecessor().key, Verdict.LIKELY), ("control:garden", Verdict.POSSIBLE))
        ),
    )
    work = MemoryWork()
    work.schedule([Due("poll", "list", NOW - HOUR, NOW), Due("poll", "other", NOW + HOUR, NOW)])
    rows = list(status_rows(found.history(), views, work, NOW))
    assert ("watched", WatchKind.PREDECESSOR, 1, "", "1 labels") in rows
    assert ("candidates", Verdict.LIKELY, 1, "2024-09-04T15:00:00Z", "replacements") in rows
    assert not any(row[1] == Verdict.POSSIBLE for row in rows)
    assert ("predecessors", "DELEGATED", 0, "2024-09-04T15:00:00Z", "alive; at the last look 1 PRESENT") in rows
    late = "1 late, the oldest since 2024-09-04T14:00:00Z"
    assert ("due", "poll", 2, "2024-09-04T14:00:00Z", late) in rows


def test_alive_is_what_the_views_say() -> None:
    """A seized name is still in its zone: PRESENT at the last look, not alive. Replacements have their own rows."""
    found = log(
        Batch(watches=(predecessor(),), observations=(look(RRN, NOW), look(SO, NOW)), sightings=(sighting(SO),))
    )
    ended = Episode(
        name=RRN,
        layer=Layer.DELEGATED,
        number=1,
        start=Bounds(None, NOW),
        start_basis="look",
        entry=NOW,
        last_alive=NOW,
        end=Bounds(NOW, NOW),
        ending=Ending.SEIZED,
        looks=1,
        unknown_looks=0,
        policy="test",
    )
    alive = replace(ended, name=SO, end=None, ending=None)
    called = Replacement(
        action_id="seizure-1",
        predecessor=RRN,
        name=SO,
        cohort=Cohort.OWN_BRAND,
        verdict=Verdict.LIKELY,
        bits=9.0,
        appearances=(),
        technique=Technique.SAME_LABEL,
        reviewed=False,
    )
    views = Views(as_of=NOW, rules_version="test", episodes=(ended, alive), replacements=(called,))
    rows = list(status_rows(found.history(), views, MemoryWork(), NOW))
    said = [row[:3] for row in rows if row[0] in {"predecessors", "replacements"}]
    assert said == [("predecessors", "DELEGATED", 0), ("replacements", "DELEGATED", 1)]
    without = list(status_rows(found.history(), None, MemoryWork(), NOW))
    assert ("predecessors", "DELEGATED", 1, "", "alive; at the last look 1 PRESENT") in without


def test_a_list_that_is_read_again_is_not_failing() -> None:
    """A list says nothing most of the time: that it was read is noted beside the log, by the poll."""
    failed = Gap(source="list.toml", scope="list.toml", first=NOW, last=NOW, reason=Reason.TIMEOUT)
    found, work = log(Batch(gaps=(failed,))), MemoryWork()
    work.schedule([Due(POLL, "list.toml", NOW, NOW)])
    assert stale(found.history(), NOW + HOUR, work) == ["list.toml: never a success, only timeout"]
    work.put(told("list.toml"), iso(NOW + HOUR))
    assert stale(found.history(), NOW + HOUR, work) == []
    (row,) = freshness(found.history(), work)
    assert (row.success, row.failing) == (NOW + HOUR, False)


def announcement(number: int, url: str = "", **more: object) -> Announcement:
    """A press release of that day of September."""
    fields = {"announcement_id": f"2024-09-0{number}-x", "title": f"release {number}", "url": url} | more
    return Announcement(published=When.of(f"2024-09-0{number}"), source=Source("a", "DOJ"), **fields)  # type: ignore[arg-type]


def test_servers_held_back_are_told() -> None:
    """Who waits for a registry sees which one asked to be left alone, how often, and until when."""
    held = Held("rdap.example", NOW, 3)
    rows = list(status_rows(log().history(), None, MemoryWork(), NOW, (held,)))
    assert [row[:3] for row in rows if row[0] == "held back"] == [("held back", "rdap.example", 3)]


def test_announcements_wait_until_they_are_imported_or_dismissed() -> None:
    """An action that cites the release, or bears its id, has imported it."""
    cited = replace(action(), sources=(Source("release", "release", "https://doj.example/3"),))
    named = replace(action(), action_id="2024-09-04-x")
    rows = (
        announcement(1),
        announcement(2, status=AnnouncementStatus.DISMISSED),
        announcement(3, "https://doj.example/3"),
        announcement(4),
        announcement(5),
    )
    found = log(Batch(announcements=rows, actions=(cited, named)))
    assert [row.title for row in waiting(found.history())] == ["release 5", "release 1"]
    told = [row for row in status_rows(found.history(), None, MemoryWork(), NOW) if row[0] == "announcement"]
    assert told[0] == (
        "announcement",
        "release 5",
        "",
        "2024-09-05T00:00:00Z",
        "to be imported by hand: tracker announcements draft 2024-09-05-x",
    )


def test_weekly_work_is_not_blind_for_six_days() -> None:
    """A source that rests until something of its own is due is no worry; once that is overdue, it is."""
    found = log(Batch(sweeps=(sweep(["rrn"], NOW),))).history()
    work = MemoryWork()
    work.schedule([Due("sweep:frequent", "rrn", NOW + 7 * DAY, NOW)])
    assert blind(found, NOW + 6 * DAY, work) == {}
    assert blind(found, NOW + 8 * DAY, work) == {"suffixes": "last success 2024-09-04T15:00:00Z"}


def test_an_answer_without_news_is_a_success() -> None:
    """A list that did not change was reached; so says a note, for the log has nothing of it."""
    work = MemoryWork()
    work.schedule([Due("poll", "list", NOW + HOUR, NOW)])
    work.put(told("list"), "2024-09-04T15:00:00Z")
    assert [(row.source, row.success) for row in freshness(log().history(), work)] == [("list", NOW)]


@pytest.mark.parametrize("reason", [Reason.MALFORMED, Reason.TLS_ERROR])
def test_what_waiting_does_not_mend_is_told_at_once(reason: Reason) -> None:
    """A corrupt cursor and an authority that expired stay as they are until somebody acts."""
    work = MemoryWork()
    work.schedule([Due("sweep:frequent", "rrn", NOW + 7 * DAY, NOW)])
    found = log(Batch(sweeps=(sweep(["rrn"], NOW),)), Batch(gaps=(gap(NOW + HOUR, reason),))).history()
    assert blind(found, NOW + 2 * HOUR, work) == {"suffixes": f"last success 2024-09-04T15:00:00Z, {reason} since"}
