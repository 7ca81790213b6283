"""The codec of looks: nothing is lost, and what repeats costs nothing."""

import random
from itertools import accumulate, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.storage.spans import Looks, expand, expand_sealed, instants

STEPS = st.lists(
    st.tuples(
        st.one_of(st.sampled_from([0, 1, 900, 86_400]), st.integers(0, 10**7)),
        st.one_of(st.just(3), st.integers(-(10**6), 10**6)),
    ),
    max_size=60,
)


def chunk(first: int, steps: list[tuple[int, int]]) -> tuple[Looks, list[tuple[int, int]]]:
    """A chunk of looks and what is in it."""
    looks, at = Looks.begin(first, 5), first
    wanted = [(first, 5)]
    for step, lag in steps:
        at += step
        looks = looks.add(at, lag)
        wanted.append((at, lag))
    return looks, wanted


@given(st.integers(-(10**9), 4 * 10**9), STEPS)
@settings(max_examples=50, deadline=None)
def test_what_goes_in_comes_out(first: int, steps: list[tuple[int, int]]) -> None:
    """Instants and lags of any looks survive, while the chunk is open and when it is sealed."""
    looks, wanted = chunk(first, steps)
    assert expand(looks) == wanted
    assert expand_sealed(looks.begun_at, looks.sealed()) == wanted
    assert looks.last_at == wanted[-1][0]


@given(st.lists(STEPS, min_size=1, max_size=4))
@settings(max_examples=50, deadline=None)
def test_the_chunks_of_a_span_are_read_as_one(chunks: list[list[tuple[int, int]]]) -> None:
    """Instants alone, one chunk after another."""
    made = [chunk(place * 10**9, steps) for place, steps in enumerate(chunks)]
    sealed = [(looks.begun_at, looks.sealed()) for looks, _ in made]
    assert list(instants(sealed)) == [at for _, looks in made for at, _ in looks]


def test_regular_looks_cost_nothing() -> None:
    """Ten thousand looks every quarter of an hour are two runs."""
    looks, _ = chunk(0, [(900, 5)] * 10_000)
    assert len(looks.sealed()) < 10


def test_irregular_looks_cost_little() -> None:
    """Looks whose distance and lag wander by half a minute cost at most two and a half bytes each."""
    rng = random.Random(1)
    due = list(accumulate([0, *([900] * 96), *([3600] * 48), *([21_600] * 44), *([86_400] * 76)]))
    made = [at + rng.randrange(30) for at in due]
    looks, _ = chunk(made[0], [(after - before, 5 + rng.randrange(3)) for before, after in pairwise(made)])
    assert len(looks.sealed()) / len(made) <= 2.5


def test_time_does_not_run_backwards() -> None:
    """A look that is earlier than the last is the caller's mistake."""
    with pytest.raises(ValueError, match="earlier"):
        Looks.begin(100, 0).add(99, 0)


@given(STEPS.filter(bool), st.data())
@settings(max_examples=40, deadline=None)
def test_a_code_that_was_cut_off_is_an_error(steps: list[tuple[int, int]], data: st.DataObject) -> None:
    """A truncated code ends on a whole run or raises; it never makes up a look."""
    looks, wanted = chunk(0, steps)
    sealed = looks.sealed()
    cut = sealed[: data.draw(st.integers(0, len(sealed) - 1))]
    try:
        assert expand_sealed(0, cut) == wanted[: len(expand_sealed(0, cut))]
    except ValueError as error:
        assert "middle" in str(error)
