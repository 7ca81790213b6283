"""Windows that open at a moment which is itself only bounded."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.histories import Story, at
from tracker.analysis.placement import Window, origin
from tracker.model.history import History
from tracker.model.times import Bounds, When

CLOSES = at("2024-09-06")
DAY_OF = When.of("2024-09-04").bounds()


def hour(number: float) -> datetime:
    """Hours since the day of the action began."""
    return at("2024-09-04") + timedelta(hours=number)


def test_what_lies_inside_for_every_reading_is_sure() -> None:
    """After the latest moment of the opening and not after the close; unbounded is possible, never sure."""
    window = Window(DAY_OF, CLOSES)
    assert window.surely(Bounds(hour(24), hour(48)))
    assert window.surely(When.of("2024-09-05").bounds())
    for unsure in (
        Bounds(hour(23), hour(30)),
        Bounds(hour(30), hour(49)),
        Bounds(None, hour(30)),
        Bounds(hour(30), None),
    ):
        assert window.possibly(unsure) and not window.surely(unsure)
    assert not Window(Bounds(None, None), CLOSES).surely(Bounds(hour(24), hour(48)))
    assert Window(DAY_OF).surely(Bounds(hour(24), hour(999)))


def test_what_lies_outside_for_every_reading_is_not_possible() -> None:
    """Proved before the action began, or still absent at the close."""
    window = Window(DAY_OF, CLOSES)
    assert not window.possibly(Bounds(None, hour(0)))
    assert not window.possibly(Bounds(hour(48), hour(50)))
    assert not window.possibly(When(CLOSES).bounds()) and not window.surely(When(CLOSES).bounds())


bounds = st.tuples(st.integers(0, 90), st.integers(0, 90)).map(lambda pair: Bounds(*map(hour, sorted(pair))))


@given(bounds, bounds, st.floats(0.01, 1), st.floats(0.01, 1))
def test_sure_and_possible_agree_with_every_truth(opens: Bounds, happened: Bounds, when: float, what: float) -> None:
    """For any true opening and any true moment inside the bounds: sure implies inside, inside implies possible."""
    assert opens.lo and opens.hi and happened.lo and happened.hi
    true_open = opens.lo + (opens.hi - opens.lo) * when
    true_moment = happened.lo + (happened.hi - happened.lo) * what
    inside = true_open < true_moment < CLOSES
    window = Window(opens, CLOSES)
    if window.surely(happened) and happened.lo < happened.hi and true_moment < CLOSES:
        assert inside
    if inside:
        assert window.possibly(happened)


def acted(known: str | None, effective: Bounds | None = None) -> Bounds:
    """The origin of an action announced on 4 September that our log knew of at `known`."""
    story = Story(as_of=at("2024-10-01"))
    story.predecessor("rrn.media", "2024-08-28")
    story.action("a", "2024-09-04")
    story.taken("a", "rrn.media", effective=effective)
    rows = story.history()
    history = History(as_of=rows.as_of, taken_down_at={} if known is None else {"a": at(known)})
    return origin(history, rows.actions[0], rows.takedowns[0])


def test_the_log_bounds_the_action_by_when_it_knew() -> None:
    """What was recorded at 15:00 had happened by 15:00; a later record says nothing new."""
    assert acted(None) == acted("2024-09-09") == DAY_OF
    assert acted("2024-09-04T15:00") == Bounds(hour(0), hour(15))


def test_a_takedowns_own_interval_comes_first() -> None:
    """A notice ahead of its effect bounds nothing; one without an upper bound is bounded by the log."""
    own = Bounds(hour(48), hour(72))
    assert acted("2024-09-04T15:00", own) == own
    assert acted("2024-09-06T12:00", Bounds(hour(48), None)) == Bounds(hour(48), hour(60))
