"""The labelled development data, for tests that skip when it is not there."""

import csv
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data"


def pairs() -> list[tuple[str, str]]:
    """(lookalike, brand) pairs; skips the test when the list is absent."""
    path = FOLDER / "doppelganger-lookalikes-dev.csv"
    if not path.exists():
        pytest.skip(f"no {path.name}: the labelled development data are not part of the repository")
    with path.open(newline="") as file:
        return [(row["domain"], row["brand"]) for row in csv.DictReader(file)]


def new_names() -> list[str]:
    """Half a day of newly registered names; skips the test when the list is absent."""
    path = FOLDER / "newly-registered-dev.txt"
    if not path.exists():
        pytest.skip(f"no {path.name}: the development noise is not part of the repository")
    return path.read_text().split()
