"""The engine of one process."""

import asyncio
from contextlib import nullcontext

import pytest

from tests.contract_engine import *  # noqa: F403 - the contract of the port, run over this implementation
from tests.contract_engine import PAUSE, MakeEngine, unit
from tracker.clients.system import SystemClock
from tracker.engine.local import LocalEngine
from tracker.engine.pauses import Pauses
from tracker.ports import WorkUnit


@pytest.fixture
def make_engine() -> MakeEngine:
    """The implementation under test."""
    return lambda: nullcontext(LocalEngine(SystemClock(), Pauses(PAUSE)))


def test_no_more_workers_than_allowed() -> None:
    """Four workers means at most four units at a time, and four when there is enough to do."""

    async def story() -> None:
        engine, inside, most = LocalEngine(SystemClock(), workers=4), 0, 0

        async def handle(_: WorkUnit) -> None:
            nonlocal inside, most
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

        for number in range(20):
            await engine.submit(unit(str(number)))
        await engine.drain({"look": handle})
        assert most == 4

    asyncio.run(story())


def test_a_unit_that_arrives_late_need_not_wait_for_a_slow_one() -> None:
    """While one unit takes its time, a new one submitted from outside starts at once."""

    async def story() -> None:
        engine, late_ran = LocalEngine(SystemClock()), asyncio.Event()

        async def handle(work: WorkUnit) -> None:
            if work.key == "slow":
                await late_ran.wait()
            else:
                late_ran.set()

        await engine.submit(unit("slow"))
        draining = asyncio.create_task(engine.drain({"look": handle}))
        await asyncio.sleep(0)
        await engine.submit(unit("late"))
        assert await asyncio.wait_for(draining, 5) == {"slow": None, "late": None}

    asyncio.run(story())


def test_a_cancelled_drain_loses_no_unit() -> None:
    """What ran when drain was cancelled is queued again, before what waited."""

    async def story() -> None:
        engine, started, ran = LocalEngine(SystemClock(), workers=1), asyncio.Event(), list[str]()

        async def stuck(_: WorkUnit) -> None:
            started.set()
            await asyncio.Event().wait()

        async def handle(work: WorkUnit) -> None:
            ran.append(work.key)

        await engine.submit(unit("first"))
        await engine.submit(unit("second"))
        draining = asyncio.create_task(engine.drain({"look": stuck}))
        await started.wait()
        draining.cancel()
        with pytest.raises(asyncio.CancelledError):
            await draining
        await engine.drain({"look": handle})
        assert ran == ["first", "second"]

    asyncio.run(story())


def test_an_engine_needs_a_worker() -> None:
    """No workers would mean a drain that never ends."""
    with pytest.raises(ValueError, match="worker"):
        LocalEngine(SystemClock(), workers=0)
