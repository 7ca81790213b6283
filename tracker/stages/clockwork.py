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
    """Compares the clock with a counter of seconds that nobody can set, whenever something is about to be done."""

    last: datetime | None = None
    counted: float = 0.0
    leapt: datetime | None = None
    ahead: timedelta = timedelta(0)
    since: float = 0.0

    def doubt(self, now: datetime, counter: float) -> str:
        """Why the clock is not believed now; empty when it is. `counter` is in seconds and only rises.

        One that was set right again is believed at once.
        """
        gained = timedelta(0)
        if self.last is not None:
            gained = (now - self.last) - timedelta(seconds=counter - self.counted)
        self.last, self.counted = now, counter
        if self.leapt is not None:
            self.ahead += gained
        if gained > LEAP:
            self.ahead = gained if self.leapt is None else self.ahead
            self.leapt, self.since = now, counter
        if self.leapt is None:
            return ""
        if self.ahead <= LEAP or counter - self.since >= STEADY.total_seconds():
            self.leapt = None
            return ""
        steady = f"{STEADY // timedelta(minutes=1)} minutes"
        return f"the clock leapt ahead to {iso(self.leapt)}: nothing is done until it has kept time for {steady}"
