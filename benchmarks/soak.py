"""A year of the daemon in the lab: killed, robbed of its memory, its sources failing. Exit 1 if a figure is off.

`make soak` plays the whole year; `--names`, `--days`, `--kills`, `--losses` and `--looks` play less of it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.soaksteady import size_of
from benchmarks.soakworld import START, Marks, Size, doubles, looks_of, marked, year
from tracker.analysis.derivation import Judge
from tracker.lookalikes.suffixes import Suffixes
from tracker.settings import Database, Settings
from tracker.storage.database import open_database
from tracker.storage.log import SqlLog
from tracker.storage.views import SqlViewStore
from tracker.upkeep import faults

MEMORY_LIMIT = 200.0
GROWTH_LIMIT = 2.5
FLAT = 30.0
"""MB by which the daemon's memory may differ between the second quarter of the year and its end."""
ENDLESS = timedelta(days=10_000)


@dataclass
class Told:
    """What the lives of the process said while they lasted."""

    kills: int = 0
    losses: int = 0
    passes: int = 0
    memory: list[tuple[datetime, float]] = field(default_factory=list)


def lives(database: Path, size: Size, kills: int, losses: int, told: Told, *, weigh: bool = True) -> None:
    """Play the year, killing the process `kills` times at random moments; `weigh` the daemon after each life."""
    rng = random.Random(size.seed)
    times = sorted(START + size.days * timedelta(days=1) * rng.uniform(0.03, 0.97) for _ in range(kills))
    weighing: list[tuple[datetime, subprocess.Popen[str], Path]] = []
    for number in range(kills + 1):
        _live(database, size, losses, times[number] if number < kills else START + ENDLESS, rng, told)
        told.kills += number < kills
        if not weigh:
            continue
        at = _reached(database)
        copy = database.with_name(f"weighed-{number}.db")
        _copy(database, copy)
        weighing.append((at, _started("soakweight", [str(copy), at.isoformat()]), copy))
        told.memory += _weighed(weighing, wait=len(weighing) > 1)
    told.memory += _weighed(weighing, wait=True)


def _live(database: Path, size: Size, losses: int, kill_at: datetime, rng: random.Random, told: Told) -> None:
    """One life with the losses that are left; SIGKILL ends it at a random moment of the pass that reaches `kill_at`."""
    counts = (size.names, size.suffixes, size.days, size.seed, losses, told.losses)
    numbers = [str(number) for number in counts]
    child = _started("soakchild", [str(database), *numbers])
    assert child.stdout is not None
    for line in child.stdout:
        word, at, _, lost_text = line.split()
        assert word == "pass", line
        told.passes += 1
        told.losses = int(lost_text)
        if datetime.fromisoformat(at) >= kill_at:
            time.sleep(rng.uniform(0, 0.4))
            child.kill()
            break
    error = child.stderr.read() if child.stderr is not None else ""
    if child.wait() not in (0, -9):
        raise RuntimeError(f"the daemon ended with {child.returncode}:\n{error}")


