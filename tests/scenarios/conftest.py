"""One replay of the short scenario, shared by the tests that look at its results."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tracker.lab import outcome
from tracker.lab.replay import Replay, run_replay
from tracker.lab.scenariofile import load, scenario_path


@dataclass(frozen=True)
class Played:
    """A finished replay and the folder with everything that it wrote."""

    replay: Replay
    folder: Path

    @property
    def database(self) -> Path:
        """The log of the replay."""
        return self.folder / "tracker.db"


def play(folder: Path, scenario: str = "short", **options: object) -> Played:
    """Replay a bundled scenario into a folder."""
    folder.mkdir(parents=True)
    replay = run_replay(load(scenario_path(scenario)), folder / "tracker.db", **options)  # type: ignore[arg-type]
    outcome.write(replay, folder)
    return Played(replay, folder)


@pytest.fixture(scope="session")
def short(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The short scenario, played once."""
    yield play(tmp_path_factory.mktemp("replay") / "short")


@pytest.fixture(scope="session")
def doj(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The event of 2024, played once; takes a minute, for slow tests only."""
    yield play(tmp_path_factory.mktemp("replay") / "doj", "doj-2024-09-04")


@pytest.fixture(scope="session")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """Three actions of one drawn operation, played once; takes a minute, for slow tests only."""
    yield play(tmp_path_factory.mktemp("replay") / "mixed", "mixed-wave", seed=5)
