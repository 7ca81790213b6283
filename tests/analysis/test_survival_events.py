"""Competing endings and recurrent events: kept answers of R, sums that must hold, and the classic error."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis import referee
from tracker.analysis.survival_competing import aalen_johansen
from tracker.analysis.survival_influence import Steps, summed_squares
from tracker.analysis.survival_km import kaplan_meier
from tracker.analysis.survival_lives import lives
from tracker.analysis.survival_recurrent import mean_cumulative

ENDED = st.lists(
    st.tuples(st.integers(0, 6), st.integers(1, 9), st.integers(0, 3), st.integers(0, 4)), min_size=1, max_size=30
)


@pytest.mark.parametrize("name", ["ties", "late"])
def test_competing_endings_agree_with_r(name: str) -> None:
    """Shares and jackknife errors, with ties and with late entry, to 1e-9."""
    referee.agree_on_endings(referee.columns(referee.DATA / f"{name}.csv"), referee.frozen(), name)


def test_recurrent_events_agree_with_r() -> None:
    """Mean counts and errors by unit, with gaps in the watch, to 1e-9."""
    referee.agree_on_recurrences(
        referee.columns(referee.DATA / "stretches.csv"), referee.frozen(), "stretches", ("0", "1")
    )


@given(ENDED)
def test_shares_of_all_endings_and_of_the_living_add_up(rows: list[tuple[int, int, int, int]]) -> None:
    """At every age they are the whole, whatever entered late; code 0 is censored."""
    entry, length, cause, _ = (np.array(column) for column in zip(*rows, strict=True))
    found = aalen_johansen(lives(entry + length, cause > 0, entry), cause)
    total = found.alive.surv + sum((part.share for part in found.causes.values()), start=np.zeros(1))
    np.testing.assert_allclose(total, 1, atol=1e-12)


def test_one_minus_kaplan_meier_is_larger_than_the_truth() -> None:
    """Censoring the other endings pretends that who was seized would have gone on living."""
    seen = lives([1, 2, 3, 4], [True] * 4)
    cause = np.array([1, 2, 1, 2])
    naive = 1 - kaplan_meier(lives(seen.exit, cause == 1)).surv[-1]
    found = aalen_johansen(seen, cause)
    assert found.causes[1].share[-1] == pytest.approx(0.5)
    assert naive == pytest.approx(0.625)
    limits = found.causes[1].band()
    assert limits.lo[-1] < 0.5 < limits.hi[-1]


@given(ENDED)
def test_the_error_is_that_of_leaving_units_out(rows: list[tuple[int, int, int, int]]) -> None:
    """The influence of each unit is the slope of the estimate in its weight, taken by weighting it a little more."""
    entry, length, cause, unit = (np.array(column) for column in zip(*rows, strict=True))
    seen, step = lives(entry + length, cause > 0, entry), 1e-6
    first = cause == 1

    def estimates(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Incidence of the first cause and mean count of all events, with weighted rows."""
        start = np.where(entry > 0, entry, -1)
        alive, share, count, told = 1.0, 0.0, 0.0, []
        for t in np.unique(seen.exit):
            n = weight[(start < t) & (seen.exit >= t)].sum()
            d, mine = (weight[(seen.exit == t) & which].sum() for which in (cause > 0, first))
            share, count, alive = share + alive * mine / n, count + d / n, alive * (1 - d / n)
            told.append((share, count))
        shares, counts = np.array(told).T
        return shares, counts

    plain = estimates(np.ones(len(rows)))
    slopes = [(np.array(estimates(1 + step * (unit == code))) - plain) / step for code in np.unique(unit)]
    wanted = np.sqrt(np.square(slopes).sum(axis=0))
    counted = mean_cumulative(seen, unit)
    np.testing.assert_allclose(counted.mcf, plain[1], atol=1e-12)
    np.testing.assert_allclose(counted.se, wanted[1], atol=2e-4)
    if first.any():
        part = aalen_johansen(seen, cause, unit).causes[1]
        np.testing.assert_allclose(part.share, plain[0], atol=1e-12)
        np.testing.assert_allclose(part.se, wanted[0], atol=2e-4)


def test_a_mean_count_may_exceed_one() -> None:
    """Two units that come back three times each: three events per unit, not a probability."""
    exits, ids = np.tile([1.0, 2.0, 3.0], 2), np.repeat([0, 1], 3)
    found = mean_cumulative(lives(exits, np.ones(6, bool), exits - 1), ids)
    assert found.mcf.tolist() == [1, 2, 3]
    assert found.se.tolist() == pytest.approx([0, 0, 0])
    assert found.band().lo.tolist() == pytest.approx([1, 2, 3])


def test_sums_of_squares_are_carried_forward() -> None:
    """Coefficients of one unit add up before they are squared; those of two units after."""
    steps = Steps(np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([[1.0], [2.0], [5.0]]))
    assert summed_squares([steps], np.ones((3, 1))).tolist() == [1, 34, 34]
