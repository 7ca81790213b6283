"""Whether the machine's clock can be believed: facts recorded at a wrong time are wrong facts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.model.times import iso

BACK = timedelta(minutes=5)
"""How far behind the newest record a clock may be: corrections by seconds are ordinary."""
LEAP = timedelta(minutes=30)
"""How far the clock may run away from the time that really passed between two ticks."""
STEADY = timedelta(minutes=10)
"""How long a clock that leapt forward must then keep time before it is believed: a laptop that woke up does."""


class ClockTrouble(RuntimeError):
    """Nothing is done, because the clock is not believed; the message is one line."""


def behind(now: datetime, newest: datetime | None) -> str:
    """Why nothing may be recorded at `now`; empty when it may. `newest` is the newest `recorded_at`."""
    if newest is None or newest - now <= BACK:
        return ""
    return f"the clock says {iso(now)}, but facts were recorded at {iso(newest)}: nothing is done until it is set right"


@dataclass(slots=True)
class ClockWatch:
    """Compares the clock with a counter of seconds that nobody can set, once per tick."""

    last: datetime | None = None
    counted: float = 0.0
    doubted_since: float | None = None

    def doubt(self, now: datetime, counter: float) -> str:
        """Why the clock is not believed at this tick; empty when it is. `counter` is in seconds and only rises."""
        if self.last is not None and (now - self.last) - timedelta(seconds=counter - self.counted) > LEAP:
            self.doubted_since = counter
        self.last, self.counted = now, counter
        if self.doubted_since is None:
            return ""
        if counter - self.doubted_since >= STEADY.total_seconds():
            self.doubted_since = None
            return ""
        minutes = STEADY // timedelta(minutes=1)
        return f"the clock leapt to {iso(now)}: nothing is done until it has kept time for {minutes} minutes"
