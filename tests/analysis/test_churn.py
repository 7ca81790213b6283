"""The churn of one ISO week."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.analysis.histories import Story, at
from tests.analysis.results import judged
from tracker.analysis.changes import changes
from tracker.analysis.churn import ChurnWeek, churn, week_bounds, week_of
from tracker.model.facts import CanaryResult, Gap, Layer, Presence, Reason, Run
from tracker.model.history import History
from tracker.model.views import Verdict
from tracker.model.watching import Cohort

RRN, UKRLM = "predecessor:rrn.media", "predecessor:ukrlm.info"
LIKELY = {(RRN, "rrn.so"): Verdict.LIKELY, (RRN, "rrn.cc"): Verdict.LIKELY, (UKRLM, "ukrlm.so"): Verdict.LIKELY}


def seized() -> Story:
    """Seized on 4 September (W36); rrn.so comes in W36, rrn.cc in W36 or W37, ukrlm.so dies in W37."""
    story = Story(as_of=at("2024-09-16"))
    story.predecessor("rrn.media", "2024-08-28")
    story.predecessor("ukrlm.info", "2024-08-28", Cohort.IMITATED)
    story.action("a", "2024-09-04")
    story.taken("a", "rrn.media", "ukrlm.info")
    story.sweep("2024-09-05", ["rrn", "ukrlm"], ["so", "cc"])
    story.look("rrn.so", "delegation", ["2024-09-05T10:00", "2024-09-15"])
    story.look("rrn.cc", "delegation", ["2024-09-09T10:00", "2024-09-15"])
    story.look("ukrlm.so", "delegation", ["2024-09-06", "2024-09-10"])
    story.look("rrn.cc", "delegation", "2024-09-06", Presence.INDETERMINATE)
    story.look("ukrlm.so", "delegation", ["2024-09-11", "2024-09-12"], Presence.ABSENT)
    return story


Told = dict[str, tuple[list[tuple[str, bool]], list[tuple[str, bool]], list[tuple[int, int]]]]


def numbers(week: ChurnWeek) -> list[tuple[int, int]]:
    """Alive before, alive after and net change, each with its bounds."""
    return [
        (week.alive_before_lo, week.alive_before_hi),
        (week.alive_after_lo, week.alive_after_hi),
        (week.net_lo, week.net_hi),
    ]


def weeks(history: History) -> Told:
    """Per week what appeared and ended (with certainty), and alive before, after, net bounds."""
    views = judged(history, LIKELY)
    rows = {week: churn(history, views, week) for week in ("2024-W35", "2024-W36", "2024-W37", "2024-W38")}
    return {
        week: (
            [(row.name, row.certain) for row in shown.appeared],
            [(row.name, row.certain) for row in shown.ended],
            numbers(shown),
        )
        for week, shown in rows.items()
    }


def test_names_are_counted_in_the_weeks_that_their_bounds_allow() -> None:
    """Certain inside one week, possible in both when the bounds span the turn of the week."""
    told = weeks(seized().history())
    assert told["2024-W35"] == ([], [], [(0, 0), (0, 0), (0, 0)])
    assert told["2024-W36"] == ([("rrn.so", True), ("ukrlm.so", True), ("rrn.cc", False)], [], [(0, 0), (2, 3), (2, 3)])
    assert told["2024-W37"] == ([("rrn.cc", False)], [("ukrlm.so", True)], [(2, 3), (2, 2), (-1, 0)])
    assert told["2024-W38"] == ([], [], [(2, 2), (2, 2), (0, 0)])


def test_a_second_life_counts_where_it_begins_and_ends() -> None:
    """ukrlm.so dies in W37 and is back in W38: nothing appeared, and one more is alive."""
    story = seized()
    story.as_of = at("2024-09-23")
    story.look("ukrlm.so", "delegation", "2024-09-16T12:00", Presence.ABSENT)
    story.look("ukrlm.so", "delegation", ["2024-09-17", "2024-09-22"])
    history = story.history()
    shown = churn(history, judged(history, LIKELY), "2024-W38")
    assert shown.appeared == ()
    assert numbers(shown) == [(2, 2), (3, 3), (1, 1)]


def test_an_end_that_may_lie_before_the_week_can_only_take_away() -> None:
    """Alive on 7 September and gone by 12: whether it was alive when W37 began is open, that it did not come is not."""
    story = seized()
    story.look("rrn.to", "delegation", ["2024-09-05T10:00", "2024-09-07"])
    story.look("rrn.to", "delegation", ["2024-09-12", "2024-09-13"], Presence.ABSENT)
    history = story.history()
    shown = churn(history, judged(history, {(RRN, "rrn.to"): Verdict.LIKELY}), "2024-W37")
    assert numbers(shown) == [(0, 1), (0, 0), (-1, 0)]


def test_a_name_without_a_lower_bound_is_listed_once() -> None:
    """In the week of its first proof, never as certain; else it would be news in every earlier week."""
    story = seized()
    story.look("rrn.pw", "delegation", "2024-09-12")
    history = story.history()
    views = judged(history, {(RRN, "rrn.pw"): Verdict.LIKELY, (RRN, "rrn.to"): Verdict.LIKELY})
    listed = {week: churn(history, views, week).appeared for week in ("2024-W36", "2024-W37", "2024-W38")}
    assert [(week, row.name, row.certain) for week, rows in listed.items() for row in rows] == [
        ("2024-W37", "rrn.pw", False)
    ]


def test_a_predecessor_that_ends_is_listed_and_not_netted() -> None:
    """The seizure of the old name is an end in the report, but no loss among the replacements."""
    story = seized()
    story.look("rrn.media", "delegation", "2024-09-01", ns="ns1.host.example")
    story.look("rrn.media", "delegation", "2024-09-05", ns="ns1.fbi.seized.gov")
    history = story.history()
    shown = churn(history, judged(history, LIKELY), "2024-W36")
    assert [(row.name, row.role, row.ending, row.certain) for row in shown.ended] == [
        ("rrn.media", "predecessor", "seized", False)
    ]
    assert shown.net_lo == 2


def test_first_days_of_open_actions_are_shown_by_cohort() -> None:
    """Bounds out of the seized names, from the week of the action until nobody looks daily any more."""
    history = seized().history()
    views = judged(history, LIKELY)
    rows = churn(history, views, "2024-W36").first_days
    assert [(row.cohort, row.count_lo, row.count_hi, row.of) for row in rows] == [
        ("own_brand", 1, 2, 1),
        ("imitated", 1, 1, 1),
        ("all", 2, 3, 2),
    ]
    assert churn(history, views, "2024-W35").first_days == ()
    assert churn(history, views, "2025-W06").first_days == ()


def test_reviewed_and_machine_only_divide_the_names() -> None:
    """A headline says how many of its names a person has looked at."""
    history = seized().history()
    for reviewed, expected in ((True, (3, 0)), (False, (0, 3))):
        shown = churn(history, judged(history, LIKELY, reviewed), "2024-W36")
        assert (shown.reviewed, shown.machine_only) == expected


def test_changes_since_the_last_report_are_told() -> None:
    """New, withdrawn, regraded, moved, ended and revived names; without the last report nothing is claimed."""
    story = seized()
    history = story.history()
    before = judged(
        story.history(at("2024-09-09")), {(RRN, "rrn.so"): Verdict.LIKELY, (UKRLM, "ukrlm.so"): Verdict.LIKELY}
    )
    assert churn(history, before, "2024-W37").changes is None
    assert churn(history, before, "2024-W37", previous=before).changes == ()
    after = judged(history, {**LIKELY, (RRN, "rrn.so"): Verdict.CONFIRMED, (RRN, "rrn.cc"): Verdict.LIKELY})
    told = churn(history, after, "2024-W37", previous=before).changes
    assert told is not None
    assert [(row.name, row.what, row.before, row.after) for row in told] == [
        ("rrn.cc", "new", "", "LIKELY"),
        ("rrn.so", "verdict", "LIKELY", "CONFIRMED"),
        ("ukrlm.so", "ended", "", "unknown 2024-09-10T00:00:00Z/2024-09-11T00:00:00Z"),
    ]
    back = [(row.name, row.what, row.after) for row in changes(after, before, Layer.DELEGATED)]
    assert ("rrn.cc", "withdrawn", "") in back


def test_a_corrected_bound_and_a_revival_are_changes() -> None:
    """A certificate read late moves an appearance; a name that came back is told as such."""
    story = seized()
    before = judged(story.history(), LIKELY)
    story.logged(RRN, "rrn.so", "2024-09-05T09:00")
    story.look("ukrlm.so", "delegation", "2024-09-14")
    told = {(row.name, row.what): row for row in changes(before, judged(story.history(), LIKELY), Layer.DELEGATED)}
    moved = told[("rrn.so", "appearance")]
    assert moved.before.endswith("/2024-09-05T10:00:00Z") and moved.after.endswith("/2024-09-05T09:00:00Z")
    assert told[("ukrlm.so", "revived")].after == "2024-09-12T00:00:00Z/2024-09-14T00:00:00Z"


def test_data_quality_counts_what_was_looked_at() -> None:
    """Looks and those that told nothing, sweeps, suffixes without a canary, gaps clipped and counted once."""
    story = seized()
    story.sweep("2024-09-07", ["rrn"], ["cc", "ws"], canary=CanaryResult.WILDCARD)
    for first, last in (("2024-09-01", "2024-09-03"), ("2024-09-02T12:00", "2024-09-04"), ("2024-09-08", "2024-09-12")):
        story.gaps.append(Gap(source="rdap", scope="", first=at(first), last=at(last), reason=Reason.RATE_LIMITED))
    history = story.history()
    shown = churn(history, judged(history, LIKELY), "2024-W36").quality
    assert (shown.looks, shown.indeterminate_looks, shown.indeterminate_share) == (3, 1, 1 / 3)
    assert (shown.sweeps, shown.labels_swept, shown.suffixes_swept, shown.suffixes_failed) == (2, 2, 2, 1)
    (gaps,) = shown.gaps
    assert (gaps.source, gaps.gaps, gaps.hours, gaps.reasons) == ("rdap", 3, 72.0, ("rate_limited",))


def test_data_quality_sets_what_was_due_beside_what_was_done() -> None:
    """Watched names that were asked and those that told something; names that are gone are not due every week."""
    story = seized()
    for name, presence in (("gone.press", Presence.ABSENT), ("mute.press", Presence.INDETERMINATE)):
        story.predecessor(name, "2024-08-01")
        story.look(name, "delegation", "2024-08-20", presence)
    story.look("mute.press", "delegation", "2024-09-03", Presence.INDETERMINATE)
    history = story.history()
    named = [watch for watch in history.watches if watch.name is not None]
    shown = churn(history, judged(history, LIKELY), "2024-W36").quality
    assert (shown.names_due, shown.names_looked_at, shown.names_told) == (len(named) - 1, 1, 0)


def test_days_on_which_nothing_ran_are_counted() -> None:
    """A stretch without runs is a gap that no source reports."""
    ran = [
        Run(run_id=day, stage="observe", started_at=at(day), vantage="lab", versions={})
        for day in ("2024-09-02", "2024-09-03T12", "2024-09-07")
    ]
    history = replace(seized().history(), runs=tuple(ran))
    shown = churn(history, judged(history, LIKELY), "2024-W36").quality
    assert (shown.days, shown.idle_days) == (7, 4)


def test_the_coverage_of_certificate_logs_is_told() -> None:
    """Names that logs put forward, the logs that could not be read and for how long; or that none ever was."""
    story = seized()
    history = story.history()
    assert not churn(history, judged(history, LIKELY), "2024-W36").quality.certificates.on_record
    story.gaps.append(
        Gap(
            source="certificates",
            scope="log.example/2024h2",
            first=at("2024-09-05"),
            last=at("2024-09-05T06"),
            reason=Reason.UNREACHABLE,
        )
    )
    history = story.history()
    logs = churn(history, judged(history, LIKELY), "2024-W36").quality.certificates
    assert logs.on_record and logs.found == 0
    assert [(row.source, row.hours, row.reasons) for row in logs.unread] == [
        ("log.example/2024h2", 6.0, ("unreachable",))
    ]


def test_a_week_without_looks_says_no_data() -> None:
    """An empty week has no share of failed looks, not a share of zero, and lists nothing."""
    history = seized().history()
    shown = churn(history, judged(history, LIKELY), "2024-W30")
    assert shown.quality.indeterminate_share is None and shown.quality.looks == 0
    assert shown.appeared == shown.ended == shown.quality.gaps == ()


def test_a_week_in_progress_is_partial() -> None:
    """What is alive is told as of the last row, not of the week's end to come."""
    history = seized().history(at("2024-09-11T12:00"))
    shown = churn(history, judged(history, LIKELY), "2024-W37")
    assert shown.partial and (shown.alive_after_lo, shown.alive_after_hi) == (3, 3)
    assert not churn(history, judged(history, LIKELY), "2024-W36").partial


@pytest.mark.parametrize(
    ("moment", "week"), [("2024-09-04", "2024-W36"), ("2024-12-30", "2025-W01"), ("2027-01-03T23:59", "2026-W53")]
)
def test_weeks_are_iso_weeks(moment: str, week: str) -> None:
    """The week of a moment contains it, from Monday 00:00 UTC on for seven days."""
    first, last = week_bounds(week)
    assert week_of(at(moment)) == week and first <= at(moment) < last
    assert first.weekday() == 0 and last - first == timedelta(days=7)


@pytest.mark.parametrize("text", ["2024-36", "2024-W54", "W36", "2024-W3", "2024-W36 ", "２０２４-W36"])
def test_anything_else_is_no_week(text: str) -> None:
    """A week that cannot be read is refused."""
    with pytest.raises(ValueError):
        week_bounds(text)
