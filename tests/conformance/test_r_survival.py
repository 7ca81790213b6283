"""The estimators against R's survival package: its own data sets, and drawn ones with ties and late entry."""

import csv
import math
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tracker.analysis import survival_intervals
from tracker.analysis.survival_bands import Scale
from tracker.analysis.survival_competing import aalen_johansen
from tracker.analysis.survival_distributions import chi2_tail
from tracker.analysis.survival_km import SurvivalCurve, kaplan_meier, nelson_aalen, quantile
from tracker.analysis.survival_lives import Lives, lives
from tracker.analysis.survival_means import restricted_mean
from tracker.analysis.survival_npmle import Spans, npmle
from tracker.analysis.survival_recurrent import mean_cumulative
from tracker.analysis.survival_tests import group_test

SCRIPT = Path(__file__).with_name("survival.R")
OWN = ("lung", "veteran", "veteran-trt", "pbc", "mgus2", "cgd", "heart")
DRAWN = ("ties", "censored", "late", "stretches")
CLOSE = {"rtol": 1e-9, "atol": 1e-12, "equal_nan": True}

Found = dict[str, list[float]]
Columns = dict[str, np.ndarray]


def has_survival() -> bool:
    """Whether R and its package are there."""
    if shutil.which("Rscript") is None:
        return False
    asked = subprocess.run(["Rscript", "-e", "library(survival)"], capture_output=True, check=False)
    return asked.returncode == 0


pytestmark = pytest.mark.skipif(not has_survival(), reason="NOT RUN: needs Rscript with the survival package")


def write(path: Path, columns: dict[str, object]) -> None:
    """A CSV file from columns of one length; NaN and infinity become empty cells."""
    with path.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.writer(lines)
        writer.writerow(columns)
        for row in zip(*(np.asarray(column).tolist() for column in columns.values()), strict=True):
            writer.writerow("" if isinstance(cell, float) and not math.isfinite(cell) else cell for cell in row)


def draw(folder: Path) -> None:
    """Sets that try what the package's own do not: heavy ties, few ends, late entry, stretches, intervals."""
    rng = np.random.default_rng(20240904)
    n = 150
    codes = {"group": rng.integers(0, 3, n), "stratum": rng.integers(0, 4, n), "cause": rng.integers(1, 4, n)}
    times = rng.integers(0, 12, n)
    write(folder / "ties.csv", {"entry": np.zeros(n, int), "time": times, "event": rng.integers(0, 2, n), **codes})
    times = rng.weibull(0.6, n) * 30
    few = (rng.random(n) < 0.15).astype(int)
    write(folder / "censored.csv", {"entry": np.zeros(n), "time": times, "event": few, **codes})
    entry = rng.integers(0, 9, n)
    times = entry + 1 + rng.geometric(0.15, n)
    write(folder / "late.csv", {"entry": entry, "time": times, "event": rng.integers(0, 2, n), **codes})
    ids = np.repeat(np.arange(60), 3)
    lengths = rng.integers(1, 9, (60, 3))
    times = lengths.cumsum(axis=1)
    starts = (times - lengths + (rng.random((60, 3)) < 0.3) * (lengths > 1)).ravel()
    again = {"entry": starts, "time": times.ravel(), "event": rng.integers(0, 2, 180), "id": ids, "group": ids % 2}
    write(folder / "stretches.csv", again)
    lo = np.floor(rng.weibull(0.8, n) * 12)
    hi = np.where(rng.random(n) < 0.25, np.inf, lo + rng.integers(1, 6, n))
    write(folder / "polled.csv", {"lo": lo, "hi": hi})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the data sets are."""
    return tmp_path_factory.mktemp("r")


@pytest.fixture(scope="module")
def found(folder: Path) -> Found:
    """What R says, by name."""
    draw(folder)
    ran = subprocess.run(["Rscript", SCRIPT, folder], capture_output=True, text=True, check=True)
    pairs = (line.split("\t") for line in ran.stdout.splitlines())
    return {name: [float("nan" if cell == "NA" else cell) for cell in cells.split()] for name, cells in pairs}


def columns(folder: Path, name: str) -> Columns:
    """A data set; cells that are no numbers become codes."""
    with (folder / f"{name}.csv").open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    read = {}
    for column in rows[0]:
        cells = [row[column] for row in rows]
        try:
            read[column] = np.array([float(cell or "nan") for cell in cells])
        except ValueError:
            read[column] = np.unique(cells, return_inverse=True)[1].astype(float)
    return read


def seen(data: Columns) -> Lives:
    """The lives of a data set."""
    return lives(data["time"], data["event"] == 1, data["entry"])


@pytest.mark.parametrize("name", OWN + DRAWN)
def test_curves_agree(folder: Path, found: Found, name: str) -> None:
    """Kaplan-Meier with Greenwood's error, Nelson-Aalen, three kinds of limits, quantiles and restricted mean."""
    curve = kaplan_meier(seen(columns(folder, name)))
    hazard = nelson_aalen(curve.table)
    table = curve.table
    ours = {"time": table.t, "n.risk": table.n_risk, "n.event": table.n_event, "n.censor": table.n_censor}
    ours |= {"surv": curve.surv, "se": curve.se, "cumhaz": hazard.cumhaz, "std.chaz": hazard.se}
    for part, values in ours.items():
        np.testing.assert_allclose(values, found[f"{name}.{part}"], **CLOSE, err_msg=part)
    for scale in Scale:
        limits = curve.band(scale)
        np.testing.assert_allclose(limits.lo, found[f"{name}.lower.{scale}"], **CLOSE)
        np.testing.assert_allclose(limits.hi, found[f"{name}.upper.{scale}"], **CLOSE)
        for share in (0.31, 0.5, 0.77):
            agree_on_quantile(curve, share, scale, found[f"{name}.quantile.{scale}.{share}"])
    tau, value, se = found[f"{name}.rmst"]
    mean = restricted_mean(curve, tau)
    np.testing.assert_allclose((mean.value, mean.se), (value, se), rtol=1e-9)


