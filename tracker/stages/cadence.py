"""How often to look: fast after a takedown or a discovery, slower with time, never to zero."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
JITTER = 0.1
"""Share of an interval by which a look may come early or late, fixed per key so that names do not bunch up."""


@dataclass(frozen=True, slots=True)
class Cadence:
    """Intervals by age: `steps` are (age below which, interval), `after` holds from then on."""

    steps: tuple[tuple[timedelta, timedelta], ...]
    after: timedelta

    def interval(self, age: timedelta) -> timedelta:
        """The distance to the next look at something of that age."""
        return next((interval for limit, interval in self.steps if age < limit), self.after)


LOOKS = Cadence(((DAY, 15 * MINUTE), (3 * DAY, HOUR), (14 * DAY, 6 * HOUR), (90 * DAY, DAY)), 7 * DAY)
SWEEPS = Cadence(((DAY, HOUR), (3 * DAY, 6 * HOUR), (30 * DAY, DAY)), 7 * DAY)
DEAD = Cadence(((7 * DAY, DAY), (30 * DAY, 7 * DAY)), 30 * DAY)
"""For names that are gone: they come back too, so the looks thin out but never stop."""

FLOORS = {
    "delegation": 15 * MINUTE,
    "addresses": 6 * HOUR,
    "registration": DAY,
    "certificate": DAY,
    "page": 6 * HOUR,
}
"""The shortest interval per probe: manners towards those who answer, and quiet towards operators who watch back."""


def jittered(interval: timedelta, key: str) -> timedelta:
    """The interval moved by up to a tenth, by a hash of the key: no randomness, no two names in step."""
    share = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big") / 2**32
    return interval * (1 + JITTER * (2 * share - 1))


def next_look(
    probe: str,
    key: str,
    now: datetime,
    origin: datetime,
    absent_since: datetime | None,
    floor: timedelta | None = None,
) -> datetime:
    """When to look again. `origin` is the takedown or discovery that the cadence counts from, `floor` a wider interval.

    A name that is gone and no longer watched closely is looked at by the dead names' cadence.
    """
    interval = max(LOOKS.interval(now - origin), FLOORS[probe], floor or FLOORS[probe])
    if absent_since is not None and now - origin >= 14 * DAY:
        interval = max(interval, DEAD.interval(now - absent_since))
    return now + jittered(interval, f"{probe}/{key}")


def next_sweep(source: str, now: datetime, origin: datetime) -> datetime:
    """When to sweep a label again; all labels of one origin stay together, so that one sweep serves them."""
    return now + jittered(SWEEPS.interval(now - origin), source)
