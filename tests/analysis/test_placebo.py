"""Placebo dates: nothing happened on them, so next to nothing may be counted."""

from dataclasses import replace

from tests.analysis.stories import ACTION, story
from tracker.analysis.derivation import Judge
from tracker.analysis.placebo import placebos
from tracker.analysis.versions import versions
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.history import History
from tracker.model.views import Views

JUDGE = Judge(Suffixes.bundled())


def derive(history: History) -> Views:
    """The product's own judge."""
    return JUDGE.derive(history)[0]


def test_days_before_the_action_count_nothing() -> None:
    """Four names came back on the first day after the seizure; on each of the days before, by the same rules, none."""
    history = story().history()
    (primary,) = [row for row in versions(history, derive(history), ACTION) if row.primary]
    assert primary.count_hi > 0
    found = placebos(history, derive, ACTION)
    assert [f"{row.day:%Y-%m-%d}" for row in found] == ["2024-03-02", "2024-03-04", "2024-03-06", "2024-03-08"]
    assert {(row.count_lo, row.count_hi) for row in found} == {(0, 0)}


def test_a_placebo_date_can_count() -> None:
    """Had the wave come two days after a placebo date, it would be counted there: the check can fail."""
    history = story().history()
    late = replace(
        history,
        actions=tuple(replace(row, when=replace(row.when, at=row.when.at.replace(day=14))) for row in history.actions),
    )
    assert max(row.count_hi for row in placebos(late, derive, ACTION)) > 0


def test_without_looks_before_there_is_no_placebo() -> None:
    """An action that became known only afterwards has no day of comparison; none is made up."""
    history = story().history()
    assert placebos(replace(history, sweeps=()), derive, ACTION) == ()
