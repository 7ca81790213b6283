"""The fold from moments to episodes: every branch, and the properties that every fold must have."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.histories import at
from tracker.analysis.timeline import POLICY, Moment, TimelinePolicy, episodes
from tracker.model.facts import Layer, Presence
from tracker.model.names import DomainName
from tracker.model.times import Bounds
from tracker.model.views import Ending, Episode

NAME = DomainName("rrn.so")
START = at("2024-09-01")
P, A, U = Presence.PRESENT, Presence.ABSENT, Presence.INDETERMINATE


def hour(number: float) -> datetime:
    """Hours after the start of the story."""
    return START + timedelta(hours=number)


def moment(
    number: float, presence: Presence, *, registry: bool = False, cause: Ending | None = None, width: float = 0
) -> Moment:
    """A moment `number` hours into the story."""
    return Moment(first=hour(number), last=hour(number + width), presence=presence, registry=registry, cause=cause)


def fold(
    *moments: Moment, births: Sequence[datetime] = (), proofs: Sequence[datetime] = (), policy: TimelinePolicy = POLICY
) -> tuple[Episode, ...]:
    """Episodes of the moments at DELEGATED."""
    return episodes(NAME, Layer.DELEGATED, moments, births=births, proofs=proofs, policy=policy)


def test_nothing_seen_gives_no_episode() -> None:
    """Absences and looks that could not tell begin nothing."""
    assert fold() == fold(moment(0, A), moment(1, U)) == ()


def test_a_living_name_has_one_open_episode() -> None:
    """It starts after the last absence, is last alive at the last look, and counts the looks that told nothing."""
    (row,) = fold(moment(0, A), moment(1, A), moment(2, U), moment(3, P), moment(4, U), moment(5, P), moment(9, U))
    assert row.start == Bounds(hour(1), hour(3))
    assert (row.entry, row.last_alive, row.end, row.ending) == (hour(3), hour(5), None, None)
    assert (row.number, row.looks, row.unknown_looks, row.start_basis) == (1, 2, 2, "look")
    assert row.policy == POLICY.version


def test_two_absences_six_hours_apart_are_an_end() -> None:
    """The end lies between the last look alive and the first absence, however much later it is confirmed."""
    (row,) = fold(moment(0, P), moment(2, A, width=0.5), moment(5, A), moment(8.5, A))
    assert row.end == Bounds(hour(0), hour(2.5))
    assert row.ending is Ending.UNKNOWN


def test_one_absence_or_two_close_ones_are_no_end() -> None:
    """A flap shorter than the policy asks leaves the episode whole, and its absences are forgotten."""
    assert fold(moment(0, P), moment(2, A))[0].end is None
    assert fold(moment(0, P), moment(2, A, width=0.5), moment(8.4, A))[0].end is None
    (row,) = fold(moment(0, P), moment(2, A), moment(3, P), moment(9, A), moment(10, U))
    assert row.end is None and row.last_alive == hour(3)


def test_indeterminate_looks_never_end_anything() -> None:
    """A year of looks that could not tell leaves the name alive as last seen."""
    (row,) = fold(moment(0, P), *(moment(day * 24, U) for day in range(1, 366)))
    assert row.end is None and row.unknown_looks == 365


def test_a_registry_level_absence_ends_at_once() -> None:
    """One is enough, and when it confirms an earlier plain absence the end is dated by that."""
    (row,) = fold(moment(0, P), moment(1, A, registry=True, cause=Ending.HELD))
    assert (row.end, row.ending) == (Bounds(hour(0), hour(1)), Ending.HELD)
    (row,) = fold(moment(0, P), moment(1, A), moment(2, A, registry=True, cause=Ending.DELETED))
    assert (row.end, row.ending) == (Bounds(hour(0), hour(1)), Ending.DELETED)


def test_a_known_cause_is_kept_when_the_confirming_absence_has_none() -> None:
    """The newest cause that anybody stated names the ending."""
    (row,) = fold(moment(0, P), moment(1, A, cause=Ending.DARK), moment(9, A))
    assert row.ending is Ending.DARK


def test_a_name_that_comes_back_opens_a_new_episode() -> None:
    """Numbered on, starting after the last absence of the gap; old and new are never merged."""
    first, second = fold(moment(0, P), moment(1, A), moment(8, A), moment(20, A), moment(21, P))
    assert (first.number, first.end) == (1, Bounds(hour(0), hour(1)))
    assert (second.number, second.start, second.end) == (2, Bounds(hour(20), hour(21)), None)


def test_a_new_registration_date_is_a_new_life_after_a_single_absence() -> None:
    """What would be a flap is an end when the registry states a new date inside it."""
    story = (moment(0, P), moment(2, A), moment(3, A), moment(4, P), moment(5, P))
    first, second = fold(*story, births=[hour(3.5)])
    assert (first.end, first.ending) == (Bounds(hour(0), hour(2)), Ending.DELETED)
    assert second.start == Bounds(hour(3), hour(4))
    assert len(fold(*story, births=[hour(-1), hour(0), hour(9)])) == 1


def test_a_new_registration_date_without_an_absence_splits_between_the_looks() -> None:
    """Dropped and caught between two looks: both bounds are the looks, not the registry's claim."""
    first, second = fold(moment(0, P), moment(4, P), births=[hour(3)])
    assert first.end == second.start == Bounds(hour(0), hour(4))


