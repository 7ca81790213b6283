"""What a report says of its own reliability: reviews lead, corrections and errata are told, sources have an age."""

from dataclasses import replace

import pytest

from tests.analysis.test_retractions import taken_back
from tests.export.sample import at, event
from tracker.analysis.retractions import What
from tracker.export.context import Count, ReportContext
from tracker.export.identity import domain_id
from tracker.export.lasting import Lasting
from tracker.export.lifetable import Lifespan, life_table
from tracker.export.render import ages, html, lived, markdown
from tracker.export.report import weekly
from tracker.model.acts import Complaint
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import When
from tracker.model.views import Verdict, Views


def reviewed(*names: str) -> tuple[History, Views]:
    """The sample with an analyst's agreement on these names."""
    history, views = event()
    return history, replace(
        views,
        replacements=tuple(replace(row, reviewed=row.name in names) for row in views.replacements),
        assessments=tuple(replace(row, reviewed=row.name in names) for row in views.assessments),
    )


def test_reviewed_names_lead() -> None:
    """With two of four reviewed the sentence and the first box count two, and say what the rules alone give."""
    report = weekly(*reviewed("brand1.so", "brand3.so"), "2024-W36", title="t")
    assert "2 new names under the same label replaced 2 of the 5" in report.headline
    assert report.headline.endswith("by rules alone it would be 4.")
    assert (report.boxes[0].value, "by rules alone 4" in report.boxes[0].note) == ("2", True)
    row = next(row for row in report.stories[0].windows if row.primary)
    assert (row.seen, row.reviewed) == (Count(4, 4), Count(2, 2))
    assert (report.stories[0].reviewed, report.stories[0].machine_only) == (2, 2)


def test_what_analysts_do_not_agree_with_is_counted_apart() -> None:
    """One ruled out that the rules call a replacement: the rules' own number stays what it was without analysts."""
    history, views = reviewed("brand1.so")
    views = replace(
        views,
        assessments=tuple(
            replace(row, verdict=Verdict.RULED_OUT, reviewed=True) if row.name == "brand3.so" else row
            for row in views.assessments
        ),
        replacements=tuple(row for row in views.replacements if row.name != "brand3.so"),
    )
    report = weekly(history, views, "2024-W36", title="t")
    assert report.headline.endswith("by rules alone it would be 4. Analysts did not agree with the rules on 1.")
    assert report.boxes[0].value == "1"
    assert "1 that the rules call one were not held to be" in report.boxes[-1].note
    nobody = replace(
        views,
        assessments=tuple(replace(row, reviewed=row.name == "brand3.so") for row in views.assessments),
        replacements=tuple(replace(row, reviewed=False) for row in views.replacements),
    )
    headline = weekly(history, nobody, "2024-W36", title="t").headline
    assert "no analyst has called any of them a replacement yet" in headline


def test_complaints_stand_beside_the_ends_that_follow() -> None:
    """Newest first; an end before the complaint is not shown, and no cause is claimed."""
    history, views = event()
    told = Complaint(
        name=DomainName("brand2.so"), reported_to="=Registrar", channel="mail", reported=When.of("2024-09-10")
    )
    late = replace(told, reported=When.of("2024-10-10"), reported_by="a newsroom", answer="no", answered=told.reported)
    report = weekly(replace(history, complaints=(told, late)), views, "2024-W38", title="t")
    assert [(row.reported, row.ended is not None) for row in report.reported] == [
        ("2024-10-10", False),
        ("2024-09-10", True),
    ]
    for text in (html(report), markdown(report)):
        assert "Reported to somebody who can act" in text
        assert "a newsroom" in text and "not since" in text
        assert "not thereby explained" in text


def test_nothing_reviewed_is_said(context: ReportContext) -> None:
    """The rules' number is not passed off as anybody's judgement."""
    assert "no analyst has judged any of them" in context.headline
    assert "none reviewed" in context.boxes[0].note


