"""The arithmetic of surprise."""

from itertools import pairwise
from math import isclose, log2

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tracker.analysis import surprise
from tracker.analysis.weights import COPYCATS, LAGS, LAGS_IMITATED, SISTERS_CAP

DAYS = st.floats(-400, 2000, allow_nan=False)
COUNTS = st.integers(0, 60)


@pytest.mark.parametrize("lags", [LAGS, LAGS_IMITATED])
def test_lags_are_a_distribution_without_holes(lags: surprise.Lags) -> None:
    """A lag table sums to one and its pieces meet, so no lag is counted twice or not at all."""
    assert isclose(sum(share for _, _, share in lags), 1.0)
    assert all(one[1] == other[0] for one, other in pairwise(lags))


@given(st.floats(0, 7), st.floats(0.01, 3))
def test_an_imitated_outlet_is_not_expected_back_within_days(lo: float, width: float) -> None:
    """The same date says less for a name that imitates an outlet: those came back after weeks, where they did."""
    own, imitated = (surprise.arrival_bits(lo, lo + width, 0.85, 0.002, lags) for lags in (LAGS, LAGS_IMITATED))
    assert imitated < own - 1


@given(DAYS, st.floats(0.01, 500), st.floats(0.01, 500))
def test_density_of_an_interval_is_the_mean_of_its_parts(lo: float, first: float, second: float) -> None:
    """Cutting an interval in two changes nothing: what is not known is averaged over, not guessed."""
    middle, hi = lo + first, lo + first + second
    parts = surprise.lag_density(lo, middle) * first + surprise.lag_density(middle, hi) * second
    assert isclose(surprise.lag_density(lo, hi) * (first + second), parts, rel_tol=1e-6, abs_tol=1e-6)


def test_density_at_a_point_is_that_of_its_piece() -> None:
    """An instant has the density of the piece it falls into; an unheard-of lag has almost none."""
    assert isclose(surprise.lag_density(1.0, 1.0), 0.25)
    assert surprise.lag_density(9000.0, 9000.0) == surprise.LEAST_DENSITY


@given(st.floats(-30, 30), st.floats(0, 5), st.floats(1e-5, 0.5), st.floats(1.01, 50))
def test_a_more_common_label_is_less_surprising(lo: float, width: float, rate: float, more: float) -> None:
    """The same arrival says less the more often strangers bring such a name."""
    assert surprise.arrival_bits(lo, lo + width, 0.85, rate) > surprise.arrival_bits(lo, lo + width, 0.85, rate * more)


@given(st.floats(0, 1000), st.floats(0, 50), st.floats(1e-9, 1))
def test_copycats_cap_what_a_label_can_say(lo: float, width: float, rate: float) -> None:
    """However rare the label, strangers who read the news keep it below 1 to COPYCATS."""
    assert surprise.arrival_bits(lo, lo + width, 0.85, rate) <= log2(1 / COPYCATS) + 1e-9


def test_nobody_copies_before_the_news() -> None:
    """Names that came before the takedown cannot be copycats' work; only the part of an interval after it counts."""
    assert surprise.copycat_density(-9.0, -1.0) == 0.0
    assert surprise.copycat_density(-1.0, 1.0) == COPYCATS * 0.5 * surprise.lag_density(0.0, 1.0)


@given(COUNTS, COUNTS, st.floats(0, 60))
def test_sisters_only_ever_help_and_only_so_much(returned: int, others: int, by_chance: float) -> None:
    """That no sister returned is no evidence against a name: the first of a wave is always alone."""
    assume(returned <= others)
    assert 0.0 <= surprise.return_bits(returned, by_chance, others) <= SISTERS_CAP
    assert surprise.return_bits(0, by_chance, others) == 0.0


def test_returns_that_chance_explains_say_nothing() -> None:
    """Thirteen common labels that got a stranger's name each are no wave."""
    assert surprise.return_bits(6, 6.0, 13) == 0.0 < surprise.return_bits(6, 0.2, 13)


@given(st.integers(0, 30), st.integers(1, 30), st.floats(0.001, 0.9))
def test_a_shared_trait_says_more_the_more_sisters_have_it(sharing: int, known: int, share: float) -> None:
    """More sharing never lowers the bits; a trait that no sister has never raises them."""
    assume(sharing < known)
    assert surprise.shared_bits(sharing, known, share) < surprise.shared_bits(sharing + 1, known, share)
    assert surprise.shared_bits(0, known, share) < 0


@given(st.floats(0.001, 0.9))
def test_without_sisters_a_trait_says_nothing(share: float) -> None:
    """Nothing known of sisters is zero bits, whatever the trait."""
    assert isclose(surprise.shared_bits(0, 0, share), 0.0, abs_tol=1e-9)


@given(COUNTS, COUNTS)
def test_a_share_of_strangers_is_never_nothing_or_all(count: int, total: int) -> None:
    """An unseen registrar is rare, not impossible: one count must not make infinite bits."""
    assume(count <= total)
    assert 0.0 < surprise.stranger_share(count, total, 0.05) < 1.0


def test_an_even_day_is_no_batch() -> None:
    """Registrations spread evenly give about zero bits, all in one quarter hour several."""
    parts = (1 / 48, 1 / 12)
    assert abs(surprise.batch_bits((0, 1), parts, 12)) < 1.0
    assert surprise.batch_bits((12, 12), parts, 12) > 3.0


def test_chance_counts_labels_not_names() -> None:
    """A label that gets ten strangers' names within the days has come back once."""
    assert isclose(surprise.chance_within([100.0], 5.0), 1.0)
    assert surprise.chance_within([0.0, 0.0], 5.0) == 0.0
