"""The ports in memory, for tests of the stages: a clock to set, a log that is a list, due rows in a dictionary."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tracker.model.facts import (
    Batch,
    CanaryResult,
    Coverage,
    Cursor,
    Layer,
    Observation,
    Presence,
    Reason,
    Run,
    Sighting,
    Span,
    Sweep,
    Technique,
)
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import When
from tracker.model.views import Replacement, Views
from tracker.model.watching import Action, ActionKind, Cohort, Source, Takedown, Watch, WatchKind
from tracker.ports import Due, Watches

NOW = datetime(2024, 9, 4, 15, tzinfo=UTC)
NOTICE = Source("doj", "the notice")
RRN = DomainName("rrn.media")
SO = DomainName("rrn.so")


@dataclass
class SetClock:
    """Stands still until a test moves it, or goes on by `step` at every question."""

    at: datetime = NOW
    step: timedelta = timedelta(0)

    def now(self) -> datetime:
        self.at += self.step
        return self.at


@dataclass
class MemoryWork:
    """The `Work` port as two dictionaries."""

    planned: dict[tuple[str, str], Due] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)

    def due(self, kind: str, now: datetime, limit: int) -> tuple[Due, ...]:
        rows = [row for row in self.planned.values() if row.kind == kind and row.due_at <= now]
        return tuple(sorted(rows, key=lambda row: (row.due_at, row.key))[:limit])

    def next_due(self) -> datetime | None:
        return min((row.due_at for row in self.planned.values()), default=None)

    def schedule(self, rows: Collection[Due]) -> None:
        self.planned |= {(row.kind, row.key): row for row in rows}

    def drop(self, kind: str, keys: Collection[str]) -> None:
        for key in keys:
            self.planned.pop((kind, key), None)

    def scheduled(self, kind: str) -> Mapping[str, Due]:
        return {row.key: row for row in self.planned.values() if row.kind == kind}

    def rows(self, kind: str, keys: Collection[str]) -> tuple[Due, ...]:
        return tuple(self.planned[kind, key] for key in keys if (kind, key) in self.planned)

    def notes(self, keys: Collection[str]) -> Mapping[str, str]:
        return {key: self.kept[key] for key in keys if key in self.kept}

    def flush(self) -> None:
        return

    def get(self, key: str) -> str | None:
        return self.kept.get(key)

    def put(self, key: str, value: str) -> None:
        self.kept[key] = value


@dataclass
class MemoryLog:
    """The `Log` port as a list of what was appended. Equal looks are not folded: each is a span of its own."""

    appended: list[tuple[Run, Batch, datetime]] = field(default_factory=list)

    def append(self, run: Run, batch: Batch, at: datetime) -> None:
        self.appended.append((run, batch, at))

    def batches(self) -> list[Batch]:
        return [batch for _, batch, _ in self.appended]

    def cursor(self, source: str) -> Cursor | None:
        cursors = [batch.cursor for batch in self.batches() if batch.cursor and batch.cursor.source == source]
        return cursors[-1] if cursors else None

    def watches(self) -> tuple[Watch, ...]:
        return self.history().watches

    def sightings(self) -> tuple[Sighting, ...]:
        return self.history().sightings

    def newest(self) -> datetime | None:
        return max((at for _, _, at in self.appended), default=None)

    def touched(self, since: datetime | None) -> frozenset[DomainName]:
        rows = [batch for _, batch, at in self.appended if since is None or at > since]
        return frozenset(row.name for batch in rows for row in (*batch.sightings, *batch.observations))

    def history(self, as_of: datetime | None = None) -> History:
        moment = as_of or self.newest() or NOW
        rows = [(run, batch) for run, batch, at in self.appended if at <= moment]
        batches = [batch for _, batch in rows]
        watches = {watch.key: watch for batch in batches for watch in batch.watches}
        spans: dict[DomainName, tuple[Span, ...]] = {}
        for look in sorted((look for batch in batches for look in batch.observations), key=lambda look: look.at):
            spans[look.name] = (*spans.get(look.name, ()), _span(look))
        return History(
            as_of=moment,
            operations=tuple(row for batch in batches for row in batch.operations),
            actions=tuple(row for batch in batches for row in batch.actions),
            takedowns=tuple({row.key: row for batch in batches for row in batch.takedowns}.values()),
            claims=tuple({row.key: row for batch in batches for row in batch.claims}.values()),
            watches=tuple(watches[key] for key in sorted(watches)),
            sightings=tuple(row for batch in batches for row in batch.sightings),
            spans=spans,
            sweeps=tuple(row for batch in batches for row in batch.sweeps),
            gaps=tuple(row for batch in batches for row in batch.gaps),
            reviews=tuple(row for batch in batches for row in batch.reviews),
            canaries=tuple(row for batch in batches for row in batch.canaries),
            mutes=tuple(row for batch in batches for row in batch.mutes),
            complaints=tuple({row.key: row for batch in batches for row in batch.complaints}.values()),
            announcements=tuple({row.announcement_id: row for b in batches for row in b.announcements}.values()),
            runs=tuple({run.run_id: run for run, _ in rows}.values()),
        )


@dataclass
class MemoryViews:
    """The `ViewStore` port; `writes` counts how often views were replaced."""

    views: Views | None = None
    writes: int = 0

    def load(self) -> Views | None:
        return self.views

    def replacements(self) -> tuple[Replacement, ...]:
        return self.views.replacements if self.views else ()

    def replace(self, views: Views) -> None:
        self.views = views
        self.writes += 1


@dataclass
class ListFeed:
    """The `Feed` port: each poll yields the next of some prepared answers."""

    answers: list[Batch]
    id: str = "list"
    cursors: list[Cursor | None] = field(default_factory=list)

    async def poll(self, cursor: Cursor | None) -> AsyncIterator[Batch]:
        self.cursors.append(cursor)
        if self.answers:
            yield self.answers.pop(0)


@dataclass
class FixedSource:
    """The `DiscoverySource` port: yields what `found` says of the watches; `asked` keeps the labels of each call."""

    found: Callable[[Watches], Sequence[Batch]]
    id: str = "suffixes"
    technique: Technique = Technique.SAME_LABEL
    asked: list[tuple[str, ...]] = field(default_factory=list)

    async def discover(self, watches: Watches, cursor: Cursor | None) -> AsyncIterator[Batch]:
        self.asked.append(tuple(watch.label for watch in watches))
        for batch in self.found(watches):
            yield batch


@dataclass
class FixedProbe:
    """The `Probe` port: every name is what `presence` says of it; raises for the names in `broken`."""

    clock: SetClock
    presence: Callable[[DomainName], Presence] = lambda _: Presence.PRESENT
    id: str = "delegation"
    layer: Layer = Layer.DELEGATED
    broken: frozenset[str] = frozenset()
    looked: list[DomainName] = field(default_factory=list)

    async def observe(self, names: Sequence[DomainName]) -> AsyncIterator[Batch]:
        for name in names:
            if name in self.broken:
                raise RuntimeError(f"a bug met {name}")
            self.looked.append(name)
            yield Batch(observations=(look(name, self.clock.now(), self.presence(name), probe=self.id),))


def _span(row: Observation) -> Span:
    return Span(
        name=row.name,
        probe=row.probe,
        layer=row.layer,
        vantage=row.vantage,
        presence=row.presence,
        reason=row.reason,
        facts=row.facts,
        looks=(row.at,),
    )


def run(stage: str = "test", at: datetime = NOW) -> Run:
    """A run of a stage."""
    return Run(run_id=f"{stage}@{at:%Y%m%dT%H%M%S}", stage=stage, started_at=at, vantage="here", versions={})


def predecessor(name: DomainName = RRN, **more: object) -> Watch:
    """A watch on a known domain of an operation."""
    fields = {"label": name.partition(".")[0], "since": NOW, "cohort": Cohort.OWN_BRAND, "sources": (NOTICE,)} | more
    return Watch(kind=WatchKind.PREDECESSOR, name=name, **fields)  # type: ignore[arg-type]


def action(day: str = "2024-09-04T15:00:00Z") -> Action:
    """A seizure."""
    return Action(
        action_id="seizure", operation_id="op", kind=ActionKind.SEIZURE, authority="a court", when=When.of(day)
    )


def takedown(name: DomainName = RRN) -> Takedown:
    """The seizure of one name."""
    return Takedown(action_id="seizure", domain=name, cohort=Cohort.OWN_BRAND, brand="RRN", sources=(NOTICE,))


def sighting(name: DomainName, at: datetime = NOW, watch: Watch | None = None) -> Sighting:
    """A name put forward by a sweep."""
    key = (watch or predecessor()).key
    return Sighting(
        watch_key=key, name=name, technique=Technique.SAME_LABEL, source="suffixes", at=at, reason="same label"
    )


def look(
    name: DomainName,
    at: datetime = NOW,
    presence: Presence = Presence.PRESENT,
    servers: str = "ns1.host.example",
    probe: str = "delegation",
) -> Observation:
    """One look at the delegation of a name."""
    reasons = {
        Presence.PRESENT: Reason.DELEGATED,
        Presence.ABSENT: Reason.NXDOMAIN,
        Presence.INDETERMINATE: Reason.TIMEOUT,
    }
    return Observation(
        name=name,
        probe=probe,
        layer=Layer.DELEGATED,
        vantage="here",
        at=at,
        presence=presence,
        reason=reasons[presence],
        facts={"name_servers": (servers,)} if presence is Presence.PRESENT else {},
    )


def sweep(labels: Sequence[str], at: datetime = NOW, canary: CanaryResult = CanaryResult.GOOD) -> Sweep:
    """A sweep over two suffixes."""
    covered = Coverage(labels=tuple(labels), suffixes=("media", "so"), canary=canary, first=at, last=at)
    return Sweep(
        sweep_id=f"sweep@{at:%d%H%M}",
        technique=Technique.SAME_LABEL,
        source="suffixes",
        layer=Layer.DELEGATED,
        vantage="here",
        first=at,
        last=at,
        coverage=(covered,),
    )
