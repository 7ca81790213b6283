"""`tracker lookback`: what it accepts, and that without a way to the parents nothing is called absent."""

import csv
import io
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tracker.cli.errors import Refused
from tracker.cli.main import app
from tracker.lookback import COLUMNS


def run(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr, with root servers and registries that nobody plays."""
    config = folder / "tracker.toml"
    config.write_text('[dns]\nroots = ["127.0.0.1"]\ntimeout = 0.05\n', encoding="utf-8")
    result = CliRunner().invoke(app, ["--config", str(config), "lookback", *arguments])
    if isinstance(result.exception, Refused):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_without_parents_every_suffix_is_named_as_not_swept(tmp_path: Path) -> None:
    """The roots are an address that must not be asked: a row per label says so, the tally too, and it is an error."""
    suffixes = tmp_path / "suffixes.txt"
    suffixes.write_text("so\nto\n", encoding="utf-8")
    names = tmp_path / "names.txt"
    names.write_text("# seized\nrrn[.]world\n", encoding="utf-8")
    code, out, err = run(tmp_path, str(names), "--on", "2024-09-04", "--suffixes", str(suffixes), "--format", "csv")
    assert code == 1
    (row,) = csv.DictReader(io.StringIO(out))
    assert tuple(row) == COLUMNS
    assert (row["label"], row["domain"], row["presence"]) == ("rrn", "", "INDETERMINATE")
    assert row["could_not_know"] == "suffix_not_swept: .so .to .world"
    assert "absent under 0 of 0 suffixes swept" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ("rrn.world", "--on", "September"),
        ("rrn.world", "--on", "2024-09-04", "--window", "60"),
        ("co.uk", "--on", "2024-09-04"),
        ("rrn.world", "--on", "2024-09-04", "--suffixes", "/nowhere"),
    ],
)
def test_wrong_usage_is_refused_in_one_line(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Dates, windows, names and files are checked before anything is asked."""
    with pytest.raises(Refused):
        run(tmp_path, *arguments)