def test_errata_name_nobody_again() -> None:
    """A withdrawal of the week is told by id and kind; an earlier one is not told again."""
    history, views = event()
    rows = (
        taken_back("brand2.so", What.NAME, day="2024-09-12"),
        taken_back("brand1.so", What.DATE, "meta", day="2024-09-13"),
    )
    report = weekly(replace(history, reviews=rows), views, "2024-W37", title="t")
    assert [(row.what, row.domain_id) for row in report.errata] == [
        ("name", domain_id("brand2.so")),
        ("date", domain_id("brand1.so")),
    ]
    for text in (html(report), markdown(report)):
        assert domain_id("brand2.so") in text
        assert "brand2[.]so" not in text
    assert weekly(replace(history, reviews=rows), views, "2024-W39", title="t").errata == ()


def test_late_discoveries_are_corrections(told_event: tuple[History, Views]) -> None:
    """A name of an earlier week that the last report did not have is a correction; one of this week is news."""
    history, views = told_event
    before = replace(views, replacements=tuple(row for row in views.replacements if row.name != "brand4.so"))
    same = weekly(history, views, "2024-W36", title="t", previous=before)
    later = weekly(history, views, "2024-W37", title="t", previous=before)
    assert same.corrections == ()
    assert later.corrections is not None
    assert [(row.name, row.what) for row in later.corrections] == [("brand4.so", "new")]
    assert weekly(history, views, "2024-W37", title="t").corrections is None


def test_sources_have_an_age(context: ReportContext) -> None:
    """Each probe, sweep and source is listed with its newest word and what it did in the week."""
    rows = {row.source: row for row in context.freshness}
    assert set(rows) >= {"probe delegation", "probe registration", "sweep suffixes", "found by suffixes"}
    assert rows["sweep suffixes"].in_week == 2
    assert rows["probe delegation"].newest > at("2024-10-12")


DAY = 86_400
LONG = [*[Lifespan(0, DAY, True)] * 6, *[Lifespan(0, 40 * DAY, False)] * 6]


@pytest.mark.parametrize(
    ("shortest", "longest", "median", "mean", "held"),
    [
        (LONG, LONG, "24.0 h", "15.5 d", "birth to 40.0 d"),
        (LONG, LONG[5:], "24.0 h to longer than 40.0 d", "15.5 d to 25.9 d", "birth to 40.0 d"),
        (LONG[:4], LONG[:4], *["too few under watch at any age"] * 2, "none"),
        (
            [Lifespan(75 * DAY, 80 * DAY, True)] * 5,
            LONG[:6],
            "too few under watch before 75.0 d; 24.0 h",
            "too few under watch before 75.0 d; 24.0 h",
            "75.0 d to the end; birth to the end",
        ),
    ],
)
def test_two_readings_of_how_long_they_last(
    shortest: list[Lifespan], longest: list[Lifespan], median: str, mean: str, held: str
) -> None:
    """One number where the readings agree, and in the place of a number that there is not the reason."""
    lower, upper = life_table(shortest), life_table(longest)
    group = Lasting(
        role="replacement",
        cohort="own_brand",
        episodes=12,
        alive=6,
        late=0,
        ageless=0,
        shortest=lower.steps,
        longest=upper.steps,
        npmle=(),
        known_lo=lower.known,
        known_hi=upper.known,
        median_lo=lower.median,
        median_lo_why=lower.median_why,
        median_hi=upper.median,
        median_hi_why=upper.median_why,
        mean_30d_lo=lower.mean_30d,
        mean_30d_lo_why=lower.mean_30d_why,
        mean_30d_hi=upper.mean_30d,
        mean_30d_hi_why=upper.mean_30d_why,
        at_risk=(),
        incidence={},
        endings={},
    )
    assert (lived(group, "median"), lived(group, "mean_30d"), ages(group)) == (median, mean, held)
