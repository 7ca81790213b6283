"""The hard story: another one for every seed, with everything in it that makes it hard."""

from collections import Counter
from datetime import timedelta

import pytest

from tracker.decoders import watchlist
from tracker.lab.compile import Compiled, compile_scenario
from tracker.lab.draws import Draw
from tracker.lab.generated import SOURCES, expanded
from tracker.lab.lists import as_toml, drawn_document
from tracker.lab.returns import affixed, edited
from tracker.lab.scenario import Scenario
from tracker.lab.scenariofile import load, scenario_path
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.names import checked

SUFFIXES = Suffixes.bundled()
FRAME = load(scenario_path("mixed-wave"))
SEEDS = range(1, 9)
RETURNS = {
    "same label": 6,
    "edit": 2,
    "affix": 2,
    "spare": 1,
    "dark spare": 1,
    "changed hands": 1,
    "lapses": 1,
    "silent": 1,
    "clone": 3,
    "new brand by hour": 1,
    "new brand by account": 1,
    "new brand by redirect": 1,
}


def drawn(seed: int) -> Scenario:
    """The story of a seed."""
    return expanded(FRAME, SUFFIXES, seed)


def compiled(seed: int) -> Compiled:
    """Its world and roster."""
    return compile_scenario(drawn(seed), SUFFIXES, seed=seed)


def test_the_same_seed_tells_the_same_story_and_others_others() -> None:
    """Equal in every field for one seed; no name in common between two."""
    assert drawn(3) == drawn(3)
    names = [{row.name for row in drawn(seed).predecessors} for seed in SEEDS]
    assert len(set.union(*names)) == sum(map(len, names))
    assert len({drawn(seed).notice for seed in SEEDS}) == len(SEEDS)


@pytest.mark.parametrize("seed", SEEDS)
def test_everything_hard_is_in_it(seed: int) -> None:
    """Three seizures, every kind of replacement, three hundred strangers, and each kind that looks most like it."""
    story, roster = drawn(seed), compiled(seed).roster
    assert len(story.notices) == 3
    assert {len(story.hit_by(notice.action)) for notice in story.notices} == {7}
    assert Counter(roster.kinds[name] for name in roster.successors) == RETURNS
    strangers = Counter(roster.kinds[name] for name in roster.innocents)
    assert sum(strangers.values()) - strangers["passer-by"] == 300
    assert strangers["copycat"] == 5 and strangers["brand protection"] == 3
    assert Counter(roster.kinds[name] for name in roster.siblings) == {"sibling": 2, "drop-catcher": 1, "critics": 1}
    assert len(roster.silent) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_names_are_registrable_and_everybody_is_somebody(seed: int) -> None:
    """All names distinct and registrable; nobody plays two parts."""
    roster = compiled(seed).roster
    names = [*roster.predecessors, *roster.successors, *roster.siblings, *roster.innocents]
    assert len(names) == len(set(names))
    for name in names:
        assert SUFFIXES.split(checked(name)).registrable == name


@pytest.mark.parametrize("seed", SEEDS)
def test_spares_are_registered_before_and_wake_after(seed: int) -> None:
    """Negative lag at the registry, positive in the zone."""
    story, play = drawn(seed), compiled(seed)
    for name, predecessor in play.roster.successors.items():
        if play.roster.kinds[name] not in {"spare", "dark spare"}:
            continue
        action = next(row.action for row in story.predecessors if row.name == predecessor)
        notice = next(row.at for row in story.notices if row.action == action)
        told = play.world.stories[name]
        awake = next(at for at, state in zip(told.changes, told.states, strict=True) if state and state.delegated)
        assert told.changes[0] < notice - timedelta(hours=4) and awake > notice


@pytest.mark.parametrize("seed", SEEDS)
def test_holds_reverse_and_names_change_hands(seed: int) -> None:
    """One name is held by status, one in the registrar's waiting room, and both return; two names get other owners."""
    play = compiled(seed)
    lives = {name: play.world.stories[name].states for name in play.roster.successors}
    held = [name for name, states in lives.items() if any(row and "clientHold" in row.statuses for row in states)]
    waiting = [
        name for name, states in lives.items() if any(row and "namecheap" in str(row.name_servers) for row in states)
    ]
    assert len(held) == len(waiting) == 1
    for name in (*held, *waiting):
        after = lives[name][-1]
        assert after is not None and after.delegated and "namecheap" not in str(after.name_servers)
    owners = {name: {row.registered_at for row in states if row} for name, states in lives.items()}
    assert sum(len(dates) == 2 for dates in owners.values()) == 2


@pytest.mark.parametrize("seed", SEEDS)
def test_each_action_has_a_list_that_the_product_reads(seed: int) -> None:
    """Three watchlists without a problem; the imitated outlets stand in them as what is imitated."""
    story = drawn(seed)
    for notice in story.notices:
        text = as_toml(drawn_document(story, SOURCES, notice))
        read = watchlist.read(text, origin="lab", since=story.start, label_of=lambda name: SUFFIXES.split(name).label)
        assert read.problems == ()
        assert {row.domain for row in read.takedowns} == {row.name for row in story.hit_by(notice.action)}
        assert sum(row.imitates is not None for row in read.takedowns) == 2


@pytest.mark.parametrize("seed", SEEDS)
def test_slips_and_affixes_change_the_label(seed: int) -> None:
    """One letter more, less or elsewhere; a word beside it."""
    draw = Draw(seed)
    slip, longer = edited("redfinchpost", draw), affixed("redfinchpost", draw)
    assert slip != "redfinchpost" and abs(len(slip) - 12) <= 1
    assert longer.startswith("redfinchpost") and len(longer) > 15
