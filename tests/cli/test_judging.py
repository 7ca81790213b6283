"""`tracker explain` and `tracker review` on a small database; verdicts are tested on a played story."""

import csv
import zipfile
from pathlib import Path

import pytest

from tests.cli.calling import Said, tracker
from tests.cli.stored import stored
from tests.stages.fakes import SO
from tracker.analysis.explain import Explanation, Moment
from tracker.cli.telling import told


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database with one predecessor and one candidate."""
    return stored(tmp_path)


def test_a_label_alone_is_explained_as_no_replacement(database: Path) -> None:
    """One family is not two: the verdict, a sentence each way, and the rules with their bits."""
    said = tracker("--database", database, "explain", "RRN[.]so")
    assert said.status == 0
    lines = said.out.splitlines()
    assert lines[0] == "rrn[.]so"
    assert any(line.endswith("for predecessor:rrn.media") and "LIKELY" not in line for line in lines)
    assert "Lifeline" in lines


def test_a_lifeline_says_how_finely_a_moment_is_known() -> None:
    """An instant is `at`; where something lies between, after the one and by the other."""
    moments = (
        Moment("2024-09-04T15:00:00Z", "2024-09-04T15:00:00Z", "seized"),
        Moment("", "2024-09-05T15:00:00Z", "parked"),
    )
    said = list(told(Explanation(name=SO, note="", cases=(), dates=(), complaints=(), lifeline=moments)))[-2:]
    assert [" ".join(line.split()) for line in said] == [
        "at 2024-09-04T15:00:00Z seized",
        "after unknown by 2024-09-05T15:00:00Z parked",
    ]
    assert len({line.index(moment.what) for line, moment in zip(said, moments, strict=True)}) == 1


@pytest.mark.parametrize(
    ("name", "reason"), [("stranger.example", "was never put forward"), ("not a name", "has no dot")]
)
def test_only_candidates_are_explained(database: Path, name: str, reason: str) -> None:
    """A name that nobody put forward has no verdict, which is no acquittal; status 2."""
    said = tracker("--database", database, "explain", name)
    assert said.status == 2
    assert reason in said.err


def test_before_the_first_record_there_is_nothing(database: Path) -> None:
    """As of a moment before the log began: said so, status 2."""
    said = tracker("--database", database, "explain", SO, "--as-of", "2020-01-01")
    assert said.status == 2
    assert "nothing was recorded yet" in said.err


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"--verdict": "MAYBE"}, "'MAYBE' is no decision"),
        ({"--verdict": ""}, "a --verdict or a --mute"),
        ({"--mute": "30d"}, "a --verdict or a --mute"),
        ({"--reviewer": " "}, "needs a reviewer and a reason"),
        ({"--reason": ""}, "needs a reviewer and a reason"),
    ],
)
def test_a_review_without_substance_is_refused(database: Path, options: dict[str, str], reason: str) -> None:
    """An unknown verdict, nobody, no reason: status 2 and nothing appended."""
    chosen = {"--verdict": "CONFIRMED", "--reviewer": "AB", "--reason": "imprint"} | options
    said = tracker("--database", database, "review", SO, *(word for pair in chosen.items() for word in pair))
    assert said.status == 2
    assert reason in said.err
    assert "reviewed" not in tracker("--database", database, "explain", SO).out


def test_a_review_overrides_the_rules(database: Path) -> None:
    """CONFIRMED by an analyst, lower case is fine; the newest review counts."""
    for verdict in ("confirmed", "ruled_out"):
        said = tracker(
            "--database", database, "review", SO, "--verdict", verdict, "--reviewer", "AB", "--reason", "imprint"
        )
        assert (said.status, said.err) == (0, "1 verdict on rrn.so recorded\n")
        assert f"{verdict.upper()} (" in tracker("--database", database, "explain", SO).out


def decide(database: Path, sheet: Path, decisions: dict[str, tuple[str, str]], reviewer: str) -> Said:
    """Fill in a queue by name, as somebody does in a spreadsheet with its own separator, and import it."""
    with sheet.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["decision"], row["reason"] = decisions.get(row["name"], ("", ""))
    with sheet.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, [*reversed(rows[0]), "date"], delimiter=";")
        writer.writeheader()
        writer.writerows({**row, "date": "9.9.2024"} for row in rows)
    return tracker("--database", database, "review", "--import", sheet, "--reviewer", reviewer)


def test_a_queue_goes_out_is_edited_and_comes_back(database: Path, tmp_path: Path) -> None:
    """Written, decided in another spreadsheet's dialect, imported; then nobody is asked about it again."""
    sheet = tmp_path / "q.csv"
    said = tracker("--database", database, "review", "--queue", sheet)
    assert (said.status, said.out, said.err) == (0, "", f"1 candidate written to {sheet}\n")
    said = decide(database, sheet, {SO: ("Ruled out", "a namesake")}, "AB")
    assert (said.status, said.out) == (0, "")
    assert said.err.splitlines() == [
        f"{sheet}: columns not read: date",
        f"1 verdict of AB imported from {sheet}; 0 rows without a decision",
    ]
    explained = tracker("--database", database, "explain", SO).out
    assert "RULED_OUT (" in explained and "AB judged it RULED_OUT: a namesake" in explained
    said = tracker("--database", database, "review", "--queue", tmp_path / "next.csv")
    assert said.err.startswith("0 candidates written")


