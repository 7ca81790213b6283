"""Figures of others: bundled, or from a file of one's own."""

from pathlib import Path

import pytest

from tracker.export.published import published_figures, published_rows


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


HEAD = "setting,figure,value,unit,source,action,cohort,layer,window\n"


def test_figures_that_name_an_action_stand_in_its_report(tmp_path: Path) -> None:
    """The bundled 12 of the first day does; what counts something else is for comparisons alone."""
    (bundled,) = published_figures()
    assert (bundled.action_id, bundled.cohort, bundled.window, bundled.count) == ("doj-2024-09-04", "all", "1d", 12)
    own = tmp_path / "own.csv"
    own.write_text(HEAD + "s,sites,9,names,us,a-1,imitated,SERVING,8d\ns,days,2,days,us,,,,\n", encoding="utf-8")
    (figure,) = published_figures(own)
    assert (figure.action_id, figure.cohort, figure.layer, figure.window) == ("a-1", "imitated", "SERVING", "8d")
    assert (figure.count, figure.source, len(published_rows(own))) == (9, "us", 2)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("s,sites,9,names,us,a-1,everybody,SERVING,8d", "cohort is 'everybody'"),
        ("s,sites,9,names,us,a-1,all,HTTP,8d", "layer is 'HTTP'"),
        ("s,sites,9,names,us,a-1,all,SERVING,", "window is ''"),
        ("s,sites,9.5,names,us,a-1,all,SERVING,8d", "9.5 is no number of names"),
    ],
)
def test_a_figure_that_fits_no_window_is_refused(tmp_path: Path, row: str, reason: str) -> None:
    """By file and line."""
    own = tmp_path / "own.csv"
    own.write_text(f"{HEAD}{row}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=f"own.csv:2: {reason}"):
        published_figures(own)
