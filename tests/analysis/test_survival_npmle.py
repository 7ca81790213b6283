"""Survival from intervals: published masses, the limits of exact data, and proof of the maximum."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis import referee
from tracker.analysis.survival_km import kaplan_meier
from tracker.analysis.survival_lives import lives
from tracker.analysis.survival_npmle import Spans, npmle
from tracker.analysis.survival_runs import isotonic

POLLED = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 6) | st.none()), min_size=1, max_size=25)


def spans(rows: list[tuple[float, float | None]]) -> Spans:
    """Lower bounds and widths; no width means still alive."""
    lo = np.array([lo for lo, _ in rows], float)
    return Spans(
        lo, np.array([np.inf if width is None else at + width for at, (_, width) in zip(lo, rows, strict=True)])
    )


def likelihood(seen: Spans, lo: np.ndarray, hi: np.ndarray, mass: np.ndarray) -> float:
    """Straight from the definition: the log of the mass inside each interval, added up."""
    inside = (lo[None, :] >= seen.lo[:, None]) & (hi[None, :] <= seen.hi[:, None])
    exact = (lo == hi)[None, :] & (lo[None, :] == seen.lo[:, None]) & (seen.lo != seen.hi)[:, None]
    return float(np.log((inside & ~exact) @ mass).sum())


def test_the_cosmesis_trial_comes_out_as_published() -> None:
    """Radiotherapy alone: 0.6682 beyond 25 months, 0.5864 beyond 34, 0.4656 in the last interval."""
    data = referee.columns(referee.DATA / "cosmesis.csv")
    seen = Spans(data["lo"], np.where(np.isnan(data["hi"]), np.inf, data["hi"]))
    alone = data["group"] == 1
    curve = npmle(Spans(seen.lo[alone], seen.hi[alone]))
    assert curve.at(25) == pytest.approx((0.6682, 0.6682), abs=5e-5)
    assert curve.at(34) == pytest.approx((0.5864, 0.5864), abs=5e-5)
    assert curve.mass[-1] == pytest.approx(0.4656, abs=5e-5)
    assert curve.log_likelihood == pytest.approx(-58.060022, abs=1e-6)
    assert curve.quantile() == (38, 40)
    assert curve.gap < 1e-10


def test_exact_lengths_give_kaplan_meier() -> None:
    """Known ends and last sightings are intervals without width or without end."""
    data = referee.columns(referee.DATA / "aml.csv")
    seen = referee.seen(data)
    curve = npmle(Spans(seen.exit, np.where(seen.event, seen.exit, np.inf)))
    product = kaplan_meier(seen)
    for t, share in zip(product.table.t, product.surv, strict=True):
        assert curve.at(t) == pytest.approx((share, share), abs=1e-9)


def test_nothing_is_known_inside_an_interval() -> None:
    """One name gone between two polls: survival inside is anything from 1 to 0, and the median is the interval."""
    curve = npmle(spans([(6, 6)]))
    assert (curve.at(6), curve.at(9), curve.at(12)) == ((1, 1), (0, 1), (0, 0))
    assert curve.quantile() == (6, 12)
    assert npmle(spans([(6, None)])).quantile() == (6, None)


def test_an_age_survived_carries_no_mass() -> None:
    """Seen alive at 5 and another gone in (4, 5]: the shared end belongs to the one that is gone."""
    curve = npmle(Spans(np.array([4.0, 5.0]), np.array([5.0, 9.0])))
    assert list(zip(curve.lo, curve.hi, curve.mass, strict=True)) == [(4, 5, 0.5), (5, 9, 0.5)]


def test_what_cannot_be_an_interval_is_refused() -> None:
    """Bounds in the wrong order, not finite, of other length, or none."""
    for lo, hi in (([2.0], [1.0]), ([np.inf], [np.inf]), ([-1.0], [1.0]), ([np.nan], [1.0])):
        with pytest.raises(ValueError, match="lo must be finite"):
            Spans(np.array(lo), np.array(hi))
    with pytest.raises(ValueError, match="one length"):
        Spans(np.zeros(1), np.zeros(2))
    with pytest.raises(ValueError, match="nothing"):
        npmle(Spans(np.zeros(0), np.zeros(0)))


@given(POLLED, st.integers(0, 2**32 - 1))
def test_no_other_mass_is_likelier(rows: list[tuple[int, int | None]], seed: int) -> None:
    """The likelihood is what the definition says, and moving mass anywhere never raises it."""
    seen = spans(rows)
    curve = npmle(seen)
    assert curve.mass.sum() == pytest.approx(1)
    assert curve.log_likelihood == pytest.approx(likelihood(seen, curve.lo, curve.hi, curve.mass), abs=1e-7)
    rng = np.random.default_rng(seed)
    for share in (0.5, 0.01):
        other = (1 - share) * curve.mass + share * rng.dirichlet(np.ones(len(curve.mass)))
        assert likelihood(seen, curve.lo, curve.hi, other) <= curve.log_likelihood + 1e-6


@given(POLLED)
def test_order_and_unit_do_not_matter(rows: list[tuple[int, int | None]]) -> None:
    """Rows backwards, in eighths of the unit: the same intervals, and the same likelihood."""
    curve = npmle(spans(rows))
    other = npmle(spans([(lo * 8, None if width is None else width * 8) for lo, width in rows[::-1]]))
    np.testing.assert_array_equal(curve.lo * 8, other.lo)
    assert curve.log_likelihood == pytest.approx(other.log_likelihood, abs=1e-6)


def test_a_coarse_grid_does_not_lengthen_lives() -> None:
    """Polled every 6 h, exponential lives of median 5.46 h: the first dead poll says 9 h, the interval holds it."""
    rng = np.random.default_rng(2)
    ages, phase = rng.exponential(5.46 / np.log(2), 3000), rng.random(3000) * 6
    lo = np.maximum(0, (np.floor((ages + phase) / 6)) * 6 - phase)
    hi = (np.floor((ages + phase) / 6) + 1) * 6 - phase
    lo_of, hi_of = npmle(Spans(np.round(lo), np.round(hi))).quantile() or (0, None)
    assert np.median(hi) > 8
    assert hi_of is not None
    assert lo_of - 0.5 <= 5.46 <= hi_of + 0.5


@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(0.1, 3)), min_size=1, max_size=12))
def test_pooling_gives_the_nearest_rising_sequence(rows: list[tuple[float, float]]) -> None:
    """By the max-min formula over all runs."""
    values, weights = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    n = len(rows)
    mean = {(i, j): np.average(values[i:j], weights=weights[i:j]) for i, j in itertools.combinations(range(n + 1), 2)}
    wanted = [max(min(mean[i, j] for j in range(k + 1, n + 1)) for i in range(k + 1)) for k in range(n)]
    np.testing.assert_allclose(isotonic(values, weights), wanted, atol=1e-9)


def test_entries_are_for_the_other_estimator() -> None:
    """A sanity check of the comparison above: exact data without censoring is the empirical distribution."""
    ages = np.array([1.0, 2.0, 2.0, 7.0])
    curve = npmle(Spans(ages, ages))
    assert curve.mass.tolist() == pytest.approx([0.25, 0.5, 0.25])
    assert kaplan_meier(lives(ages, np.ones(4, bool))).surv.tolist() == pytest.approx([0.75, 0.25, 0])


def test_half_is_reached_where_the_maximum_has_exactly_half() -> None:
    """The masses are 1/6, 1/6, 1/6 and 1/2; where the rounds end the first three add up to a little less."""
    lo = [2, 1, 10, 9, 5, 4, 8, 6, 9, 1, 1, 9, 5, 4, 9]
    hi = [13, np.inf, 12, 11, 16, 16, 8, np.inf, 11, 10, np.inf, np.inf, 7, np.inf, np.inf]
    curve = npmle(Spans(np.array(lo, dtype=float), np.array(hi, dtype=float)))
    assert curve.mass[curve.mass > 0] == pytest.approx([1 / 6, 1 / 6, 1 / 6, 1 / 2], abs=1e-8)
    assert curve.quantile() == (9, 10)


def test_no_trace_is_left_where_the_maximum_has_no_mass() -> None:
    """In small sets a mass is part of the answer or not there, never a rounding error with a row of its own."""
    rng = np.random.default_rng(7)
    for _ in range(300):
        n = int(rng.choice([5, 10, 30]))
        lo = rng.integers(0, 25, n).astype(float)
        hi = np.where(rng.random(n) < 0.3, np.inf, lo + rng.integers(0, 8, n))
        curve = npmle(Spans(lo, hi))
        assert curve.gap < 1e-7
        assert curve.mass[curve.mass > 0].min() > 1e-4
