"""How often to look: fast after a takedown or a discovery, slower with time, never to zero."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PULL = 0.1
"""Share of an interval by which a look may come early or late."""
SLOTS = 32
"""Places in an interval at which names are looked at: apart enough not to bunch up, few enough to share a pass."""
GRID_BEGINS = datetime(2024, 1, 1, tzinfo=UTC)
"""Where the grids of all intervals are counted from."""


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
RECHECKS = Cadence(((HOUR, 15 * MINUTE), (DAY, 6 * HOUR)), timedelta.max)
"""After a change of presence: at once to see whether it lasts, then until a death can be told from a flap."""
FIRST_RETRY = 4 * HOUR
"""After a look that told nothing; a source that is away for a day is not asked about every name all day long."""
LONGEST_PAUSE = 6 * HOUR

FLOORS = {
    "delegation": 15 * MINUTE,
    "addresses": 6 * HOUR,
    "registration": DAY,
    "certificate": DAY,
    "page": 6 * HOUR,
}
"""The shortest interval per probe: manners towards those who answer, and quiet towards operators who watch back."""
PROMISED = frozenset({"registration", "page"})
"""Probes whose floor is a promise to whoever is asked: the grid only ever makes an answered look later."""


def on_grid(now: datetime, interval: timedelta, key: str, least: timedelta | None = None) -> datetime:
    """About one interval after `now`, drawn towards the key's own grid by at most `PULL`; never sooner than `least`.

    The grid has a phase from a hash of the key: no randomness, names spread over the interval, those of one slot are
    looked at together, and lateness does not add up.
    """
    length = max(int(interval.total_seconds()), 1)
    slot = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big") % SLOTS
    wanted = now + timedelta(seconds=length)
    phase = GRID_BEGINS + timedelta(seconds=length * slot // SLOTS)
    nearest = phase + timedelta(seconds=length * round((wanted - phase).total_seconds() / length))
    pull = PULL * interval
    return max(min(max(nearest, wanted - pull), wanted + pull), now + (least or timedelta(0)))


def next_look(
    probe: str,
    key: str,
    now: datetime,
    origin: datetime,
    absent_since: datetime | None,
    *,
    changed: datetime | None = None,
    failures: int = 0,
    floor: timedelta | None = None,
) -> datetime:
    """When to look again. `origin` is the takedown or discovery that the cadence counts from, `floor` a wider interval.

    A name that is gone and no longer watched closely is looked at by the dead names' cadence; one that `changed` a
    moment ago is looked at again soon, so that a death is confirmed and a return seen. After `failures` looks in a row
    that told nothing the next comes sooner than planned, each time later than before.
    """
    interval = LOOKS.interval(now - origin)
    if absent_since is not None and now - origin >= 14 * DAY:
        interval = max(interval, DEAD.interval(now - absent_since))
    if changed is not None:
        interval = min(interval, RECHECKS.interval(now - changed))
    interval = max(interval, floor or FLOORS[probe])
    if failures and floor is None:
        interval = min(interval, FIRST_RETRY * (1 << 2 * min(failures - 1, 8)))
    promised = FLOORS[probe] if probe in PROMISED and not failures else None
    return on_grid(now, interval, f"{probe}/{key}", floor or promised)


def next_sweep(source: str, now: datetime, origin: datetime) -> datetime:
    """When to sweep a label again; all labels of one source share a grid, so that one sweep serves them."""
    return on_grid(now, SWEEPS.interval(now - origin), source)


def backed_off(interval: timedelta, failures: int) -> timedelta:
    """The distance to the next try of a source that failed so many times in a row: doubled, six hours at most."""
    return max(interval, min(interval * (1 << min(failures, 16)), LONGEST_PAUSE))
