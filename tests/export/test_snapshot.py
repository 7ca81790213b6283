"""The snapshot id: shared by report and package, moved by any fact, and enough to cite by."""

import json
from dataclasses import replace
from pathlib import Path

from tests.export.sample import event
from tracker.export.disclosure import PROFILES
from tracker.export.package import DataPackage
from tracker.export.report import weekly
from tracker.export.selection import Selection
from tracker.export.snapshot import TITLE, citation, snapshot_id
from tracker.model.history import History
from tracker.model.views import Views


def test_report_and_package_share_it(told_event: tuple[History, Views], tmp_path: Path) -> None:
    """The report, the manifest and CITATION.cff name one id, whoever the package is for."""
    wanted = snapshot_id(*told_event)
    assert wanted.startswith("churn-20241014T000000Z-")
    assert weekly(*told_event, "2024-W36", title="t").snapshot == wanted
    for profile in PROFILES.values():
        DataPackage().write(*told_event, tmp_path, Selection(disclosure=profile))
        assert json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))["snapshot"] == wanted
        assert f"version: {wanted}\n" in (tmp_path / "CITATION.cff").read_text(encoding="utf-8")
    assert "CC BY 4.0" in (tmp_path / "LICENSE-DATA").read_text(encoding="utf-8")


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
