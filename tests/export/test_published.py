"""Figures of others: bundled, or from a file of one's own."""

from pathlib import Path

import pytest

from tracker.export.published import published_rows


def test_the_bundled_figures_have_sources() -> None:
    """The 12 of the first day is among them; none stands without its source."""
    rows = published_rows()
    assert 12 in {row.value for row in rows}
    assert all(row.source and row.setting and row.unit for row in rows)


def test_both_layouts_are_read(tmp_path: Path) -> None:
    """The number may stand under `value`, or under `figure` with setting and figure in one text."""
    path = tmp_path / "own.csv"
    path.write_text("what,figure,unit,source\nSeizure: names back within a day,12,names,a report\n", encoding="utf-8")
    (row,) = published_rows(path)
    assert (row.setting, row.figure, row.value, row.source) == ("Seizure", "names back within a day", 12.0, "a report")


@pytest.mark.parametrize("text", ["what,figure,unit,source\na: b,many,names,c\n", "a,b\n1,2\n"])
def test_what_cannot_be_read_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    """No number, or other columns."""
    path = tmp_path / "own.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"own\.csv:\d"):
        published_rows(path)
