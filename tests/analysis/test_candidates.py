"""Who is a candidate, and who is not."""

from tests.analysis.histories import Story, at
from tracker.analysis.candidates import candidates
from tracker.model.facts import Technique


def names(tale: Story) -> list[str]:
    """The names of all candidates."""
    return [row.name for row in candidates(tale.history())]


def test_a_sighting_makes_a_candidate_once() -> None:
    """Sightings of one pair are gathered: earliest moment, all techniques and sources."""
    tale = Story(as_of=at("2024-03-20"))
    key = tale.predecessor("redfinch.press", "2024-03-01")
    tale.sight(key, "redfinch.so", "2024-03-11T10")
    tale.logged(key, "redfinch.so", "2024-03-11T09")
    (row,) = candidates(tale.history())
    assert row.first_sighted_at == at("2024-03-11T09")
    assert row.techniques == (Technique.CERTIFICATE, Technique.SAME_LABEL)
    assert row.sources == ("certificates", "suffixes")


def test_own_names_and_known_predecessors_are_no_candidates() -> None:
    """The operation's listed names and the brand's own do not replace one another."""
    tale = Story(as_of=at("2024-03-20"))
    key = tale.predecessor("globe.ltd", "2024-03-01", own=("globe.com",))
    tale.predecessor("globe.top", "2024-03-01")
    for name in ("globe.ltd", "globe.com", "globe.top", "globe.so"):
        tale.sight(key, name, "2024-03-11")
    assert names(tale) == ["globe.so"]


def test_a_replacement_that_becomes_a_watch_stays_a_candidate() -> None:
    """The predecessor of the next generation was found by us first, and must not vanish from the count."""
    tale = Story(as_of=at("2024-03-20"))
    key = tale.predecessor("redfinch.press", "2024-03-01")
    tale.sight(key, "redfinch.so", "2024-03-11")
    tale.predecessor("redfinch.so", "2024-03-12", generation=2)
    assert names(tale) == ["redfinch.so"]


def test_only_the_asked_names() -> None:
    """A selection gives those names of the whole, and an unknown watch nothing."""
    tale = Story(as_of=at("2024-03-20"))
    key = tale.predecessor("redfinch.press", "2024-03-01")
    tale.sight(key, "redfinch.so", "2024-03-11")
    tale.sight(key, "redfinch.cc", "2024-03-11")
    tale.sight("predecessor:nobody.com", "nobody.so", "2024-03-11")
    history = tale.history()
    assert candidates(history, {candidates(history)[0].name}) == candidates(history)[:1]
    assert names(tale) == ["redfinch.cc", "redfinch.so"]
