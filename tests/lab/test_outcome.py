"""What a replay says: the caveat first, one number where the bounds meet, and what it cannot see."""

from dataclasses import replace

import pytest

from tests.lab.test_scoring import NOW, ROW
from tracker.analysis.measurement import PublishedFigure
from tracker.lab import outcome
from tracker.lab.replay import Replay
from tracker.lab.scenariofile import load, scenario_path
from tracker.lab.scoring import Score
from tracker.model.facts import Layer, Technique
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import Bounds
from tracker.model.views import Episode, Replacement, Verdict, Views
from tracker.model.watching import Cohort


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
    assert outcome.caveat(replay).endswith("it is no evidence about any event.")


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


def test_actions_are_told_apart_where_there_are_several() -> None:
    """One action needs no column of its own."""
    assert outcome.table([ROW])[0][0] == "cohort"
    columns, rows = outcome.table([ROW, replace(ROW, action="second-seizure")])
    assert columns == outcome.SHOWN
    assert [row[0] for row in rows] == [ROW.action, "second-seizure"]


def test_the_closing_names_assumptions_and_the_blind_spot(replay: Replay) -> None:
    """What each family of evidence adds, that survival was scripted, what cannot be found this way, and as of when."""
    said = list(outcome.closing(replay))
    assert "  label only      0" in said
    assert "  + pages         2" in said
    assert "Still alive (delegated, not seized or held) at the end of the replay: 0 of 0." in said
    assert outcome.CANNOT_SEE in said
    assert not any("thirty" in line for line in said)
    assert said[-1].startswith("As of 2025-03-11T00:00:00Z; assumptions: the notice arrived at 15:00 UTC; ")


def test_what_a_story_says_of_itself_is_its_own(replay: Replay) -> None:
    """Only the event of 2024 speaks of its published lists; a story without assumptions claims none."""
    told = load(scenario_path("doj-2024-09-04"))
    assert any("about thirty" in line for line in outcome.closing(replace(replay, scenario=told)))
    bare = replace(replay.scenario, assumptions=(), caveats=("Told by nobody.",))
    said = list(outcome.closing(replace(replay, scenario=bare)))
    assert said[-2:] == ["Told by nobody.", "As of 2025-03-11T00:00:00Z."]


def test_a_name_that_is_held_is_not_alive(replay: Replay) -> None:
    """It is still registered: only the parent zone's delegation to its own hands counts."""
    held = Episode(
        name=DomainName("brand.org"),
        layer=Layer.REGISTERED,
        number=1,
        start=Bounds(None, NOW),
        start_basis="look",
        entry=NOW,
        last_alive=NOW,
        end=None,
        ending=None,
        looks=1,
        unknown_looks=0,
        policy="test",
    )
    called = Replacement(
        action_id="seizure",
        predecessor=DomainName("brand.com"),
        name=held.name,
        cohort=Cohort.OWN_BRAND,
        verdict=Verdict.LIKELY,
        bits=9.0,
        appearances=(),
        technique=Technique.SAME_LABEL,
        reviewed=False,
    )
    for layer, alive in ((Layer.REGISTERED, 0), (Layer.DELEGATED, 1)):
        views = Views(as_of=NOW, rules_version="test", episodes=(replace(held, layer=layer),), replacements=(called,))
        said = " ".join(outcome.closing(replace(replay, views=views)))
        assert f"at the end of the replay: {alive} of 1." in said
