"""Every cell of the page's tables is what the JSON says, written for people: no number of the page is its own."""

import json
import re
from datetime import datetime
from typing import Any

import pytest

from tests.scenarios.conftest import Played
from tests.scenarios.test_numbers import WORDS, body, count

pytestmark = pytest.mark.xdist_group("replay")
SECONDS = {"min": 60, "h": 3600, "d": 86_400}

Document = dict[str, Any]


@pytest.fixture(scope="module")
def told(short: Played) -> tuple[Document, str]:
    """The report as JSON and as page."""
    names = ("report.json", "report.html")
    data, page = ((short.folder / name).read_text(encoding="utf-8") for name in names)
    return json.loads(data), page


def dotted(name: str | None) -> str:
    """A name as the page writes it."""
    return (name or "").replace(".", "[.]")


def minute(moment: str) -> str:
    """A moment as the page writes it."""
    return f"{moment[:10]} {moment[11:16]}"


def means(cell: str, seconds: float | None) -> bool:
    """Whether a written length is that many seconds, to half of its last digit; words where there is no number."""
    found = re.fullmatch(r"(-?[\d.,]+) (min|h|d)", cell)
    if seconds is None or found is None:
        return seconds is None and found is None
    unit = SECONDS[found[2]]
    return abs(float(found[1].replace(",", "")) * unit - seconds) <= 0.051 * unit


def span(bounds: Document) -> str:
    """Bounds of a moment as the page writes them."""
    return f"{minute(bounds['lo'])} – {minute(bounds['hi'])}"


def test_boxes_and_what_changed(told: tuple[Document, str]) -> None:
    """Each figure at the top with its note, and each row of what appeared and ended."""
    report, page = told
    values = re.findall(r'<span class="label">(.*?)</span>\s*<span class="value">(.*?)</span>', page)
    assert values == [(box["label"], box["value"]) for box in report["boxes"]]
    week = report["churn"]
    assert [(row[0], row[1], row[3]) for row in body(page, "Appeared")] == [
        (dotted(row["name"]), dotted(row["predecessor"]), span(row["bounds"])) for row in week["appeared"]
    ]
    assert [(row[0], row[1], row[2], row[3]) for row in body(page, "Ended")] == [
        (dotted(row["name"]), row["role"], row["ending"], span(row["bounds"])) for row in week["ended"]
    ]
    assert report["boxes"][1]["value"] == count(
        len({row["name"] for row in week["appeared"] if row["certain"]}), len({row["name"] for row in week["appeared"]})
    )


def test_counts_and_chance(told: tuple[Document, str]) -> None:
    """The columns that people quote: within, same label, chance, lists."""
    report, page = told
    for cells, row in zip(body(page, "Counts by window"), report["stories"][0]["windows"], strict=True):
        days = int(row["window"][:-1])
        assert cells[1].removesuffix(", so far") == f"{days} day{'' if days == 1 else 's'}"
        assert cells[1].endswith(", so far") != row["over"]
        assert cells[2] == count(row["same_label"]["lo"], row["same_label"]["hi"])
        limits = "no data" if row["chance"] is None else f"{row['chance']:.1f} ≤ {row['chance_hi']:.1f}"
        assert cells[7] == (limits if limits == "no data" else f"{limits}, n {row['controls']}")
        assert cells[8] == ("" if row["claimed"] is None else count(row["claimed"]["lo"], row["claimed"]["hi"]))


def test_domain_by_domain(told: tuple[Document, str]) -> None:
    """Times to the first replacement, and the dates behind the lifelines."""
    report, page = told
    (story,) = report["stories"]
    for cells, lag in zip(body(page, "Time to the first replacement"), story["lags"], strict=True):
        assert cells[0] == dotted(lag["predecessor"])
        if lag["name"]:
            assert cells[1] == dotted(lag["name"])
            assert means(cells[2], lag["lo"]) and means(cells[3], lag["hi"])
    for cells, line in zip(body(page, "Dates of the lifelines"), story["lifelines"], strict=True):
        assert (cells[0], cells[1]) == (dotted(line["name"]), dotted(line["replaces"]))
        assert cells[3] == span(line["appeared"])
        assert cells[4].startswith(span(line["ended"])) if line["ended"] else not re.search(r"\d", cells[4])


def test_suffixes_weeks_and_sources(told: tuple[Document, str]) -> None:
    """What could not be known, when what appeared became known, and how fresh each source is."""
    report, page = told
    keys = ("sweeps", "sweeps_failed", "looks", "looks_unsure", "unjudged")
    (story,) = report["stories"]
    assert body(page, "What could not be known, by suffix") == [
        [f".{row['suffix']}", *(f"{row[key]:,}" for key in keys)] for row in story["blind"][:50]
    ]
    assert f"{story['suffixes_asked']:,} suffixes were asked; of {len(story['blind']):,} something" in page
    assert [row[0] for row in body(page, "Late discoveries")] == [row["monday"][:10] for row in report["triangle"]]
    assert body(page, "Freshness") == [
        [row["source"], minute(row["newest"]), f"{row['in_week']:,}"] for row in report["freshness"]
    ]
    for cells, row in zip(body(page, "Candidates"), report["questions"], strict=True):
        put_forward = row["put_forward"][:10] + (", new" if row["new"] else "")
        assert cells[:4] == [dotted(row["name"]), dotted(row["might_replace"]), put_forward, f"{row['bits']:.1f}"]


