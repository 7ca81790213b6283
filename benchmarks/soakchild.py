"""One life of the soaked process: daemon and lab in one loop, from where the last life ended to the next end.

`python -m benchmarks.soakchild DATABASE NAMES SUFFIXES DAYS SEED LOSSES DONE` prints `pass INSTANT RSS_KB DONE` for
each pass, and is killed from outside whenever that pleases.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import random
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.soakworld import START, Size, Year, year
from tracker import settings as knobs
from tracker.cli.logging import configure
from tracker.clients.system import Outside
from tracker.daemon import COLLECT_AFTER, Daemon
from tracker.lab import authority, generated, geography
from tracker.lab.internet import Internet
from tracker.lab.lists import ListServer, list_path
from tracker.lab.loop import LoopClock, VirtualLoop
from tracker.wiring import build

TICK = timedelta(hours=6)
"""How often the clock of the soak ticks; a product that ticks by the minute makes the same looks, one by one."""
Told = Callable[[datetime, int], None]


def settings(database: Path, folder: Path, played: Year) -> knobs.Settings:
    """The product's settings in the lab: rates that cost no virtual days, twenty suffixes, no pages."""
    path = folder / "suffixes.txt"
    path.write_text("\n".join(played.world.suffixes), encoding="utf-8")
    return knobs.Settings(
        database=knobs.Database(str(database)),
        identity=knobs.Identity(contact="lab@example.org", vantage="lab"),
        lists=knobs.Lists(
            watchlists=(f"https://{geography.FEED_HOST}{list_path(played.scenario.action)}",),
            poll_minutes=24 * 60,
            controls=0.0,
        ),
        sweeps=knobs.Sweeps(suffixes=str(path), weekly_all=False, edits=0),
        dns=knobs.Dns(rate=20_000.0, global_rate=1_000_000.0),
        registration=knobs.Registration(rate=200.0),
        certificates=knobs.Certificates(
            log_list_url=f"https://{geography.CT_HOST}/log_list.json",
            operators=(),
            rate=50.0,
            every_minutes=24 * 60,
            partial_patience=0,
        ),
        pages=knobs.Pages(certificates=False),
        judging=knobs.Judging(derive_minutes=28 * 24 * 60),
        publishing=knobs.Publishing(directory=""),
        daemon=knobs.Daemon(canary=""),
    )


def newest(database: Path) -> datetime:
    """When the last fact was recorded: the clock never shows an earlier time again."""
    if not database.exists():
        return START
    with closing(sqlite3.connect(database)) as connection, suppress(sqlite3.OperationalError):
        found = connection.execute("SELECT max(recorded_at) FROM appends").fetchone()[0]
        return START if found is None else datetime.fromtimestamp(found, UTC)
    return START


async def live(played: Year, database: Path, clock: LoopClock, losses: range, told: Told) -> None:
    """Run to the end of the year. At each of the `losses` (numbers of all of the year) everything in memory is lost.

    That happens at a random point of a pass; one that came due while nothing ran is made up for.
    """
    rng = random.Random(f"{played.size.seed} {losses.start}")
    lists = ListServer(played.scenario, "", generated.SOURCES, clock)
    with tempfile.TemporaryDirectory() as folder:
        knobs_ = settings(database, Path(folder), played)
        async with Internet(played.world, clock, lists, noise=200) as internet:
            outside = Outside(
                clock=clock,
                dial=internet.dial,
                trust=authority.infrastructure(played.world.seed).client_context(),
                rng=random.Random(played.size.seed),
            )
            share = (played.size.end - START) / (losses.stop + 1)
            lost = losses.start
            while clock.now() < played.size.end:
                until = START + share * (lost + 1) if lost < losses.stop else played.size.end
                async with build(knobs_, outside) as parts:
                    daemon = Daemon(parts)
                    while clock.now() < until:
                        told(clock.now(), lost)
                        await _pass(daemon, clock, played.size.end)
                    if lost < losses.stop:
                        await _torn(daemon, clock, rng)
                        lost += 1


async def _pass(daemon: Daemon, clock: LoopClock, end: datetime) -> None:
    outcome = await daemon.run_due(clock.now())
    if outcome.failed:
        raise RuntimeError(f"at {clock.now()}: {dict(outcome.failed)}")
    wake = min(max(clock.now() + timedelta(seconds=1), outcome.next_due or clock.now() + TICK), end)
    steps = -(-(wake - START) // TICK)
    await asyncio.sleep((START + steps * TICK - clock.now()).total_seconds())


async def _torn(daemon: Daemon, clock: LoopClock, rng: random.Random) -> None:
    """Begin a pass and tear it off somewhere in the middle: nothing of it is tidied up."""
    running = asyncio.create_task(daemon.run_due(clock.now()))
    for _ in range(rng.choice((1, 10, 100, 1000)) * rng.randrange(1, 10)):
        await asyncio.sleep(0)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


def resident() -> int:
    """Resident memory of this process in kB."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1])
    return 0


def played_to_the_end(size: Size, database: Path, losses: range, told: Told, start: datetime | None = None) -> None:
    """One life in this process, on a virtual clock."""
    configure("text", logging.CRITICAL)
    loop = VirtualLoop()
    clock = LoopClock(loop, start or newest(database))
    before = gc.get_threshold()
    gc.set_threshold(COLLECT_AFTER)  # as `tracker run`
    gc.freeze()
    try:
        loop.run_until_complete(live(year(size), database, clock, losses, told))
    finally:
        loop.close()
        gc.unfreeze()
        gc.set_threshold(*before)


def main(arguments: list[str]) -> None:
    """See the head of this file."""
    database, numbers = Path(arguments[0]), [int(text) for text in arguments[1:]]
    size, losses = Size(*numbers[:4]), range(numbers[5], numbers[4])

    def told(at: datetime, lost: int) -> None:
        print("pass", at.isoformat(), resident(), lost, flush=True)

    before = newest(database)
    # A killed process stays away for a while.
    away = timedelta(minutes=random.Random(before.isoformat()).randrange(2, 600))
    played_to_the_end(size, database, losses, told, before + (away if before > START else timedelta(0)))


if __name__ == "__main__":
    main(sys.argv[1:])
