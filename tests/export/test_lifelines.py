"""Lifelines: what was seen, what lies within bounds, and where nobody looked."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.export.sample import HOUR, _span, at, episode, event
from tracker.export.lifelines import QUIET_EARLY, stretches, unobserved
from tracker.export.stories import lifelines
from tracker.model.times import DAY, Bounds


def test_unobserved_stretches_are_found() -> None:
    """Six days without a look, in the middle of looks every six hours, are one unobserved stretch."""
    history, views = event()
    lines = {line.name: line for line in lifelines(history, views, history.actions[0])}
    quiet = [row for row in lines["brand3.so"].stretches if row.kind == "unobserved"]
    assert quiet[0].first <= at("2024-09-12") + 6 * HOUR
    assert quiet[0].last >= at("2024-09-18")
    assert not [row for row in lines["brand2.so"].stretches if row.kind == "unobserved"]


def test_bounds_are_drawn_thin() -> None:
    """Beginning and end have a stretch of their own where presence is possible and not proved."""
    history, views = event()
    lines = {line.name: line for line in lifelines(history, views, history.actions[0])}
    kinds = [row.kind for row in lines["brand2.so"].stretches]
    assert kinds == ["maybe", "alive", "maybe"]
    assert lines["brand2.so"].ending == "dark"
    assert "seized" in [row.kind for row in lines["brand1.press"].stretches]


def test_indeterminate_looks_do_not_count_as_looks() -> None:
    """Failing to tell is not looking: only definite looks shorten an unobserved stretch."""
    life = episode(
        "a.so", 1, Bounds(at("2024-09-05"), at("2024-09-05T06")), at("2024-09-20"), None, entry=at("2024-09-05")
    )
    looks = [at("2024-09-05T06"), at("2024-09-20")]
    rows = stretches([life], [], [_span("a.so", "delegation", looks)], at("2024-09-20"))
    assert [row.kind for row in rows] == ["maybe", "alive", "unobserved"]


@given(st.lists(st.integers(0, 80 * 24), max_size=40), st.integers(1, 80 * 24))
def test_unobserved_and_looks_exclude_each_other(hours: list[int], length: int) -> None:
    """No look lies inside an unobserved stretch, and each is longer than what the plan allows."""
    begun = at("2024-09-05")
    looks = sorted(begun + hour * HOUR for hour in hours)
    for first, last in unobserved(looks, begun, begun + length * HOUR):
        assert not any(first < look < last for look in looks)
        assert last - first > QUIET_EARLY


def test_weekly_looks_are_no_gap_after_three_months() -> None:
    """Once the plan says weekly, eight days without a look are as planned."""
    begun = at("2024-01-01")
    looks = [begun + n * DAY for n in range(91)] + [begun + (90 + 8 * n) * DAY for n in range(1, 10)]
    assert unobserved(looks, begun, looks[-1]) == ()


def test_replacements_follow_their_predecessors() -> None:
    """Domains with replacements come first, each followed by its own; every name has one line."""
    history, views = event()
    lines = lifelines(history, views, history.actions[0])
    assert [line.name for line in lines[:4]] == ["brand1.press", "brand1.so", "brand2.press", "brand2.so"]
    assert len({line.name for line in lines}) == len(lines) == 12


def test_a_former_owner_is_not_drawn() -> None:
    """What was over before the name appeared as a replacement is no part of its line."""
    history, views = event()
    found = views.replacements[0].name
    born = min(row.start.hi for row in views.episodes if row.name == found and row.start.hi is not None)
    earlier = Bounds(born - 9 * DAY, born - 8 * DAY)
    stranger = episode(found, 0, earlier, born - 7 * DAY, Bounds(born - 7 * DAY, born - 6 * DAY), entry=born - 8 * DAY)
    haunted = replace(views, episodes=(stranger, *views.episodes))
    assert lifelines(history, haunted, history.actions[0]) == lifelines(history, views, history.actions[0])
