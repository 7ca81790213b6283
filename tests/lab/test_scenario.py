"""Scenarios: what is written in TOML is what the lab plays."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tracker.lab.compile import compile_scenario
from tracker.lab.scenario import ScenarioError, step
from tracker.lab.scenariofile import load, scenario_path
from tracker.lab.world import Fault
from tracker.lookalikes.suffixes import Suffixes

SUFFIXES = Suffixes.bundled()
EVENT = load(scenario_path("doj-2024-09-04"))
NOTICE = datetime(2024, 9, 4, 15, tzinfo=UTC)


def test_the_event_is_played_on_the_earliest_published_dates() -> None:
    """17 successors of own brands: 15 registered on 2024-09-05, two on the day after; siblings are older."""
    world, roster = _compiled("earliest")
    days = sorted(world.stories[name].changes[0].date().isoformat() for name in roster.successors)
    assert days == ["2024-09-05"] * 15 + ["2024-09-06"] * 2
    assert set(roster.siblings) == {"holylandherald.online", "uschina.press"}
    assert world.stories["uschina.press"].changes[0].year == 2023
    assert len(roster.predecessors) == 32


@pytest.mark.parametrize(("truth", "first_day"), [("meta", 13), ("viginum", 9)])
def test_truth_chooses_whose_dates_are_played(truth: str, first_day: int) -> None:
    """The two lists differ; a name that the chosen one lacks takes the other's date."""
    world, roster = _compiled(truth)
    days = [world.stories[name].changes[0].date().isoformat() for name in roster.successors]
    extra = {"meta": 0, "viginum": 1}[truth]  # honeymoney.to stands in Meta's list only
    assert days.count("2024-09-05") == first_day + extra


def test_a_successor_is_delegated_and_served_as_scripted() -> None:
    """Registration, delegation after 20 minutes, page after three hours, certificate after forty minutes."""
    world, _ = _compiled("earliest")
    born = world.stories["rrn.so"].changes[0]
    registered = world.state("rrn.so", born)
    assert registered is not None and not registered.delegated
    delegated = world.state("rrn.so", born + timedelta(minutes=20))
    assert delegated is not None and delegated.delegated and delegated.page is None
    served = world.state("rrn.so", born + timedelta(hours=3))
    assert served is not None and served.page == "operation"
    assert any(row.at == born + timedelta(minutes=40) and "rrn.so" in row.names for row in world.issuances)
    assert world.state("rrn.so", born - timedelta(seconds=1)) is None


def test_a_seized_predecessor_changes_servers_locks_and_page() -> None:
    """Within a day of the notice each of the 32 is delegated to the seizure servers."""
    world, roster = _compiled("earliest")
    for name in roster.predecessors:
        before, after = world.state(name, NOTICE - timedelta(days=1)), world.state(name, NOTICE + timedelta(days=2))
        assert before is not None and before.page in {"operation", "clone"}
        assert after is not None and after.page == "seizure"
        assert "serverUpdateProhibited" in after.statuses


def test_the_same_seed_gives_the_same_world() -> None:
    """A world is a function of scenario and seed; another seed moves instants and strangers."""
    assert _compiled("earliest") == _compiled("earliest")
    other = compile_scenario(EVENT, SUFFIXES, seed=2)
    assert other.world.stories["rrn.so"].changes != _compiled("earliest")[0].stories["rrn.so"].changes


def test_faults_hit_their_share() -> None:
    """A day fault hits whole days, a request fault single questions, both about as often as stated."""
    day = Fault("rdap", "throttle", EVENT.start, EVENT.end, 0.2, "day")
    question = Fault("dns", "servfail", EVENT.start, EVENT.end, 0.2)
    world = compile_scenario(EVENT, SUFFIXES, extra_faults=[day, question]).world
    days = [EVENT.start + timedelta(days=number) for number in range(47)]
    hit = [world.fault("rdap", "x", moment) is not None for moment in days]
    assert 3 <= sum(hit) <= 16
    assert hit == [world.fault("rdap", "y", moment + timedelta(hours=13)) is not None for moment in days]
    questions = [world.fault("dns", f"{number}.example", days[0]) is not None for number in range(1000)]
    assert 150 <= sum(questions) <= 250
    assert world.fault("whois", "x", days[0]) is None


@pytest.mark.parametrize("text", ["delegate 20m", "page +3w", "+20m"])
def test_unreadable_steps_are_refused(text: str) -> None:
    """A step says a verb and a delay."""
    with pytest.raises(ScenarioError):
        step(text)


def test_an_unknown_scenario_names_the_known_ones(tmp_path: Path) -> None:
    """A typo in the name lists what there is; a broken file says what is wrong with it."""
    with pytest.raises(ScenarioError, match="doj-2024-09-04"):
        scenario_path("doj-2024")
    broken = tmp_path / "x.toml"
    broken.write_text("[scenario]\nid = 'x'\n")
    with pytest.raises(ScenarioError, match="start"):
        load(broken)


def _compiled(truth: str):
    compiled = compile_scenario(EVENT, SUFFIXES, truth=truth)
    return compiled.world, compiled.roster
