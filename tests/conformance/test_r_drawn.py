"""`tracker survival --format json` against R on many drawn files: what a user who checks us with R would do."""

import csv
import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from tests.analysis import referee
from tests.analysis.referee import Found
from tracker.cli import survival

SETS = int(os.environ.get("DRAWN_SETS", "40"))
CLOSE = {"rtol": 1e-9, "atol": 1e-11, "equal_nan": True}
KM = {"t": "time", "n_risk": "n.risk", "n_event": "n.event", "n_censor": "n.censor", "surv": "surv", "se": "se"}
KM |= {"ci_lo": "lower.log-log", "ci_hi": "upper.log-log"}
HAZARD = {"cumhaz": "cumhaz", "se": "std.chaz"}

pytestmark = pytest.mark.skipif(not referee.has_r(), reason="NOT RUN: needs Rscript with the survival package")

app = typer.Typer()
app.callback()(lambda: None)
survival.register(app)

Rows = list[dict[str, float]]


def draw(seed: int) -> Rows:
    """Lives of one file: few or many, tied or not, watched from birth or late, hardly or mostly ended."""
    rng = np.random.default_rng(seed)
    n = int(rng.choice((6, 15, 40, 200)))
    length = rng.weibull(rng.uniform(0.5, 1.5), n) * 20
    if rng.random() < 0.6:
        length = np.floor(length)
    late = rng.random() < 0.5
    entry = np.where(rng.random(n) < 0.5, np.floor(rng.random(n) * 25), 0) if late else np.zeros(n)
    time = entry + length + late  # R drops rows of no length once any entry is late
    event = (rng.random(n) < rng.choice((0.15, 0.5, 0.85, 1.0))).astype(int)
    event[0] = 1
    group, stratum = rng.integers(0, rng.integers(2, 5), n), rng.integers(0, 3, n)
    columns = {"entry": entry, "time": time, "event": event, "group": group, "stratum": stratum}
    columns["cause"] = rng.integers(1, 4, n)
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def write(path: Path, rows: Rows) -> None:
    """A file of lives."""
    with path.open("w", newline="", encoding="utf-8") as lines:
        table = csv.DictWriter(lines, rows[0])
        table.writeheader()
        table.writerows(rows)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every set as a file, and every group of it as a file of its own."""
    folder = tmp_path_factory.mktemp("drawn")
    for seed in range(SETS):
        rows = draw(seed)
        write(folder / f"s{seed}.csv", rows)
        for group in {row["group"] for row in rows}:
            write(folder / f"s{seed}-{group}.csv", [row for row in rows if row["group"] == group])
    return folder


@pytest.fixture(scope="module")
def theirs(drawn: Path) -> Found:
    """What R says of all of them."""
    return referee.ask(drawn)


def ask(path: Path, *options: str) -> dict[str, Any]:
    """The document that the command prints, in which nothing is NaN."""
    words = ["survival", str(path), *options, "--format", "json"]
    printed = CliRunner().invoke(app, words, catch_exceptions=False).stdout
    found: dict[str, Any] = json.loads(printed, parse_constant=pytest.fail)
    return found


def column(rows: list[Mapping[str, float | None]], key: str) -> list[float]:
    """One key of all rows; None as NaN."""
    return [math.nan if (cell := row[key]) is None else cell for row in rows]


def agree(one: Mapping[str, Any], found: Found, name: str) -> None:
    """Curve, hazard, limits, median, restricted mean and endings of one sample."""
    for key, part in KM.items():
        np.testing.assert_allclose(column(one["km"], key), found[f"{name}.{part}"], **CLOSE, err_msg=f"{name} {key}")
    for key, part in HAZARD.items():
        np.testing.assert_allclose(column(one["nelson_aalen"], key), found[f"{name}.{part}"], **CLOSE, err_msg=name)
    told = {key: math.nan if cell is None else cell for key, cell in one["median"].items()}
    middle = told["lo"] if math.isnan(told["hi"]) else (told["lo"] + told["hi"]) / 2  # R takes the middle of the two
    theirs = found[f"{name}.quantile.log-log.0.5"]
    if told["value"] == told["value"] and math.isnan(told["hi"]):  # half live on at the end of the follow-up
        theirs = [told["value"], *theirs[1:]]
    np.testing.assert_allclose([middle, told["ci_lo"], told["ci_hi"]], theirs, **CLOSE, err_msg=name)
    assert told["value"] == told["lo"] or math.isnan(told["value"])
    for code, rows in one["cumulative_incidence"].items():
        at = np.searchsorted(column(rows, "t"), found[f"{name}.cif.time"])
        np.testing.assert_allclose(np.array(column(rows, "cif"))[at], found[f"{name}.cif.{code}"], **CLOSE)
        np.testing.assert_allclose(np.array(column(rows, "se"))[at], found[f"{name}.cif.se.{code}"], **CLOSE)


def agree_on_test(ours: Mapping[str, float | None], other: list[float], name: str) -> None:
    """Statistic and probability, where R has them; ours are None exactly where nothing could be compared."""
    for key, value in zip(("chi2", "p"), other, strict=False):
        if ours["chi2"] is None:
            assert not other[0] > 1e-12, name
        else:
            np.testing.assert_allclose(ours[key], value, **CLOSE, err_msg=f"{name} {key}")


@pytest.mark.parametrize("seed", range(SETS))
def test_the_command_says_what_r_says(drawn: Path, theirs: Found, seed: int) -> None:
    """The whole file and each of its groups."""
    name = f"s{seed}"
    tau, value, se = theirs.get(f"{name}.rmst", (0.0, 0.0, 0.0))
    whole = ask(drawn / f"{name}.csv", "--tau", repr(tau))
    agree(whole, theirs, name)
    if tau:
        np.testing.assert_allclose((whole["rmst"]["value"], whole["rmst"]["se"]), (value, se), **CLOSE)
    found = ask(drawn / f"{name}.csv", "--by", "group")
    for group, one in found["groups"].items():
        agree(one, theirs, f"{name}-{group}")
    within = ask(drawn / f"{name}.csv", "--by", "group", "--strata", "stratum")
    for document, suffix in ((found, ""), (within, ".strata")):
        for key, test in (("logrank", "logrank"), ("peto_peto", "peto")):
            agree_on_test(document[key], theirs.get(f"{name}.{test}{suffix}", []), f"{name} {key}{suffix}")
