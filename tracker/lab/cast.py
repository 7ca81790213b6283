"""Who takes part in a mixed story: the operation with its hosters and sellers, its names, and the names still free."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tracker.lab import geography
from tracker.lab.draws import Draw
from tracker.lab.scenario import Notice, Predecessor, Scenario, Step, step
from tracker.lookalikes.suffixes import Suffixes

ONLINE: tuple[Step, ...] = tuple(map(step, ("delegate +20m", "certificate +40m", "page +3h")))
"""What a site does once it is registered."""
WAKING: tuple[Step, ...] = tuple(map(step, ("certificate +1h", "page +5h")))
"""What a name that was kept dark does once it is delegated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Drawn once per story. `refuge` is the operation's small hoster, `shared` one with many customers besides it,
    `hosts` are those that it never uses; `sellers` are its registrars by action. `taken` grows while names are given.
    """

    draw: Draw
    start: datetime
    end: datetime
    notices: tuple[Notice, ...]
    pool: tuple[str, ...]
    refuge: str
    shared: str
    olds: tuple[str, ...]
    hosts: tuple[str, ...]
    sellers: Mapping[str, str]
    taken: set[str] = field(default_factory=set)

    def name(self, label: str, *key: object) -> str:
        """The label under a suffix of the story that nobody has taken; raises ValueError when there is none."""
        for top in self.draw.shuffled(self.pool, "suffix", label, *key):
            if f"{label}.{top}" not in self.taken:
                self.taken.add(f"{label}.{top}")
                return f"{label}.{top}"
        raise ValueError(f"{label} is taken everywhere")

    def notice_of(self, row: Predecessor) -> Notice:
        """The action that hits a predecessor."""
        return next(notice for notice in self.notices if notice.action == row.action)

    def elsewhere(self, *key: object) -> str:
        """A registrar that the operation does not use."""
        own = frozenset(self.sellers.values())
        others = [f"r{place}" for place in range(1, geography.REGISTRARS + 1) if f"r{place}" not in own]
        return self.draw.choose(others, "elsewhere", *key)

    def anywhere(self, *key: object) -> str:
        """Any registrar, the operation's included."""
        return f"r{self.draw.number(1, geography.REGISTRARS, 'anywhere', *key)}"

    def after(self, moment: datetime, low: int, high: int, *key: object) -> datetime:
        """Between `low` and `high` hours after a moment, to the second."""
        return moment + timedelta(seconds=self.draw.number(3600 * low, 3600 * high, "hours", *key))


def cast(scenario: Scenario, suffixes: Suffixes, seed: int) -> Cast:
    """The cast of one seed; the dates of the scenario are shifted, its actions keep their order."""
    draw = Draw(seed)
    shift = timedelta(days=draw.number(0, 700, "shift"))
    public = frozenset(suffixes.icann())
    tops = [suffix for suffix in suffixes.frequent() if suffix in public and "xn--" not in suffix]
    hosts = draw.shuffled(geography.HOSTS, "hosts")
    return Cast(
        draw=draw,
        start=scenario.start + shift,
        end=scenario.end + shift,
        notices=tuple(
            replace(row, at=row.at + shift + timedelta(hours=draw.number(0, 20, "notice", row.action)))
            for row in scenario.notices
        ),
        pool=draw.shuffled(tops, "pool")[: int(scenario.suffixes)],
        refuge=hosts[0],
        shared=hosts[1],
        olds=hosts[2:4],
        hosts=hosts[4:],
        sellers={
            row.action: f"r{draw.number(1, geography.REGISTRARS, 'seller', row.action)}" for row in scenario.notices
        },
    )
