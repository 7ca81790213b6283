"""Reading a CSV of lifetimes strictly, and telling what the estimators say of it."""

import json
import math
from typing import Any

import numpy as np
import pytest

from tests.analysis import referee
from tracker.analysis.survival_bands import Scale
from tracker.analysis.survival_compare import NoStrata, grouped, whole
from tracker.analysis.survival_summary import Wishes
from tracker.analysis.survival_table import BadTable, Sample, read


def sample(text: str, *columns: str) -> Sample:
    """What is read from lines."""
    return read(text.splitlines(keepends=True), columns)


def reasons(text: str, *columns: str) -> list[tuple[int, str]]:
    """Why it is refused."""
    with pytest.raises(BadTable) as refused:
        sample(text, *columns)
    return [tuple(row) for row in refused.value.rows]


def test_ages_and_intervals_are_read() -> None:
    """Both layouts, columns in any order, spaces trimmed, blank lines skipped, words for events."""
    seen = sample("event,time, entry,id\n1,5,0,a\n\nFALSE, 7,2,b\n")
    assert seen.lives is not None and seen.lives.entry is not None
    assert (seen.lives.exit.tolist(), seen.lives.event.tolist()) == ([5, 7], [True, False])
    assert seen.lives.entry.tolist() == [-math.inf, 2]
    assert seen.text == {"id": ("a", "b")}
    between = sample("lo,hi,group\n1,4,x\n2,,y\n", "group")
    assert between.spans is not None
    assert between.spans.hi.tolist() == [4, math.inf]
    assert between.text == {"group": ("x", "y")}
    without_entry = sample("time,event\n0,1\n3,0\n").lives
    assert without_entry is not None and without_entry.entry is None


def test_columns_that_are_not_read_may_have_any_name() -> None:
    """As spreadsheets leave empty ones behind, and R writes row numbers without a name."""
    seen = sample(",time,event,note,note,,\n1,2,1,a,b,,\n").lives
    assert seen is not None and seen.exit.tolist() == [2]


def test_lengths_may_be_in_any_unit() -> None:
    """Nanoseconds, or parts of an age: all that is an age grows with the unit, shares do not move."""
    rows = [(3.0, 1), (5.0, 0), (7.0, 1), (9.0, 1), (9.0, 0)]
    days, *others = (
        told("time,event\n" + "".join(f"{age * unit!r},{event}\n" for age, event in rows)) for unit in (1, 1e30, 1e-200)
    )
    for other, unit in zip(others, (1e30, 1e-200), strict=True):
        for key in ("tau", "value", "se"):
            assert other["rmst"][key] == pytest.approx(days["rmst"][key] * unit, rel=1e-12)
        assert [row["surv"] for row in other["km"]] == [row["surv"] for row in days["km"]]


def test_semicolons_and_tabs_may_separate_cells_but_commas_are_no_decimal_points() -> None:
    """As spreadsheets write in many countries; what then is no number is refused, not guessed."""
    for separator in (";", "\t"):
        seen = sample("time,event,id\n2.5,1,a\n4,0,b\n".replace(",", separator)).lives
        assert seen is not None and (seen.exit.tolist(), seen.event.tolist()) == ([2.5, 4], [True, False])
    assert reasons("time;event\n2,5;1\n") == [(2, "time is '2,5', not a number from 0 up")]


def test_infinity_is_an_empty_cell() -> None:
    """What R and pandas write for it is refused with the way to write it."""
    for word in ("inf", "Inf", "NA", "nan"):
        assert reasons(f"lo,hi\n2,{word}\n") == [
            (2, f"hi is {word!r}, not a number from 0 up; leave it empty while alive")
        ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("0,x,1,a", "time is 'x', not a number from 0 up"),
        ("0,nan,1,a", "time is 'nan', not a number from 0 up"),
        ("0,inf,1,a", "time is 'inf', not a number from 0 up"),
        ("0,-1,1,a", "time is '-1', not a number from 0 up"),
        ("0,1_0,1,a", "time is '1_0', not a number from 0 up"),
        ("0,,1,a", "time is empty"),
        (",5,1,a", "entry is empty; write 0 when watched from birth"),
        ("5,5,1,a", "entry 5 is not before time 5: it was never under watch"),
        ("0,5,2,a", "event is '2', not 0 or 1; which ending it was belongs in a column cause"),
        ("0,5,yes,a", "event is 'yes', not 0 or 1"),
        ("0,5,,a", "event is '', not 0 or 1"),
        ("0,5,1,", "cause is empty; write `unknown` when it is not known"),
        ("0,5,1", "3 cells for 4 columns"),
        ("0,5,1,a,b", "5 cells for 4 columns"),
    ],
)
def test_a_bad_row_is_named_with_line_and_reason(row: str, reason: str) -> None:
    """Whatever comes before and after it."""
    assert reasons(f"entry,time,event,cause\n0,1,0,\n{row}\n0,9,1,held\n") == [(3, reason)]


