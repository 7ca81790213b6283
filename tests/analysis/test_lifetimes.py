"""Lifetimes: the lengths that the bounds of an episode allow."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.histories import at
from tracker.analysis.lifetimes import lifetime
from tracker.model.facts import Layer
from tracker.model.names import DomainName
from tracker.model.times import Bounds
from tracker.model.views import Ending, Episode


def hour(number: float) -> datetime:
    """Hours into the story."""
    return at("2024-09-01") + timedelta(hours=number)


def episode(start: Bounds, entry: float, last_alive: float, end: Bounds | None = None) -> Episode:
    """An episode at DELEGATED."""
    return Episode(
        name=DomainName("rrn.so"),
        layer=Layer.DELEGATED,
        number=1,
        start=start,
        start_basis="look",
        entry=hour(entry),
        last_alive=hour(last_alive),
        end=end,
        ending=Ending.DARK if end else None,
        looks=2,
        unknown_looks=0,
        policy="p",
    )


def test_an_ended_episode_has_a_shortest_and_a_longest_length() -> None:
    """Shortest from the latest birth to the earliest death, longest the other way round."""
    row = lifetime(episode(Bounds(hour(0), hour(2)), 5, 10, Bounds(hour(10), hour(16))))
    assert (row.shortest, row.longest) == (timedelta(hours=8), timedelta(hours=16))
    assert (row.entry_age, row.alive, row.ending) == (timedelta(hours=3), False, Ending.DARK)


def test_a_living_episode_is_censored_when_it_was_last_seen() -> None:
    """Not at the date of the report: after the last look nothing is known."""
    row = lifetime(episode(Bounds(hour(0), hour(2)), 2, 10))
    assert (row.shortest, row.longest, row.alive, row.ending) == (timedelta(hours=8), None, True, None)


def test_an_unbounded_start_has_no_longest_length() -> None:
    """A name that was there before anybody looked may be of any age, although it has ended."""
    row = lifetime(episode(Bounds(None, hour(2)), 2, 10, Bounds(hour(10), hour(16))))
    assert (row.shortest, row.longest, row.alive) == (timedelta(hours=8), None, False)


@given(st.lists(st.floats(0, 1000), min_size=4, max_size=4).map(sorted), st.floats(0, 1), st.floats(0, 1))
def test_the_true_length_lies_between(ends: list[float], early: float, late: float) -> None:
    """Any birth and death inside the bounds give a length between shortest and longest."""
    a, b, c, d = ends
    row = lifetime(episode(Bounds(hour(a), hour(b)), b, c, Bounds(hour(c), hour(d))))
    true = hour(c + (d - c) * late) - hour(a + (b - a) * early)
    slack = timedelta(milliseconds=1)
    assert row.longest is not None
    assert row.shortest - slack <= max(true, timedelta(0)) + slack and true <= row.longest + slack
