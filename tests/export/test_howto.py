"""The examples of docs/howto-research.md run as printed and give the published numbers."""

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tracker.export.package import DataPackage
from tracker.model.history import History
from tracker.model.views import Views

PAGE = (Path(__file__).parents[2] / "docs" / "howto-research.md").read_text(encoding="utf-8")


def example(language: str, number: int = 0) -> str:
    """A code block of the page."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[number]


@pytest.fixture(scope="module")
def folder(told_event: tuple[History, Views], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a package, as the examples expect it."""
    place = tmp_path_factory.mktemp("howto")
    DataPackage().write(*told_event, place / "package")
    return place


def test_examples_are_short() -> None:
    """From CSV to the number in ten lines."""
    blocks = [*re.findall(r"```(?:r|python)\n(.*?)```", PAGE, re.DOTALL)]
    assert len(blocks) == 3
    assert all(len(block.splitlines()) <= 10 for block in blocks)


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_r_counts_the_first_day(folder: Path) -> None:
    """R prints the headline's bounds."""
    done = subprocess.run(
        ["Rscript", "-e", example("r")], cwd=folder, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "4 to 4"


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_r_estimates_survival(folder: Path) -> None:
    """R's survival package gives the share at the end that survival_curves.csv has."""
    probe = subprocess.run(["Rscript", "-e", "library(survival)"], capture_output=True, check=False, timeout=60)
    if probe.returncode:
        pytest.skip("R has no package survival")
    done = subprocess.run(
        ["Rscript", "-e", example("r", 1)], cwd=folder, capture_output=True, text=True, check=True, timeout=60
    )
    assert float(done.stdout) == pytest.approx(0.75)


def test_pandas_counts_the_first_day(folder: Path) -> None:
    """pandas prints the same."""
    if importlib.util.find_spec("pandas") is None:
        pytest.skip("pandas is not installed")
    done = subprocess.run(
        [sys.executable, "-c", example("python")], cwd=folder, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "4 to 4"