def test_every_bad_row_is_named() -> None:
    """Not just the first; a quoted cell of two lines does not shift the count."""
    found = reasons('lo,hi,id\n5,4,a\n,3,b\n1,2,"two\nlines"\n1,x,c\n1,2,\n')
    assert [line for line, _ in found] == [2, 3, 6, 7]
    assert found[0][1] == "lo 5 is above hi 4"
    assert found[1][1] == "lo is empty; write 0 when seen never or ended"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the file is empty"),
        ("time,event\n", "no lifetimes below the header"),
        ("entry time event\n0 1 1\n", "wanted columns entry,time,event or lo,hi; found entry time event"),
        ("time,status\n1,1\n", "wanted columns entry,time,event or lo,hi; found time,status"),
        ("time,event,lo,hi\n1,1,1,1\n", "columns entry,time,event or lo,hi, not of both; found time,event,lo,hi"),
        ("time,time,event\n1,1,1\n", "column 'time' comes twice"),
        ("lo,hi,cause\n1,2,held\n", "cause needs entry,time,event: endings cannot compete inside intervals"),
        ('time,event\n"1,1\n', "not CSV: unexpected end of data"),
    ],
)
def test_a_file_of_another_kind_is_refused(text: str, reason: str) -> None:
    """Header, layout and form."""
    assert [why for _, why in reasons(text)] == [reason]
    assert reasons("time,event\n1,1\n", "cohort") == [(1, "no column 'cohort'; found time,event")]
    assert "late entry" in reasons("lo,hi,entry\n1,2,0\n1,2,1\n")[0][1]


def kept(name: str, *columns: str) -> Sample:
    """A data set of the tests."""
    with (referee.DATA / name).open(newline="", encoding="utf-8") as lines:
        return read(lines, columns)


def test_the_document_has_every_key_and_no_number_that_json_lacks() -> None:
    """The same keys for both layouts; what does not apply is None."""
    seen, between = (whole(kept(name), Wishes()).document for name in ("late.csv", "cosmesis.csv"))
    assert list(seen) == list(between)
    json.dumps([seen, between], allow_nan=False)
    assert (seen["npmle"], seen["mcf"], between["km"], between["rmst"]) == (None, None, None, None)
    last = seen["km"][-1]  # type: ignore[index]
    assert list(last) == ["t", "n_risk", "n_event", "n_censor", "surv", "se", "ci_lo", "ci_hi"]
    assert list(between["npmle"][-1]) == ["lo", "hi", "mass"]  # type: ignore[index]
    assert sorted(seen["cumulative_incidence"]) == ["1", "2", "3"]  # type: ignore[call-overload]


def test_groups_are_told_apart_and_compared() -> None:
    """One object per group, tests beside them, means compared with the first group."""
    found = grouped(kept("freireich.csv", "group"), "group", [], Wishes(), np.random.default_rng(1)).document
    groups = found["groups"]
    assert isinstance(groups, dict) and list(groups) == ["6-MP", "placebo"]
    assert groups["6-MP"]["median"] == {"value": 23, "lo": 23, "hi": 23, "ci_lo": 13, "ci_hi": None}
    assert groups["placebo"]["rmst"]["tau"] == 23
    test = found["logrank"]
    assert isinstance(test, dict)
    assert (test["chi2"], test["df"], test["observed"]) == (
        pytest.approx(16.7929409892, abs=1e-9),
        1,
        {"6-MP": 9, "placebo": 21},
    )
    (gap,) = found["rmst_difference"]  # type: ignore[misc]
    assert (gap["group"], gap["minus"]) == ("placebo", "6-MP")
    assert gap["value"] == pytest.approx(groups["placebo"]["rmst"]["value"] - groups["6-MP"]["rmst"]["value"])


