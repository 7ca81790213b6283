"""Scenarios drawn from a seed: other labels, suffixes, dates, sellers and hosters each time, the same kind of story."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tracker.lab import draws, geography
from tracker.lab.mixed import mixed
from tracker.lab.scenario import Event, Predecessor, Scenario, step
from tracker.lookalikes.suffixes import Suffixes

THEN = ("delegate +20m", "certificate +40m", "page +3h")
SOURCES = {"lab": "the lab's own notice", "first": "first drawn list", "second": "second drawn list"}


def expanded(scenario: Scenario, suffixes: Suffixes, seed: int) -> Scenario:
    """The scenario with what its `[generate]` table asks for, drawn from the seed; unchanged without such a table."""
    if not scenario.generate:
        return scenario
    if scenario.generate.get("story") == "mixed":
        return mixed(scenario, suffixes, seed)
    return _Drawing(scenario, suffixes, seed).drawn()


class _Drawing:
    """One drawn story: an operation with its hoster, sellers, own brands and imitations."""

    def __init__(self, scenario: Scenario, suffixes: Suffixes, seed: int) -> None:
        self.scenario, self.seed = scenario, seed
        self.wanted: Mapping[str, Any] = scenario.generate
        self.tops = tuple(suffix for suffix in suffixes.frequent() if suffix.isascii() and "xn--" not in suffix)
        shift = timedelta(days=self._number(0, 700, "shift"))
        self.start, self.end, self.notice = (
            moment + shift for moment in (scenario.start, scenario.end, scenario.notice)
        )
        self.host = self._choose(geography.HOSTS, "old host")
        self.refuge = self.host if self._share("stays") < 0.5 else self._choose(geography.HOSTS, "new host")
        self.seller = f"r{self._number(1, geography.REGISTRARS, 'new seller')}"

    def _number(self, low: int, high: int, *key: object) -> int:
        return draws.number(low, high, self.seed, *key)

    def _share(self, *key: object) -> float:
        return draws.uniform(self.seed, *key)

    def _choose(self, items: tuple[str, ...], *key: object) -> str:
        return draws.choose(items, self.seed, *key)

    def drawn(self) -> Scenario:
        """The whole scenario."""
        rows = [self._predecessor("own_brand", place) for place in range(int(self.wanted["own_brand"]))]
        rows += [self._predecessor("imitated", place) for place in range(int(self.wanted["imitated"]))]
        seizure = Event(
            do="seize", names="predecessors", at=self.notice - timedelta(hours=2), within=timedelta(hours=20)
        )
        returning = [row for row in rows if row.cohort == "own_brand"]
        stay_away = int(len(returning) * float(self.wanted.get("lost", 0.15)))
        returning = sorted(returning, key=lambda row: self._share("returns", row.name))[stay_away:]
        events = [seizure, *(self._successor(row) for row in returning)]
        events += [self._sibling(row) for row in returning[: int(self.wanted.get("siblings", 1))]]
        return replace(
            self.scenario,
            start=self.start,
            end=self.end,
            notice=self.notice,
            predecessors=tuple(rows),
            events=tuple(events),
            expect=replace(self.scenario.expect, cohorts={"own_brand": len(returning), "imitated": 0}),
        )

    def _predecessor(self, cohort: str, place: int) -> Predecessor:
        own = cohort == "own_brand"
        label = draws.word(
            self._number(7, 15, "length", place) if own else self._number(4, 9, "short", place),
            self.seed,
            cohort,
            place,
        )
        suffix = self._choose(self.tops, "old suffix", cohort, place)
        return Predecessor(
            name=f"{label}.{suffix}",
            cohort=cohort,
            brand=label.title(),
            registrar=f"r{self._number(1, geography.REGISTRARS, 'old seller', cohort)}",
            nameservers=self.host,
            page="operation" if own else "clone",
        )

    def _refuge_of(self, row: Predecessor) -> str:
        """The suffix to which a name moves."""
        old = row.name.partition(".")[2]
        return self._choose(tuple(top for top in self.tops if top != old), "new suffix", row.name)

    def _successor(self, row: Predecessor) -> Event:
        label, suffix = row.name.partition(".")[0], self._refuge_of(row)
        days = 1 + int(6 * self._share("lag", row.name) ** 3)
        first = _day(self.notice + timedelta(days=days))
        second = _day(self.notice + timedelta(days=days + self._number(0, 1, "second list", row.name)))
        return Event(
            do="register",
            name=f"{label}.{suffix}",
            replaces=row.name,
            at={"first": first, "second": second},
            registrar=self.seller,
            nameservers=self.refuge,
            page="operation",
            then=tuple(map(step, THEN)),
        )

    def _sibling(self, row: Predecessor) -> Event:
        label, _, old = row.name.partition(".")
        free = tuple(top for top in self.tops if top not in (old, self._refuge_of(row)))
        suffix = self._choose(free, "sibling suffix", row.name)
        return Event(
            do="register",
            name=f"{label}.{suffix}",
            sibling=True,
            at={"first": _day(self.start - timedelta(days=self._number(40, 400, "sibling age", row.name)))},
            registrar=row.registrar,
            nameservers=row.nameservers,
            page="operation",
            then=tuple(map(step, THEN)),
        )


def _day(moment: datetime) -> str:
    return moment.date().isoformat()
