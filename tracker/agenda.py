"""What is due, as units of work: small, repeatable, made of row keys alone, so that any process can do them."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker.model.times import DAY
from tracker.ports import Due, WorkUnit
from tracker.stages import planner
from tracker.stages.publish import next_monday
from tracker.wiring import Parts

BATCH = 200
"""Names or labels per unit of work; a unit is repeated whole after a crash."""
LIMIT = 100_000
SWEEPS = (planner.SWEEP_ALL, planner.SWEEP, planner.EDITS)
QUEUES = ("dns", "http", "registration", "ct", "views")
"""Whom a unit talks to, so that a worker can serve some and not others; `views` talks to nobody."""
LOOK_QUEUES = {"delegation": "dns", "addresses": "dns", "registration": "registration"}
"""Queues of the probes; the others visit hosts."""

Taken = Collection[tuple[str, str]]
"""Rows (kind, key) of units that wait or run: nobody plans them a second time."""
Stage = Callable[[datetime, Taken], Iterator[WorkUnit]]


def rows_of(units: Sequence[WorkUnit]) -> set[tuple[str, str]]:
    """The rows that the units are about."""
    return {(due_kind(unit), key) for unit in units for key in keys(unit)}


def due_kind(unit: WorkUnit) -> str:
    """The kind of the rows of a unit."""
    return str(unit.payload["due"])


def keys(unit: WorkUnit) -> list[str]:
    """The keys of the rows of a unit; raises TypeError for a payload that this program did not write."""
    found = unit.payload["keys"]
    if not isinstance(found, list):
        raise TypeError(f"unit {unit.key} has no keys")
    return [str(key) for key in found]


@dataclass(frozen=True, slots=True)
class Agenda:
    """Turns due rows into units. Lists come first, conclusions last."""

    parts: Parts

    @property
    def stages(self) -> tuple[Stage, ...]:
        """One after another: what an earlier one brings, a later one looks at."""
        return (self._polls, self._sweeps, self._tails, self._looks, self._conclusions)

    def seed(self, now: datetime) -> None:
        """Rows that must exist from the first start on; existing ones are left alone."""
        wanted = {(planner.POLL, feed_id) for feed_id in self.parts.feeds}
        wanted |= {(planner.DERIVE, "views"), (planner.PUBLISH, "weekly")}
        if self.parts.messengers:
            wanted.add((planner.NOTIFY, "people"))
        wanted |= {(planner.CANARY, "daily")} if self.parts.canaries is not None else set()
        wanted |= {(planner.DISCARD, "daily")}
        wanted |= {(planner.CERTIFICATES, reader) for reader in self.parts.certificates}
        # Another number of readers: the logs of those that are gone are taken over.
        gone = set(self.parts.work.scheduled(planner.CERTIFICATES)) - set(self.parts.certificates)
        if self.parts.certificates and gone:
            self.parts.work.drop(planner.CERTIFICATES, sorted(gone))
        if self.parts.pivots is not None:
            wanted.add((planner.PIVOTS, self.parts.pivots.id))
        first = {planner.PUBLISH: next_monday(now), planner.DISCARD: now + DAY}
        missing = [
            Due(kind, key, first.get(kind, now), now)
            for kind, key in sorted(wanted)
            if not self.parts.work.rows(kind, [key])
        ]
        if missing:
            self.parts.work.schedule(missing)

    def _due(self, kind: str, now: datetime, taken: Taken) -> list[str]:
        return [row.key for row in self.parts.work.due(kind, now, LIMIT) if (kind, row.key) not in taken]

    def _polls(self, now: datetime, taken: Taken) -> Iterator[WorkUnit]:
        for key in self._due(planner.POLL, now, taken):
            if key in self.parts.feeds:
                yield _unit("poll", f"poll/{key}", planner.POLL, [key], lane="lists", queue="http")

    def _sweeps(self, now: datetime, taken: Taken) -> Iterator[WorkUnit]:
        # One after another: two sweeps at once would share the budgets of the same servers and end no sooner.
        everywhere = {row.key for row in self.parts.work.due(planner.SWEEP_ALL, now, LIMIT)}
        for kind in SWEEPS:
            due = self._due(kind, now, taken)
            # A label that is asked everywhere is asked under the frequent suffixes as well.
            labels = [key for key in due if key not in everywhere] if kind == planner.SWEEP else due
            for some in _batches(labels):
                yield _unit("sweep", f"{kind}/{some[0]}", kind, some, lane="sweeps", queue="dns")

    def _tails(self, now: datetime, taken: Taken) -> Iterator[WorkUnit]:
        for key in self._due(planner.CERTIFICATES, now, taken):
            yield _unit("certificates", key, planner.CERTIFICATES, [key], lane=f"ct/{key}", queue="ct")
        for key in self._due(planner.PIVOTS, now, taken):
            yield _unit("pivots", key, planner.PIVOTS, [key], lane="sweeps", queue="dns")

    def _looks(self, now: datetime, taken: Taken) -> Iterator[WorkUnit]:
        for key in self._due(planner.CANARY, now, taken) if self.parts.canaries is not None else ():
            yield _unit(planner.CANARY, planner.CANARY, planner.CANARY, [key], queue="dns")
        for probe_id in self.parts.probes:
            kind = planner.look_kind(probe_id)
            queue = LOOK_QUEUES.get(probe_id, "http")
            for some in _batches(self._due(kind, now, taken)):
                yield _unit("look", f"look/{probe_id}/{some[0]}", kind, some, queue=queue)

    def _conclusions(self, now: datetime, taken: Taken) -> Iterator[WorkUnit]:
        kinds = (planner.DERIVE, planner.NOTIFY, planner.PUBLISH)
        for kind in kinds if self.parts.messengers else (planner.DERIVE, planner.PUBLISH):
            for key in self._due(kind, now, taken):
                yield _unit(kind, kind, kind, [key], lane="views", queue="views")
        for key in self._due(planner.DISCARD, now, taken):
            yield _unit(planner.DISCARD, planner.DISCARD, planner.DISCARD, [key], queue="views")


def _unit(kind: str, key: str, due: str, some: list[str], *, queue: str, lane: str = "") -> WorkUnit:
    return WorkUnit(kind, key, {"due": due, "keys": some}, lane, queue)


def _batches(found: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(found), BATCH):
        yield found[start : start + BATCH]
