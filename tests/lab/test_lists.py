"""The lab's list: what it says when, in a form that the product's own reader accepts."""

import random
import tomllib
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.stages.fakes import SetClock
from tracker.decoders import watchlist
from tracker.decoders.watchlist import Watchlist
from tracker.feeds.locations import path_of
from tracker.lab.generated import SOURCES, expanded
from tracker.lab.http import Request
from tracker.lab.lists import CLAIMS_LAST, ListServer, as_toml, list_path
from tracker.lab.scenario import Scenario
from tracker.lab.scenariofile import load, scenario_path
from tracker.lookalikes.suffixes import Suffixes

SUFFIXES = Suffixes.bundled()
MINUTE = timedelta(minutes=1)


def story(scenario_id: str) -> tuple[Scenario, ListServer, SetClock]:
    """A scenario with its list server and the clock that it reads."""
    scenario = expanded(load(scenario_path(scenario_id)), SUFFIXES, 1)
    clock = SetClock(scenario.start)
    bundled = path_of(f"bundled:{scenario.watchlist}").read_text("utf-8") if scenario.watchlist else ""
    return scenario, ListServer(scenario, bundled, SOURCES, clock), clock


def read(text: str, at: datetime) -> Watchlist:
    """The list as the product reads it; it must find nothing wrong with it."""
    found = watchlist.read(text, origin="lab", since=at, label_of=lambda name: SUFFIXES.split(name).label)
    assert found.problems == ()
    return found


@pytest.mark.parametrize("scenario_id", ["short", "generated", "doj-2024-09-04"])
def test_names_first_then_the_action_then_the_claims(scenario_id: str) -> None:
    """Known names are watched from the start; the notice brings takedowns; claims come too late to help."""
    scenario, server, _ = story(scenario_id)
    names = {row.name for row in scenario.predecessors}
    before = read(server.text(scenario.notice - MINUTE), scenario.start)
    assert {watch.name for watch in before.watches} == names
    assert before.actions == before.takedowns == before.claims == ()
    after = read(server.text(scenario.notice), scenario.notice)
    assert [row.action_id for row in after.actions] == [scenario.action]
    assert {row.domain for row in after.takedowns} == names
    assert after.claims == read(server.text(scenario.end - CLAIMS_LAST - MINUTE), scenario.end).claims == ()
    last = read(server.text(scenario.end - CLAIMS_LAST), scenario.end)
    assert last.claims
    assert last.takedowns == after.takedowns


def test_the_list_says_nothing_of_the_successors_in_advance() -> None:
    """No name that is registered later stands in the list before its claims do."""
    scenario, server, _ = story("short")
    text = server.text(scenario.end - CLAIMS_LAST - MINUTE)
    for event in scenario.events:
        assert not event.name or event.name not in text


def test_an_unchanged_list_costs_nothing() -> None:
    """The same ETag is answered with 304, a new phase with the new list."""
    scenario, server, clock = story("short")

    def ask(path: str = list_path(scenario.action), **headers: str) -> tuple[int, str]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        response = server.answer(Request("GET", "lists.lab.example", path, named, ("127.0.0.1", 1)))
        return response.status, response.headers.get("ETag", "")

    status, tag = ask()
    assert status == 200
    assert ask(if_none_match=tag) == (304, tag)
    clock.at = scenario.notice
    status, other = ask(if_none_match=tag)
    assert status == 200 and other != tag
    assert ask("/elsewhere") == (404, "")


@given(st.text(st.characters(exclude_categories=["C"])), st.randoms(use_true_random=False))
def test_any_text_survives_being_written(text: str, rng: random.Random) -> None:
    """Quotes, backslashes and letters of any script read back as they were."""
    document = {"head": {"title": text}, "row": [{"value": text[: rng.randint(0, 5)], "list": [text, "x"]}]}
    assert tomllib.loads(as_toml(document)) == document
