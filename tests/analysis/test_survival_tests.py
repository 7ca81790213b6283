"""Tests between groups: kept answers of R, permutations, and what must not change them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis import referee
from tracker.analysis.survival_lives import lives
from tracker.analysis.survival_npmle import Spans, npmle
from tracker.analysis.survival_permutation import permutation_test, sun_scores
from tracker.analysis.survival_tests import group_test


@pytest.mark.parametrize("name", ["aml", "freireich", "ties", "late", "stretches"])
def test_tests_agree_with_r(name: str) -> None:
    """Log-rank and Peto-Peto, plain and within strata, late entry included, to 1e-9."""
    assert referee.agree_on_tests(referee.columns(referee.DATA / f"{name}.csv"), referee.frozen(), name) >= 1


def test_the_freireich_trial_comes_out_as_printed() -> None:
    """Chi-square 16.79 on one degree of freedom; expected ends add up to the observed ones."""
    data = referee.columns(referee.DATA / "freireich.csv")
    found = group_test(referee.seen(data), data["group"].astype(int))
    assert (found.chi2, found.df) == (pytest.approx(16.7929409892, abs=1e-9), 1)
    assert found.p == pytest.approx(math.erfc(math.sqrt(found.chi2 / 2)), rel=1e-12)
    assert found.observed == (9, 21)
    assert sum(found.expected) == pytest.approx(30)


def test_one_group_or_no_ends_give_no_p() -> None:
    """Nothing to compare is not a p of 1."""
    seen = lives([1, 2, 3], [True, True, False])
    for found in (
        group_test(seen, np.zeros(3, int)),
        group_test(lives([1, 2], [False, False]), np.array([0, 1])),
        group_test(lives([], []), np.zeros(0, int)),
    ):
        assert (found.chi2, found.df, found.p) == (None, 0, None)


def test_groups_never_at_risk_together_carry_no_information() -> None:
    """Strata that each hold one group leave nothing to compare; a group that is empty takes no degree of freedom."""
    seen = lives([1, 2, 3, 4], [True] * 4)
    assert group_test(seen, np.array([0, 0, 1, 1]), strata=np.array([0, 0, 1, 1])).df == 0
    assert group_test(seen, np.array([0, 2, 0, 2])).df == 1
    with pytest.raises(ValueError, match="one group code"):
        group_test(seen, np.array([0, 1]))


@given(st.lists(st.tuples(st.integers(1, 9), st.booleans(), st.integers(0, 2)), min_size=2, max_size=40))
def test_names_of_groups_do_not_matter(rows: list[tuple[int, bool, int]]) -> None:
    """Codes in another order, rows in another order: the same statistic."""
    seen = lives([row[0] for row in rows], [row[1] for row in rows])
    groups = np.array([row[2] for row in rows])
    plain = group_test(seen, groups, rho=1)
    turned = np.arange(len(rows))[::-1]
    other = group_test(seen.take(turned), (2 - groups)[turned], rho=1)
    assert plain.df == other.df
    assert (plain.chi2 is None) == (other.chi2 is None)
    if plain.chi2 is not None:
        assert plain.chi2 == pytest.approx(other.chi2, rel=1e-9, abs=1e-12)


def cosmesis() -> tuple[Spans, np.ndarray]:
    """The breast-cosmesis trial of Finkelstein and Wolfe (1985), time to deterioration in months by visits."""
    data = referee.columns(referee.DATA / "cosmesis.csv")
    return Spans(data["lo"], np.where(np.isnan(data["hi"]), np.inf, data["hi"])), data["group"].astype(int)


def test_the_permutation_test_of_intervals_comes_out_as_published() -> None:
    """Z = -2.6684 and p = 0.007622 in the literature; permuting says about the same, the same for the same seed."""
    spans, groups = cosmesis()
    found = permutation_test(spans, groups, np.random.default_rng(3), replicates=4999)
    assert math.sqrt(found.test.chi2 or 0) == pytest.approx(2.6684, abs=5e-5)
    assert found.test.p == pytest.approx(0.007622, abs=5e-7)
    assert found.p == pytest.approx(0.0076, abs=0.004)
    assert permutation_test(spans, groups, np.random.default_rng(3), replicates=4999) == found
    assert permutation_test(spans, groups, np.random.default_rng(3), replicates=0).p is None
    with pytest.raises(ValueError, match="one group code"):
        permutation_test(spans, groups[:-1], np.random.default_rng(3))


def test_scores_of_exact_lengths_are_those_of_the_log_rank_test() -> None:
    """Sums of scores by group are observed minus expected ends, so intervals add nothing where there are none."""
    data = referee.columns(referee.DATA / "freireich.csv")
    spans = Spans(data["time"], np.where(data["event"] == 1, data["time"], np.inf))
    scores = sun_scores(npmle(spans))
    groups = data["group"].astype(int)
    found = group_test(referee.seen(data), groups)
    np.testing.assert_allclose(np.bincount(groups, scores), np.subtract(found.observed, found.expected), atol=1e-7)


def test_under_equal_laws_p_is_spread_evenly() -> None:
    """Drawn from one law the log-rank test rejects at 5 % about as often as it says."""
    rng = np.random.default_rng(5)
    groups = np.repeat([0, 1, 2], 30)
    ages = rng.exponential(1, (400, 90))
    p = [group_test(lives(row, row < 2), groups).p or 1 for row in np.minimum(ages, 2)]
    assert 0.02 < np.mean(np.array(p) < 0.05) < 0.09
