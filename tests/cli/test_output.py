"""How rows are printed, and with which status the program ends."""

import csv
import io
import json

import pytest

from tests.cli.calling import tracker
from tracker.cli.output import Format, chosen, write_rows

COLUMNS = ("domain", "count", "note")
ROWS = [("rrn.so", 2, None), ("zürich.example", 0, 'a "quoted", cell')]


def printed(capsys: pytest.CaptureFixture[str], form: Format, **more: str) -> str:
    """What the rows look like in a form."""
    write_rows(COLUMNS, iter(ROWS), form, **more)
    return capsys.readouterr().out


def test_csv_is_rfc_4180(capsys: pytest.CaptureFixture[str]) -> None:
    """A header, CRLF, quotes doubled, missing cells empty."""
    text = printed(capsys, Format.CSV)
    assert text == 'domain,count,note\r\nrrn.so,2,\r\nzürich.example,0,"a ""quoted"", cell"\r\n'
    assert list(csv.reader(io.StringIO(text, newline="")))[2] == ["zürich.example", "0", 'a "quoted", cell']


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Numbers stay numbers, missing cells are null, letters stay letters."""
    lines = printed(capsys, Format.JSON).splitlines()
    assert json.loads(lines[0]) == {"domain": "rrn.so", "count": 2, "note": None}
    assert "zürich" in lines[1]


def test_names_are_one_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Only the naming column, for the next program in the pipe."""
    assert printed(capsys, Format.NAMES) == "rrn.so\nzürich.example\n"
    assert printed(capsys, Format.NAMES, names="note") == 'a "quoted", cell\n'


def test_a_row_without_a_name_is_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Controls have no name, and an empty line would be read as one."""
    write_rows(COLUMNS, [("", 1, ""), ("rrn.so", 1, "")], Format.NAMES)
    assert capsys.readouterr().out == "rrn.so\n"


def test_a_table_shows_every_cell(capsys: pytest.CaptureFixture[str]) -> None:
    """Headers and cells, nothing cut off."""
    text = printed(capsys, Format.TABLE)
    for word in ("domain", "count", "rrn.so", "zürich.example", 'a "quoted", cell'):
        assert word in text
    assert "None" not in text


def test_brackets_in_cells_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    """A defanged name or an address in brackets is printed as it is."""
    write_rows(COLUMNS, [("rrn[.]so", "[bold]x[/bold]", "[/]")], Format.TABLE)
    text = capsys.readouterr().out
    assert "rrn[.]so" in text
    assert "[bold]x[/bold]" in text


def test_a_pipe_gets_csv() -> None:
    """Nobody parses a table; `auto` gives one on a terminal only."""
    assert chosen(Format.AUTO) is Format.CSV
    assert chosen(Format.TABLE) is Format.TABLE


def test_status_of_good_wrong_and_refused_calls() -> None:
    """0 done, 2 wrong usage or refused, each with one clear line and no trace."""
    said = tracker("--version")
    assert said.status == 0
    assert said.out.startswith("tracker ")
    for wrong in (["nonsense"], ["check", "--nonsense"], ["status", "--format", "xml"]):
        said = tracker(*wrong)
        assert said.status == 2
        assert "Traceback" not in said.err
    said = tracker("--config", "/nowhere.toml", "check")
    assert (said.status, said.err) == (2, "tracker: /nowhere.toml: No such file or directory\n")