def test_lifetimes_of_each_group(told: tuple[Document, str]) -> None:
    """Median and mean, every column of the at-risk tables, every row of how they ended."""
    report, page = told
    shown = {cells[0]: cells for cells in body(page, "Survival")}
    for group in report["lasting"]:
        name = f"{group['role']}, {WORDS[group['cohort']]}"
        for cell, key in zip(shown[name][5:7], ("median", "mean_30d"), strict=True):
            told_ends = [part for part in re.split(r" to |; ", cell) if re.match(r"[\d.]+ (min|h|d)$", part)]
            ends = [group[f"{key}_{side}"] for side in ("lo", "hi")]
            assert all(any(means(part, end) for end in ends) for part in told_ends), (cell, ends)
            assert bool(told_ends) == any(end is not None for end in ends), (cell, ends)
            whys = {group[f"{key}_{side}_why"] for side in ("lo", "hi")}
            assert ("too few" in cell) == bool(whys & {"few", "late", "not_followed"}), (cell, whys)
            assert ("longer than" in cell) == ("outlived" in whys), (cell, whys)
        rows = {cells[0]: cells[1:] for cells in body(page, f"At risk, {name}")}
        for words, key in (("at risk", "at_risk"), ("ended by then", "ended"), ("last seen alive by then", "censored")):
            assert rows[words] == [str(row[key]) for row in group["at_risk"]]
        head = re.search(rf'aria-label="At risk, {name}">.*?<thead>(.*?)</thead>', page, re.DOTALL)
        assert head and re.findall(r">(\d+)<", head[1]) == [str(row["days"]) for row in group["at_risk"]]


def test_how_they_ended(told: tuple[Document, str]) -> None:
    """The sentence and the share of each ending at each age."""
    report, page = told
    for group in report["lasting"]:
        steps = [
            (bound, step)
            for bound, causes in group["incidence"].items()
            for rows in causes.values()
            for step in rows[:200]
        ]
        label = f"Share ended by age, {group['role']}, {WORDS[group['cohort']]}"
        for cells, (bound, step) in zip(body(page, label) if steps else [], steps, strict=True):
            assert (cells[1], cells[3], cells[4]) == (bound, str(step["n_event"]), f"{step['share']:.3f}")
            assert means(cells[2], step["t"])
    assert f"{report['endings']['unknown']} episodes have not ended" in page
    for story in report["stories"]:
        for curve in story["curves"]:
            if curve["points"]:
                covered = count(curve["covered"]["lo"], curve["covered"]["hi"])
                assert (
                    f"{WORDS[curve['cohort']]}: {covered} of {curve['of']} domains have a replacement that came after"
                    in page
                )


def test_counts_of_properties_and_gaps(told: tuple[Document, str]) -> None:
    """Registrars, suffixes, name servers, networks; how well we were looking."""
    report, page = told
    for counting in report["countings"]:
        assert [row[1:] for row in body(page, counting["title"])] == [
            [str(row["own_brand"]), str(row["imitated"])] for row in counting["rows"]
        ]
    quality = report["churn"]["quality"]
    assert [row[:3] for row in body(page, "Gaps")] == [
        [row["source"], str(row["gaps"]), f"{row['hours']:.1f}"] for row in quality["gaps"]
    ]
    assert f"{quality['looks']:,} looks in week" in page
    assert (
        f"Of {quality['names_due']} watched names due to be asked about, {quality['names_looked_at']} were, "
        f"and {quality['names_told']} gave a definite answer." in page
    )
    assert f"Certificate logs put {quality['certificates']['found']} name" in page
    assert f"{len(report['questions'])} candidates are possible and not settled" in page
    heads = re.search(r'aria-label="New names by week and suffix">.*?<thead>(.*?)</thead>', page, re.DOTALL)
    assert heads and re.findall(r">(\d{4}-W\d\d)<", heads[1]) == report["heat"]["weeks"]


def test_the_week_and_the_moment(told: tuple[Document, str]) -> None:
    """Which week it is of, and what was known when."""
    report, page = told
    known = datetime.fromisoformat(report["as_of"])
    assert f"as known on {known:%Y-%m-%d %H:%M} UTC" in page
    assert f"Week <time>{report['churn']['week']}</time>" in page
    assert f"announced <time>{report['stories'][0]['announced'][:10]}</time>" in page
