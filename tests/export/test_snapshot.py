"""The snapshot id: shared by report and package, moved by any fact, and enough to cite by."""

import json
from dataclasses import replace
from pathlib import Path

from tests.export.sample import at, event
from tracker.export.disclosure import PROFILES
from tracker.export.package import DataPackage
from tracker.export.report import weekly
from tracker.export.selection import Selection, selected
from tracker.export.snapshot import TITLE, citation, snapshot_id
from tracker.model.history import History
from tracker.model.views import Views


def test_report_and_package_share_it(told_event: tuple[History, Views], tmp_path: Path) -> None:
    """The report, the manifest, both descriptors and CITATION.cff name one id; another profile says so behind it."""
    wanted = snapshot_id(*told_event)
    assert wanted.startswith("churn-20241014T000000Z-")
    assert weekly(*told_event, "2024-W36", title="t").snapshot == wanted
    for name, profile in PROFILES.items():
        DataPackage().write(*told_event, tmp_path, Selection(disclosure=profile))
        mine = wanted if name == "shared" else f"{wanted}-{name}"
        assert json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))["snapshot"] == mine
        assert json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))["id"] == mine
        assert f'"identifier": "{mine}"' in (tmp_path / "ro-crate-metadata.json").read_text(encoding="utf-8")
        assert f"version: {mine}\n" in (tmp_path / "CITATION.cff").read_text(encoding="utf-8")
    assert "CC BY 4.0" in (tmp_path / "LICENSE-DATA").read_text(encoding="utf-8")


def test_a_part_of_the_data_has_another_id(told_event: tuple[History, Views]) -> None:
    """Since when, and new names alone: each is told apart behind the id of the whole."""
    whole = snapshot_id(*told_event)
    since = at("2024-09-09")
    assert selected(*told_event, Selection(since=since)).snapshot == f"{whole}-since-20240909T000000Z"
    assert selected(*told_event, Selection(since=since, only_new=True)).snapshot.endswith("-since-20240909T000000Z-new")


def test_another_conclusion_from_the_same_facts_moves_it(told_event: tuple[History, Views]) -> None:
    """Where one family of evidence was not heard, verdicts and evidence differ, and so does the id."""
    history, views = told_event
    deaf = replace(views, evidence=views.evidence[1:])
    other = replace(views, assessments=(replace(views.assessments[0], bits=0.0), *views.assessments[1:]))
    assert len({snapshot_id(history, seen) for seen in (views, deaf, other)}) == 3


def test_any_fact_moves_it(told_event: tuple[History, Views]) -> None:
    """One look less, one claim less, other rules: other data."""
    history, views = told_event
    name, spans = next(iter(history.spans.items()))
    shorter = {**history.spans, name: (replace(spans[0], looks=spans[0].looks[:-1]), *spans[1:])}
    others = [
        snapshot_id(replace(history, spans=shorter), views),
        snapshot_id(replace(history, claims=history.claims[1:]), views),
        snapshot_id(history, replace(views, rules_version="rules-2")),
    ]
    assert len({snapshot_id(history, views), *others}) == 4


def test_citation_names_what_is_needed() -> None:
    """Snapshot, as-of time, rules and version of the tracker stand in one sentence."""
    history, views = event()
    said = citation(TITLE, history, views, "churn-x")
    for part in ("churn-x", "2024-10-14T00:00:00Z", "rules-1", "domain-churn-tracker 0.1.0"):
        assert part in said