def agree_on_quantile(curve: SurvivalCurve, share: float, scale: Scale, theirs: list[float]) -> None:
    """R takes the middle of a stretch on which the curve is flat at the share; ours is its beginning."""
    limits = curve.band(scale)
    ours = [math.nan if value is None else value for value in quantile(curve, share, scale)]
    for mine, other, values in zip(ours, theirs, (curve.surv, limits.lo, limits.hi), strict=True):
        if not np.isclose(values, share, atol=1e-7).any():
            np.testing.assert_allclose(mine, other, rtol=1e-12, equal_nan=True)


@pytest.mark.parametrize("name", [name for name in OWN + DRAWN if name not in {"cgd", "mgus2"}])
def test_tests_between_groups_agree(folder: Path, found: Found, name: str) -> None:
    """Log-rank and Peto-Peto, plain and within strata; with late entry the referee is Cochran-Mantel-Haenszel."""
    data = columns(folder, name)
    known = ~np.isnan(data.get("stratum", data["time"]))
    for test, rho in (("logrank", 0.0), ("peto", 1.0)):
        for strata in (False, True):
            theirs = found.get(f"{name}.{test}.strata" if strata else f"{name}.{test}")
            if theirs is None:
                continue
            rows = known if strata else np.ones(len(known), dtype=bool)
            groups = np.unique(data["group"][rows], return_inverse=True)[1]
            codes = data["stratum"][rows].astype(int) if strata else None
            ours = group_test(seen(data).take(rows), groups, strata=codes, rho=rho)
            np.testing.assert_allclose(ours.chi2, theirs[0], rtol=1e-9)


