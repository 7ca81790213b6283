"""Drawn scenarios: another story for every seed, and always one that the product can be given."""

from datetime import timedelta
from itertools import pairwise

import pytest

from tracker.decoders import watchlist
from tracker.lab.compile import compile_scenario
from tracker.lab.generated import SOURCES, expanded
from tracker.lab.lists import as_toml, drawn_document
from tracker.lab.scenario import Scenario
from tracker.lab.scenariofile import load, scenario_path
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.names import checked

SUFFIXES = Suffixes.bundled()
FRAME = load(scenario_path("generated"))
SEEDS = range(12)


def drawn(seed: int) -> Scenario:
    """The story of a seed."""
    return expanded(FRAME, SUFFIXES, seed)


def labels(scenario: Scenario) -> set[str]:
    """The labels of its predecessors."""
    return {row.name.partition(".")[0] for row in scenario.predecessors}


def test_the_same_seed_tells_the_same_story() -> None:
    """Drawn twice, equal in every field."""
    assert drawn(3) == drawn(3)


def test_other_seeds_tell_other_stories() -> None:
    """No label, date or destination can be known in advance by a rule."""
    stories = [drawn(seed) for seed in SEEDS]
    for first, second in pairwise(stories):
        assert not labels(first) & labels(second)
    assert len({story.notice for story in stories}) > 8
    assert len({event.nameservers for story in stories for event in story.events if event.replaces}) > 3
    assert len({event.registrar for story in stories for event in story.events if event.replaces}) > 3


@pytest.mark.parametrize("seed", SEEDS)
def test_every_story_is_whole(seed: int) -> None:
    """As many predecessors as asked for, of both cohorts, all names distinct and registrable, all dates inside."""
    story = drawn(seed)
    names = [row.name for row in story.predecessors] + [event.name for event in story.events if event.name]
    assert len(names) == len(set(names))
    for name in names:
        assert SUFFIXES.split(checked(name)).registrable == name
    cohorts = [row.cohort for row in story.predecessors]
    assert (cohorts.count("own_brand"), cohorts.count("imitated")) == (8, 4)
    assert story.end - story.start == FRAME.end - FRAME.start
    assert story.notice - story.start == FRAME.notice - FRAME.start


@pytest.mark.parametrize("seed", SEEDS)
def test_who_returns_keeps_the_label_and_changes_the_suffix(seed: int) -> None:
    """Successors are own brands only, and the expectation counts them."""
    story = drawn(seed)
    own = {row.name for row in story.predecessors if row.cohort == "own_brand"}
    returned = [event for event in story.events if event.replaces]
    assert {event.replaces for event in returned} <= own
    assert story.expect.cohorts == {"own_brand": len(returned), "imitated": 0}
    for event in returned:
        label, _, suffix = event.name.partition(".")
        old_label, _, old_suffix = event.replaces.partition(".")
        assert label == old_label and suffix != old_suffix


@pytest.mark.parametrize("seed", SEEDS)
def test_the_list_of_a_story_is_a_valid_watchlist(seed: int) -> None:
    """The product's own reader refuses nothing, and finds every takedown and claim."""
    story = drawn(seed)
    text = as_toml(drawn_document(story, SOURCES))
    read = watchlist.read(text, origin="lab", since=story.start, label_of=lambda name: SUFFIXES.split(name).label)
    assert read.problems == ()
    assert len(read.takedowns) == len(story.predecessors)
    assert {claim.domain for claim in read.claims} == {event.name for event in story.events if event.replaces}


def test_a_story_can_be_played() -> None:
    """It compiles; successors are born after the notice, siblings long before the start, strangers are others."""
    story = drawn(5)
    compiled = compile_scenario(story, SUFFIXES, seed=5)
    roster, world = compiled.roster, compiled.world
    for name in roster.successors:
        assert world.stories[name].changes[0] > story.notice
    for name in roster.siblings:
        assert world.stories[name].changes[0] < story.start - timedelta(days=30)
    assert not set(roster.innocents) & {*roster.successors, *roster.siblings, *roster.predecessors}


def test_a_scenario_that_draws_nothing_is_left_alone() -> None:
    """The event is played as it was written down."""
    event = load(scenario_path("doj-2024-09-04"))
    assert expanded(event, SUFFIXES, 9) is event


def test_no_name_plays_two_parts() -> None:
    """A sibling never has the name of a successor, whatever is drawn: one name, one history."""
    for seed in range(60):
        names = [event.name for event in drawn(seed).events if event.name]
        assert len(names) == len(set(names)), seed