def test_a_queue_with_decisions_is_not_overwritten(database: Path, tmp_path: Path) -> None:
    """An hour's work is not lost to the same command typed twice; an untouched queue is written anew."""
    sheet = tmp_path / "q.csv"
    for _ in range(2):
        assert tracker("--database", database, "review", "--queue", sheet).status == 0
    sheet.write_text("name,decision,reason\nrrn.so,LIKELY,x\n", encoding="utf-8")
    said = tracker("--database", database, "review", "--queue", sheet)
    assert (said.status, "has decisions in it" in said.err) == (2, True)


def test_a_bad_row_is_told_with_file_line_and_reason(database: Path, tmp_path: Path) -> None:
    """Rows that cannot be read and rows that make no sense are told together, and nothing is imported."""
    sheet = tmp_path / "q.csv"
    sheet.write_text(
        "name,decision,reason\nrrn.so,LIKELY,imprint\nstranger.example,LIKELY,x\nrrn.so,perhaps,x\n", encoding="utf-8"
    )
    said = tracker("--database", database, "review", "--import", sheet, "--reviewer", "AB")
    assert said.status == 2
    assert said.err.splitlines() == [
        f"{sheet}:3: stranger.example was never put forward for anything that is watched",
        f"{sheet}:4: 'perhaps' is no decision; there are "
        "CONFIRMED, LIKELY, POSSIBLE, RULED_OUT, INSUFFICIENT, and MUTE",
        f"tracker: 2 rows of {sheet} refused, so nothing was imported",
    ]
    assert "judged it" not in tracker("--database", database, "explain", SO).out


def test_a_second_analyst_is_asked_blindly_and_agreement_is_printed(database: Path, tmp_path: Path) -> None:
    """The second queue says nothing of the first decision; importing it prints agreement and kappa with n."""
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    tracker("--database", database, "review", "--queue", first)
    before = first.read_bytes()
    decide(database, first, {SO: ("LIKELY", "imprint")}, "AB")
    said = tracker("--database", database, "review", "--queue", second, "--reviewer", "CD", "--after", "AB")
    assert said.status == 0
    assert second.read_bytes() == before
    said = decide(database, second, {SO: ("ruled_out", "a namesake")}, "CD")
    assert said.out.splitlines() == [
        "AB and CD judged 1 candidate in common, each by the first verdict:",
        "  same verdict        0 of 1 (0 %), Cohen's kappa 0.00 (n = 1)",
        "  replacement or not  0 of 1 (0 %), Cohen's kappa 0.00 (n = 1)",
        "  rrn[.]so for rrn[.]media: AB LIKELY, CD RULED_OUT",
        "  The newest verdict holds until one of them judges again.",
    ]
    assert tracker("--database", database, "review", "--agreement").out == said.out


