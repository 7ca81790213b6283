"""The estimators against R's survival package: its own data sets, and drawn ones with ties and late entry."""

import csv
import math
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.analysis import referee
from tests.analysis.referee import Found, columns, seen
from tracker.analysis.survival_bands import Scale
from tracker.analysis.survival_competing import aalen_johansen
from tracker.analysis.survival_km import kaplan_meier, quantile
from tracker.analysis.survival_means import restricted_mean
from tracker.analysis.survival_npmle import Spans, npmle
from tracker.analysis.survival_recurrent import mean_cumulative
from tracker.analysis.survival_tests import group_test

OWN = ("lung", "veteran", "veteran-trt", "pbc", "mgus2", "cgd", "heart")
DRAWN = ("drawn-ties", "drawn-censored", "drawn-late", "drawn-stretches")
KEPT = tuple(sorted(path.stem for path in referee.DATA.glob("*.csv")))

pytestmark = pytest.mark.skipif(not referee.has_r(), reason="NOT RUN: needs Rscript with the survival package")


def write(path: Path, table: dict[str, object]) -> None:
    """A CSV file from columns of one length; infinity becomes an empty cell."""
    with path.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.writer(lines)
        writer.writerow(table)
        for row in zip(*(np.asarray(column).tolist() for column in table.values()), strict=True):
            writer.writerow("" if cell == math.inf else cell for cell in row)


def draw(folder: Path) -> None:
    """Sets that try what the package's own do not: heavy ties, few ends, late entry, stretches, intervals."""
    rng = np.random.default_rng(20240904)
    n = 150
    codes = {"group": rng.integers(0, 3, n), "stratum": rng.integers(0, 4, n), "cause": rng.integers(1, 4, n)}
    times = rng.integers(0, 12, n)
    write(
        folder / "drawn-ties.csv", {"entry": np.zeros(n, int), "time": times, "event": rng.integers(0, 2, n), **codes}
    )
    times = rng.weibull(0.6, n) * 30
    few = (rng.random(n) < 0.15).astype(int)
    write(folder / "drawn-censored.csv", {"entry": np.zeros(n), "time": times, "event": few, **codes})
    entry = rng.integers(0, 9, n)
    times = entry + 1 + rng.geometric(0.15, n)
    write(folder / "drawn-late.csv", {"entry": entry, "time": times, "event": rng.integers(0, 2, n), **codes})
    ids = np.repeat(np.arange(60), 3)
    lengths = rng.integers(1, 9, (60, 3))
    times = lengths.cumsum(axis=1)
    starts = (times - lengths + (rng.random((60, 3)) < 0.3) * (lengths > 1)).ravel()
    again = {"entry": starts, "time": times.ravel(), "event": rng.integers(0, 2, 180), "id": ids, "group": ids % 2}
    write(folder / "drawn-stretches.csv", again)
    lo = np.floor(rng.weibull(0.8, n) * 12)
    hi = np.where(rng.random(n) < 0.25, np.inf, lo + rng.integers(1, 6, n))
    write(folder / "polled.csv", {"lo": lo, "hi": hi})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the data sets are."""
    place = tmp_path_factory.mktemp("r")
    for path in referee.DATA.glob("*.csv"):
        shutil.copy(path, place)
    draw(place)
    return place


@pytest.fixture(scope="module")
def found(folder: Path) -> Found:
    """What R says, by name."""
    return referee.ask(folder)


@pytest.mark.parametrize("name", OWN + DRAWN)
def test_curves_agree(folder: Path, found: Found, name: str) -> None:
    """Every number of the curve, the hazard, the limits, the quantiles and the restricted mean, to 1e-9."""
    referee.agree_on_curves(columns(folder / f"{name}.csv"), found, name)


@pytest.mark.parametrize("name", [name for name in OWN + DRAWN if name not in {"cgd", "mgus2"}])
def test_tests_between_groups_agree(folder: Path, found: Found, name: str) -> None:
    """With late entry, which R's own test declines, the referee is Cochran-Mantel-Haenszel."""
    assert referee.agree_on_tests(columns(folder / f"{name}.csv"), found, name) >= 1


@pytest.mark.parametrize("name", ["mgus2", "drawn-ties", "drawn-censored", "drawn-late"])
def test_competing_endings_agree(folder: Path, found: Found, name: str) -> None:
    """Shares and their errors, with late entry too."""
    referee.agree_on_endings(columns(folder / f"{name}.csv"), found, name)


