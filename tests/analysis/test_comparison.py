"""Two actions side by side: same length of follow-up, nothing later, no test between them."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.histories import at
from tests.export.sample import ACTION, ANNOUNCED, event
from tracker.analysis.cadence import Band, Grid, grids, widened
from tracker.analysis.comparison import ComparedRow, Comparison, Reading, compare
from tracker.analysis.displacement import replacements
from tracker.analysis.lags import LATER
from tracker.model.history import History
from tracker.model.times import Bounds, When
from tracker.model.views import Verdict, Views

LATE = "seizure-2"


def two_actions(days: int) -> tuple[History, Views]:
    """The sample with a second action against the same domains, so many days later."""
    history, views = event()
    action = replace(history.actions[0], action_id=LATE, when=When(ANNOUNCED + timedelta(days=days)))
    again = tuple(replace(row, action_id=LATE) for row in history.takedowns)
    history = replace(history, actions=(*history.actions, action), takedowns=(*history.takedowns, *again))
    rows = replacements(history, views.candidates, views.assessments, views.appearances)
    return history, replace(views, replacements=rows)


def cell(found: Comparison, figure: str, cohort: str = "own_brand") -> ComparedRow:
    """One row."""
    return next(row for row in found.rows if (row.figure, row.cohort) == (figure, cohort))


def test_follow_up_is_that_of_the_shorter() -> None:
    """An action ten days younger cuts both to its own length, to the day."""
    history, views = two_actions(10)
    found = compare(history, views, ACTION, LATE)
    assert found.follow_up == (views.as_of - ANNOUNCED).days - 10 - 1
    assert compare(history, views, LATE, ACTION).follow_up == found.follow_up
    assert not [row for row in found.rows if "within 30 d" in row.figure]


def test_counts_are_those_of_each_action() -> None:
    """Four names answered the first action within a day; before the second they were there already."""
    found = compare(*two_actions(10), ACTION, LATE)
    row = cell(found, "new names within 1 d")
    assert (row.first, row.second) == (Reading(4, 4), Reading(0, 0))
    assert cell(found, "domains hit", "imitated").first == Reading(3, 3)
    assert cell(found, "per domain hit within 1 d").first == Reading(0.8, 0.8)
    answered = cell(found, f"domains with a replacement within {found.follow_up} d")
    assert (answered.first, answered.second) == (Reading(4, 4), Reading(0, 0)), "no later action is answered by them"
    middle = cell(found, "days to the first replacement, median over domains").first
    assert middle.lo is not None and middle.hi is not None
    assert 0 < middle.hi < 2
    none = cell(found, "days to the first replacement, median over domains", "imitated").first
    assert none == Reading(LATER, LATER)


def test_unequal_looking_is_said_whenever_it_widens_a_bound() -> None:
    """Of one day alike; ten days later the first day was looked at every six hours and not eleven: read as eleven."""
    assert not compare(*two_actions(0), ACTION, LATE).cadence_differs
    found = compare(*two_actions(10), ACTION, LATE)
    looks = cell(found, "hours between looks, day 0 to 1", "")
    assert (looks.first.lo, looks.second.lo, found.cadence_differs) == (11, 6, True)


def test_there_is_no_p_value() -> None:
    """Nothing in the result can be read as a test."""
    names = {field.name for kind in (Comparison, ComparedRow, Reading) for field in fields(kind)}
    assert not names & {"p", "p_value", "chi2", "ci_lo", "ci_hi"}


def test_an_action_is_not_compared_with_itself() -> None:
    """Nor with one that does not exist."""
    with pytest.raises(ValueError, match="itself"):
        compare(*two_actions(10), ACTION, ACTION)
    with pytest.raises(KeyError):
        compare(*two_actions(10), ACTION, "no-such")


def test_the_closer_watched_is_read_at_the_cadence_of_the_other() -> None:
    """Hourly looks told the hour; where the other action was looked at daily, only the day may be told of either."""
    daily = (Band(0, 1, timedelta(hours=24)), Band(1, 3, timedelta(hours=24)))
    hourly = (Band(0, 1, timedelta(hours=1)), Band(1, 3, timedelta(hours=22)))
    steps = grids(hourly, daily)
    assert [grid.step for grid in steps] == [timedelta(hours=24), None]
    assert [grid.step for grid in grids(daily, hourly)] == [None, None]
    narrow = Bounds(at("2024-09-04T13"), at("2024-09-04T14"))
    assert widened(narrow, ANNOUNCED, steps) == Bounds(at("2024-09-04"), at("2024-09-05"))
    later = Bounds(at("2024-09-05T13"), at("2024-09-06T11"))
    assert widened(later, ANNOUNCED, steps) == later


def test_a_band_in_which_one_was_not_looked_at_tells_its_edges_alone() -> None:
    """An action found three days late knows nothing of its first day; nor may the other, in a comparison."""
    steps = grids((Band(0, 1, timedelta(hours=1)),), (Band(0, 1, None),))
    assert widened(Bounds(at("2024-09-04T13"), at("2024-09-04T14")), ANNOUNCED, steps) == Bounds(
        at("2024-09-04"), at("2024-09-05")
    )


@given(st.integers(0, 80 * 3600), st.integers(0, 30 * 3600), st.integers(600, 40 * 3600), st.sampled_from([1, 3, 14]))
def test_widening_never_narrows(lo: int, width: int, step: int, last: int) -> None:
    """Whatever the grid, what was possible stays possible, and doing it again changes nothing."""
    steps = (Grid(timedelta(0), timedelta(days=last), timedelta(seconds=step)),)
    bounds = Bounds(ANNOUNCED + timedelta(seconds=lo), ANNOUNCED + timedelta(seconds=lo + width))
    wide = widened(bounds, ANNOUNCED, steps)
    assert wide.lo <= bounds.lo
    assert wide.hi >= bounds.hi
    assert widened(wide, ANNOUNCED, steps) == wide


def test_the_level_decides_who_is_counted() -> None:
    """A POSSIBLE candidate counts from POSSIBLE up; CONFIRMED counts reviewed names alone; RULED_OUT is no level."""
    history, views = two_actions(10)
    assert cell(compare(history, views, ACTION, LATE, level=Verdict.CONFIRMED), "new names within 1 d").first.hi == 0
    assert cell(compare(history, views, ACTION, LATE), "new names within 1 d").first.hi == 4
    weaker = replace(
        views,
        assessments=tuple(
            replace(row, verdict=Verdict.POSSIBLE) if row.name == "brand1.so" else row for row in views.assessments
        ),
    )
    assert cell(compare(history, weaker, ACTION, LATE), "new names within 1 d").first.hi == 3
    assert cell(compare(history, weaker, ACTION, LATE, level=Verdict.POSSIBLE), "new names within 1 d").first.lo == 4
    with pytest.raises(ValueError, match="no level"):
        compare(history, views, ACTION, LATE, level=Verdict.RULED_OUT)
