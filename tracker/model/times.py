"""Instants and what is not known about them. Everything is aware UTC; naive datetimes raise."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

DAY = timedelta(days=1)


class Precision(StrEnum):
    """How finely a source states a moment."""

    SECOND = "second"
    DAY = "day"
    MONTH = "month"
    UNKNOWN = "unknown"


def utc(moment: datetime) -> datetime:
    """The moment in UTC; raises ValueError for a naive one, because guessing a zone moves births by hours."""
    if moment.tzinfo is UTC:
        return moment
    if moment.tzinfo is None:
        raise ValueError(f"naive datetime {moment.isoformat()}: say which zone")
    return moment.astimezone(UTC)


def iso(moment: datetime | None) -> str:
    """ISO 8601 with `Z`, whole seconds; empty for None."""
    if moment is None:
        return ""
    return (moment if moment.tzinfo is UTC else utc(moment)).isoformat()[:19] + "Z"


def from_iso(text: str) -> datetime:
    """Read ISO 8601 with a zone, or a bare date as its midnight UTC; raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None and len(text) == 10:
        moment = moment.replace(tzinfo=UTC)
    try:
        return utc(moment)
    except OverflowError as error:  # the first and the last day of the calendar, in another zone
        raise ValueError(f"{text} is beyond the calendar in UTC") from error


def midnight(moment: datetime) -> datetime:
    """Start of the UTC day of `moment`."""
    return utc(moment).replace(hour=0, minute=0, second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class Bounds:
    """A moment known to lie in `(lo, hi]`. None on a side means unbounded there, not zero."""

    lo: datetime | None
    hi: datetime | None

    def __post_init__(self) -> None:
        for end in (self.lo, self.hi):
            if end is not None:
                utc(end)
        if self.lo is not None and self.hi is not None and self.lo > self.hi:
            raise ValueError(f"bounds reversed: {iso(self.lo)} > {iso(self.hi)}")


LAST = datetime.max.replace(tzinfo=UTC)
WIDTHS = {Precision.SECOND: timedelta(0), Precision.DAY: DAY, Precision.MONTH: 31 * DAY}
UNBOUNDED = Bounds(None, None)
"""Nobody knows when."""


@dataclass(frozen=True, slots=True)
class When:
    """A moment as a source states it. With precision `day` the value is that day's midnight UTC, not an instant."""

    at: datetime
    precision: Precision = Precision.SECOND

    def __post_init__(self) -> None:
        utc(self.at)

    def bounds(self) -> Bounds:
        """The interval that the statement leaves open; closed at the instant itself where it is known."""
        width = WIDTHS.get(self.precision)
        if width is None:
            return UNBOUNDED
        end = self.at + min(width, LAST - self.at)  # the calendar ends, bounds with it
        return Bounds(self.at, end)

    @property
    def text(self) -> str:
        """ISO 8601, as finely as it is known: `2024-09-05`, `2024-09`, or the instant."""
        shown = {Precision.DAY: 10, Precision.MONTH: 7}.get(self.precision)
        return iso(self.at)[:shown]

    @classmethod
    def of(cls, text: str) -> "When":
        """From ISO text: a bare date has day precision; raises ValueError."""
        return cls(from_iso(text), Precision.DAY if len(text) == 10 else Precision.SECOND)

    @classmethod
    def stated(cls, text: str | None) -> "When | None":
        """As somebody else wrote it: None where nothing is stated, or nothing that can be read."""
        try:
            return cls.of(text) if text else None
        except ValueError:
            return None
