"""Intervals of shares, counts and collections of actions."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis import referee
from tracker.analysis.survival_bootstrap import TooFewActions, cluster_bootstrap
from tracker.analysis.survival_distributions import beta_share, chi2_tail, gamma_share
from tracker.analysis.survival_intervals import clopper_pearson, poisson, wilson


def test_intervals_and_tails_agree_with_r() -> None:
    """From none of seven to one in a million, counts up to 100,000, to 1e-9."""
    compared = 0
    for name, answer in referee.frozen().items():
        what, *arguments = name.split(".")
        numbers = (
            [int(float(argument)) for argument in arguments] if what in {"binom", "wilson", "poisson", "chisq"} else []
        )
        match what:
            case "binom":
                ours = clopper_pearson(*numbers)
            case "wilson":
                ours = wilson(*numbers)
            case "poisson":
                ours = poisson(*numbers)
            case "chisq":
                ours = [chi2_tail(x, *numbers) for x in (0.1, 1, 5.5, 30, 300)]
            case _:
                continue
        np.testing.assert_allclose(ours, answer, rtol=1e-9, err_msg=name)
        compared += 1
    assert compared == 20


def test_twelve_of_twelve_is_not_certainty() -> None:
    """The published cohort still alive after a month: between 74 % and all of them."""
    assert wilson(12, 12) == pytest.approx((0.7575, 1), abs=5e-5)
    assert clopper_pearson(12, 12) == pytest.approx((0.7354, 1), abs=5e-5)
    assert clopper_pearson(12, 12, 0.9).lo == pytest.approx(0.05 ** (1 / 12), rel=1e-12)
    assert poisson(12) == pytest.approx((6.2006, 20.9616), abs=5e-5)
    assert poisson(0) == pytest.approx((0, 3.6889), abs=5e-5)


@given(st.integers(0, 60), st.integers(1, 60))
def test_exact_intervals_turn_round_and_cover(k: int, n: int) -> None:
    """Ends mirror those of the opposite share; at the limits the tail is what the level says."""
    k = min(k, n)
    for interval in (wilson, clopper_pearson):
        here, there = interval(k, n), interval(n - k, n)
        assert here.lo == pytest.approx(1 - there.hi, abs=1e-12)
        assert here.lo <= k / n <= here.hi
    if k:
        lo = clopper_pearson(k, n).lo
        tail = sum(math.comb(n, i) * lo**i * (1 - lo) ** (n - i) for i in range(k, n + 1))
        assert tail == pytest.approx(0.025, rel=1e-9)


@given(st.integers(1, 40), st.floats(0.01, 100))
def test_tails_are_the_finite_sums_that_they_are(shape: int, x: float) -> None:
    """Whole shapes have closed forms: Poisson and binomial sums."""
    closed = 1 - sum(math.exp(i * math.log(x) - x - math.lgamma(i + 1)) for i in range(shape))
    assert gamma_share(shape, x) == pytest.approx(closed, abs=1e-12)
    assert chi2_tail(2 * x, 2 * shape) == pytest.approx(1 - closed, abs=1e-12)
    p = x / 101
    closed = sum(math.comb(shape + 3, i) * p**i * (1 - p) ** (shape + 3 - i) for i in range(shape, shape + 4))
    assert beta_share(shape, 4, p) == pytest.approx(closed, abs=1e-12)


def test_what_is_no_share_or_count_is_refused() -> None:
    """More than all, none of none, less than nothing, certainty."""
    for k, n in ((3, 2), (0, 0), (-1, 5)):
        for interval in (wilson, clopper_pearson):
            with pytest.raises(ValueError, match="no share"):
                interval(k, n)
    with pytest.raises(ValueError, match="not negative"):
        poisson(-1)
    with pytest.raises(ValueError, match="level"):
        poisson(1, 1)
    with pytest.raises(ValueError, match="start at 1"):
        chi2_tail(1, 0)
    assert chi2_tail(-1, 3) == 1
    assert (gamma_share(2, 0), beta_share(1, 1, 0), beta_share(1, 1, 1)) == (0, 0, 1)


def test_fewer_than_ten_actions_have_no_sampling_interval() -> None:
    """However many names they hold: names of one action are one decision."""
    actions = np.repeat(np.arange(9), 1000)
    with pytest.raises(TooFewActions, match="9 of the 10 actions"):
        cluster_bootstrap(actions, lambda rows: float(len(rows)), np.random.default_rng(1))
    with pytest.raises(TooFewActions, match="0 actions"):
        cluster_bootstrap(np.zeros(0, int), lambda rows: 0.0, np.random.default_rng(1))


def test_whole_actions_are_drawn_again() -> None:
    """Rows of one action come together, so a thousand equal names count as one witness."""
    actions = np.repeat(np.arange(20), 50)
    values = np.repeat(np.random.default_rng(4).normal(0, 1, 20), 50)
    found = cluster_bootstrap(actions, lambda rows: float(values[rows].mean()), np.random.default_rng(1))
    by_row = 2 * 1.96 * values.std() / math.sqrt(len(values))
    assert found.lo is not None and found.hi is not None
    assert found.hi - found.lo > 5 * by_row
    assert (found.actions, found.undefined) == (20, 0)
    again = cluster_bootstrap(actions, lambda rows: float(values[rows].mean()), np.random.default_rng(1))
    assert again == found


def test_a_statistic_without_value_lies_above_every_number() -> None:
    """When a third of the replicates never reach the median, the upper end is not known."""
    turns = itertools.cycle([1.0, 2.0, None])
    found = cluster_bootstrap(np.arange(10), lambda rows: next(turns), np.random.default_rng(1), replicates=300)
    assert (found.lo, found.hi) == (1.0, None)
    assert found.undefined == pytest.approx(1 / 3)
