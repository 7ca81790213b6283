"""`tracker cite`, `retract`, `export --profile`, `compare` and `protocol` on a small database."""

import json
from pathlib import Path

import pytest

from tests.cli.calling import tracker
from tests.cli.stored import stored
from tests.stages.fakes import SO


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database with one predecessor and one candidate."""
    return stored(tmp_path)


def test_cite_and_export_name_one_snapshot(database: Path, tmp_path: Path) -> None:
    """What is printed for citing is what the manifest holds."""
    cited = tracker("--database", database, "cite")
    done = tracker("--database", database, "export", "--out", tmp_path / "out")
    snapshot = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))["snapshot"]
    assert (cited.status, done.status) == (0, 0)
    assert snapshot in cited.out and snapshot in done.err


def test_a_retracted_name_is_in_no_later_export(database: Path, tmp_path: Path) -> None:
    """The candidate is in the package before, and after it only its id among the tombstones."""
    tracker("--database", database, "export", "--out", tmp_path / "before")
    who = ("--reviewer", "AB", "--reason", "a stranger's")
    assert tracker("--database", database, "retract", SO, *who).status == 0
    tracker("--database", database, "export", "--out", tmp_path / "after")
    held = [
        b"".join(path.read_bytes() for path in (tmp_path / when / "data").iterdir()) for when in ("before", "after")
    ]
    assert [SO.encode() in text for text in held] == [True, False]
    assert len((tmp_path / "after" / "data" / "tombstones.csv").read_text(encoding="utf-8").splitlines()) == 2


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("retract", "nobody.example", "--reviewer", "AB", "--reason", "x"), "nothing is recorded of nobody.example"),
        (("retract", SO, "--what", "date", "--reviewer", "AB", "--reason", "x"), "nothing is recorded"),
        (
            ("retract", SO, "--what", "all", "--reviewer", "AB", "--reason", "x"),
            "no 'all'; there are name, claim, date",
        ),
        (("retract", SO, "--reviewer", " ", "--reason", "x"), "needs a reviewer"),
        (("export", "--only-new"), "--since"),
        (("export", "--profile", "secret"), "--profile: there is no 'secret'"),
        (("compare", "one", "two"), "no action 'one'"),
    ],
)
def test_what_makes_no_sense_is_refused(database: Path, arguments: tuple[str, ...], reason: str) -> None:
    """One line, status 2."""
    said = tracker("--database", database, *arguments)
    assert said.status == 2
    assert reason in said.err


def test_the_protocol_prints_its_hash() -> None:
    """The document carries the hash that is printed alone."""
    alone = tracker("protocol", "--hash").out.strip()
    assert json.loads(tracker("protocol").out)["sha256"] == alone
