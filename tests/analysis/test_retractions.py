"""What is taken back stays out, and only that."""

from dataclasses import replace
from pathlib import Path

from tests.export.sample import LISTS, at, event
from tracker.analysis.retractions import What, retractions, watch_key
from tracker.export.disclosure import disclosed
from tracker.export.package import DataPackage
from tracker.model.facts import Review
from tracker.model.names import DomainName
from tracker.model.views import Verdict


def taken_back(name: str, what: What, source: str = "", day: str = "2024-09-20") -> Review:
    """A retraction as the log keeps it."""
    return Review(
        watch_key=watch_key(what, source),
        name=DomainName(name),
        verdict=Verdict.RULED_OUT,
        reviewer="AB",
        reason="a stranger's",
        at=at(day),
    )


def test_a_stranger_is_gone_from_everything(tmp_path: Path) -> None:
    """A retracted name is in no table but by its id among the tombstones, claims of others included."""
    history, views = event()
    history = replace(history, reviews=(taken_back("brand2.so", What.NAME),))
    DataPackage().write(history, views, tmp_path)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"brand2.so" in path.read_bytes()]
    (row,) = retractions(history)
    assert (row.what, row.name) == (What.NAME, "brand2.so")
    assert ",name," in (tmp_path / "data/tombstones.csv").read_text(encoding="utf-8")


def test_a_later_verdict_takes_it_back() -> None:
    """Who is called a replacement after the retraction is one again."""
    history, _ = event()
    again = replace(
        taken_back("brand2.so", What.NAME, day="2024-09-25"),
        watch_key="predecessor:brand2.press",
        verdict=Verdict.CONFIRMED,
    )
    assert retractions(replace(history, reviews=(taken_back("brand2.so", What.NAME), again))) == ()


def test_a_wrong_row_of_one_list() -> None:
    """One source's claim goes, the other's stays, and the name stays."""
    history, views = event()
    before = [row for row in history.claims if row.domain == "brand1.so"]
    history = replace(history, reviews=(taken_back("brand1.so", What.CLAIM, LISTS[0].source_id),))
    shown, conclusions = disclosed(history, views)
    left = [row.source.source_id for row in shown.claims if row.domain == "brand1.so"]
    assert (len(before), left) == (2, [LISTS[1].source_id])
    assert any(row.name == "brand1.so" for row in conclusions.replacements)


def test_a_wrong_date() -> None:
    """The date goes, what else the source said stays."""
    history, views = event()
    history = replace(history, reviews=(taken_back("brand1.so", What.DATE, LISTS[1].source_id),))
    shown, _ = disclosed(history, views)
    dates = {row.source.source_id: row.when for row in shown.claims if row.domain == "brand1.so"}
    assert dates[LISTS[1].source_id] is None
    assert dates[LISTS[0].source_id] is not None
