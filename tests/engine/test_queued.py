"""The engine of many processes: the contract, and what only many processes can do to each other."""

import asyncio
import signal
import subprocess
import sys
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from tests.contract_engine import *  # noqa: F403 - the contract of the port, run over this implementation
from tests.contract_engine import PAUSE, MakeEngine, unit
from tests.storage.conftest import MakeDatabase
from tracker.engine.pauses import Pauses
from tracker.engine.queued import Pulse, QueuedEngine, queued_engine
from tracker.ports import Engine, StorageTrouble, WorkUnit
from tracker.storage.database import conninfo

QUICK = Pulse(beat=0.2, silent=1.5, poll=0.05, grace=5.0)
SERVING = """
import asyncio, sys
from tests.engine.test_queued import QUICK
from tracker.engine.queued import queued_engine

async def main():
    async def handle(unit):
        print(unit.key, flush=True)
        await asyncio.Event().wait()
    async with queued_engine(sys.argv[1], pulse=QUICK) as engine:
        await engine.serve({"look": handle}, asyncio.Event())

asyncio.run(main())
"""


@pytest.fixture
def address(postgres: MakeDatabase) -> str:
    """A database with the tables of the queue."""
    return conninfo(postgres())


def engine_at(address: str, **more: object) -> AbstractAsyncContextManager[QueuedEngine]:
    """One process of many."""
    return queued_engine(address, pauses=Pauses(PAUSE), pulse=QUICK, **more)  # type: ignore[arg-type]


@pytest.fixture
def make_engine(address: str) -> MakeEngine:
    """The implementation under test."""
    return lambda: engine_at(address)


def test_a_killed_worker_loses_no_unit(address: str) -> None:
    """kill -9 amid a unit: it counts as under way until the silence is noticed, then another process does it, once."""
    worker = subprocess.Popen(
        [sys.executable, "-c", SERVING, address], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )

    async def story() -> None:
        async with engine_at(address) as engine:
            ran: list[str] = []

            async def handle(work: WorkUnit) -> None:
                ran.append(work.key)

            await engine.submit(unit("first", "lane"))
            await engine.submit(unit("second", "lane"))
            assert worker.stdout is not None
            assert await asyncio.to_thread(worker.stdout.readline) == "first\n"
            worker.send_signal(signal.SIGKILL)
            assert {each.key for each in await engine.outstanding()} == {"first", "second"}
            await engine.drain({"look": handle})
            assert ran == ["first", "second"]
            assert await engine.outstanding() == []

    try:
        asyncio.run(story())
    finally:
        worker.kill()
        worker.communicate()


def test_a_unit_that_holds_the_loop_is_not_taken_for_dead(address: str) -> None:
    """Deriving computes for minutes without a pause: its process goes on showing life, and nobody repeats it."""

    async def story() -> None:
        async with engine_at(address) as busy, engine_at(address) as other:
            ran: list[str] = []

            async def handle(work: WorkUnit) -> None:
                ran.append(work.key)
                await asyncio.to_thread(lambda: None)
                subprocess.run([sys.executable, "-c", "import time; time.sleep(2.5)"], check=True)  # noqa: ASYNC221

            await busy.submit(unit("long"))
            await busy.drain({"look": handle})
            await other.drain({"look": handle})
            assert ran == ["long"]

    asyncio.run(story())


@pytest.mark.parametrize("turns", range(6))
def test_what_is_claimed_while_stopping_waits_again(address: str, turns: int) -> None:
    """A stop between asking the database for a unit and getting it: that unit is left to the next process."""

    async def story() -> None:
        async with engine_at(address, workers=2) as engine:
            stop, ran = asyncio.Event(), list[str]()

            async def handle(work: WorkUnit) -> None:
                ran.append(f"{work.key} too late" if stop.is_set() else work.key)
                for _ in range(turns):
                    await asyncio.sleep(0)
                stop.set()

            await engine.submit(unit("first"))
            await engine.submit(unit("second"))
            await engine.serve({"look": handle}, stop)
            left = [each.key for each in await engine.outstanding()]
            assert sorted([*ran, *left]) == ["first", "second"]

    asyncio.run(story())


def test_processes_share_lanes_and_units(address: str) -> None:
    """Four engines serve one queue: every unit runs once, and those of one lane one after another, wherever."""

    async def story() -> None:
        ran: list[str] = []
        inside = 0
        stop = asyncio.Event()

        async def handle(work: WorkUnit) -> None:
            nonlocal inside
            if work.lane:
                inside += 1
                assert inside == 1
                await asyncio.sleep(0.01)
                inside -= 1
            ran.append(work.key)
            if len(ran) == 60:
                stop.set()

        async with engine_at(address) as first, engine_at(address) as second:
            for number in range(50):
                await first.submit(unit(f"free {number}"))
            for number in range(10):
                await second.submit(unit(f"laned {number}", "lane"))
            await asyncio.gather(first.serve({"look": handle}, stop), second.serve({"look": handle}, stop))
        assert len(ran) == len(set(ran)) == 60

    asyncio.run(story())


def test_a_worker_takes_from_its_queues_alone(address: str) -> None:
    """What is for others stays queued, and is no reason to wait."""

    async def story() -> None:
        async with engine_at(address, queues=["dns"]) as dns, engine_at(address, queues=["http"]) as http:
            ran: list[str] = []

            async def handle(work: WorkUnit) -> None:
                ran.append(work.key)

            await dns.submit(WorkUnit("look", "page", {}, queue="http"))
            await dns.submit(unit("name"))
            await dns.drain({"look": handle})
            assert ran == ["name"]
            await http.drain({"look": handle})
            assert ran == ["name", "page"]

    asyncio.run(story())


def test_a_database_that_is_gone_is_told_in_one_line(address: str, postgres: MakeDatabase) -> None:
    """Whatever is asked of the queue: no trace of its library, but what the server said."""

    async def story() -> None:
        async with queued_engine(address, pulse=Pulse(grace=0.3)) as engine:
            name = address.rpartition("/")[2].partition("?")[0]
            with psycopg.connect(conninfo(postgres()), autocommit=True) as admin:
                admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
                admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            for ask in (engine.outstanding, lambda: engine.submit(unit("a")), lambda: engine.drain({})):
                with pytest.raises(StorageTrouble, match=r"^the queue: [^\n]+$"):
                    await ask()

    asyncio.run(story())


def test_pauses_grow_to_a_limit() -> None:
    """One, two, four minutes, and never more than four hours."""
    pauses = Pauses()
    assert [pauses.after(count) for count in (1, 2, 3)] == [timedelta(minutes=minutes) for minutes in (1, 2, 4)]
    assert pauses.after(99) == pauses.after(999_999) == timedelta(hours=4)


def test_it_is_an_engine(address: str) -> None:
    """The class fulfils the port."""

    async def story() -> None:
        async with engine_at(address) as engine:
            port: Engine = engine
            assert await port.outstanding() == []

    asyncio.run(story())
