"""`tracker replay`: what it refuses before anything is played. The played story is tested in tests/scenarios."""

from pathlib import Path

import pytest
import structlog

from tests.cli.calling import tracker


@pytest.fixture(autouse=True)
def quiet():
    """What the command configures for logs is undone."""
    yield
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("no-such-story",), "no scenario 'no-such-story'; there are doj-2024-09-04, generated, "),
        (("short", "--truth", "mine"), "--truth: there is no 'mine'; there are earliest, meta, viginum"),
    ],
)
def test_what_cannot_be_played_is_refused(arguments: tuple[str, ...], reason: str) -> None:
    """An unknown scenario or truth: one line that says what there is, status 2."""
    said = tracker("replay", *arguments)
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith(f"tracker: {reason}")


def test_a_broken_scenario_is_named(tmp_path: Path) -> None:
    """The file and what is wrong with it."""
    broken = tmp_path / "x.toml"
    broken.write_text("[scenario]\nid = 'x'\n")
    said = tracker("replay", broken, "--out", tmp_path / "out")
    assert said.status == 2
    assert str(broken) in said.err and "start" in said.err


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A file stands where the folder should be: said before an hour is spent on playing."""
    (tmp_path / "taken").touch()
    said = tracker("replay", "short", "--out", tmp_path / "taken")
    assert said.status == 2
    assert "taken" in said.err