@pytest.mark.parametrize("name", ["mgus2", "ties", "censored", "late"])
def test_competing_endings_agree(folder: Path, found: Found, name: str) -> None:
    """Aalen-Johansen shares and their jackknife errors, at every age that R prints."""
    data = columns(folder, name)
    whole = aalen_johansen(seen(data), data["cause"].astype(int))
    rows = np.searchsorted(whole.alive.table.t, found[f"{name}.cif.time"])
    np.testing.assert_allclose(whole.alive.surv[rows], found[f"{name}.cif.0"], **CLOSE)
    for code, part in whole.causes.items():
        np.testing.assert_allclose(part.share[rows], found[f"{name}.cif.{code}"], **CLOSE)
        np.testing.assert_allclose(part.se[rows], found[f"{name}.cif.se.{code}"], rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize(("name", "groups"), [("cgd", ("placebo", "rIFN-g")), ("stretches", ("0", "1"))])
def test_recurrent_events_agree(folder: Path, found: Found, name: str, groups: tuple[str, str]) -> None:
    """Mean cumulative function with the error that knows which rows are one unit."""
    data = columns(folder, name)
    for code, group in enumerate(groups):
        mine = data["group"] == code
        ours = mean_cumulative(seen(data).take(mine), data["id"][mine].astype(int))
        rows = np.searchsorted(ours.table.t, found[f"{name}.mcf.time.{group}"])
        np.testing.assert_allclose(ours.mcf[rows], found[f"{name}.mcf.{group}"], rtol=1e-9)
        np.testing.assert_allclose(ours.se[rows], found[f"{name}.mcf.se.{group}"], rtol=1e-9, atol=1e-12)


def test_intervals_agree_as_far_as_r_goes(folder: Path, found: Found) -> None:
    """R's Turnbull curve stops early, so it may be some 1e-3 off; its likelihood must not be above ours."""
    data = columns(folder, "polled")
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


def cases(found: Found, what: str) -> Iterator[tuple[list[str], list[float]]]:
    """Arguments and answers of the entries whose name begins so."""
    yield from ((name.split(".")[1:], values) for name, values in found.items() if name.startswith(f"{what}."))


def test_exact_intervals_and_tails_agree(found: Found) -> None:
    """Clopper-Pearson, Wilson, Poisson and chi-square, from tiny to large counts."""
    for what, ours in (("binom", survival_intervals.clopper_pearson), ("wilson", survival_intervals.wilson)):
        for (k, n), limits in cases(found, what):
            np.testing.assert_allclose(ours(int(k), int(float(n))), limits, rtol=1e-9, err_msg=f"{what} {k} of {n}")
    for (n,), limits in cases(found, "poisson"):
        np.testing.assert_allclose(survival_intervals.poisson(int(float(n))), limits, rtol=1e-9)
    for (df,), tails in cases(found, "chisq"):
        np.testing.assert_allclose([chi2_tail(x, int(df)) for x in (0.1, 1, 5.5, 30, 300)], tails, rtol=1e-9)


def test_published_values_come_out(folder: Path, found: Found) -> None:
    """The figures printed in manuals and papers for these data sets."""
    assert found
    lung = kaplan_meier(seen(columns(folder, "lung")))
    assert quantile(lung) == (310, 284, 361)
    assert quantile(lung, 0.5, Scale.LOG) == (310, 285, 363)
    ages, shares = (100, 250, 500, 30, 365), (0.863969, 0.596669, 0.293269, 0.956140351, 0.409241624)
    assert [lung.at(age) for age in ages] == pytest.approx(shares, abs=1e-6)
    pbc = columns(folder, "pbc")
    for arm, value, se in ((0, 7.283415761, 0.2954780922), (1, 7.146492996, 0.2827748496)):
        mean = restricted_mean(kaplan_meier(seen(pbc).take(pbc["group"] == arm)), 10)
        assert (mean.value, mean.se) == pytest.approx((value, se), abs=1e-9)
    mgus2 = columns(folder, "mgus2")
    ended = aalen_johansen(seen(mgus2), mgus2["cause"].astype(int))
    rows = np.searchsorted(ended.alive.table.t, (60, 120, 240), side="right") - 1
    assert ended.alive.surv[rows] == pytest.approx((0.6455292768, 0.4044601279, 0.1761583079), abs=1e-9)
    assert ended.causes[1].share[rows] == pytest.approx((0.0341037130, 0.0637221680, 0.0998137159), abs=1e-9)
    assert ended.causes[2].share[rows] == pytest.approx((0.3203670103, 0.5318177041, 0.7240279761), abs=1e-9)
    veteran = columns(folder, "veteran")
    test = group_test(seen(veteran), veteran["group"].astype(int))
    assert (test.chi2, test.df, test.p) == pytest.approx((25.4037003458, 3, 1.27124593901e-05), rel=1e-9)
