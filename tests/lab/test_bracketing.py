"""Bounds against the story: a check that must be able to fail."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.dnsworld import state
from tracker.analysis.custody import UNTOLD
from tracker.lab.bracketing import Bracketing, bracketed
from tracker.lab.world import Story, World
from tracker.model.facts import Layer
from tracker.model.names import DomainName
from tracker.model.times import Bounds
from tracker.model.views import Ending, Episode, State, StateSpan, Views

NAME = DomainName("rrn.so")
START = datetime(2025, 3, 1, tzinfo=UTC)
BORN, HELD, BACK = (START + timedelta(days=day, hours=9) for day in (2, 6, 8))
HOUR = timedelta(hours=1)


def world() -> World:
    """A name that is registered, held two days, and back."""
    there = state(NAME)
    held = replace(there, delegated=False, statuses=("clientHold",))
    return World(
        scenario_id="t",
        seed=1,
        start=START,
        end=START + timedelta(days=20),
        suffixes={},
        stories={NAME: Story(NAME, (BORN, HELD, BACK), (there, held, there))},
        issuances=(),
        faults=(),
        hosts={},
    )


def around(moment: datetime) -> Bounds:
    """An hour before to an hour after."""
    return Bounds(moment - HOUR, moment + HOUR)


def episode(number: int, start: Bounds, end: Bounds | None) -> Episode:
    """A life of the name."""
    assert start.hi is not None
    return Episode(
        name=NAME,
        layer=Layer.DELEGATED,
        number=number,
        start=start,
        start_basis="look",
        entry=start.hi,
        last_alive=start.hi,
        end=end,
        ending=None if end is None else Ending.HELD,
        looks=2,
        unknown_looks=0,
        policy="t",
    )


def span(of: State, since: Bounds) -> StateSpan:
    """A state of the name."""
    assert since.hi is not None
    return StateSpan(name=NAME, state=of, since=since, last=since.hi, rule_id="t")


TRUE = Views(
    as_of=START + timedelta(days=20),
    rules_version="t",
    states=(
        span(State.UNDELEGATED, Bounds(None, START)),
        span(State.UNKNOWN, around(BORN)),
        span(State.HELD, around(HELD)),
        span(State.SERVING_OTHER, around(BACK)),
    ),
    episodes=(episode(1, around(BORN), around(HELD)), episode(2, around(BACK), None)),
)


def check(views: Views) -> Bracketing:
    """What is found wrong with some views."""
    return bracketed(views, world(), [NAME])


def test_what_is_true_passes() -> None:
    """Four states and three ends of episodes, each around its instant and two hours wide."""
    found = check(TRUE)
    assert (found.checked, found.wrong, found.unseen) == (7, (), ())
    assert set(found.widths) == {2 * HOUR}


def test_a_bound_beside_the_instant_is_wrong() -> None:
    """Off by two hours, in a state and in an episode."""
    late = Bounds(HELD + HOUR, HELD + 3 * HOUR)
    states = (*TRUE.states[:2], span(State.HELD, late), TRUE.states[3])
    assert check(replace(TRUE, states=states)).wrong == (
        "rrn.so became held in (2025-03-07T10:00:00Z, 2025-03-07T12:00:00Z]",
    )
    lives = (episode(1, around(BORN), late), TRUE.episodes[1])
    assert [text.split(" in ")[0] for text in check(replace(TRUE, episodes=lives)).wrong] == ["rrn.so ended"]


def test_a_state_that_never_was_is_wrong() -> None:
    """Held, not seized."""
    states = (*TRUE.states[:2], span(State.SEIZED, around(HELD)), TRUE.states[3])
    assert len(check(replace(TRUE, states=states)).wrong) == 1


def test_not_in_the_zone_leaves_open_why() -> None:
    """While the registry tells nothing, a held name is called undelegated; once it told, that would be wrong."""
    untold = replace(span(State.UNDELEGATED, around(HELD)), rule_id=UNTOLD)
    assert check(replace(TRUE, states=(*TRUE.states[:2], untold, TRUE.states[3]))).wrong == ()
    told = replace(untold, rule_id="undelegated.registered")
    assert len(check(replace(TRUE, states=(*TRUE.states[:2], told, TRUE.states[3]))).wrong) == 1


def test_an_end_that_nobody_saw_is_named() -> None:
    """One life where there were two: the hold of two days and the return are missing."""
    whole = (episode(1, around(BORN), None),)
    assert check(replace(TRUE, episodes=whole)).unseen == (
        "rrn.so ended at 2025-03-07T09:00:00Z, which no episode says",
        "rrn.so began at 2025-03-09T09:00:00Z, which no episode says",
    )
    assert bracketed(replace(TRUE, episodes=whole), world(), []).unseen == ()


def test_what_was_never_looked_at_claims_nothing() -> None:
    """No views, no claims; the name had to be seen all the same."""
    found = check(Views(as_of=TRUE.as_of, rules_version="t"))
    assert found.checked == 0
    assert len(found.unseen) == 3
