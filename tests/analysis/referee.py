"""What R's survival package says of a data set, asked now or kept from earlier, and how ours must compare.

`python -m tests.analysis.referee` asks R about the sets in `data` and keeps the answers in `data/frozen.json`.
"""

import csv
import json
import math
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tracker.analysis.survival_bands import Scale
from tracker.analysis.survival_competing import aalen_johansen
from tracker.analysis.survival_km import SurvivalCurve, kaplan_meier, nelson_aalen, quantile
from tracker.analysis.survival_lives import Lives, lives
from tracker.analysis.survival_means import restricted_mean
from tracker.analysis.survival_recurrent import mean_cumulative
from tracker.analysis.survival_tests import group_test

DATA = Path(__file__).with_name("data")
FROZEN = DATA / "frozen.json"
SCRIPT = Path(__file__).parent.parent / "conformance" / "survival.R"
CLOSE = {"rtol": 1e-9, "atol": 1e-12, "equal_nan": True}

Found = Mapping[str, list[float]]
Columns = dict[str, np.ndarray]


def has_r() -> bool:
    """Whether R and its survival package are there."""
    if shutil.which("Rscript") is None:
        return False
    return subprocess.run(["Rscript", "-e", "library(survival)"], capture_output=True, check=False).returncode == 0


def ask(folder: Path) -> Found:
    """What R says of the CSV files in a folder, by name; it adds some sets of its own to the folder."""
    ran = subprocess.run(["Rscript", SCRIPT, folder], capture_output=True, text=True, check=True)
    pairs = (line.split("\t") for line in ran.stdout.splitlines())
    return {name: [float("nan" if cell == "NA" else cell) for cell in cells.split()] for name, cells in pairs}


def frozen() -> Found:
    """What R said of the sets in `data`."""
    kept = json.loads(FROZEN.read_text(encoding="utf-8"))
    return {name: [math.nan if cell is None else cell for cell in cells] for name, cells in kept.items()}


def columns(path: Path) -> Columns:
    """A data set; cells that are no numbers become codes, empty ones NaN."""
    with path.open(newline="", encoding="utf-8") as lines:
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


def agree_on_curves(data: Columns, found: Found, name: str) -> None:
    """Kaplan-Meier with Greenwood's error, Nelson-Aalen, three kinds of limits, quantiles and restricted mean."""
    curve = kaplan_meier(seen(data))
    hazard, table = nelson_aalen(curve.table), curve.table
    ours = {"time": table.t, "n.risk": table.n_risk, "n.event": table.n_event, "n.censor": table.n_censor}
    ours |= {"surv": curve.surv, "se": curve.se, "cumhaz": hazard.cumhaz, "std.chaz": hazard.se}
    for part, values in ours.items():
        np.testing.assert_allclose(values, found[f"{name}.{part}"], **CLOSE, err_msg=part)
    for scale in Scale:
        limits = curve.band(scale)
        np.testing.assert_allclose(limits.lo, found[f"{name}.lower.{scale}"], **CLOSE)
        np.testing.assert_allclose(limits.hi, found[f"{name}.upper.{scale}"], **CLOSE)
        for share in (0.31, 0.5, 0.77):
            _agree_on_quantile(curve, share, scale, found[f"{name}.quantile.{scale}.{share}"])
    tau, value, se = found[f"{name}.rmst"]
    mean = restricted_mean(curve, tau)
    np.testing.assert_allclose((mean.value, mean.se), (value, se), rtol=1e-9)


def _agree_on_quantile(curve: SurvivalCurve, share: float, scale: Scale, theirs: list[float]) -> None:
    """R takes the middle where the curve is flat at the share."""
    limits, found = curve.band(scale), quantile(curve, share, scale)
    ours = [math.nan if value is None else value for value in (found.value, found.lo, found.hi)]
    for mine, other, values in zip(ours, theirs, (curve.surv, limits.lo, limits.hi), strict=True):
        if not np.isclose(values, share, atol=1e-7).any():
            np.testing.assert_allclose(mine, other, rtol=1e-12, equal_nan=True)
    if found.until is not None and found.value is not None and found.until > found.value:
        np.testing.assert_allclose((found.value + found.until) / 2, theirs[0], rtol=1e-12)


def agree_on_tests(data: Columns, found: Found, name: str) -> int:
    """Log-rank and Peto-Peto, plain and within strata; how many were compared."""
    known = ~np.isnan(data.get("stratum", data["time"]))
    compared = 0
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
            compared += 1
    return compared


def agree_on_endings(data: Columns, found: Found, name: str) -> None:
    """Aalen-Johansen shares and their jackknife errors, at every age that R prints."""
    whole = aalen_johansen(seen(data), data["cause"].astype(int))
    rows = np.searchsorted(whole.alive.table.t, found[f"{name}.cif.time"])
    np.testing.assert_allclose(whole.alive.surv[rows], found[f"{name}.cif.0"], **CLOSE)
    for code, part in whole.causes.items():
        np.testing.assert_allclose(part.share[rows], found[f"{name}.cif.{code}"], **CLOSE)
        np.testing.assert_allclose(part.se[rows], found[f"{name}.cif.se.{code}"], rtol=1e-9, atol=1e-10)


def agree_on_recurrences(data: Columns, found: Found, name: str, groups: tuple[str, ...]) -> None:
    """Mean cumulative function of each group, with the error that knows which rows are one unit."""
    for code, group in enumerate(groups):
        mine = data["group"] == code
        ours = mean_cumulative(seen(data).take(mine), data["id"][mine].astype(int))
        rows = np.searchsorted(ours.table.t, found[f"{name}.mcf.time.{group}"])
        np.testing.assert_allclose(ours.mcf[rows], found[f"{name}.mcf.{group}"], rtol=1e-9)
        np.testing.assert_allclose(ours.se[rows], found[f"{name}.mcf.se.{group}"], rtol=1e-9, atol=1e-12)


def keep() -> None:
    """Ask R about the sets in `data` and keep what it says."""
    with tempfile.TemporaryDirectory() as folder:
        for path in DATA.glob("*.csv"):
            shutil.copy(path, folder)
        found = ask(Path(folder))
    names = {path.stem for path in DATA.glob("*.csv")} | {"binom", "wilson", "poisson", "chisq"}
    kept = {
        name: [None if math.isnan(cell) else cell for cell in cells]
        for name, cells in sorted(found.items())
        if name.split(".")[0] in names
    }
    FROZEN.write_text("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in kept.items()) + "\n}\n")


if __name__ == "__main__":
    keep()
