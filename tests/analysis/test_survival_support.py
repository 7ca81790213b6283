"""Where a curve rests on enough lives: from when, up to when, and where nobody was at risk."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.analysis.survival_km import product_limit
from tracker.analysis.survival_lives import lives, risk_table
from tracker.analysis.survival_support import LEAST_AT_RISK, Gap, Support, gaps, support

SAMPLES = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 12), st.booleans()), min_size=1, max_size=25)


def test_five_watched_from_birth_to_the_end_of_all_carry_the_whole_curve() -> None:
    """Each stands for a fifth, to the last."""
    assert support(lives([1, 2, 3, 4, 5], [True] * 5)) == Support(0.0, math.inf, 0)
    assert support(lives([1, 2, 3, 4], [True] * 4)) is None


def test_it_begins_where_the_fifth_comes_under_watch() -> None:
    """Two early entries end before: what they say of those ages is too little."""
    entries = [0, 1, 70, 71, 72, 74, 75]
    seen = lives([2, 3, 90, 91, 92, 93, 94], [True, True, *[False] * 5], entries)
    assert support(seen) == Support(75.0, 90.0, 2)


def test_it_ends_where_one_of_those_left_would_stand_for_too_many() -> None:
    """Ten alive, censored one by one: with four left each would stand for a quarter."""
    assert support(lives(range(11, 21), [False] * 10)) == Support(0.0, 16.0, 0)


def test_a_gap_ends_it_even_if_others_come_later() -> None:
    """From day 14 to day 787 nobody is at risk; the deaths after it are of other lives."""
    exits, entries = [*[14] * 6, *range(790, 797)], [*[0] * 6, *[787] * 7]
    seen = lives(exits, [*[False] * 6, *[True] * 7], entries)
    assert support(seen) == Support(0.0, 14.0, 0)
    assert gaps(seen) == (Gap(14.0, 787.0),)


def test_the_time_before_the_first_entry_is_a_gap_and_touching_lives_leave_none() -> None:
    """An entry at the very age of an exit is at risk right after it."""
    assert gaps(lives([95, 96], [False, False], [80, 95])) == (Gap(0.0, 80.0),)
    assert gaps(lives([5, 6], [True, True])) == ()


@given(SAMPLES)
def test_by_counting_age_by_age(rows: list[tuple[int, int, bool]]) -> None:
    """The same stretch by walking through the ages and asking who is at risk."""
    entries, exits = [entry for entry, _, _ in rows], [entry + length for entry, length, _ in rows]
    events = [event for _, _, event in rows]
    seen, share, since, until = lives(exits, events, entries), 1.0, None, math.inf
    for age in range(1, 26):
        n = sum((entry < age or entry <= 0) and exit_ >= age for entry, exit_ in zip(entries, exits, strict=True))
        if since is None and n >= LEAST_AT_RISK:
            since = age - 1.0
        if since is None:
            continue
        if share * LEAST_AT_RISK > n * (1 + 1e-9):
            until = age - 1.0
            break
        share *= 1 - sum(e and x == age for e, x in zip(events, exits, strict=True)) / n if n else 1
    found = support(seen)
    assert (found is None) == (since is None)
    if found is not None:
        held = product_limit(risk_table(seen).between(found.row, found.until))
        assert found.since == since
        assert found.until == until
        assert held.surv[-1] == pytest.approx(share)
