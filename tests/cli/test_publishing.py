"""`tracker report` and `tracker export`: what they refuse, and what a missing part means."""

import sys
from pathlib import Path

import pytest

from tests.cli.calling import tracker
from tests.cli.stored import stored


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database with one predecessor and one candidate."""
    return stored(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("export", "--format", "csv,xlsx"), "--format: there is no 'xlsx'; there are csv"),
        (("export", "--format", ","), "--format names none; there are csv"),
        (("export", "--since", "2030-01-01"), "--since 2030-01-01: nothing is known from after that"),
        (("export", "--as-of", "tomorrow"), "tomorrow"),
        (("export", "--as-of", "2020-01-01"), "nothing was recorded yet"),
        (("report", "--week", "36"), "36"),
        (("report", "--week", "2024-W60"), "'2024-W60' is no week of the calendar"),
        (("report", "--week", "0001-W01"), "0001-W01 is over before anything is on record: the first is 2024-W"),
        (("report", "--week", "9999-W52"), "'9999-W52' is no week of the calendar"),
        (("report", "--week", "2030-W01"), "2030-W01 begins after what is known as of 2024-"),
        (("report", "--as-of", "9999-12-31"), "nobody knows yet what will be known at 9999-12-31"),
        (("report", "--as-of", "2024-09-04T15:00:00"), "an instant with its zone"),
    ],
)
def test_what_cannot_be_published_is_refused(
    database: Path, tmp_path: Path, arguments: tuple[str, ...], reason: str
) -> None:
    """One line, status 2, and no half-written folder."""
    said = tracker("--database", database, *arguments, "--out", tmp_path / "out")
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("tracker: ") and reason in said.err
    assert not (tmp_path / "out").exists()


def test_a_missing_library_is_not_run(database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A format whose library is not installed: `NOT RUN` with what to install, status 3."""
    monkeypatch.setitem(sys.modules, "stix2", None)
    said = tracker("--database", database, "export", "--format", "stix", "--out", tmp_path / "out")
    assert said.status == 3
    assert said.err.startswith("NOT RUN: install ") and "stix" in said.err


def test_a_place_that_cannot_be_written_is_refused(database: Path, tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "taken").touch()
    said = tracker("--database", database, "export", "--out", tmp_path / "taken")
    assert said.status == 2
    assert "taken" in said.err