def _started(module: str, arguments: Sequence[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", f"benchmarks.{module}", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"MALLOC_ARENA_MAX": "1"},
    )


def _weighed(
    weighing: list[tuple[datetime, subprocess.Popen[str], Path]], *, wait: bool
) -> Iterator[tuple[datetime, float]]:
    while weighing and (wait or weighing[0][1].poll() is not None):
        at, process, copy = weighing.pop(0)
        out, error = process.communicate()
        if process.returncode:
            raise RuntimeError(f"the daemon could not be weighed:\n{error}")
        for file in copy.parent.glob(f"{copy.name}*"):
            file.unlink()
        yield at, json.loads(out)["megabytes"]


def _copy(database: Path, copy: Path) -> None:
    """The files as the killed process left them, write-ahead log included."""
    for suffix in ("", "-wal"):
        if (source := Path(f"{database}{suffix}")).exists():
            shutil.copy(source, f"{copy}{suffix}")


def _reached(database: Path) -> datetime:
    engine = open_database(database)
    try:
        return SqlLog(engine).newest() or START
    finally:
        engine.dispose()


@dataclass(frozen=True)
class Outcome:
    """What the year came to."""

    marks: Marks
    doubled: tuple[str, ...]
    faults: tuple[str, ...]
    differ: bool
    looks: int
    growth: float


def judged(database: Path, size: Size) -> Outcome:
    """Compare the views with the truth, with a derivation from scratch, and the log with itself."""
    engine = open_database(database)
    try:
        played, log = year(size), SqlLog(engine)
        stored = SqlViewStore(engine).load()
        assert stored is not None, "nothing was derived"
        history = log.history(stored.as_of)
        anew, _ = Judge(Suffixes.bundled()).derive(history)
        looks = looks_of(history)
        views, _ = (anew, None) if stored.as_of == log.newest() else Judge(Suffixes.bundled()).derive(log.history())
        return Outcome(
            marks=marked(played, views, size.end),
            doubled=tuple(doubles(history)),
            faults=tuple(faults(Settings(database=Database(str(database))))),
            differ=anew != stored,
            looks=looks,
            growth=size_of(database) / looks,
        )
    finally:
        engine.dispose()


def rows(told: Told, found: Outcome, steady: tuple[int, float] | None) -> Iterator[tuple[str, str, bool]]:
    """What is printed: figure, value, whether it is as it should be."""
    marks = found.marks
    yield "passes", str(told.passes), True
    yield "kills", str(told.kills), True
    yield "losses of state", str(told.losses), True
    yield "looks", str(found.looks), True
    yield "births seen", str(marks.births), marks.births > 0
    yield "deaths seen", str(marks.deaths), marks.deaths > 0
    yield "false births", str(len(marks.false_births)), not marks.false_births
    yield "false deaths", str(len(marks.false_deaths)), not marks.false_deaths
    yield "transitions missed", str(len(marks.missed)), not marks.missed
    yield "rows doubled", str(len(found.doubled)), not found.doubled
    yield "faults of the database", str(len(found.faults)), not found.faults
    yield "incremental views differ from new ones", "yes" if found.differ else "no", not found.differ
    if told.memory:
        weights = [weight for _, weight in sorted(told.memory)]
        settled = weights[len(weights) // 3 :]
        yield "resident memory, MB, largest", f"{max(weights):.0f} of {MEMORY_LIMIT:.0f}", max(weights) <= MEMORY_LIMIT
        drift = settled[-1] - settled[0]
        yield "resident memory, MB, last two thirds of the year", f"{drift:+.0f}", drift <= FLAT
    yield "database, bytes per look, births and outages included", f"{found.growth:.1f}", True
    if steady is not None:
        looks, cost = steady
        yield (
            f"growth, MB per million unchanged looks ({looks} looks)",
            f"{cost:.2f} of {GROWTH_LIMIT}",
            cost <= GROWTH_LIMIT,
        )


def main() -> int:
    """Play, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("names", 2000), ("suffixes", 20), ("days", 365), ("kills", 20), ("losses", 180)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--looks", type=int, default=1_000_000, help="unchanged looks whose cost is measured; 0 = none")
    parser.add_argument("--keep", type=Path, default=None, help="folder in which the databases are left")
    asked = parser.parse_args()
    size, begun, told = Size(asked.names, asked.suffixes, asked.days), time.monotonic(), Told()
    folder = asked.keep or Path(tempfile.mkdtemp(prefix="soak-"))
    folder.mkdir(parents=True, exist_ok=True)
    steady: tuple[int, float] | None = None
    try:
        database = folder / "year.db"
        apart = (
            _started("soaksteady", [str(folder / "steady.db"), str(asked.names), str(asked.looks)])
            if asked.looks
            else None
        )
        lives(database, size, asked.kills, asked.losses, told)
        found = judged(database, size)
        if apart is not None:
            out, error = apart.communicate()
            if apart.returncode:
                raise RuntimeError(f"the unchanged looks could not be counted:\n{error}")
            made, cost = json.loads(out)
            steady = made, cost
        good = True
        for figure, value, right in rows(told, found, steady):
            good = good and right
            print(f"{figure:<60} {value:>16}{'' if right else '   NOT AS IT SHOULD BE'}")
        print(f"{'minutes':<60} {(time.monotonic() - begun) / 60:>16.1f}")
        for line in (
            *found.marks.false_births,
            *found.marks.false_deaths,
            *found.marks.missed,
            *found.doubled,
            *found.faults,
        )[:20]:
            print(line, file=sys.stderr)
        return 0 if good else 1
    finally:
        if asked.keep is None:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
