"""Files of a package are whole, or not there."""

from pathlib import Path

import pytest

from tests.diskful import full_disk
from tracker.export.files import write_files, write_whole


def test_a_disk_that_fills_up_leaves_no_half_a_file(tmp_path: Path) -> None:
    """What was there before stays, nothing else is left, and the line names the file."""
    place = tmp_path / "report.json"
    write_whole(place, b"last week")
    with full_disk(), pytest.raises(OSError, match=r"report\.json"):
        write_whole(place, b"this week, and longer")
    assert place.read_bytes() == b"last week"
    assert list(tmp_path.iterdir()) == [place]
    write_whole(place, b"this week")
    assert place.read_bytes() == b"this week"


def test_files_are_written_in_their_order(tmp_path: Path) -> None:
    """So that the sums come last: a folder with sums is complete."""
    with full_disk(8), pytest.raises(OSError, match=r"b\.csv"):
        write_files({"data/a.csv": b"short", "data/b.csv": b"not so short", "SHA256SUMS": b"x"}, tmp_path)
    assert [path.name for path in sorted(tmp_path.rglob("*")) if path.is_file()] == ["a.csv"]