def test_a_mute_is_recorded_listed_and_ended(database: Path, tmp_path: Path) -> None:
    """A muted suffix is not asked about, the list says until when, and 0d ends it."""
    who = ("--reviewer", "AB", "--reason", "a wave of parking")
    said = tracker("--database", database, "review", SO, "--mute", "30d", "--scope", "suffix", *who)
    assert (said.status, said.err) == (0, "1 mute recorded; --mutes lists those that hold\n")
    (row,) = tracker("--database", database, "review", "--mutes").rows
    assert (row["scope"], row["value"], row["reviewer"]) == ("suffix", "so", "AB")
    said = tracker("--database", database, "review", "--queue", tmp_path / "q.csv")
    assert said.err.endswith("; 1 muted\n")
    tracker("--database", database, "review", SO, "--mute", "0d", "--scope", "suffix", *who)
    assert tracker("--database", database, "review", "--mutes").rows == []


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((), "wants one of NAME, --queue"),
        ((SO, "--mutes"), "wants one of NAME, --queue"),
        (("--queue", "q.csv", "--after", "AB"), "--after needs --reviewer"),
        (("--import", "none.csv"), "--import needs --reviewer"),
        (("--import", "none.csv", "--reviewer", "AB"), "none.csv: No such file"),
        ((SO, "--mute", "soon", "--reviewer", "AB", "--reason", "x"), "no end of a mute"),
    ],
)
def test_ways_that_make_no_sense_are_refused(database: Path, arguments: tuple[str, ...], reason: str) -> None:
    """One line, status 2."""
    said = tracker("--database", database, "review", *arguments)
    assert said.status == 2
    assert reason in said.err
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "settings", "reason"),
    [
        ("stranger.example", "", "neither watched nor"),
        (SO, "[publishing]\ncaptures = ['https://lookyloo.example/']\n", "has no {name} in it"),
    ],
)
def test_evidence_that_cannot_be_had_is_refused(
    database: Path, tmp_path: Path, name: str, settings: str, reason: str
) -> None:
    """A stranger, a capture address that would be the same for every name."""
    (tmp_path / "tracker.toml").write_text(settings, encoding="utf-8")
    where = ("--database", database, "--config", tmp_path / "tracker.toml")
    said = tracker(*where, "evidence", name, "--out", tmp_path / "e.zip")
    assert (said.status, reason in said.err) == (2, True)
    assert not (tmp_path / "e.zip").exists()


def test_evidence_tells_complaints_reviews_and_captures(database: Path, tmp_path: Path) -> None:
    """Without any artefact there is still what was seen, concluded, judged and reported; no contact is said so."""
    (tmp_path / "tracker.toml").write_text(
        "[publishing]\ncaptures = ['https://lookyloo.example/hostnames/{name}']\n", encoding="utf-8"
    )
    where = ("--database", database, "--config", tmp_path / "tracker.toml")
    tracker(*where, "review", SO, "--verdict", "LIKELY", "--reviewer", "AB", "--reason", "imprint")
    tracker(*where, "watch", "note", SO, "--reported-to", "Registrar", "--channel", "mail", "--at", "2024-09-10")
    assert tracker(*where, "evidence", SO, "--out", tmp_path / "e.zip").status == 0
    with zipfile.ZipFile(tmp_path / "e.zip") as archive:
        text = archive.read(f"evidence-{SO}/README.md").decode()
    assert "AB judged it LIKELY: imprint" in text
    assert "- 2024-09-10, reported to Registrar by mail; no answer" in text
    assert "https://lookyloo.example/hostnames/rrn.so" in text
    assert "No abuse contact was learned" in text


def test_what_was_retracted_has_no_evidence_file(database: Path, tmp_path: Path) -> None:
    """A stranger that was published by mistake is not reported to anybody; a new review undoes that."""
    who = ("--reviewer", "AB", "--reason", "a stranger's")
    tracker("--database", database, "retract", SO, *who)
    said = tracker("--database", database, "evidence", SO, "--out", tmp_path / "e.zip")
    assert (said.status, "was taken back on" in said.err) == (2, True)
