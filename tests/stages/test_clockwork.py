"""Clocks: one that is behind the log or that leapt is not believed, and nothing is recorded by it."""

from datetime import timedelta

from tests.stages.fakes import NOW
from tracker.stages.clockwork import ClockWatch, behind

MINUTE = timedelta(minutes=1)


def test_a_clock_behind_the_log_is_refused() -> None:
    """Seconds are a correction; more would record facts before the ones that are there."""
    assert behind(NOW, None) == ""
    assert behind(NOW, NOW + MINUTE) == ""
    assert behind(NOW, NOW - MINUTE) == ""
    assert "the clock says 2024-09-04T15:00:00Z, but facts were recorded at 2024-09-04T16:00:00Z" in behind(
        NOW, NOW + 60 * MINUTE
    )


def test_a_leap_forward_is_doubted_until_the_clock_keeps_time() -> None:
    """A year ahead within a minute: ten minutes of steady ticking later it is believed, as after a suspend."""
    watch = ClockWatch()
    assert watch.doubt(NOW, 0.0) == ""
    assert watch.doubt(NOW + MINUTE, 60.0) == ""
    ahead = NOW + timedelta(days=365)
    said = [watch.doubt(ahead + number * MINUTE, 120.0 + 60 * number) for number in range(12)]
    assert all("leapt" in line for line in said[:10])
    assert said[10:] == ["", ""]


def test_a_leap_that_is_taken_back_is_forgotten_at_once() -> None:
    """Set right, it is believed; while it is not, the line says where it leapt to, and stays the same."""
    watch = ClockWatch()
    watch.doubt(NOW, 0.0)
    ahead = NOW + timedelta(days=3)
    assert watch.doubt(ahead + MINUTE, 60.0) == watch.doubt(ahead + 2 * MINUTE, 120.0) != ""
    assert watch.doubt(NOW + 3 * MINUTE, 180.0) == ""
    assert watch.doubt(NOW + 4 * MINUTE, 240.0) == ""


def test_a_second_leap_begins_the_doubt_anew() -> None:
    """Ten minutes are counted from the last leap, and only all of it taken back ends them early."""
    watch = ClockWatch()
    watch.doubt(NOW, 0.0)
    assert "2024-09-05" in watch.doubt(NOW + timedelta(days=1), 0.0)
    assert "2024-09-06" in watch.doubt(NOW + timedelta(days=2), 500.0)
    assert "2024-09-06" in watch.doubt(NOW + timedelta(days=1), 550.0)
    assert "2024-09-06" in watch.doubt(NOW + timedelta(days=1), 1000.0)
    assert watch.doubt(NOW + timedelta(days=1), 1100.0) == ""


def test_slow_ticks_are_no_leap() -> None:
    """A pass that takes hours moves clock and counter alike."""
    watch = ClockWatch()
    watch.doubt(NOW, 0.0)
    assert watch.doubt(NOW + 300 * MINUTE, 300 * 60.0) == ""
