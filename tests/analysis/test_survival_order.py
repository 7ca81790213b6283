"""Ages in order: whatever their spread, ties and number, as one plain sort has them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tracker.analysis.survival_lives import entered, lives, risk_table
from tracker.analysis.survival_order import BLOCK, ages_of, in_order, keys_of, marks_of

AGES = st.lists(st.one_of(st.floats(0, 50), st.floats(0, 1e308), st.integers(0, 9).map(float)))
MANY = 20 * BLOCK + 7


def spreads() -> dict[str, NDArray[np.float64]]:
    """Ages as they come: even, skewed, over hundreds of magnitudes, in heaps, in few values, and with none at all."""
    rng = np.random.default_rng(3)
    heap = np.concatenate((np.full(MANY // 2, 3.7), 1e9 * rng.random(MANY // 2)))
    return {
        "even": rng.random(MANY) * 100,
        "skewed": rng.weibull(0.5, MANY),
        "huge and tiny": np.concatenate(([0.0, 5e-324, 1e308], rng.lognormal(0, 50, MANY))),
        "a heap": rng.permutation(heap),
        "seconds": np.floor(rng.weibull(0.7, MANY) * 4e6),
        "one value": np.full(MANY, 2.5),
        "descending": np.arange(MANY, 0.0, -1),
    }


@pytest.mark.parametrize("name", spreads())
@pytest.mark.parametrize("whole", [False, True])
def test_any_spread_of_ages_is_put_in_order(name: str, whole: bool) -> None:
    """Keys come out as one sort has them, and carry age and mark there and back."""
    ages = spreads()[name]
    marked = np.random.default_rng(4).random(len(ages)) < 0.3
    if whole:
        ages = np.minimum(np.floor(ages), 2.0**31 - 1)
    ordered = in_order(keys_of(ages, marked, whole=whole))
    by_age = np.lexsort((marked, ages))
    assert (ages_of(ordered) == ages[by_age]).all()
    assert (marks_of(ordered) == marked[by_age]).all()


@given(AGES, st.data())
def test_order_holds_for_any_ages(ages: list[float], data: st.DataObject) -> None:
    """A negative zero included; nothing is lost."""
    marks = data.draw(st.lists(st.booleans(), min_size=len(ages), max_size=len(ages)))
    keys = in_order(keys_of(np.array([*ages, -0.0]), np.array([*marks, True]), whole=False))
    assert list(zip(ages_of(keys), marks_of(keys), strict=True)) == sorted(
        zip([*ages, 0.0], [*marks, True], strict=True)
    )


@given(AGES, AGES)
def test_who_entered_before_an_age_is_counted(entries: list[float], ages: list[float]) -> None:
    """At an age is not before it; watched from birth is before every age, the age of 0 included."""
    exits = [math.nextafter(entry, math.inf) for entry in entries]
    seen = lives([*exits, 1.0], [True] * (len(exits) + 1), [*entries, 0.0])
    found = entered(seen, np.array(sorted(ages)))
    assert found.tolist() == [1 + sum(0 < e < age for e in entries) + entries.count(0) for age in sorted(ages)]


@pytest.mark.parametrize("name", spreads())
def test_the_table_of_many_lives_is_the_one_counted_slowly(name: str) -> None:
    """At risk, ended and censored at each age, with late entry, against a count of every life."""
    rng, exits = np.random.default_rng(5), spreads()[name][:700]
    ended, entry = rng.random(len(exits)) < 0.6, exits * rng.random(len(exits)) * 0.9
    table = risk_table(lives(exits, ended, entry))
    assert table.t.tolist() == sorted(set(exits.tolist()))
    for row, age in enumerate(table.t):
        here = exits == age
        assert table.n_risk[row] == np.sum(((entry < age) | (entry <= 0)) & (exits >= age))
        assert (table.n_event[row], table.n_censor[row]) == (np.sum(here & ended), np.sum(here & ~ended))
