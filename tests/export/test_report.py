"""The numbers of the report: one sentence with bounds, agreeing with the rows they come from."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import pytest

from tests.export.sample import AS_OF, at, event, told
from tracker.analysis.footing import footing
from tracker.analysis.measurement import measure
from tracker.export.context import Count, ReportContext
from tracker.export.render import html, markdown
from tracker.export.report import report_context, weekly
from tracker.export.windows import summary
from tracker.model.facts import Review
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import Bounds, When
from tracker.model.views import Verdict, Views
from tracker.model.watching import Announcement, Cohort, Source


def test_headline_has_the_primary_figure(context: ReportContext) -> None:
    """The sentence names what was taken down and what came back, own brands and imitated outlets apart."""
    assert context.headline == (
        "By the end of the day after the seizure of 8 domains on 2024-09-04, 4 new names under the same label replaced "
        "4 of the 5 that carried the operation's own brands and no new name under the same label replaced any of the 3 "
        "that imitated an outlet. This is by rules alone: no analyst has judged any of them yet."
    )
    assert [box.value for box in context.boxes] == ["4", "4", "0", "4", "0 of 4"]


def test_bounds_reach_the_sentence() -> None:
    """An appearance that may lie outside the window makes the headline a range."""
    history, views = event()
    wide = tuple(
        replace(row, bounds=Bounds(row.bounds.lo, at("2024-09-07"))) if row.name == "brand4.so" else row
        for row in views.appearances
    )
    views = replace(
        views,
        appearances=wide,
        replacements=tuple(
            replace(row, appearances=tuple(found for found in wide if found.name == row.name))
            for row in views.replacements
        ),
    )
    report = weekly(history, views, "2024-W36", title="t")
    assert "between 3 and 4 new names under the same label replaced 3 to 4 of the 5" in report.headline
    assert report.boxes[0].value == "3 to 4"


def test_windows_repeat_the_measurement(told_event: tuple[History, Views], context: ReportContext) -> None:
    """Every count of the table is a row of the measurement, no more and no less."""
    rows = measure(told_event[0], footing(*told_event, "seizure-1"), basis_name="replay")
    own = {
        (row.cohort, row.window): (row.count_lo, row.count_hi, row.unknown, row.of)
        for row in rows
        if row.basis == "replay"
    }
    shown = {
        (row.cohort, row.window): (row.seen.lo, row.seen.hi, row.unknown, row.of) for row in context.stories[0].windows
    }
    assert shown == own
    claims = {(row.cohort, row.window): row.count_lo for row in rows if row.basis == "claims:either"}
    assert {
        key: row.claimed.hi for row in context.stories[0].windows if row.claimed for key in [(row.cohort, row.window)]
    } == claims
    assert [row.published for row in context.stories[0].windows if row.published] == [3]
    assert [(row.cohort, row.window) for row in context.stories[0].windows if row.primary] == [("own_brand", "1d")]


def test_lab_and_assumptions_are_said(context: ReportContext, told_event: tuple[History, Views]) -> None:
    """A replay says that it is one and what it assumes; live use says neither."""
    assert context.lab
    assert context.assumptions == ("certificates come at once",)
    live = weekly(*told_event, "2024-W36", title="t")
    assert not live.lab
    assert live.assumptions == ()


def test_missed_successors_are_listed(context: ReportContext) -> None:
    """A successor that others published and we do not have is named with who said so."""
    assert [(row.name, row.replaces, row.sources) for row in context.stories[0].missed] == [
        ("brand5.to", "brand1.press", ("meta",))
    ]


def test_questions_have_both_sides(context: ReportContext) -> None:
    """A possible candidate is put to the analyst with the best reason for and against; controls are not."""
    assert [(row.name, row.pro, row.contra) for row in context.questions] == [
        ("brand1.cc", "The label is the same.", "brand1.cc was there before the takedown.")
    ]


def test_survival_is_counted_from_episodes(context: ReportContext) -> None:
    """Alive, gone, too young and unknown add up to the replacements."""
    assert context.stories[0].alive == {
        "own_brand": {"7d": {"yes": 4}, "30d": {"no": 1, "yes": 3}, "90d": {"censored": 3, "no": 1}}
    }


def test_nothing_to_say_is_said() -> None:
    """Without any action there is a sentence, not a zero."""
    empty = report_context(History(as_of=AS_OF), Views(as_of=AS_OF, rules_version=""), None, (), (), (), title="t")
    assert "nothing to count" in empty.headline
    assert empty.boxes == ()


def test_one_domain_nothing_back() -> None:
    """One domain without a replacement gives a sentence in the singular."""
    report = weekly(*told([("only.press", Cohort.OWN_BRAND)], []), "2024-W40", title="t")
    assert "the seizure of 1 domain on 2024-09-04, no new name under the same label replaced the one" in report.headline


def unswept(labels: Collection[str]) -> tuple[History, Views]:
    """The event as if these labels had been in no sweep."""
    history, views = event()
    sweeps = tuple(
        replace(
            sweep,
            coverage=tuple(replace(part, labels=tuple(sorted({*part.labels} - {*labels}))) for part in sweep.coverage),
        )
        for sweep in history.sweeps
    )
    return replace(history, sweeps=sweeps), views


def test_where_nobody_looked_nothing_is_said_to_be_absent() -> None:
    """Zero is a finding only where somebody looked in time; else it is no data, in sentence, box and table."""
    imitated = ["outlet1", "outlet2", "outlet3"]
    report = weekly(*unswept(imitated), "2024-W36", title="t")
    assert "and nobody looked for what replaced the 3 that imitated an outlet. This is" in report.headline
    rows = {(row.cohort, row.window): row for row in report.stories[0].windows}
    assert [rows[cohort, "1d"].unasked for cohort in ("own_brand", "imitated", "all")] == [0, 3, 3]

    report = weekly(*unswept([*imitated, "brand5"]), "2024-W36", title="t")
    assert "For 1 of these 5 nobody looked in that time." in report.headline
    assert "nobody looked for those of 1 in that time" in report.boxes[0].note

    late = told([("only.press", Cohort.OWN_BRAND)], [])
    report = weekly(replace(late[0], sweeps=()), late[1], "2024-W36", title="t")
    assert report.headline == (
        "What came back by the end of the day after the seizure of 1 domain on 2024-09-04 is not known: "
        "nobody looked in that time."
    )
    assert report.boxes[0].value == "no data"
    assert [row.unasked for row in report.churn.first_days if report.churn] == [1, 1]
    assert "| own brands (primary figure) | 1 day | no data | no data |" in markdown(report)
    assert '<td class="n key">no data</td><td class="n">no data</td>' in html(report)


@pytest.mark.parametrize(
    ("told_of", "said"),
    [
        ({"same_label_unknown": 1}, "Of 1 more name it could not be told."),
        ({"same_label_unknown": 2}, "Of 2 more names it could not be told."),
        ({"seen": Count(4, 5)}, "Under other labels there may have been 1 more."),
        ({"seen": Count(5, 6)}, "Under other labels there were 1 to 2 more."),
        ({"unasked": 2}, "For 2 of these 8 nobody looked in that time."),
    ],
)
def test_the_sentence_stands_alone(
    context: ReportContext, told_event: tuple[History, Views], told_of: Mapping[str, object], said: str
) -> None:
    """What is not known, or not counted, follows the count at once: no reader need look further down for it."""
    (story,) = context.stories
    windows = [replace(row, **told_of) if row.primary else row for row in story.windows]  # type: ignore[arg-type]
    (action,) = told_event[0].actions
    sentence = summary(told_event[0], action, windows)
    assert f"any of the 3 that imitated an outlet. {said} This is by rules alone" in sentence


def test_what_is_found_later_is_counted_though_nobody_looked() -> None:
    """Replacements dated by their registration count, and the sentence says that nobody looked."""
    history, views = event()
    report = weekly(replace(history, sweeps=()), views, "2024-W36", title="t")
    assert "4 new names under the same label replaced 4 of the 5" in report.headline
    assert "For 5 of" not in report.headline
    assert "Nobody looked in that time: what is counted is dated by what was learned later." in report.headline


def test_a_later_action_is_no_news_of_the_week(told_event: tuple[History, Views]) -> None:
    """The report of a week before the action says so on top; the action itself is told further down."""
    before = weekly(*told_event, "2024-W35", title="t")
    assert before.headline == "No action with takedowns had been announced by the end of 2024-W35."
    assert [box.label for box in before.boxes] == ["appeared this week", "ended this week", "alive at the end"]
    assert before.stories[0].summary in html(before).replace("<time>", "").replace("</time>", "").replace("&#39;", "'")


def test_boxes_say_what_they_count(context: ReportContext) -> None:
    """Ends by role, the net change, and whose replacements were judged."""
    notes = {box.label: box.note for box in context.boxes}
    assert notes["ended this week"] == "0 replacements, 0 domains of actions"
    assert notes["alive at the end"] == "replacements; 0 when the week began, net +4"
    assert notes["judged by an analyst"] == "replacements after the newest action; they rest on rules alone"


def test_candidates_of_the_week_are_marked_new(told_event: tuple[History, Views]) -> None:
    """An analyst sees which candidates came this week; none waiting is said, not left out."""
    asked = {week: weekly(*told_event, week, title="t") for week in ("2024-W35", "2024-W36")}
    assert [row.new for row in asked["2024-W35"].questions] == [True]
    assert [row.new for row in asked["2024-W36"].questions] == [False]
    assert "1 of them put forward in this week" in html(asked["2024-W35"])
    assert "none of them put forward in this week" in markdown(asked["2024-W36"])
    quiet = weekly(*told([("only.press", Cohort.OWN_BRAND)], []), "2024-W40", title="t")
    assert "No candidate waits for an analyst." in html(quiet) and "No candidate waits for an analyst." in markdown(
        quiet
    )


def test_counts_read_well() -> None:
    """Equal bounds are one number."""
    assert (str(Count(3, 3)), str(Count(3, 5))) == ("3", "3 to 5")


def test_open_windows_say_so() -> None:
    """A window that is not over is marked, so that a small count is not read as a final one."""
    early = event(as_of=at("2024-09-07T12"))
    windows = weekly(*early, "2024-W36", title="t").stories[0].windows
    assert {row.window: row.over for row in windows} == {"1d": True, "2d": True, "8d": False, "30d": False}
    sooner = weekly(*event(as_of=at("2024-09-05T20")), "2024-W36", title="t")
    assert sooner.headline.startswith("So far, before the end of the day after the seizure")
    assert sooner.boxes[0].note.endswith("the day is not over")


def test_what_waits_for_a_person_is_listed() -> None:
    """Announcements that nobody imported, and names that two analysts judged differently; no analyst is named."""
    history, views = event()
    said = [
        Review(
            watch_key="predecessor:brand1.press",
            name=DomainName("brand1.so"),
            verdict=verdict,
            reviewer=who,
            reason="seen",
            at=at(f"2024-09-0{6 + place}"),
        )
        for place, (verdict, who) in enumerate([(Verdict.RULED_OUT, "Zoe"), (Verdict.CONFIRMED, "Udo")])
    ]
    release = Announcement(
        announcement_id="2024-09-09-x",
        title="Court orders domains seized",
        url="https://authority.example/9",
        published=When.of("2024-09-09"),
        authority="DOJ",
        source=Source("releases", "releases"),
    )
    report = weekly(replace(history, reviews=tuple(said), announcements=(release,)), views, "2024-W36", title="t")
    assert [(row.name, row.might_replace, row.verdicts) for row in report.disputed] == [
        ("brand1.so", "brand1.press", ("CONFIRMED", "RULED_OUT"))
    ]
    assert [(row.authority, row.announcement_id) for row in report.announced] == [("DOJ", "2024-09-09-x")]
    for text in (html(report), markdown(report)):
        assert "tracker announcements draft 2024-09-09-x" in text and "CONFIRMED, RULED_OUT" in text
        assert "Zoe" not in text and "Udo" not in text
