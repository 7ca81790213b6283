"""What a replay says: the caveat first, one number where the bounds meet, and what it cannot see."""

from dataclasses import replace

import pytest

from tests.lab.test_scoring import NOW, ROW
from tracker.analysis.measurement import PublishedFigure
from tracker.lab import outcome
from tracker.lab.replay import Replay
from tracker.lab.scenariofile import load, scenario_path
from tracker.lab.scoring import Score
from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.views import Views


@pytest.fixture
def replay() -> Replay:
    """A replay in which nothing was found, measured by one row."""
    return Replay(
        scenario=load(scenario_path("short")),
        history=History(as_of=NOW),
        views=Views(as_of=NOW, rules_version="test"),
        rows=(ROW,),
        verdicts=(("label only", 0), ("+ pages", 2)),
        score=Score(found=(), missed=(), innocents=(), siblings=(), strangers=()),
        published=(),
        derive=lambda history: Views(as_of=history.as_of, rules_version="test"),
    )


def test_the_caveat_says_what_this_is_not(replay: Replay) -> None:
    """Without published figures only that it tests the instrument."""
    assert outcome.caveat(replay).endswith("no independent evidence about the event.")


def test_a_published_figure_is_placed_between_the_lists(replay: Replay) -> None:
    """The figure of the first day has no named members: both lists bound it."""
    rows = tuple(
        replace(ROW, cohort="all", window="1d", basis=f"claims:{kind}", count_lo=count)
        for kind, count in (("both", 9), ("either", 15))
    )
    figure = PublishedFigure(
        action_id="seizure", cohort="all", layer=Layer.REGISTERED, window="1d", count=12, source="a report"
    )
    said = outcome.caveat(replace(replay, rows=rows, published=(figure,)))
    assert "published 12 of the first day" in said
    assert "between the 9 that both lists date to that day and the 15 that either does" in said


def test_cells_are_those_of_the_file(replay: Replay) -> None:
    """One cell per column, missing ones empty, instants with Z."""
    cells = dict(zip(outcome.COLUMNS, outcome.cells(ROW), strict=True))
    assert (cells["count_lo"], cells["count_hi"], cells["published"]) == ("1", "2", "")
    assert cells["as_of"] == "2025-03-11T00:00:00Z"


def test_bounds_that_meet_are_one_number() -> None:
    """`1 to 2` where they differ, `2` where they do not; a chance of none is 0.0, an unknown one is empty."""
    shown = dict(zip(outcome.SHOWN, outcome.table_row(ROW), strict=True))
    assert (shown["count"], shown["share"], shown["by chance"]) == ("1 to 2", "0.50 to 1.00", "0.0")
    met = replace(ROW, count_lo=2, share_lo=1.0, expected_by_chance=None, published=12)
    shown = dict(zip(outcome.SHOWN, outcome.table_row(met), strict=True))
    assert (shown["count"], shown["share"], shown["by chance"], shown["published"]) == ("2", "1.00", "", "12")


def test_the_closing_names_assumptions_and_the_blind_spot(replay: Replay) -> None:
    """What each family of evidence adds, that survival was scripted, what cannot be found this way, and as of when."""
    said = list(outcome.closing(replay))
    assert "  label only      0" in said
    assert "  + pages         2" in said
    assert any("assumed by the scenario" in line for line in said)
    assert outcome.CANNOT_SEE in said
    assert said[-1].startswith("As of 2025-03-11T00:00:00Z; assumptions: the notice arrived at 15:00 UTC; ")
