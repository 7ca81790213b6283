"""`tracker explain` and `tracker review` where there is nothing to judge; verdicts are tested on a played story."""

from pathlib import Path

import pytest

from tests.cli.calling import tracker
from tests.cli.stored import stored
from tests.stages.fakes import SO


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database with one predecessor and one candidate."""
    return stored(tmp_path)


def test_a_label_alone_is_explained_as_no_replacement(database: Path) -> None:
    """One family is not two: the verdict, a sentence each way, and the rules with their bits."""
    said = tracker("--database", database, "explain", "RRN[.]so")
    assert said.status == 0
    lines = said.out.splitlines()
    assert lines[0] == "rrn[.]so"
    assert any(line.endswith("for predecessor:rrn.media") and "LIKELY" not in line for line in lines)
    assert "Lifeline" in lines


@pytest.mark.parametrize(
    ("name", "reason"), [("stranger.example", "was never put forward"), ("not a name", "has no dot")]
)
def test_only_candidates_are_explained(database: Path, name: str, reason: str) -> None:
    """A name that nobody put forward has no verdict, which is no acquittal; status 2."""
    said = tracker("--database", database, "explain", name)
    assert said.status == 2
    assert reason in said.err


def test_before_the_first_record_there_is_nothing(database: Path) -> None:
    """As of a moment before the log began: said so, status 2."""
    said = tracker("--database", database, "explain", SO, "--as-of", "2020-01-01")
    assert said.status == 2
    assert "nothing was recorded yet" in said.err


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"--verdict": "MAYBE"}, "MAYBE"),
        ({"--reviewer": " "}, "needs a reviewer and a reason"),
        ({"--reason": ""}, "needs a reviewer and a reason"),
    ],
)
def test_a_review_without_substance_is_refused(database: Path, options: dict[str, str], reason: str) -> None:
    """An unknown verdict, nobody, no reason: status 2 and nothing appended."""
    chosen = {"--verdict": "CONFIRMED", "--reviewer": "AB", "--reason": "imprint"} | options
    said = tracker("--database", database, "review", SO, *(word for pair in chosen.items() for word in pair))
    assert said.status == 2
    assert reason in said.err
    assert "reviewed" not in tracker("--database", database, "explain", SO).out


def test_a_review_overrides_the_rules(database: Path) -> None:
    """CONFIRMED by an analyst, lower case is fine; the newest review counts."""
    for verdict in ("confirmed", "ruled_out"):
        said = tracker(
            "--database", database, "review", SO, "--verdict", verdict, "--reviewer", "AB", "--reason", "imprint"
        )
        assert (said.status, said.err) == (0, "1 verdict on rrn.so recorded\n")
        assert f"{verdict.upper()} (" in tracker("--database", database, "explain", SO).out
