"""Every number that a reader meets is the same in page, JSON and CSV, and again when computed by other means."""

import csv
import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.conftest import Played
from tracker.analysis.churn import week_bounds
from tracker.analysis.derivation import Judge
from tracker.export.publication import weekly_publication
from tracker.lookalikes.suffixes import Suffixes
from tracker.policies import policy_of
from tracker.settings import Settings
from tracker.storage.database import open_database
from tracker.storage.log import SqlLog

pytestmark = pytest.mark.xdist_group("replay")
WORDS = {"own_brand": "own brands", "imitated": "imitated outlets", "all": "all"}
Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Edition:
    """A report and the package beside it: of a whole replay, or of one week as the daemon publishes it."""

    folder: Path

    @cached_property
    def report(self) -> dict[str, Any]:
        """The report as JSON."""
        return json.loads((self.folder / "report.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]

    @cached_property
    def page(self) -> str:
        """The report as page."""
        return (self.folder / "report.html").read_text(encoding="utf-8")

    @property
    def stories(self) -> list["Told"]:
        """What it says of each action: one section of the page, one story of the JSON, the rows that bear its id."""
        sections = re.findall(r'<section aria-labelledby="story-\d+">(.*?)</section>', self.page, re.DOTALL)
        found = [Told(*pair, self.folder) for pair in zip(self.report["stories"], sections, strict=True)]
        actions = [row["action_id"] for row in table(self.folder, "data/actions.csv")]
        assert sorted(told.story["action_id"] for told in found) == sorted(actions)
        return found


@dataclass(frozen=True)
class Told:
    """One action in a report, and its rows in the package."""

    story: dict[str, Any]
    page: str
    folder: Path

    def rows(self, name: str) -> Rows:
        """The rows of one table that are about the action."""
        return [row for row in table(self.folder, f"data/{name}.csv") if row["action_id"] == self.story["action_id"]]


def slowly(scenario: str, *weeks: str) -> list[Any]:
    """The end of a long replay and some of its weeks; one process plays it."""
    marks = (pytest.mark.slow, pytest.mark.xdist_group(scenario))
    return [pytest.param((scenario, week), marks=marks) for week in ("", *weeks)]


EDITIONS = [
    ("short", ""),
    ("short", "2026-W50"),
    ("short", "2026-W51"),
    *slowly("doj", *(f"2024-W{n}" for n in range(36, 42))),
    *slowly("mixed", *(f"2026-W{n}" for n in range(43, 46))),
]
"""Replay and week; no week is the end of the replay, with what the command `replay` writes."""


@pytest.fixture(scope="module", params=EDITIONS, ids=lambda param: "-".join(filter(None, param)))
def edition(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Edition:
    """Each edition in turn."""
    scenario, week = request.param
    played: Played = request.getfixturevalue(scenario)
    return Edition(published(played, week, tmp_path_factory.mktemp("weeks")) if week else played.folder)


def published(played: Played, week: str, target: Path) -> Path:
    """The week as the daemon publishes it, from what was known when it ended."""
    engine = open_database(played.database)
    log, judge = SqlLog(engine), Judge(Suffixes.bundled(), policy_of(Settings()))
    publish = weekly_publication(log, lambda history: judge.derive(history)[0], target)
    folder = publish(log.history(min(week_bounds(week)[1], played.replay.history.as_of)), week)
    engine.dispose()
    return folder


def table(folder: Path, name: str) -> Rows:
    """One table of the package."""
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def body(page: str, label: str) -> list[list[str]]:
    """The cells of the table in the region of that name, row by row, without the head; none where there is none."""
    found = re.search(rf'aria-label="{re.escape(label)}">(.*?)</table>', page, re.DOTALL)
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", found[1].partition("</thead>")[2], re.DOTALL) if found else []
    return [
        [unescape(cell).strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in rows
    ]


def count(lo: int, hi: int) -> str:
    """Bounds as the page writes them."""
    return str(lo) if lo == hi else f"{lo} to {hi}"


def when(text: str) -> datetime | None:
    """A cell of a moment."""
    return datetime.fromisoformat(text) if text else None


def test_counts_by_window(edition: Edition) -> None:
    """Page = JSON = the CSVs, and the bounds follow from replacements.csv with nothing but a calendar."""
    for told in edition.stories:
        story, page = told.story, told.page
        shown = body(page, "Counts by window")
        counts = {
            (row["cohort"], row["window"]): row
            for row in told.rows("replacement_counts")
            if (row["scope"], row["layer"], row["verdict_min"]) == ("any", "DELEGATED", "LIKELY")
        }
        assert len(shown) == len(story["windows"]) == len(counts) == 12
        if (edition.folder / "measurement.csv").exists():
            measured = [
                row
                for row in table(edition.folder, "measurement.csv")
                if (row["action"], row["basis"], row["layer"]) == (story["action_id"], "replay", "DELEGATED")
            ]
            assert len(measured) == 12
            shared = ("count_lo", "count_hi", "unknown", "of", "expected_by_chance", "as_of")
            for row in measured:
                assert [row[name] for name in shared] == [counts[row["cohort"], row["window"]][name] for name in shared]
        (action,) = told.rows("actions")
        start = datetime.fromisoformat(action["announced_at"])
        midnight = start.replace(hour=0, minute=0, second=0)
        opens = start if action["announced_precision"] == "second" else midnight
        back = told.rows("replacements")
        for cells, row in zip(shown, story["windows"], strict=True):
            written = counts[row["cohort"], row["window"]]
            seen = (row["seen"]["lo"], row["seen"]["hi"])
            assert (str(seen[0]), str(seen[1])) == (written["count_lo"], written["count_hi"])
            assert cells[0] == WORDS[row["cohort"]]
            assert cells[3:7] == [count(*seen), count(0, 0), str(row["unknown"]), str(row["of"])]
            assert [written["chance_hi"] == "", int(written["controls"])] == [row["chance_hi"] is None, row["controls"]]
            if row["chance"] is not None:
                assert float(written["chance_hi"]) == pytest.approx(row["chance_hi"])
                assert row["chance_hi"] >= row["chance"]
                assert cells[7] == f"{row['chance']:.1f} ≤ {row['chance_hi']:.1f}, n {row['controls']}"
            assert (str(row["unknown"]), str(row["of"])) == (written["unknown"], written["of"])
            closes = midnight + timedelta(days=1 + int(row["window"][:-1]))
            possibly = {
                found["domain"]
                for found in back
                if row["cohort"] in {"all", found["cohort"]}
                and found["appearance_layer"] == "DELEGATED"
                and ((hi := when(found["appeared_hi"])) is None or hi > opens)
                and ((lo := when(found["appeared_lo"])) is None or lo < closes)
            }
            assert len(possibly) == seen[1], (row["cohort"], row["window"])


def test_headline_is_the_primary_figure(edition: Edition) -> None:
    """The first box and the sentence carry the row of replacement_counts.csv that is marked as primary."""
    report, page = edition.report, edition.page
    primary = [row for row in table(edition.folder, "data/replacement_counts.csv") if row["primary"] == "true"]
    assert [row["action_id"] for row in primary] == sorted(told.story["action_id"] for told in edition.stories)
    row = next(row for row in primary if row["action_id"] == edition.stories[0].story["action_id"])
    assert [row[name] for name in ("cohort", "scope", "layer", "verdict_min", "window")] == [
        "own_brand",
        "same_label",
        "DELEGATED",
        "LIKELY",
        "1d",
    ]
    wanted = count(int(row["count_lo"]), int(row["count_hi"]))
    assert report["boxes"][0]["value"] == wanted
    assert f'<span class="value">{wanted}</span>' in page
    assert (f"between {row['count_lo']} and {row['count_hi']}" if "to" in wanted else wanted) in report["headline"]


def test_versions_of_the_count(edition: Edition) -> None:
    """JSON = replacement_counts.csv = page, and the possible counts follow from replacements.csv and appearances."""
    for told in edition.stories:
        story, page = told.story, told.page
        rows = told.rows("replacement_counts")
        keyed = {
            tuple(row[name] for name in ("cohort", "scope", "layer", "verdict_min", "window")): row for row in rows
        }
        assert len(story["versions"]) == len(keyed) == len(rows)
        for told_row in story["versions"]:
            choice = told_row["choice"]
            row = keyed[tuple(choice[name] for name in ("cohort", "scope", "layer", "verdict_min", "window"))]
            assert [row["count_lo"], row["count_hi"]] == [str(told_row["count_lo"]), str(told_row["count_hi"])]
        shown = body(page, "Versions of the count")
        for cells in shown:
            scope = {"same label": "same_label", "all": "any"}[cells[1]]
            cohort = {words: key for key, words in WORDS.items()}[cells[0]]
            for cell, window in zip(cells[4:], ("1d", "2d", "8d", "30d"), strict=True):
                row = keyed[cohort, scope, cells[2].upper(), cells[3], window]
                limits = f"{float(row['chance_hi'] or 0):.1f}, n {row['controls']}"
                chance = f" ({float(row['expected_by_chance']):.1f} ≤ {limits})" if row["expected_by_chance"] else ""
                bounds = count(int(row["count_lo"]), int(row["count_hi"])) + chance
                assert re.sub(r"<[^>]+>", "", cell) == bounds
        assert len(shown) == 2 * 2 * 6
        back = told.rows("replacements")
        kept = {row["domain"] for row in back if row["domain"].split(".")[0] == row["predecessor"].split(".")[0]}
        assert {row["domain"] for row in back if row["same_label"] == "true"} == kept
        assert int(keyed["own_brand", "same_label", "DELEGATED", "LIKELY", "30d"]["count_lo"]) <= len(kept)


def test_placebo_dates(edition: Edition) -> None:
    """Page = JSON = placebo_dates.csv; the days lie before the action, two days apart."""
    for told in edition.stories:
        story, page = told.story, told.page
        rows = told.rows("placebo_dates")
        assert [row["day"] for row in rows] == [row["day"] for row in story["placebos"]]
        days = [datetime.fromisoformat(row["day"]) for row in rows]
        assert {later - earlier for earlier, later in pairwise(days)} <= {timedelta(days=2)}
        for row, placebo in zip(rows, story["placebos"], strict=True):
            assert (int(row["count_lo"]), int(row["count_hi"])) == (placebo["count_lo"], placebo["count_hi"])
            assert (row["action_id"], row["as_of"]) == (story["action_id"], edition.report["as_of"])
            assert row["day"] < story["announced"]
            assert f"{count(placebo['count_lo'], placebo['count_hi'])} on {row['day'][:10]}" in page


def test_times_to_the_first_replacement(edition: Edition) -> None:
    """One row per domain in page, JSON and CSV; the latest bound follows from replacements.csv and the announcement."""
    for told in edition.stories:
        story, page = told.story, told.page
        rows = {row["predecessor"]: row for row in told.rows("first_replacements")}
        assert {lag["predecessor"] for lag in story["lags"]} == set(rows)
        assert {row["domain"] for row in told.rows("takedowns")} == set(rows)
        for lag in story["lags"]:
            row = rows[lag["predecessor"]]
            assert (lag["name"] or "") == row["domain"]
            assert [None if not row[name] else int(row[name]) for name in ("lag_lo_s", "lag_hi_s")] == [
                None if lag[name] is None else int(lag[name]) for name in ("lo", "hi")
            ]
        assert len(body(page, "Time to the first replacement")) == len(rows)
        back = told.rows("replacements")
        for name, row in rows.items():
            proofs = [found["appeared_hi"] for found in back if found["predecessor"] == name and found["appeared_hi"]]
            assert bool(proofs) == bool(row["domain"])


def test_endings_by_age(edition: Edition) -> None:
    """JSON = ending_curves.csv, and all endings and the share alive add up to one at the last age."""
    report = edition.report
    ids = {
        (row["role"], row["cohort"]): row["curve_id"]
        for row in table(edition.folder, "data/lifetimes_summary.csv")
        if row["layer"] == "DELEGATED"
    }
    rows = table(edition.folder, "data/ending_curves.csv")
    for group in report["lasting"]:
        for bound, causes in group["incidence"].items():
            mine = [
                row for row in rows if (row["curve_id"], row["bound"]) == (ids[group["role"], group["cohort"]], bound)
            ]
            assert {row["ending"] for row in mine} == set(causes)
            for ending, steps in causes.items():
                written = [row for row in mine if row["ending"] == ending]
                assert [[step["t"], step["n_event"]] for step in steps] == [
                    [int(row["t_s"]), int(row["n_event"])] for row in sorted(written, key=lambda row: int(row["t_s"]))
                ]
            held = [step["surv"] for step in group[bound] if step["surv"] is not None]
            if held:
                ended = sum(steps[-1]["share"] for steps in causes.values())
                assert ended + held[-1] == pytest.approx(1)


def test_what_could_not_be_known_and_what_came_late(edition: Edition) -> None:
    """Blind suffixes and the reporting triangle are the same in page, JSON and CSV; the latter counts again."""
    for told in edition.stories:
        story, page = told.story, told.page
        rows = told.rows("suffix_blindness")
        keys = ("sweeps", "sweeps_failed", "looks", "looks_unsure", "unjudged")
        assert {row["suffix"]: [row[key] for key in keys] for row in rows} == {
            row["suffix"]: [str(row[key]) for key in keys] for row in story["blind"]
        }
    report, page = edition.report, edition.page
    weeks: Counter[tuple[str, int]] = Counter()
    first = {row["domain"]: row["discovered_at"] for row in table(edition.folder, "data/replacements.csv")}
    for domain, proof in {
        row["domain"]: row["appeared_hi"] for row in table(edition.folder, "data/replacements.csv")
    }.items():
        born, known = (when(text).date() for text in (proof, first[domain]))  # type: ignore[union-attr]
        mondays = [day - timedelta(days=day.weekday()) for day in (born, known)]
        weeks[mondays[0].isoformat(), min(4, max(0, (mondays[1] - mondays[0]).days // 7))] += 1
    written = {
        (row["appeared_week"][:10], int(row["weeks_later"])): int(row["names"])
        for row in table(edition.folder, "data/reporting_triangle.csv")
    }
    assert {cell: n for cell, n in written.items() if n} == dict(weeks)
    assert [row[1:] for row in body(page, "Late discoveries")] == [
        ["–" if n is None else str(n) for n in row["found"]] for row in report["triangle"]
    ]


def test_alive_after(edition: Edition) -> None:
    """Alive, gone, not watched so long and not known add up to the replacements, as in replacements.csv."""
    for told in edition.stories:
        story, page = told.story, told.page
        back = told.rows("replacements")
        wanted = [
            [
                WORDS[cohort],
                f"{age[:-1]} days",
                *(str(answers.get(key, 0)) for key in ("yes", "no", "censored", "uncertain")),
            ]
            for cohort, ages in story["alive"].items()
            for age, answers in ages.items()
        ]
        assert body(page, "Alive after") == wanted
        for cohort, ages in story["alive"].items():
            for age, answers in ages.items():
                names = {row["domain"]: row[f"alive_{age}"] for row in back if row["cohort"] == cohort}
                assert answers == dict(Counter(names.values()))


def test_alive_and_net_change_of_the_week(edition: Edition) -> None:
    """Alive at both ends of the week and what changed, counted again from episodes.csv; they add up within bounds."""
    report, page = edition.report, edition.page
    week = report["churn"]
    first, last = datetime.fromisoformat(week["first"]), datetime.fromisoformat(week["last"])
    last = min(last, datetime.fromisoformat(report["as_of"]))
    born = {
        row["domain"]: (when(row["appeared_lo"]), when(row["appeared_hi"]))
        for row in table(edition.folder, "data/replacements.csv")
        if row["appearance_layer"] == "DELEGATED"
    }
    lives: dict[str, list[list[datetime | None]]] = defaultdict(list)
    for row in table(edition.folder, "data/episodes.csv"):
        if row["layer"] == "DELEGATED" and row["domain"] in born:
            life = [when(row[name]) for name in ("start_lo", "start_hi", "end_lo", "end_hi")]
            lo, hi = born[row["domain"]]
            if life[3] is None or hi is None or life[3] > hi:
                lives[row["domain"]].append([life[0] or lo, *life[1:], when(row["end_lo"]) or when(row["end_hi"])])
    counted = dict.fromkeys(("before_lo", "before_hi", "after_lo", "after_hi", "net_lo", "net_hi"), 0)
    for mine in lives.values():
        sure, maybe = (
            [
                any(
                    start_hi and start_hi <= moment and (over is None or (end_lo and end_lo >= moment))
                    if surely
                    else (start_lo is None or start_lo < moment) and (over is None or end_hi is None or end_hi > moment)
                    for start_lo, start_hi, end_lo, end_hi, over in mine
                )
                for moment in (first, last)
            ]
            for surely in (True, False)
        )
        begins = any((lo is None or lo < last) and (hi is None or hi > first) for lo, hi, *_ in mine)
        ends = any(over and (lo is None or lo < last) and (hi is None or hi > first) for _, _, lo, hi, over in mine)
        most = [max(pair) for pair in zip(sure, maybe, strict=True)]
        counted["before_lo"] += sure[0]
        counted["before_hi"] += most[0]
        counted["after_lo"] += sure[1]
        counted["after_hi"] += most[1]
        counted["net_lo"] += max(sure[1] - most[0], -int(bool(ends)))
        counted["net_hi"] += min(most[1] - sure[0], int(begins))
    told_week = {name: week[name if name.startswith("net") else f"alive_{name}"] for name in counted}
    assert told_week == counted
    assert counted["before_lo"] + counted["net_lo"] <= counted["after_hi"]
    assert counted["before_hi"] + counted["net_hi"] >= counted["after_lo"]
    before, after = (count(counted[f"{at}_lo"], counted[f"{at}_hi"]) for at in ("before", "after"))
    assert f"<p>{before} replacements were alive when the week began and {after} when it ended" in page


def recomputed(told: Told, cohort: str) -> list[tuple[datetime, int, int]]:
    """N(t) as the codebook says that it follows from replacements.csv."""
    (action,) = told.rows("actions")
    start = datetime.fromisoformat(action["announced_at"])
    announced = (start, start + timedelta(days=1) if action["announced_precision"] == "day" else start)
    takedowns = {row["domain"]: row for row in told.rows("takedowns")}
    listed = min(datetime.fromisoformat(row["listed_first"]) for row in takedowns.values())
    surely: dict[str, datetime] = {}
    possibly: dict[str, datetime] = {}
    for row in told.rows("replacements"):
        if cohort not in {"all", row["cohort"]}:
            continue
        hit = takedowns[row["predecessor"]]
        opens, closes = (when(hit["effective_lo"]), when(hit["effective_hi"]))
        if opens is None and closes is None:
            opens, closes = announced
        if opens is None or listed >= opens:
            closes = min(closes or listed, listed)
        delegated = row["appearance_layer"] == "DELEGATED"
        lo, hi = (when(row[name]) if delegated else None for name in ("appeared_lo", "appeared_hi"))
        if lo and hi and closes and lo >= closes:
            surely[row["domain"]] = min(hi, surely.get(row["domain"], hi))
        if hi is None or opens is None or hi > opens:
            begun = max(lo or start, start)
            possibly[row["domain"]] = min(begun, possibly.get(row["domain"], begun))
    return [
        (at, *(sum(moment <= at for moment in reached.values()) for reached in (surely, possibly)))
        for at in sorted({*surely.values(), *possibly.values()})
    ]


def test_steps_of_the_curve(edition: Edition) -> None:
    """JSON points are the rows of replacement_curve.csv, page rows are JSON points; the codebook's words give them."""
    for told in edition.stories:
        steps = told.rows("replacement_curve")
        for cohort in ("own_brand", "imitated", "all"):
            written = [row for row in steps if row["cohort"] == cohort]
            assert [(when(row["at"]), int(row["n_lo"]), int(row["n_hi"])) for row in written] == recomputed(
                told, cohort
            )
        for curve in told.story["curves"]:
            rows = [
                [row["at"], int(row["n_lo"]), int(row["n_hi"])] for row in steps if row["cohort"] == curve["cohort"]
            ]
            assert [[point["at"], point["lo"], point["hi"]] for point in curve["points"]] == rows
            if rows:
                cells = body(told.page, f"Steps, {WORDS[curve['cohort']]}")
                assert [[f"{at[:10]} {at[11:16]}", str(lo), str(hi)] for at, lo, hi in rows] == cells


def test_lifetimes(edition: Edition) -> None:
    """Episodes, alive, endings and life tables agree with the CSV, and the shares with a product taken by hand."""
    report, page = edition.report, edition.page
    summary = {
        (row["role"], row["cohort"]): row
        for row in table(edition.folder, "data/lifetimes_summary.csv")
        if row["layer"] == "DELEGATED"
    }
    curves: dict[tuple[str, str], Rows] = defaultdict(list)
    for row in table(edition.folder, "data/survival_curves.csv"):
        curves[row["curve_id"], row["bound"]].append(row)
    shown = {cells[0]: cells for cells in body(page, "Survival")}
    assert len(report["lasting"]) == len(summary) == len(shown)
    for group in report["lasting"]:
        row = summary[group["role"], group["cohort"]]
        cells = shown[f"{group['role']}, {WORDS[group['cohort']]}"]
        assert [str(group["episodes"]), str(group["alive"])] == [row["episodes"], row["alive"]] == cells[1:3]
        ended = {key.removeprefix("ended_"): int(n) for key, n in row.items() if key.startswith("ended_") and n != "0"}
        assert group["endings"] == ended
        assert [str(group["late"]), str(group["ageless"])] == [row["found_late"], row["age_not_known"]] == cells[3:5]
        for side in ("lo", "hi"):
            for figure in ("median", "mean_30d"):
                value, written = group[f"{figure}_{side}"], row[f"{figure}_{side}_s"]
                assert (value is None) == (written == "") == (row[f"{figure}_{side}_why"] != "")
                assert group[f"{figure}_{side}_why"] == row[f"{figure}_{side}_why"]
                assert value is None or float(written) == pytest.approx(value, rel=1e-6)
            known = group[f"known_{side}"] or {"since": None, "until": None}
            assert [row[f"known_{end}_{side}_s"] for end in ("from", "to")] == [
                "" if known[key] is None else str(known[key]) for key in ("since", "until")
            ]
        for bound, side in (("shortest", "lo"), ("longest", "hi")):
            rows = sorted(curves[row["curve_id"], bound], key=lambda step: int(step["t_s"]))
            since, until = (row[f"known_{end}_{side}_s"] for end in ("from", "to"))
            share = 1.0
            assert len(rows) == len(group[bound])
            for step, written in zip(group[bound], rows, strict=True):
                read = [int(written[name]) for name in ("t_s", "n_risk", "n_event", "n_censor")]
                assert [step["t"], step["n_risk"], step["n_event"], step["n_censor"]] == read
                if not since or read[0] <= int(since) or (until and read[0] > int(until)):
                    assert (step["surv"], written["surv"]) == (None, "")
                    continue
                assert share / read[1] <= 0.2 + 1e-9, "no life stands for more than a fifth"
                share *= 1 - read[2] / read[1]
                assert step["surv"] == pytest.approx(share, abs=1e-12)
                assert float(written["surv"]) == pytest.approx(share, abs=1e-6)


def test_at_risk_from_the_episodes(edition: Edition) -> None:
    """The at-risk table is counted again from episodes.csv and replacements.csv."""
    report, page = edition.report, edition.page
    back = {row["domain"]: row["cohort"] for row in table(edition.folder, "data/replacements.csv")}
    lives = [row for row in table(edition.folder, "data/episodes.csv") if row["layer"] == "DELEGATED"]
    for group in [group for group in report["lasting"] if group["role"] == "replacement"]:
        mine = [row for row in lives if back.get(row["domain"]) == group["cohort"] and row["former"] == "false"]
        spans = [(int(row["risk_from_lo_s"]), int(row["risk_until_lo_s"])) for row in mine if row["risk_from_lo_s"]]
        for row in group["at_risk"]:
            age = row["days"] * 86_400
            assert row["at_risk"] == sum((entry < age or entry <= 0) and exit_ >= age for entry, exit_ in spans)
        cells = body(page, f"At risk, replacement, {WORDS[group['cohort']]}")
        assert cells[0][1:] == [str(row["at_risk"]) for row in group["at_risk"]]


@pytest.mark.parametrize(("key", "column"), [("suffix", "suffix"), ("registrar", "registrar")])
def test_counts_by_property(edition: Edition, key: str, column: str) -> None:
    """Registrars and suffixes: page = JSON = a count over domains.csv."""
    report, page = edition.report, edition.page
    (counting,) = [row for row in report["countings"] if row["key"] == key]
    back = {row["domain"]: row["cohort"] for row in table(edition.folder, "data/replacements.csv")}
    counted = Counter(
        (row[column].removeprefix("'"), back[row["domain"]])
        for row in table(edition.folder, "data/domains.csv")
        if row["domain"] in back and row[column]
    )
    for row in counting["rows"]:
        assert (row["own_brand"], row["imitated"]) == (
            counted[row["value"], "own_brand"],
            counted[row["value"], "imitated"],
        )
    assert sum(row["own_brand"] + row["imitated"] for row in counting["rows"]) == counted.total()
    if counting["rows"]:
        cells = body(page, counting["title"])
        assert [row[1:] for row in cells] == [[str(row["own_brand"]), str(row["imitated"])] for row in counting["rows"]]


def test_weeks_by_suffix(edition: Edition) -> None:
    """The map's cells are counted again from the first proofs in replacements.csv."""
    report, page = edition.report, edition.page
    shown = report["heat"]
    counted: Counter[tuple[str, str]] = Counter()
    for domain, proof in {
        row["domain"]: when(row["appeared_hi"]) for row in table(edition.folder, "data/replacements.csv")
    }.items():
        if proof is not None:
            year, week, _ = proof.isocalendar()
            suffix = domain.partition(".")[2]
            counted[suffix if suffix in shown["suffixes"] else "other", f"{year}-W{week:02}"] += 1
    cells = {
        (suffix, week): n
        for suffix, row in zip(shown["suffixes"], shown["cells"], strict=True)
        for week, n in zip(shown["weeks"], row, strict=True)
        if n
    }
    assert cells == dict(counted)
    assert [row[1:] for row in body(page, "New names by week and suffix")] == [
        [str(n) for n in row] for row in shown["cells"]
    ]


def test_report_and_package_are_of_one_snapshot(edition: Edition) -> None:
    """The id in the page is that of the manifest and of the citation file."""
    report, page = edition.report, edition.page
    manifest = json.loads((edition.folder / "manifest.json").read_text(encoding="utf-8"))
    assert report["snapshot"] == manifest["snapshot"]
    assert report["snapshot"] in page
    assert report["snapshot"] in (edition.folder / "CITATION.cff").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.xdist_group("doj")
def test_a_week_before_the_action_counts_nothing(doj: Played, tmp_path: Path) -> None:
    """What is under watch already is in the package; no table counts a replacement of what was not yet hit."""
    quiet = Edition(published(doj, "2024-W35", tmp_path))
    assert quiet.report["stories"] == []
    assert "Counts by window" not in quiet.page
    filled = {path.stem for path in (quiet.folder / "data").iterdir() if table(quiet.folder, f"data/{path.name}")}
    assert filled == {"domains", "observations", "sweeps", "gaps", "artefacts", "episodes", "sources"}
