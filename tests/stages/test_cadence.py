"""Cadence: fast after a takedown, slower with time, never to zero, and without bunching."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.stages.cadence import DAY, DEAD, HOUR, JITTER, LOOKS, MINUTE, SWEEPS, jittered, next_look, next_sweep

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
def test_jitter_is_a_tenth_and_fixed_per_key(key: str, minutes: int) -> None:
    """A look comes at most a tenth early or late, and always equally so for one key."""
    interval = timedelta(minutes=minutes)
    moved = jittered(interval, key)
    assert abs(moved - interval) <= JITTER * interval + timedelta(microseconds=1)
    assert moved == jittered(interval, key)


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
    """The jitter of a sweep hangs on the source, not on the label, so that one sweep serves all labels."""
    assert next_sweep("sweep:frequent", NOW, NOW) == next_sweep("sweep:frequent", NOW, NOW)
