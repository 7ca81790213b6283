"""Curves of lifetimes seen late and cut short: by hand, against kept answers of R, and as properties."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis import referee
from tracker.analysis.survival_bands import Scale, band, positive_band
from tracker.analysis.survival_km import kaplan_meier, nelson_aalen, quantile
from tracker.analysis.survival_lives import Lives, lives, risk_table
from tracker.analysis.survival_means import BeyondFollowUp, difference, follow_up, restricted_mean

KEPT = ("aml", "freireich", "ties", "late", "stretches")
WHOLE = st.tuples(st.integers(0, 20), st.integers(0, 20), st.booleans())
SAMPLES = st.lists(st.tuples(st.floats(0, 50), st.floats(0.001, 50), st.booleans()), min_size=1, max_size=30)


@pytest.mark.parametrize("name", KEPT)
def test_curves_agree_with_r(name: str) -> None:
    """Every number of curve, hazard, limits, quantiles and restricted mean, to 1e-9."""
    referee.agree_on_curves(referee.columns(referee.DATA / f"{name}.csv"), referee.frozen(), name)


def test_a_curve_by_hand() -> None:
    """Two of four end at once, one leaves alive, the last ends."""
    curve = kaplan_meier(lives([2, 2, 3, 5], [True, True, False, True]))
    assert curve.table.n_risk.tolist() == [4, 2, 1]
    assert curve.table.n_event.tolist() == [2, 0, 1]
    assert curve.table.n_censor.tolist() == [0, 1, 0]
    assert curve.surv.tolist() == [0.5, 0.5, 0]
    assert curve.se[0] == pytest.approx(0.25)
    assert math.isnan(curve.se[2])
    assert (curve.at(1.9), curve.at(2), curve.at(99)) == (1, 0.5, 0)


def test_the_freireich_trial_comes_out_as_printed() -> None:
    """Survival at ten weeks and medians, as every textbook has them."""
    data = referee.columns(referee.DATA / "freireich.csv")
    treated, placebo = (kaplan_meier(referee.seen(data).take(data["group"] == code)) for code in (0, 1))
    assert (treated.at(10), placebo.at(10)) == pytest.approx((0.75294118, 0.380952381), abs=1e-8)
    row = int(np.searchsorted(treated.table.t, 10))
    assert treated.se[row] == pytest.approx(0.096349653, abs=1e-9)
    assert (quantile(treated).value, quantile(placebo).value) == (23, 8)


def test_a_late_discovery_is_not_at_risk_before_it() -> None:
    """Names found because they had lived long must not make everybody seem to live long."""
    found_late = lives([1, 1, 10, 10, 10], [True, True, False, False, False], [0, 0, 0, 5, 5])
    as_if_from_birth = lives(found_late.exit, found_late.event)
    assert kaplan_meier(found_late).surv[-1] == pytest.approx(1 / 3)
    assert kaplan_meier(as_if_from_birth).surv[-1] == pytest.approx(3 / 5)


def test_late_entry_gives_back_the_truth() -> None:
    """Weibull lives found late on average at 20 d: the honest curve is near the law, the naive one far above it."""
    rng = np.random.default_rng(7)
    ages, found = 30 * rng.weibull(0.6, 60_000), rng.exponential(20, 60_000)
    seen = found < ages
    honest = kaplan_meier(lives(ages[seen], np.ones(seen.sum(), bool), found[seen]), least_at_risk=50)
    naive = kaplan_meier(lives(ages[seen], np.ones(seen.sum(), bool)))
    start = 1.0
    truth = math.exp(-((30 / 30) ** 0.6)) / math.exp(-((start / 30) ** 0.6))
    assert honest.at(30) / honest.at(start) == pytest.approx(truth, abs=0.02)
    assert naive.at(30) > truth + 0.1


def test_few_at_risk_early_are_told_and_can_be_guarded_against() -> None:
    """One early watched name that ends at once pulls the curve to 0, which is not an extinction."""
    early = lives([1, 8, 9, 9, 9], [True, True, False, False, False], [0, 2, 2, 2, 2])
    assert kaplan_meier(early).collapses
    guarded = kaplan_meier(early, least_at_risk=2)
    assert not guarded.collapses
    assert (guarded.table.since, guarded.surv.tolist()) == (8, [0.75, 0.75])
    assert not len(kaplan_meier(early, least_at_risk=9).surv)


def test_limits_stay_inside_and_say_nothing_where_they_know_nothing() -> None:
    """At 1 and 0 the formula has no value; `plain` and `log` are cut at the ends."""
    share, se = np.array([1.0, 0.98, 0.5, 0.01, 0.0]), np.array([0.0, 0.05, 0.1, 0.05, np.nan])
    for scale in Scale:
        limits = band(share, se, scale)
        inside = slice(1, 4)
        assert (limits.lo[inside] >= 0).all() and (limits.hi[inside] <= 1).all()
        assert (limits.lo[inside] <= share[inside]).all() and (share[inside] <= limits.hi[inside]).all()
        assert math.isnan(limits.lo[4]) and math.isnan(limits.hi[4])
    assert math.isnan(band(share, se, Scale.LOG_LOG).hi[0])
    assert math.isnan(positive_band(np.array([0.0]), np.array([0.0])).lo[0])
    with pytest.raises(ValueError, match="between 0 and 1"):
        band(share, se, level=95)


def test_a_median_that_is_not_reached_is_not_a_number() -> None:
    """More than half outlive the follow-up: longer than that, and nobody knows how long."""
    assert quantile(kaplan_meier(lives([1, 2, 3, 4, 5], [True, False, False, False, False]))).value is None


def test_a_half_that_rounding_missed_is_still_a_half() -> None:
    """A product such as 13/14 · 12/13 · … must count as one half where it is one."""
    for n in range(2, 60, 2):
        curve = kaplan_meier(lives(np.arange(1, n + 1), np.ones(n, bool)))
        assert quantile(curve).value == n / 2


def test_restricted_means_by_hand() -> None:
    """Areas of rectangles; a horizon past the last age seen alive is refused."""
    half = kaplan_meier(lives([2, 4], [True, False]))
    assert restricted_mean(half, 4).value == 3
    assert restricted_mean(half, 1).value == 1
    assert follow_up(half) == 4
    with pytest.raises(BeyondFollowUp, match="beyond the last age seen, 4"):
        restricted_mean(half, 4.5)
    ended = kaplan_meier(lives([2, 4], [True, True]))
    assert restricted_mean(ended, 100).value == 3
    with pytest.raises(ValueError, match="positive"):
        restricted_mean(ended, 0)


def test_the_difference_of_means_comes_out_as_published() -> None:
    """The leukaemia trial to 30 weeks: 4.907828 with standard error 3.831290."""
    data = referee.columns(referee.DATA / "aml.csv")
    first, second = (
        restricted_mean(kaplan_meier(referee.seen(data).take(data["group"] == code)), 30) for code in (0, 1)
    )
    gap = difference(first, second)
    assert (gap.value, gap.se) == pytest.approx((4.907828, 3.831290), abs=1e-6)
    assert gap.lo < 0 < gap.hi and 0.05 < gap.p < 1
    with pytest.raises(ValueError, match="different horizons"):
        difference(first, restricted_mean(kaplan_meier(referee.seen(data)), 20))


def test_what_cannot_be_a_life_is_refused() -> None:
    """Ages that are negative or not finite, entries after the end, columns of different length."""
    for exits, events, entries in (([-1], [True], None), ([math.nan], [True], None), ([5], [True], [5])):
        with pytest.raises(ValueError, match="ages at"):
            lives(exits, events, entries)
    with pytest.raises(ValueError, match="one length"):
        Lives(np.zeros(2), np.zeros(3, bool))


def test_no_lives_make_an_empty_curve() -> None:
    """Nothing seen is not nobody alive."""
    curve = kaplan_meier(lives([], []))
    assert not len(curve.surv)
    assert math.isnan(curve.at(1))
    with pytest.raises(BeyondFollowUp):
        restricted_mean(curve, 1)


@given(SAMPLES)
def test_without_censoring_it_is_the_share_that_lives_longer(rows: list[tuple[float, float, bool]]) -> None:
    """One minus the empirical distribution, at every age."""
    ages = np.array([length for _, length, _ in rows])
    curve = kaplan_meier(lives(ages, np.ones(len(ages), bool)))
    np.testing.assert_allclose(curve.surv, [(ages > t).mean() for t in curve.table.t], atol=1e-12)


@given(SAMPLES, st.randoms(use_true_random=False))
def test_order_and_unit_do_not_matter(rows: list[tuple[float, float, bool]], random: object) -> None:
    """Shuffled rows and another unit of time give the same shares."""
    exits = [entry + length for entry, length, _ in rows]
    curve = kaplan_meier(lives(exits, [row[2] for row in rows], [row[0] for row in rows]))
    mixed = list(rows)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    other = lives([(a + b) * 1024 for a, b, _ in mixed], [row[2] for row in mixed], [row[0] * 1024 for row in mixed])
    np.testing.assert_array_equal(curve.surv, kaplan_meier(other).surv)


@given(st.lists(WHOLE, min_size=1, max_size=30))
def test_the_three_ways_of_counting_agree(rows: list[tuple[int, int, bool]]) -> None:
    """Whole ages counted, whole ages sorted and floats sorted give one table, and it is the definition."""
    exits = np.array([entry + length + 1 for entry, length, _ in rows], float)
    events, entries = np.array([row[2] for row in rows]), np.array([row[0] for row in rows], float)
    table = risk_table(lives(exits, events, entries))
    for row, t in enumerate(table.t):
        assert table.n_risk[row] == ((np.where(entries > 0, entries, -1) < t) & (exits >= t)).sum()
        assert table.n_event[row] == (events & (exits == t)).sum()
        assert table.n_censor[row] == (~events & (exits == t)).sum()
    for factor in (10_000.0, 0.25):
        other = risk_table(lives(exits * factor, events, entries * factor))
        np.testing.assert_array_equal(other.t, table.t * factor)
        for column in ("n_risk", "n_event", "n_censor"):
            np.testing.assert_array_equal(getattr(other, column), getattr(table, column))


@given(SAMPLES)
def test_an_entry_of_zero_is_no_late_entry(rows: list[tuple[float, float, bool]]) -> None:
    """Watched from birth: the same curve as without the column."""
    exits, events = [length for _, length, _ in rows], [row[2] for row in rows]
    plain, zero = kaplan_meier(lives(exits, events)), kaplan_meier(lives(exits, events, [0] * len(rows)))
    np.testing.assert_array_equal(plain.surv, zero.surv)
    np.testing.assert_array_equal(nelson_aalen(plain.table).cumhaz, nelson_aalen(zero.table).cumhaz)


@pytest.mark.slow
def test_intervals_cover_at_the_nominal_rate() -> None:
    """Of 1,500 drawn samples with late entry and censoring, 93 to 97 % of the intervals hold the true share."""
    rng = np.random.default_rng(11)
    truth, held, runs = math.exp(-1), 0, 1500
    for _ in range(runs):
        ages, left = rng.exponential(20, 200), rng.exponential(60, 200)
        entry = np.where(rng.random(200) < 0.5, 0, rng.exponential(5, 200))
        seen = entry < np.minimum(ages, left)
        curve = kaplan_meier(lives(np.minimum(ages, left)[seen], (ages <= left)[seen], entry[seen]))
        row = int(np.searchsorted(curve.table.t, 20, side="right")) - 1
        limits = curve.band()
        held += bool(limits.lo[row] <= truth <= limits.hi[row])
    assert 0.93 <= held / runs <= 0.97
