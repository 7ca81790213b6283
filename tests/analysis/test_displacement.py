"""Displacement: curves, lags and coverage of one action."""

from datetime import timedelta

import pytest

from tests.analysis.histories import Story, at
from tests.analysis.results import judged
from tracker.analysis.displacement import COHORTS, Step, count_at, displacement, displacements
from tracker.model.facts import Layer
from tracker.model.times import Bounds
from tracker.model.views import Verdict
from tracker.model.watching import Cohort

HOUR = timedelta(hours=1)


def seized() -> Story:
    """Three names seized on 4 September at 15:00; two labels come back, one of them twice and once in advance."""
    story = Story(as_of=at("2024-10-14"))
    story.predecessor("rrn.media", "2024-08-28")
    story.predecessor("ukrlm.info", "2024-08-28")
    story.predecessor("bild.work", "2024-08-28", Cohort.IMITATED)
    story.action("a", "2024-09-04T15:00")
    story.taken("a", "rrn.media", "ukrlm.info", "bild.work")
    story.sweep("2024-09-04T16:00", ["rrn", "ukrlm"], ["so", "cc"])
    story.look("rrn.so", "delegation", "2024-09-05T10:00")
    story.sweep("2024-09-05T09:00", ["rrn"], ["so"])
    story.look("rrn.cc", "delegation", "2024-09-05T12:00")
    story.sweep("2024-08-30", ["ukrlm"], ["to"])
    story.look("ukrlm.to", "delegation", "2024-08-31")
    return story


VERDICTS = {
    ("predecessor:rrn.media", "rrn.so"): Verdict.LIKELY,
    ("predecessor:rrn.media", "rrn.cc"): Verdict.CONFIRMED,
    ("predecessor:ukrlm.info", "ukrlm.to"): Verdict.LIKELY,
    ("predecessor:ukrlm.info", "ukrlm.cc"): Verdict.POSSIBLE,
}


def test_curves_step_at_the_bounds() -> None:
    """Lower steps where a name was proved, upper where it was last absent; older names are in neither."""
    history = seized().history()
    shown = displacement(history, judged(history, VERDICTS), "a")
    assert shown.origin == Bounds(at("2024-09-04T15:00"), at("2024-09-04T15:00"))
    assert shown.lower == (Step(at("2024-09-05T10:00"), 1), Step(at("2024-09-05T12:00"), 2))
    assert shown.upper == (Step(at("2024-09-04T16:00"), 1), Step(at("2024-09-05T09:00"), 2))
    assert [count_at(shown.lower, at(f"2024-09-05T{hour}:00")) for hour in ("09", "10", "11", "12")] == [0, 1, 1, 2]
    assert (shown.of, shown.covered_lo, shown.covered_hi) == (3, 1, 1)
    assert (shown.ratio_lo, shown.ratio_hi) == (2 / 3, 2 / 3)


def test_lags_include_names_registered_in_advance_and_none_yet() -> None:
    """Negative where the name came first, None where nothing came by `followed`, the earliest where several came."""
    history = seized().history()
    lags = {row.predecessor: row for row in displacement(history, judged(history, VERDICTS), "a").lags}
    rrn, ukrlm, bild = lags["rrn.media"], lags["ukrlm.info"], lags["bild.work"]
    assert (rrn.name, rrn.lo, rrn.hi) == ("rrn.so", HOUR, 19 * HOUR)
    assert (ukrlm.name, ukrlm.hi) == ("ukrlm.to", -(15 + 4 * 24) * HOUR)
    assert (bild.name, bild.lo, bild.hi, bild.followed) == (None, None, None, at("2024-10-14"))


def test_a_lag_without_a_known_absence_is_unbounded_below() -> None:
    """A name that nobody could ask about before may have been there: the lower end is open."""
    story = seized()
    story.look("rrn.pw", "delegation", "2024-09-06")
    history = story.history()
    views = judged(history, {**VERDICTS, ("predecessor:rrn.media", "rrn.pw"): Verdict.LIKELY})
    lag = next(row for row in displacement(history, views, "a").lags if row.predecessor == "rrn.media")
    assert (lag.name, lag.lo, lag.hi) == ("rrn.so", None, 19 * HOUR)
    assert displacement(history, views, "a").upper[0] == Step(at("2024-09-04T15:00"), 1)


def test_replacements_carry_what_they_rest_on() -> None:
    """One row per predecessor and name with a verdict of at least LIKELY; the appearances of all layers; sorted."""
    history = seized().history()
    rows = judged(history, VERDICTS).replacements
    assert [(row.predecessor, row.name) for row in rows] == [
        ("rrn.media", "rrn.cc"),
        ("rrn.media", "rrn.so"),
        ("ukrlm.info", "ukrlm.to"),
    ]
    assert {row.cohort for row in rows} == {Cohort.OWN_BRAND}
    assert [row.layer for row in rows[0].appearances] == list(Layer)


def test_a_watch_without_a_takedown_has_no_replacements() -> None:
    """What nobody took down cannot be replaced; protected brands are no predecessors."""
    story = Story(as_of=at("2024-10-14"))
    keys = [story.predecessor("rrn.so", "2024-09-05", generation=2), story.protected("bild.de", "2024-09-05")]
    history = story.history()
    assert judged(history, {(key, "rrn.su"): Verdict.CONFIRMED for key in keys}).replacements == ()


def test_every_action_and_cohort_has_a_displacement() -> None:
    """By action and in the order of the cohorts, zero counts included; an unknown action is an error."""
    history = seized().history()
    views = judged(history, {})
    assert [(row.action_id, row.cohort, row.of) for row in displacements(history, views)] == [
        ("a", cohort, of) for cohort, of in zip(COHORTS, (2, 1, 3), strict=True)
    ]
    with pytest.raises(KeyError):
        displacement(history, views, "b")
