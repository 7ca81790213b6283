"""How candidates are dated against a takedown."""

from tests.analysis.histories import Story, at
from tracker.analysis.births import Basis, Birth, Standing, birth
from tracker.analysis.index import index
from tracker.analysis.targets import targets
from tracker.model.facts import Presence
from tracker.model.names import DomainName
from tracker.model.times import Bounds

NAME = "redfinch.so"


def tale(*sweeps: str, action: str = "2024-03-10") -> Story:
    """One predecessor, taken down on 2024-03-10, its label asked under one suffix on the given days (absent)."""
    told = Story(as_of=at("2024-05-01"))
    key = told.predecessor("redfinch.press", "2024-03-01")
    told.action("a", action)
    told.taken("a", "redfinch.press")
    told.sight(key, NAME, "2024-03-11")
    for day in sweeps:
        told.sweep(day, ["redfinch"], ["so"])
    return told


def born(told: Story) -> Birth:
    """The birth of the one candidate."""
    history = told.history()
    aims = targets(history)
    watch = history.watches[0]
    found = birth(index(history), watch, aims[watch.key], DomainName(NAME))
    assert found is not None
    return found


def registration(told: Story, date: str, when: str = "2024-03-11") -> None:
    """The registry states a date."""
    told.look(NAME, "registration", when, registered_at=date)


def test_absent_then_present_is_new_within_those_looks() -> None:
    """Without a registry's word the name came between the last absence and the first presence."""
    told = tale("2024-03-09", "2024-03-10T12")
    told.look(NAME, "delegation", "2024-03-11T08")
    found = born(told)
    assert (found.standing, found.basis) == (Standing.NEW, Basis.LOOKS)
    assert found.bounds == Bounds(at("2024-03-10T12"), at("2024-03-11T08"))
    assert found.lag()[0] <= 0 < found.lag()[1]


def test_present_at_the_first_look_is_older() -> None:
    """What the baseline sweep found was there before, however new it may have been then."""
    told = tale()
    told.look(NAME, "delegation", "2024-03-01")
    assert born(told).standing is Standing.OLDER


def test_found_after_the_takedown_without_any_earlier_look_is_undated() -> None:
    """Never asked before is not the same as not there before."""
    told = tale()
    told.look(NAME, "delegation", "2024-03-20")
    assert born(told).standing is Standing.UNDATED


def test_an_unsure_look_dates_nothing() -> None:
    """INDETERMINATE proves neither presence nor absence."""
    told = tale()
    told.look(NAME, "delegation", "2024-03-05", Presence.INDETERMINATE)
    told.look(NAME, "delegation", "2024-03-20")
    assert born(told).standing is Standing.UNDATED


def test_the_registry_goes_before_our_looks() -> None:
    """A name found late whose registry dates it after the takedown is new; one dated years before is older."""
    told = tale()
    told.look(NAME, "delegation", "2024-03-20")
    registration(told, "2024-03-11T04:00:00Z")
    assert born(told).standing is Standing.NEW
    assert born(told).bounds == Bounds(at("2024-03-11T04"), at("2024-03-11T04"))
    aged = tale("2024-02-01")
    aged.look(NAME, "delegation", "2024-03-11")
    registration(aged, "2023-07-23")
    assert born(aged).standing is Standing.OLDER


def test_a_date_only_statement_leaves_the_day_open() -> None:
    """A day is an interval, not its midnight."""
    told = tale()
    registration(told, "2024-03-11")
    assert born(told).bounds == Bounds(at("2024-03-11"), at("2024-03-12"))


def test_a_spare_registered_days_before_is_new_with_negative_lag() -> None:
    """A name kept ready is reported as such, not thrown away."""
    told = tale()
    told.look(NAME, "delegation", "2024-03-01")
    registration(told, "2024-02-25T00:00:00Z")
    found = born(told)
    assert found.standing is Standing.NEW
    assert found.lag()[1] < 0
    assert not found.maybe_after


def test_an_old_registration_kept_dark_until_the_takedown_may_be_a_spare() -> None:
    """Registered long before, but seen absent from the zone until after: it is judged, not excluded."""
    told = tale("2024-03-09")
    told.look(NAME, "delegation", "2024-03-11")
    registration(told, "2023-07-23T00:00:00Z")
    found = born(told)
    assert (found.standing, found.dark) == (Standing.NEW, True)


def test_a_later_owner_is_another_life() -> None:
    """When a replacement lapses and somebody else registers it, it stays dated by its own registration."""
    told = tale()
    registration(told, "2024-03-11T04:00:00Z")
    registration(told, "2024-04-20T00:00:00Z", "2024-04-21")
    found = born(told)
    assert found.bounds.lo == at("2024-03-11T04")
    assert found.life.until == at("2024-04-20")


def test_a_dropped_name_registered_anew_after_the_takedown_is_new() -> None:
    """Its old life is over; its own dates prove the new one."""
    told = tale()
    told.look(NAME, "delegation", "2024-03-01")
    registration(told, "2015-01-01", "2024-03-01")
    registration(told, "2024-03-11T04:00:00Z", "2024-03-12")
    assert born(told).standing is Standing.NEW


def test_without_a_takedown_there_is_nothing_to_answer() -> None:
    """A watch that suffered nothing has no births to judge."""
    told = tale(action="2024-09-09")
    history = told.history()
    watch = history.watches[0]
    assert birth(index(history), watch, targets(history)[watch.key], DomainName(NAME)) is None


def test_a_name_answers_the_latest_takedown_before_it() -> None:
    """A domain that is hit twice has replacements of either time."""
    told = tale()
    told.action("b", "2024-03-20")
    told.taken("b", "redfinch.press")
    registration(told, "2024-03-21T04:00:00Z", "2024-03-22")
    assert born(told).strike.action_id == "b"
    early = tale()
    early.action("b", "2024-03-20")
    early.taken("b", "redfinch.press")
    registration(early, "2024-03-11T04:00:00Z")
    assert born(early).strike.action_id == "a"
