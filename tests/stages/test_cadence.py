"""Cadence: fast after a takedown, slower with time, never to zero, and without bunching."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.stages.cadence import (
    DAY,
    DEAD,
    HOUR,
    LONGEST_PAUSE,
    LOOKS,
    MINUTE,
    PULL,
    SLOTS,
    SWEEPS,
    backed_off,
    next_look,
    next_sweep,
    on_grid,
)

NOW = datetime(2024, 9, 4, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cadence", "age", "interval"),
    [
        (LOOKS, timedelta(0), 15 * MINUTE),
        (LOOKS, DAY, HOUR),
        (LOOKS, 3 * DAY, 6 * HOUR),
        (LOOKS, 14 * DAY, DAY),
        (LOOKS, 90 * DAY, 7 * DAY),
        (SWEEPS, 23 * HOUR, HOUR),
        (SWEEPS, 30 * HOUR, 6 * HOUR),
        (SWEEPS, 29 * DAY, DAY),
        (SWEEPS, 31 * DAY, 7 * DAY),
        (DEAD, 40 * DAY, 30 * DAY),
    ],
)
def test_intervals_by_age(cadence, age: timedelta, interval: timedelta) -> None:
    """The table of the method, value by value."""
    assert cadence.interval(age) == interval


@given(st.text(min_size=1), st.integers(1, 10_000))
def test_the_grid_pulls_by_a_tenth_at_most(key: str, minutes: int) -> None:
    """A look comes at most a tenth early or late, and equally so for one key at one time."""
    interval = timedelta(minutes=minutes)
    at = on_grid(NOW, interval, key)
    assert abs(at - NOW - interval) <= PULL * interval + timedelta(microseconds=1)
    assert at == on_grid(NOW, interval, key)


@given(st.text(min_size=1), st.sampled_from([15 * MINUTE, HOUR, DAY, 7 * DAY]), st.integers(0, 10**6))
def test_lateness_does_not_add_up(key: str, interval: timedelta, offset: int) -> None:
    """Passes come up to a minute late; after a few looks the distance between two due moments is the interval."""
    due = NOW + timedelta(seconds=offset)
    for number in range(8):
        due = on_grid(due + timedelta(seconds=7 * number % 60), interval, key)
    assert on_grid(due + timedelta(seconds=59), interval, key) - due == interval


def test_names_share_slots_and_are_spread_over_them() -> None:
    """A thousand names settle on few moments, and no moment has many times its share."""
    settled: dict[datetime, int] = {}
    for number in range(1000):
        due = NOW
        for _ in range(8):
            due = on_grid(due, DAY, f"name-{number}")
        settled[due - (due - NOW) // DAY * DAY] = settled.get(due - (due - NOW) // DAY * DAY, 0) + 1
    assert len(settled) == SLOTS
    assert max(settled.values()) < 4 * 1000 / SLOTS


def test_pages_are_never_visited_sooner_than_their_floor() -> None:
    """The grid may pull a look forward, but not a visit that its operator can see."""
    floor = 6 * HOUR
    for number in range(50):
        assert next_look("page", f"name-{number}", NOW, NOW, None, floor=floor) - NOW >= floor


def test_a_change_is_looked_at_again_soon_and_a_death_confirmed() -> None:
    """Four looks within the hour, then every six hours for a day, then as before; the registry is asked daily."""
    origin = NOW - 200 * DAY
    for age, longest in ((timedelta(0), 17 * MINUTE), (2 * HOUR, 7 * HOUR), (2 * DAY, 8 * DAY)):
        assert next_look("delegation", "x", NOW, origin, None, changed=NOW - age) - NOW <= longest
    assert next_look("registration", "x", NOW, origin, None, changed=NOW) - NOW >= 0.9 * DAY


def test_what_told_nothing_is_tried_again_ever_later() -> None:
    """After four hours, sixteen, sixty-four; never later than planned, and pages not sooner than their floor."""
    origin = NOW - 200 * DAY
    tries = [next_look("registration", "x", NOW, origin, None, failures=number) - NOW for number in range(1, 7)]
    assert [tries[0] < 5 * HOUR, tries[1] < 18 * HOUR, tries[2] < 71 * HOUR] == [True] * 3
    assert tries == sorted(tries) and tries[-1] <= 7.7 * DAY
    assert next_look("page", "x", NOW, origin, None, failures=1, floor=6 * HOUR) - NOW > DAY


def test_a_source_that_fails_backs_off() -> None:
    """Twice as long after each failure, six hours at most; a source that is slower by plan keeps its pace."""
    assert [backed_off(5 * MINUTE, failures) for failures in (0, 1, 2, 30)] == [
        5 * MINUTE,
        10 * MINUTE,
        20 * MINUTE,
        LONGEST_PAUSE,
    ]
    assert backed_off(DAY, 3) == DAY


def test_polite_probes_have_floors() -> None:
    """Registration is asked daily at most even while delegation is watched every quarter of an hour."""
    assert next_look("delegation", "x", NOW, NOW, None) - NOW <= 17 * MINUTE
    assert next_look("registration", "x", NOW, NOW, None) - NOW >= 0.9 * DAY


def test_the_dead_are_watched_ever_more_rarely_but_watched() -> None:
    """A name that has been gone for two months is still looked at, about monthly."""
    origin = NOW - timedelta(days=80)
    alive = next_look("delegation", "x", NOW, origin, None)
    dead = next_look("delegation", "x", NOW, origin, NOW - timedelta(days=60))
    assert alive - NOW <= 1.1 * DAY
    assert 27 * DAY <= dead - NOW <= 33 * DAY


def test_labels_of_one_origin_are_swept_together() -> None:
    """The grid of a sweep hangs on the source, not on the label, so that one sweep serves all labels."""
    assert next_sweep("sweep:frequent", NOW, NOW) == next_sweep("sweep:frequent", NOW, NOW)


@pytest.mark.parametrize(("probe", "floor"), [("registration", DAY), ("page", 6 * HOUR)])
def test_what_was_promised_to_those_who_answer_is_kept(probe: str, floor: timedelta) -> None:
    """No jitter makes a registry or an operator see us sooner than promised."""
    waits = [next_look(probe, f"{n}.so", NOW, NOW, None) - NOW for n in range(200)]
    assert min(waits) == floor and max(waits) > floor
