"""CSV files: RFC 4180, sorted by key, the same bytes for the same rows in any order."""

import csv
import io
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.export.cells import BadCellError
from tracker.export.columns import ForeignKey, Table, count, text
from tracker.export.tables import csv_text

TABLE = Table("t", "T", "", (text("key", "", required=True), count("n", ""), text("words", "")), ("key", "n"))


def row(key: str, n: int, words: str | None = None) -> dict[str, object]:
    """One row of TABLE."""
    return {"key": key, "n": n, "words": words}


def test_lines_end_in_crlf_and_quotes_are_doubled() -> None:
    """The file follows RFC 4180 and has no byte-order mark."""
    assert csv_text(TABLE, [row("a", 1, 'say "so",\nplease')]) == 'key,n,words\r\na,1,"say ""so"",\nplease"\r\n'


def test_numbers_in_keys_sort_as_numbers() -> None:
    """2 comes before 10."""
    written = csv_text(TABLE, [row("a", 10), row("a", 2), row("A", 3)])
    assert written.splitlines()[1:] == ["A,3,", "a,2,", "a,10,"]


@given(st.dictionaries(st.text(min_size=1, max_size=5), st.text(max_size=8), max_size=8), st.integers())
def test_order_of_rows_does_not_matter_and_text_survives(values: dict[str, str], seed: int) -> None:
    """Shuffled rows give the same bytes, and a CSV reader gets every text back (behind its apostrophe, if any)."""
    rows = [row(key, 1, words) for key, words in values.items()]
    shuffled = random.Random(seed).sample(rows, len(rows))
    written = csv_text(TABLE, rows)
    assert written == csv_text(TABLE, shuffled)
    read = list(csv.reader(io.StringIO(written, newline="")))[1:]
    assert {(line[0].removeprefix("'"), line[2].removeprefix("'")) for line in read} == {
        (key.removeprefix("'"), words.removeprefix("'")) for key, words in values.items()
    }


def test_a_repeated_key_is_refused() -> None:
    """Two rows with one key would make foreign keys ambiguous."""
    with pytest.raises(BadCellError, match="two rows"):
        csv_text(TABLE, [row("a", 1), row("a", 1, "other")])


@pytest.mark.parametrize("odd", [{"key": "a", "n": 1}, {**row("a", 1), "extra": 1}])
def test_rows_and_schema_agree(odd: dict[str, object]) -> None:
    """A missing or an additional column is refused: the column set is constant."""
    with pytest.raises(BadCellError, match="differ"):
        csv_text(TABLE, [odd])


def test_tables_check_themselves() -> None:
    """A schema with a doubled column or a key that names none cannot be made."""
    with pytest.raises(ValueError, match="twice"):
        Table("t", "T", "", (text("a", ""), text("a", "")), ("a",))
    with pytest.raises(ValueError, match="no column"):
        Table("t", "T", "", (text("a", ""),), ("b",))
    with pytest.raises(ValueError, match="no column"):
        Table("t", "T", "", (text("a", ""),), ("a",), (ForeignKey("c", "t", "a"),))
