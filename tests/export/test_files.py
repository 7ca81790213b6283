"""Files of a package are whole, or not there."""

from pathlib import Path

import pytest

from tests.diskful import full_disk
from tracker.export import EXPORTERS, write_package
from tracker.export.files import PLACES, sealed, write_files, write_package_files, write_whole
from tracker.export.selection import Selection
from tracker.model.history import History
from tracker.model.views import Views


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


def test_a_folder_holds_one_package(tmp_path: Path) -> None:
    """Written anew in fewer formats, nothing of the former package is left to be read; files of others are kept."""
    target = tmp_path / "package"
    write_package_files({"data/domains.csv": b"a", "stix/bundle.json": b"a name that is taken back later"}, target)
    (target / "notes.txt").write_text("mine", encoding="utf-8")
    (target / "data/mine.csv").write_text("mine too", encoding="utf-8")
    write_package_files({"names.txt": b"b"}, target)
    files = {str(path.relative_to(target)) for path in target.rglob("*")}
    assert files == {"SHA256SUMS", "data", "data/mine.csv", "names.txt", "notes.txt"}


def test_only_files_of_a_package_that_nobody_changed_are_removed(tmp_path: Path) -> None:
    """An edited file is no longer ours; what somebody else lists in sums of their own never was."""
    listed = {"names.txt": b"a", "dnstwist.csv": b"b", "image.iso": b"c", "../outside.txt": b"d"}
    target = tmp_path / "downloads"
    write_files(sealed(listed), target)
    (target / "names.txt").write_bytes(b"edited")
    write_package_files({"stix/bundle.json": b"e"}, target)
    assert {path.name for path in target.iterdir()} == {"SHA256SUMS", "image.iso", "names.txt", "stix"}
    assert (tmp_path / "outside.txt").exists()


def test_every_place_that_exporters_write_is_known(told_event: tuple[History, Views], tmp_path: Path) -> None:
    """Else a file of a former package could stay behind."""
    for library in ("duckdb", "stix2", "pymisp"):
        pytest.importorskip(library)
    write_package(*told_event, tmp_path, list(EXPORTERS), Selection())
    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert files == PLACES | {"SHA256SUMS"}
