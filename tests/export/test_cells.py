"""Cells: equal values give equal text, nothing runs in a spreadsheet, missing is empty."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.export.cells import FORMULA_STARTS, BadCellError, cell, decimal, neutral
from tracker.export.columns import Column, Kind, count, flag, moment, number, seconds, text, words


@pytest.mark.parametrize("evil", ["=1+1", "+x", "-x", "@SUM(A1)", "\tx", "\rx", "＝1"])
def test_formulas_are_neutralised(evil: str) -> None:
    """Text that a spreadsheet would run begins with an apostrophe instead."""
    assert cell(text("t", ""), evil) == "'" + evil
    assert cell(words("l", ""), ("a", evil)) == "a;'" + evil


@given(st.text())
def test_no_text_begins_a_formula(anything: str) -> None:
    """Whatever the text, the cell does not begin with a formula sign and ends with the text itself."""
    written = neutral(anything)
    assert not written or written[0] not in FORMULA_STARTS
    assert written.endswith(anything)


def test_negative_numbers_stay_numbers() -> None:
    """A number is not text: its minus sign is kept as it is."""
    assert cell(number("n", ""), -3.25) == "-3.25"
    assert cell(count("n", ""), -3) == "-3"


@pytest.mark.parametrize(
    ("value", "written"),
    [(1.0, "1"), (0.1 + 0.2, "0.3"), (-0.0000001, "0"), (12.3456789, "12.345679"), (1e7, "10000000")],
)
def test_decimals_are_short_and_stable(value: float, written: str) -> None:
    """Six decimals at most, no trailing zeros, no exponent, no negative zero."""
    assert decimal(value) == written


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_no_number_no_cell(value: float) -> None:
    """NaN and infinities are refused, because a reader would take them for data."""
    with pytest.raises(BadCellError):
        decimal(value)


def test_each_kind_has_one_form() -> None:
    """Moments in UTC with Z, lengths in whole seconds rounded down, lists without stray separators."""
    paris = datetime(2024, 9, 5, 2, 0, 0, 999, tzinfo=timezone(timedelta(hours=2)))
    assert cell(moment("m", ""), paris) == "2024-09-05T00:00:00Z"
    assert cell(seconds("s", ""), timedelta(seconds=-0.5)) == "-1"
    assert cell(flag("f", ""), False) == "false"
    assert cell(words("l", ""), ("a;b", "c")) == "a,b;c"
    assert cell(words("l", ""), ()) == ""


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (text("t", "", required=True), ""),
        (text("t", "", required=True), None),
        (text("t", "", of=("a",)), "b"),
        (text("t", ""), 1),
        (count("n", ""), True),
        (count("n", ""), 1.5),
        (flag("f", ""), 1),
        (moment("m", ""), "2024-09-05"),
        (words("l", ""), "abc"),
    ],
)
def test_what_does_not_fit_is_refused(column: Column, value: object) -> None:
    """A wrong type, a missing required value or a word outside the vocabulary raises instead of being written."""
    with pytest.raises(BadCellError):
        cell(column, value)


def test_naive_moments_are_refused() -> None:
    """A moment without a zone is no moment."""
    with pytest.raises(ValueError, match="naive"):
        cell(moment("m", ""), datetime(2024, 9, 5, tzinfo=UTC).replace(tzinfo=None))


def test_every_kind_can_be_missing() -> None:
    """None is the empty cell for every kind of column."""
    assert {cell(Column("c", kind, ""), None) for kind in Kind} == {""}
