"""Two actions side by side: same length of follow-up, nothing later, no test between them."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest

from tests.export.sample import ACTION, ANNOUNCED, event
from tracker.analysis.comparison import LATER, ComparedRow, Comparison, Reading, compare
from tracker.analysis.displacement import replacements
from tracker.model.history import History
from tracker.model.times import When
from tracker.model.views import Views

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
    assert cell(found, "domains with a replacement").first == Reading(4, 4)
    middle = cell(found, "days to the first replacement, median over domains").first
    assert middle.lo is not None and middle.hi is not None
    assert 0 < middle.hi < 2
    none = cell(found, "days to the first replacement, median over domains", "imitated").first
    assert none == Reading(LATER, LATER)


def test_unequal_looking_is_said() -> None:
    """When one action's domains were looked at more than twice as often, the comparison says so."""
    history, views = two_actions(10)
    assert not compare(history, views, ACTION, LATE).cadence_differs
    quiet = {
        name: tuple(replace(span, looks=span.looks[:2]) for span in spans) for name, spans in history.spans.items()
    }
    assert compare(replace(history, spans=quiet), views, ACTION, LATE).cadence_differs


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