def test_a_certificate_moves_the_start_and_nothing_else() -> None:
    """Only one logged between the last absence and the first look counts; alone it begins no episode."""
    story = (moment(0, A), moment(3, P))
    (row,) = fold(*story, proofs=[hour(2), hour(1)])
    assert (row.start, row.start_basis, row.entry) == (Bounds(hour(0), hour(1)), "certificate", hour(3))
    assert fold(*story, proofs=[hour(-1), hour(3), hour(4)])[0].start_basis == "look"
    assert fold(moment(3, P), proofs=[hour(-900)])[0].start == Bounds(None, hour(-900))
    assert fold(moment(0, A), proofs=[hour(2)]) == ()


moments_strategy = st.lists(
    st.builds(
        moment,
        st.integers(0, 200),
        st.sampled_from(Presence),
        registry=st.booleans(),
        cause=st.sampled_from([None, *Ending]),
        width=st.sampled_from([0, 0.25]),
    ),
    max_size=40,
).map(lambda rows: sorted(rows, key=lambda row: (row.first, row.last)))


@given(moments_strategy, st.lists(st.integers(0, 200).map(hour), max_size=3), st.lists(st.integers(0, 200).map(hour)))
def test_episodes_are_ordered_and_disjoint(rows: list[Moment], births: list[datetime], proofs: list[datetime]) -> None:
    """Numbers ascend from 1, only the last may be open, every end lies before the next start, and looks add up."""
    found = fold(*rows, births=births, proofs=proofs)
    assert [row.number for row in found] == list(range(1, len(found) + 1))
    assert all(row.end is not None and row.ending is not None for row in found[:-1])
    assert sum(row.looks for row in found) == sum(row.presence is P for row in rows)
    for row in found:
        assert row.start.hi is not None and row.start.hi <= row.entry <= row.last_alive
        assert row.end is None or row.end.lo == row.last_alive
    for earlier, later in pairwise(found):
        assert earlier.end and earlier.end.hi and later.start.lo and later.start.hi
        assert earlier.last_alive <= later.start.lo
        assert earlier.end.hi <= later.entry


@given(
    st.integers(10, 150),
    st.integers(10, 100),
    st.lists(st.tuples(st.floats(0, 300, allow_nan=False), st.booleans()), max_size=60),
)
def test_bounds_bracket_the_truth(born: int, lived: int, schedule: list[tuple[float, bool]]) -> None:
    """Whatever the schedule, and whichever looks cannot tell, the true birth and death lie within the bounds."""
    died = born + lived
    rows = [
        moment(when, U if unsure else P if born <= when < died else A)
        for when, unsure in sorted(set(schedule), key=lambda pair: pair[0])
    ]
    found = fold(*rows)
    assert len(found) <= 1
    for row in found:
        assert row.start.lo is None or row.start.lo < hour(born)
        assert row.start.hi is not None and hour(born) <= row.start.hi
        if row.end is not None:
            assert row.end.lo is not None and row.end.lo < hour(died)
            assert row.end.hi is not None and hour(died) <= row.end.hi


@given(moments_strategy, st.data())
def test_dropping_indeterminate_looks_changes_no_bound(rows: list[Moment], data: st.DataObject) -> None:
    """Looks that could not tell are counted; they decide nothing."""
    kept = [row for row in rows if row.presence is not U or data.draw(st.booleans())]
    bounds = [(row.start, row.end, row.ending, row.last_alive) for row in fold(*rows)]
    assert bounds == [(row.start, row.end, row.ending, row.last_alive) for row in fold(*kept)]
