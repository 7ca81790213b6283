"""Times: aware or refused, precise only where the source was."""

from datetime import UTC, datetime, timedelta

import pytest

from tracker.model.times import Bounds, Precision, When, from_iso, iso, utc


def test_naive_datetimes_raise() -> None:
    """Nobody's local zone is guessed."""
    with pytest.raises(ValueError, match="naive"):
        utc(datetime(2024, 9, 4))  # noqa: DTZ001
    with pytest.raises(ValueError, match="naive"):
        Bounds(datetime(2024, 9, 4), None)  # noqa: DTZ001


def test_a_date_is_a_day_and_not_its_midnight() -> None:
    """A date-only statement leaves the whole UTC day open."""
    when = When.of("2024-09-05")
    assert when.precision is Precision.DAY
    assert when.bounds() == Bounds(from_iso("2024-09-05"), from_iso("2024-09-06"))
    assert When.of("2024-09-05T10:00:00Z").bounds().hi == datetime(2024, 9, 5, 10, tzinfo=UTC)


def test_reversed_bounds_are_a_mistake() -> None:
    """A lower bound after the upper one is refused, not swapped."""
    now = datetime(2024, 9, 5, tzinfo=UTC)
    with pytest.raises(ValueError, match="reversed"):
        Bounds(now, now - timedelta(seconds=1))


def test_iso_is_utc_with_z() -> None:
    """Printed instants are UTC, whole seconds, `Z`; a missing one is empty."""
    assert iso(datetime.fromisoformat("2024-09-04T17:00:00.9+02:00")) == "2024-09-04T15:00:00Z"
    assert iso(None) == ""


def test_what_others_state_may_be_unreadable() -> None:
    """A registry's odd date is no date; it is neither guessed nor an error."""
    assert When.stated("2024-09-05") == When.of("2024-09-05")
    assert [When.stated(text) for text in ("", None, "before 2001")] == [None, None, None]