def test_strata_are_used_and_refused_for_intervals() -> None:
    """Two columns make one stratum of each pair."""
    rng = np.random.default_rng(1)
    one = grouped(kept("ties.csv", "group", "stratum"), "group", ["stratum"], Wishes(), rng).document
    assert one["logrank"]["chi2"] == pytest.approx(referee.frozen()["ties.logrank.strata"][0], rel=1e-9)  # type: ignore[index]
    twice = grouped(kept("ties.csv", "group", "stratum"), "group", ["stratum", "stratum"], Wishes(), rng).document
    assert twice["logrank"] == one["logrank"]
    between = kept("cosmesis.csv", "group")
    with pytest.raises(NoStrata):
        grouped(between, "group", ["group"], Wishes(), rng)
    found = grouped(between, "group", [], Wishes(), rng).document["logrank"]
    assert found["p"] == pytest.approx(0.007622, abs=5e-7)  # type: ignore[index]
    assert found["replicates"] == 1999  # type: ignore[index]


def test_what_to_beware_of_is_said() -> None:
    """A collapse, a horizon past the follow-up, rows of one unit, too few ends."""
    early = "entry,time,event\n0,1,1\n2,8,1\n2,9,0\n2,9,0\n"
    assert "falls to 0 early (1 at risk at 1" in whole(sample(early), Wishes()).notes[0]
    cut = whole(sample("time,event\n1,1\n2,0\n"), Wishes(tau=5))
    assert cut.document["rmst"] == {"tau": 5, "value": None, "se": None}
    assert cut.notes == ("no restricted mean to 5: nothing was seen beyond 2",)
    few = whole(sample("time,event\n1,1\n2,0\n"), Wishes(least_at_risk=3))
    assert few.notes == ("never 3 at risk at one age: there is no curve",)
    assert "rows share ids" in whole(sample("time,event,id\n1,1,a\n2,0,a\n"), Wishes()).notes[0]
    pair = sample("time,event,g\n1,1,a\n2,0,b\n3,0,b\n", "g")
    assert grouped(pair, "g", [], Wishes(), np.random.default_rng(1)).notes[-1].startswith("fewer than 5 ends in a, b")


def test_limits_follow_the_wish() -> None:
    """Another scale or guard gives other rows and is said in the head of the document."""
    plain = whole(kept("late.csv"), Wishes(scale=Scale.PLAIN, least_at_risk=40)).document
    assert (plain["interval"], plain["least_at_risk"]) == ("plain", 40)
    first = plain["km"][0]  # type: ignore[index]
    assert first["n_risk"] >= 40
    assert plain["since"] == first["t"]


def told(text: str) -> dict[str, Any]:
    """The document of some lines."""
    return dict(whole(sample(text), Wishes()).document)


def test_half_for_a_while_is_told_by_both_ages() -> None:
    """Between 2 and 3 exactly half live on: the first age is the median, and any up to the second would do."""
    flat = {"value": 2, "lo": 2, "hi": 3}
    assert flat.items() <= told("time,event\n1,1\n2,1\n3,1\n4,1\n")["median"].items()
    assert told("time,event\n1,1\n2,1\n3,0\n4,0\n")["median"].items() >= (flat | {"hi": None}).items()
    assert told("time,event\n1,1\n2,1\n3,1\n")["median"].items() >= {"value": 2, "lo": 2, "hi": 2}.items()


def test_notes_are_in_the_document() -> None:
    """Who reads only the JSON is warned too."""
    assert told("time,event\n1,1\n")["notes"] == []
    early = told("entry,time,event\n0,2,1\n2,6,1\n4,9,1\n")["notes"]
    assert early == ["the curve falls to 0 early (1 at risk at 2 and none of them survived); see --least-at-risk"]
    twice = told("entry,time,event,id\n0,4,1,a\n3,6,1,a\n0,9,1,b\n")["notes"]
    assert any("overlap" in note for note in twice)
    assert not any("overlap" in note for note in told("entry,time,event,id\n0,3,1,a\n3,6,1,a\n")["notes"])


def test_ages_of_which_nothing_was_seen_are_named() -> None:
    """Before the first entry, and between two lives: the numbers run through, the reader is told."""
    late = told("entry,time,event\n80,95,0\n82,96,0\n")
    assert late["notes"] == [
        "nobody under watch before 80: all is given alive there, and a mean takes the ages before as lived"
    ]
    split = told("entry,time,event\n0,7,0\n787,790,1\n788,795,0\n")
    assert split["notes"] == ["nobody was at risk at ages 7 to 787: the curve is carried over them unseen"]
