"""What a million looks cost that say what the look before said: the daemon's own schedule, work and log, no network."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import sqlite3
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.soakworld import DAY, START
from tracker.cli.logging import configure
from tracker.clients.system import Outside, machine
from tracker.daemon import Daemon
from tracker.model.facts import Artefact, Batch, Layer, Observation, Presence, Reason, Run
from tracker.model.names import DomainName
from tracker.model.watching import Cohort, Watch, WatchKind
from tracker.settings import Certificates, Database, Judging, Lists, Pages, Publishing, Settings, Sweeps
from tracker.settings import Daemon as DaemonSettings
from tracker.stages.planner import SWEEP
from tracker.wiring import build

TICK = timedelta(minutes=1)


class SteadyClock:
    """A clock that is set from outside."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


class SteadyProbe:
    """Finds the same as ever, a moment after it was asked, with a reply that carries its own hour."""

    def __init__(self, probe_id: str, layer: Layer, clock: SteadyClock, rng: random.Random) -> None:
        self.id, self.layer = probe_id, layer
        self._clock, self._rng = clock, rng

    async def observe(self, names: Sequence[DomainName]) -> AsyncIterator[Batch]:
        """As the product's own probes: delegation dated when the last answer is in, registration fifty at a time."""
        at_once = 50 if self.id == "registration" else len(names)
        apart = 0.0 if self.id == "delegation" else 0.04
        for start in range(0, len(names), at_once):
            some = names[start : start + at_once]
            begun = self._clock.at + timedelta(seconds=self._rng.expovariate(1.0) if apart == 0.0 else 0.0)
            looks = [self._look(name, begun + timedelta(seconds=apart * place)) for place, name in enumerate(some)]
            took = apart * len(some) + (self._rng.expovariate(1.0) if apart else 0.0)
            self._clock.at = begun + timedelta(seconds=took)
            yield Batch(
                observations=tuple(look for look, _ in looks),
                artefacts=tuple(reply for _, reply in looks) if self.id == "registration" else (),
            )

    def _look(self, name: DomainName, at: datetime) -> tuple[Observation, Artefact]:
        artefact_id = f"{name}@{at.isoformat()}"
        facts = {"ns": ("ns1.host.example", "ns2.host.example"), "of": (str(name),)}
        look = Observation(
            name=name, probe=self.id, layer=self.layer, vantage="here", at=at,
            presence=Presence.PRESENT, reason=Reason.DELEGATED, facts=facts,
            artefact_ids=(artefact_id,) if self.id == "registration" else (),
        )  # fmt: skip
        body = f'{{"name":"{name}","last update of RDAP database":"{at}"}}'.encode()
        reply = Artefact(
            artefact_id=artefact_id, kind="rdap", media_type="application/rdap+json", body=body,
            source_url=f"https://rdap.example/domain/{name}", retrieved_at=at, vantage="here",
        )  # fmt: skip
        return look, reply


def size_of(database: Path) -> int:
    """Bytes in use: pages that are not free, with what waits in the write-ahead log brought in first."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        pages, free, size = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
    return int((pages - free) * size)


async def steady(database: Path, names: int, looks: int) -> tuple[int, float]:
    """(looks made, bytes per look) of a daemon whose names stay as they are, once every span has begun."""
    rng = random.Random(1)
    clock = SteadyClock(START)
    settings = Settings(
        database=Database(str(database)),
        lists=Lists(watchlists=(), controls=0.0),
        sweeps=Sweeps(weekly_all=False, edits=0),
        certificates=Certificates(enabled=False),
        pages=Pages(certificates=False),
        judging=Judging(derive_minutes=10**9),
        publishing=Publishing(directory=""),
        daemon=DaemonSettings(canary=""),
    )
    outside = replace(machine(""), clock=clock, rng=rng)
    async with build(settings, cut_off(outside)) as parts:
        layers = {"delegation": Layer.DELEGATED, "addresses": Layer.RESOLVING, "registration": Layer.REGISTERED}
        probes = {probe_id: SteadyProbe(probe_id, layer, clock, rng) for probe_id, layer in layers.items()}
        stubbed = replace(parts, probes=probes, sweeps={}, feeds={})
        watches = tuple(
            Watch(kind=WatchKind.PREDECESSOR, label=f"name{place}", since=START,
                  name=DomainName(f"name{place}.example"), cohort=Cohort.OWN_BRAND)
            for place in range(names)
        )  # fmt: skip
        run = Run(run_id="soak", stage="poll", started_at=START, vantage="here", versions=parts.versions)
        parts.log.append(run, Batch(watches=watches), START)
        parts.planner.watched(watches, START)
        parts.work.drop(SWEEP, [watch.label for watch in watches])
        daemon = Daemon(stubbed)
        outcome = await daemon.run_due(clock.at)
        begun = _made(database)
        before = size_of(database)
        made = 0
        while made < looks:
            due = max(outcome.next_due or clock.at, clock.at)
            late = rng.expovariate(1 / 3) if rng.random() < 0.98 else rng.uniform(60, 900)
            clock.at = START + -(-(due - START) // TICK) * TICK + timedelta(seconds=late)
            outcome = await daemon.run_due(clock.at)
            if outcome.failed:
                raise RuntimeError(str(outcome.failed))
            if clock.at - START > DAY and outcome.done:
                made = _made(database) - begun if rng.random() < 0.02 else made
        made = _made(database) - begun
    return made, (size_of(database) - before) / made


def cut_off(outside: Outside) -> Outside:
    """No network: nothing here may ask anybody."""

    class Nowhere:
        async def addresses(self, host: str) -> Sequence[str]:
            raise OSError(f"{host} is not asked here")

        def endpoint(self, address: str, port: int) -> tuple[str, int]:
            raise OSError(f"{address}:{port} is not asked here")

    return replace(outside, dial=Nowhere())


def _made(database: Path) -> int:
    """Looks in the log, counted from the chunks as they are stored."""
    from tracker.storage.spans import Looks, expand, expand_sealed  # noqa: PLC0415

    with closing(sqlite3.connect(database)) as connection:
        tails = connection.execute(f"SELECT {', '.join(Looks._fields)} FROM spans")
        total = sum(len(expand(Looks(*row))) for row in tails)
        sealed = connection.execute("SELECT begun_at, coded FROM segments")
        return total + sum(len(expand_sealed(begun_at, coded)) for begun_at, coded in sealed)


def measured(database: Path, names: int, looks: int) -> tuple[int, float]:
    """`steady`, in a loop of its own."""
    return asyncio.run(steady(database, names, looks))


if __name__ == "__main__":
    configure("text", logging.CRITICAL)
    print(json.dumps(measured(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
