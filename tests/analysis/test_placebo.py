"""Placebo dates: nothing happened on them, so next to nothing may be counted."""

import csv
from dataclasses import replace

from tests.analysis.stories import ACTION, story
from tracker.analysis.derivation import Judge
from tracker.analysis.footing import footing
from tracker.analysis.placebo import placebo_dates, placebos
from tracker.analysis.versions import versions
from tracker.export.package import csv_tables
from tracker.export.report import weekly
from tracker.export.selection import Selection, selected
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.history import History
from tracker.model.times import DAY
from tracker.model.views import Views

JUDGE = Judge(Suffixes.bundled())


def derive(history: History) -> Views:
    """The product's own judge."""
    return JUDGE.derive(history)[0]


def test_days_before_the_action_count_nothing() -> None:
    """Four names came back on the first day after the seizure; on each of the days before, by the same rules, none."""
    history = story().history()
    (primary,) = [row for row in versions(footing(history, derive(history), ACTION)) if row.primary]
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


def test_every_action_that_hit_anything_has_its_own_dates() -> None:
    """A second seizure of the same domains a day later, and a mere notice: two actions have dates, the notice none."""
    history = story().history()
    (first,) = history.actions
    again = replace(first, action_id="again", when=replace(first.when, at=first.when.at + DAY))
    notice = replace(first, action_id="notice")
    both = replace(
        history,
        actions=(first, again, notice),
        takedowns=(*history.takedowns, *(replace(row, action_id="again") for row in history.takedowns)),
    )
    found = placebo_dates(both, derive)
    assert list(found) == sorted([ACTION, "again"])
    assert found[ACTION] == placebos(history, derive, ACTION)
    assert {row.day - other.day for row, other in zip(found["again"], found[ACTION], strict=False)} == {DAY}


def test_report_and_package_say_the_same() -> None:
    """The dates of the page are the rows of `placebo_dates`; without a judge the table is there and empty."""
    history = story().history()
    views = derive(history)
    shown = selected(history, views, Selection(derive=derive))
    rows = list(csv.DictReader(csv_tables(shown)["placebo_dates"][1].decode().splitlines()))
    told = weekly(history, views, "2024-W11", title="t", derive=derive).stories[0].placebos
    assert [(row["day"][:10], int(row["count_lo"]), int(row["count_hi"])) for row in rows] == [
        (f"{row.day:%Y-%m-%d}", row.count_lo, row.count_hi) for row in told
    ]
    assert len(rows) == 4
    assert csv_tables(selected(history, views))["placebo_dates"][0] == 0
