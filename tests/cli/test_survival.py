"""`tracker survival`, as people run it."""

import csv
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tests.analysis.referee import DATA
from tracker.cli import survival
from tracker.cli.errors import Refused

app = typer.Typer()


@app.callback()
def options() -> None:
    """No global option matters here."""


survival.register(app)


def run(*arguments: str | Path, stdin: str | bytes = "") -> tuple[str, str]:
    """What is printed to stdout and to stderr; a refusal is raised."""
    words = ["survival", *(str(argument) for argument in arguments)]
    result = CliRunner().invoke(app, words, input=stdin, catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout, result.stderr


def test_json_has_all_of_it() -> None:
    """The leukaemia trial by treatment to 30 weeks."""
    out, _ = run(DATA / "aml.csv", "--by", "group", "--tau", "30", "--format", "json")
    found = json.loads(out)
    assert list(found["groups"]) == ["maintained", "nonmaintained"]
    assert found["logrank"]["chi2"] == pytest.approx(3.396388698977601, rel=1e-9)
    assert found["groups"]["nonmaintained"]["rmst"]["se"] == pytest.approx(3.0543, abs=1e-3)
    assert found["rmst_difference"][0]["value"] == pytest.approx(-4.907828, abs=1e-6)
    last = found["groups"]["nonmaintained"]["km"][-1]
    assert (last["surv"], last["se"], last["ci_lo"]) == (0, None, None)


def test_csv_has_the_curves(tmp_path: Path) -> None:
    """One row per group and age, or per group and interval; empty without group."""
    rows = list(csv.DictReader(run(DATA / "aml.csv", "--by", "group")[0].splitlines()))
    assert {row["group"] for row in rows} == {"maintained", "nonmaintained"}
    assert rows[0]["t"] == "9.0"
    rows = list(csv.DictReader(run(DATA / "cosmesis.csv")[0].splitlines()))
    assert sum(float(row["mass"]) for row in rows) == pytest.approx(1)
    file = tmp_path / "bom.csv"
    file.write_text("time,event\n3,0\n", encoding="utf-8-sig")
    assert run(file)[0].splitlines()[1] == ",3.0,1,0,1,1.0,0.0,,"


def test_a_table_has_a_line_per_group_and_per_test() -> None:
    """Medians, tests and differences of means at a glance."""
    out, _ = run(DATA / "freireich.csv", "--by", "group", "--format", "table")
    assert line_of(out, "placebo ").split()[:4] == ["placebo", "21", "21", "8"]
    assert "16.7929" in line_of(out, "logrank")
    assert line_of(out, "placebo - 6-MP").split()[3:5] == ["23", "-9.24258"]
    out, _ = run(DATA / "cosmesis.csv", "--by", "group", "--format", "table")
    assert "7.12029" in line_of(out, "logrank")
    assert "38 to 40" in line_of(out, "radiotherapy"), "where inside is not known"


def test_a_table_never_gives_a_number_for_a_median_that_was_not_reached() -> None:
    """It is longer than the last age seen; where half live on from some age, any from there would do."""
    for rows, told in (("1,1\n7,0\n7,0\n", "> 7"), ("1,1\n7,0\n", "1 or more"), ("1,1\n7,1\n", "1 to 7")):
        out, _ = run("-", "--format", "table", stdin=f"time,event\n{rows}")
        assert f" {told} " in line_of(out, "all")
    out, _ = run("-", "--format", "table", stdin="lo,hi\n2,\n4,\n")
    assert " > 4 " in line_of(out, "all")


def line_of(out: str, word: str) -> str:
    """The line of a table that begins so."""
    return next(line for line in out.splitlines() if line.strip().startswith(word))


def test_warnings_go_to_stderr_and_stdin_is_read() -> None:
    """Data stays parsable."""
    out, said = run("-", "--tau", "9", "--format", "json", stdin="time,event\n1,1\n2,0\n")
    assert json.loads(out)["rmst"]["value"] is None
    assert said == "-: no restricted mean to 9: nothing was seen beyond 2\n"


def test_stdin_is_read_like_a_file() -> None:
    """The mark in front, as Excel writes it, and what is not UTF-8."""
    assert run("-", stdin="\ufefftime,event\r\n3,0\r\n")[0].splitlines()[1] == ",3.0,1,0,1,1.0,0.0,,"
    with pytest.raises(Refused, match=r"^-:2: not UTF-8$"):
        run("-", stdin=b"time,event\n1,\xff\n")


def test_what_cannot_be_used_is_refused_by_file_line_and_reason(tmp_path: Path) -> None:
    """Rows, files, options."""
    file = tmp_path / "bad.csv"
    file.write_text("time,event\n1,1\n-3,1\n")
    with pytest.raises(Refused, match=r"bad\.csv:3: time is '-3', not a number from 0 up$"):
        run(file)
    file.write_text("time,event\n" + "x,1\n" * 25)
    with pytest.raises(Refused, match=r"bad\.csv:21: .* \(and 5 more\)$"):
        run(file)
    file.write_bytes(b"time,event\n\xff,1\n")
    with pytest.raises(Refused, match=r"bad\.csv:2: not UTF-8$"):
        run(file)
    with pytest.raises(Refused, match="No such file"):
        run(tmp_path / "none.csv")
    for options, reason in (
        (["--strata", "s"], "needs --by"),
        (["--interval", "logit"], "logit"),
        (["--format", "names"], "no names"),
        (["--by", "cohort"], r"aml\.csv:1: no column 'cohort'"),
    ):
        with pytest.raises(Refused, match=reason):
            run(DATA / "aml.csv", *options)
    with pytest.raises(Refused, match="strata need entry,time,event"):
        run(DATA / "cosmesis.csv", "--by", "group", "--strata", "group")
