"""A seizure that nobody announced: the tracker sees it itself, hurries, and steps back when a list says it, too."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tracker.lab import generated
from tracker.lab.replay import run_replay
from tracker.lab.scenariofile import load, scenario_path
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.storage.database import open_database
from tracker.storage.log import SqlLog

pytestmark = pytest.mark.xdist_group("replay")
DAY = timedelta(days=1)


def looks(history: History, name: DomainName, first: datetime, last: datetime) -> int:
    """How often the parents were asked about a name between two instants."""
    spans = [span for span in history.spans[name] if span.probe == "delegation"]
    return sum(first <= look < last for span in spans for look in span.looks)


def test_a_seizure_is_on_record_before_any_list_says_so(tmp_path: Path) -> None:
    """Known names move to a seizure server, and a banner or the registry bears witness; the list comes four days later.

    Until then each is a takedown of source `observed`, dated by the looks around it, and looked at often. Afterwards
    the list's own action, whose new rows arrived at a poll, is the one on record: one seizure is one takedown.
    """
    told = generated.expanded(load(scenario_path("short")), Suffixes.bundled(), 1)
    late = told.start + 6 * DAY
    unannounced = replace(told, generate={}, derive_days=1, notice=late, end=late + timedelta(hours=8))
    played = run_replay(unannounced, tmp_path / "tracker.db")
    database = open_database(tmp_path / "tracker.db")
    before = SqlLog(database).history(late - timedelta(hours=1))
    database.dispose()
    names = {row.name for row in told.predecessors}
    assert {row.domain for row in before.takedowns} == names
    for row in before.takedowns:
        assert [source.source_id for source in row.sources] == ["observed"]
        lo, hi = row.effective.lo, row.effective.hi
        assert lo is not None and hi is not None and timedelta(0) < hi - lo <= DAY
        assert told.notice - DAY <= hi <= told.notice + 2 * DAY, "dated by its own looks, not by the list"
        assert looks(before, row.domain, late - DAY, late) > 4 * looks(before, row.domain, lo - DAY, lo)
    after = played.history.takedowns
    assert {(row.domain, row.action_id) for row in after} == {(name, told.action) for name in names}
