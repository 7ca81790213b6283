"""Queues as spreadsheets and people give them back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.decoders.namelist import Problem
from tracker.decoders.reviewsheet import READ, WRITTEN, NotASheet, read, verdict
from tracker.export.queue import QUEUE
from tracker.model.acts import MuteScope
from tracker.model.views import Verdict

PLAIN = "name,predecessor,decision,reason,note\nrrn.so,rrn.media,CONFIRMED,same imprint,\n"
OTHERS = {
    "a byte-order mark": PLAIN.encode("utf-8-sig"),
    "semicolons": PLAIN.replace(",", ";").encode(),
    "tabs in UTF-16": PLAIN.replace(",", "\t").encode("utf-16"),
    "a separator hint": b"sep=;\r\n" + PLAIN.replace(",", ";").encode(),
    "other line ends": PLAIN.replace("\n", "\r\n").encode(),
    "quoted cells": b'"name";"predecessor";"decision";"reason"\n"rrn.so";"rrn.media";"CONFIRMED";"same imprint"\n',
    "another order and case": b"Reason,Decision,NAME,Predecessor\nsame imprint, Confirmed ,RRN[.]so,rrn.media\n",
    "domain for name": PLAIN.replace("name", "Domain", 1).encode(),
    "columns of its own": b"name,rank,decision,reason,predecessor,who\nrrn.so,1,confirmed,same imprint,rrn.media,me\n",
}


@pytest.mark.parametrize("data", OTHERS.values(), ids=OTHERS.keys())
def test_what_spreadsheets_make_of_it_reads_the_same(data: bytes) -> None:
    """One decision, whatever the encoding, separator, order of columns or spelling."""
    sheet = read(data)
    (row,) = sheet.rows
    assert (row.name, row.predecessor, row.verdict, row.reason) == (
        "rrn.so",
        "rrn.media",
        Verdict.CONFIRMED,
        "same imprint",
    )
    assert sheet.problems == ()


def test_a_guarded_formula_loses_its_apostrophe() -> None:
    """Written with an apostrophe against formulas, read without; a word in apostrophes keeps its own."""
    sheet = read(b"name,decision,reason,note\nrrn.so,LIKELY,'=imprint,'quoted'\n")
    assert [(row.reason, row.note) for row in sheet.rows] == [("=imprint", "'quoted'")]


def test_rows_without_a_decision_are_counted_and_remarks_on_them_are_told() -> None:
    """Nothing decided is no problem; a reason that would be lost is said. Blank lines are nothing."""
    sheet = read(b"name,decision,reason,date\na.so,,,2024-09-10\nb.so,,I wonder,\n\n,,,\nc.so,possible,a namesake,\n")
    assert (sheet.undecided, sheet.remarked, sheet.unread) == (2, (3,), ("date",))
    assert [(row.line, row.name, row.verdict) for row in sheet.rows] == [(6, "c.so", Verdict.POSSIBLE)]


def test_lines_are_those_of_the_file() -> None:
    """A cell over two lines, and a hint on top, do not shift what is said of later ones."""
    sheet = read(b'sep=,\nname,decision,reason\na.so,LIKELY,"two\nlines"\nb.so,perhaps,x\n')
    assert [row.line for row in sheet.rows] == [3]
    assert [problem.line for problem in sheet.problems] == [5]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("rrn.so,perhaps,x,,", "'perhaps' is no decision; there are CONFIRMED, LIKELY"),
        ("not a name,LIKELY,x,,", "'not a name' is no domain name"),
        (",LIKELY,x,,", "a decision without a name"),
        ("rrn.so,LIKELY,,,", "the decision on rrn.so has no reason"),
        ("rrn.so,MUTE,x,,", "has no `until`"),
        ("rrn.so,MUTE,x,planet,30d", "'planet' is no scope of a mute"),
        ("rrn.so,LIKELY,one, two,30d,more", "has 6 cells under 5 columns"),
    ],
)
def test_a_row_that_cannot_be_read_is_a_problem_with_its_line(row: str, reason: str) -> None:
    """And it is no decision."""
    sheet = read(f"name,decision,reason,scope,until\n{row}\n".encode())
    (problem,) = sheet.problems
    assert problem.line == 2
    assert reason in problem.text
    assert sheet.rows == ()


def test_a_mute_has_a_scope_and_an_end() -> None:
    """By name unless said otherwise."""
    data = b"name,decision,reason,scope,until\na.so,mute,x,,30d\nb.so,Mute,x,Name Server,2024-12-31\n"
    assert [(row.verdict, row.scope, row.until) for row in read(data).rows] == [
        (None, MuteScope.NAME, "30d"),
        (None, MuteScope.NAME_SERVER, "2024-12-31"),
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "found nothing"),
        (b"name,reason\nrrn.so,x\n", "wants one column `decision`; found name, reason"),
        (b"name,decision,decision\n", "wants one column `decision`"),
        (b"PK\x03\x04rest", "save it as CSV"),
        (b'name,decision\n"rrn.so,LIKELY\n', "line 2"),
        (b"\xff\xfe\x00", "no text"),
    ],
)
def test_what_is_no_queue_is_refused_at_once(data: bytes, reason: str) -> None:
    """A workbook, another table, a cut file."""
    with pytest.raises(NotASheet, match=reason):
        read(data)


@pytest.mark.parametrize("text", ["ruled out", "Ruled-Out", "RULED_OUT", " ruled  out "])
def test_a_verdict_may_be_spelled_as_people_do(text: str) -> None:
    """Case, hyphens and blanks do not matter."""
    assert verdict(text) is Verdict.RULED_OUT


def test_the_columns_are_those_of_the_queue() -> None:
    """What an import reads or passes over in silence is what the queue has."""
    assert set(QUEUE.names) == READ | WRITTEN


@given(st.binary(max_size=200))
def test_anything_is_read_or_refused(data: bytes) -> None:
    """No file makes it fall over."""
    try:
        sheet = read(b"name,decision,reason\n" + data)
    except NotASheet:
        return
    assert all(isinstance(problem, Problem) for problem in sheet.problems)
