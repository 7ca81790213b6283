"""Reading beside a daemon: nothing is created or migrated, and what is kept is used only when it is current."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.stored import stored
from tests.stages.fakes import NOW, RRN, SO, look, run
from tracker.analysis.derivation import Judge
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Batch
from tracker.model.views import Views
from tracker.reading import Unreadable, checked_list, contacts, desk, list_text, opened, views_at
from tracker.settings import Database, Identity, Settings
from tracker.storage.database import open_database
from tracker.storage.log import SqlLog
from tracker.storage.views import SqlViewStore


def settings(file: object) -> Settings:
    """Settings that differ from the defaults by the database alone."""
    return Settings(database=Database(str(file)))


def keep(file: Path, views: Views) -> None:
    """Store views as a daemon would."""
    engine = open_database(file)
    SqlViewStore(engine).replace(views)
    engine.dispose()


@pytest.mark.parametrize("url", ["none.db", "mysql://somewhere/db"])
def test_what_is_no_database_is_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Missing or foreign: said, and nothing is made."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Unreadable), opened(settings(url)):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_another_kind_is_unreadable(tmp_path: Path) -> None:
    """A text file is told apart from a database, and left as it is."""
    file = tmp_path / "notes.txt"
    file.write_text("no database")
    with pytest.raises(Unreadable), opened(settings(file)):
        pass
    assert file.read_text() == "no database"


def test_reading_does_not_change_the_file(tmp_path: Path) -> None:
    """Opened, read and closed: the same bytes."""
    file = stored(tmp_path)
    before = file.read_bytes()
    with opened(settings(file)) as database:
        assert {watch.name for watch in database.log.watches()} == {RRN}
    assert file.read_bytes() == before


def test_views_follow_from_the_log(tmp_path: Path) -> None:
    """Without kept views they are derived; as of a moment before the first record there are none."""
    file = settings(stored(tmp_path))
    found = views_at(file, None)
    assert found is not None
    history, views = found
    assert history.as_of == views.as_of == NOW
    assert [row.name for row in views.candidates] == [SO]
    assert views_at(file, NOW - timedelta(seconds=1)) is None


def test_an_empty_database_has_no_views(tmp_path: Path) -> None:
    """Made by somebody who wanted to add, never written to."""
    empty = settings(tmp_path / "empty.db")
    with desk(empty, "watch"):
        pass
    assert views_at(empty, None) is None


def test_kept_views_are_used_while_they_are_current(tmp_path: Path) -> None:
    """What the daemon derived is read; after one more record, or under other rules, it is derived anew."""
    file = stored(tmp_path)
    derived = views_at(settings(file), None)
    assert derived is not None
    marked = replace(derived[1], candidates=())
    keep(file, marked)
    assert views_at(settings(file), None) == (derived[0], marked)
    keep(file, replace(marked, rules_version="of another time"))
    assert views_at(settings(file), None) == derived
    keep(file, marked)
    engine = open_database(file)
    SqlLog(engine).append(run(), Batch(observations=(look(SO, NOW + timedelta(hours=1)),)), NOW + timedelta(hours=1))
    engine.dispose()
    again = views_at(settings(file), None)
    assert again is not None
    assert again[1] == Judge(Suffixes.bundled()).derive(again[0])[0]
    assert [row.name for row in again[1].candidates] == [SO]


def test_a_desk_has_pen_and_date(tmp_path: Path) -> None:
    """Who adds by hand gets a database that may be new, a run of that stage, and aware time."""
    mine = replace(settings(tmp_path / "new.db"), identity=Identity(vantage="desk"))
    with desk(mine, "review") as (database, planner, run, now):
        assert (run.stage, run.vantage, run.started_at) == ("review", "desk", now)
        assert now.tzinfo is not None
        assert planner.probes == ("delegation", "addresses", "registration", "certificate")
        assert database.log.watches() == ()


def test_bundled_lists_hold() -> None:
    """What ships with the product has no wrong row."""
    for location in ("bundled:doj-2024-09-04", "bundled:brands"):
        read = checked_list(list_text(location), location, NOW)
        assert read.problems == ()
        assert read.watches


def test_contacts_grow_with_what_is_watched() -> None:
    """Questions per sweep are labels times suffixes; without a contact no log is read."""
    brands = contacts(Settings(), ["bundled:brands"], NOW)
    both = contacts(Settings(), ["bundled:brands", "bundled:doj-2024-09-04", "https://lists.example/x"], NOW)
    labels = [int(lines[0].partition(" ")[0]) for lines in (brands, both)]
    assert 0 < labels[0] < labels[1]
    often = len(Suffixes.bundled().frequent())
    assert f"{labels[1] * often} questions per sweep of {often} suffixes" in both[1]
    assert any("no" in line and "contact" in line for line in brands)