@pytest.mark.parametrize(("name", "groups"), [("cgd", ("placebo", "rIFN-g")), ("drawn-stretches", ("0", "1"))])
def test_recurrent_events_agree(folder: Path, found: Found, name: str, groups: tuple[str, str]) -> None:
    """Mean counts and errors by unit, with gaps in the watch."""
    referee.agree_on_recurrences(columns(folder / f"{name}.csv"), found, name, groups)


def test_intervals_agree_as_far_as_r_goes(folder: Path, found: Found) -> None:
    """R's Turnbull curve stops early, so it may be some 1e-3 off; its likelihood must not be above ours."""
    data = columns(folder / "polled.csv")
    spans = Spans(data["lo"], np.where(np.isnan(data["hi"]), np.inf, data["hi"]))
    curve = npmle(spans)
    ages, shares = np.array(found["polled.npmle.t"]), np.array(found["polled.npmle.surv"])
    for age, share in zip(ages, shares, strict=True):
        lowest, highest = curve.at(age)
        assert lowest - 5e-3 <= share <= highest + 5e-3
    drop = -np.diff(np.concatenate(([1.0], shares, [0.0])))
    ends = np.concatenate((ages, [np.inf]))
    held = [drop[(ends > lo) & (ends <= hi)].sum() for lo, hi in zip(spans.lo, spans.hi, strict=True)]
    assert np.log(held).sum() <= curve.log_likelihood + 1e-6
    assert np.log(held).sum() == pytest.approx(curve.log_likelihood, abs=1e-2)


def test_what_was_kept_is_what_r_says(found: Found) -> None:
    """The frozen values of the ordinary tests are not ours."""
    for name, values in referee.frozen().items():
        if not name.startswith("cosmesis"):
            np.testing.assert_allclose(found[name], values, rtol=1e-9, atol=1e-12, equal_nan=True, err_msg=name)


def test_published_values_come_out(folder: Path, found: Found) -> None:
    """The figures printed in manuals and papers for these data sets."""
    assert found
    lung = kaplan_meier(seen(columns(folder / "lung.csv")))
    assert quantile(lung)[:3] == (310, 284, 361)
    assert quantile(lung, 0.5, Scale.LOG)[:3] == (310, 285, 363)
    ages, shares = (100, 250, 500, 30, 365), (0.863969, 0.596669, 0.293269, 0.956140351, 0.409241624)
    assert [lung.at(age) for age in ages] == pytest.approx(shares, abs=1e-6)
    pbc = columns(folder / "pbc.csv")
    for arm, value, se in ((0, 7.283415761, 0.2954780922), (1, 7.146492996, 0.2827748496)):
        mean = restricted_mean(kaplan_meier(seen(pbc).take(pbc["group"] == arm)), 10)
        assert (mean.value, mean.se) == pytest.approx((value, se), abs=1e-9)
    mgus2 = columns(folder / "mgus2.csv")
    ended = aalen_johansen(seen(mgus2), mgus2["cause"].astype(int))
    rows = np.searchsorted(ended.alive.table.t, (60, 120, 240), side="right") - 1
    assert ended.alive.surv[rows] == pytest.approx((0.6455292768, 0.4044601279, 0.1761583079), abs=1e-9)
    assert ended.causes[1].share[rows] == pytest.approx((0.0341037130, 0.0637221680, 0.0998137159), abs=1e-9)
    assert ended.causes[2].share[rows] == pytest.approx((0.3203670103, 0.5318177041, 0.7240279761), abs=1e-9)
    veteran = columns(folder / "veteran.csv")
    test = group_test(seen(veteran), veteran["group"].astype(int))
    assert (test.chi2, test.df, test.p) == pytest.approx((25.4037003458, 3, 1.27124593901e-05), rel=1e-9)
    cgd = columns(folder / "cgd.csv")
    mine = cgd["group"] == 0
    placebo = mean_cumulative(seen(cgd).take(mine), cgd["id"][mine].astype(int))
    rows = np.searchsorted(placebo.table.t, (100, 200, 300), side="right") - 1
    assert placebo.mcf[rows] == pytest.approx((0.2466422466, 0.4079325692, 0.8929715592), abs=1e-9)
    assert placebo.se[rows] == pytest.approx((0.0654, 0.0935, 0.1682), abs=5e-5)
