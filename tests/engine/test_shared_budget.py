"""The budget in the database: the contract, and what several processes make of it together."""

import asyncio
import itertools
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.contract_budget import *  # noqa: F403 - the contract of the port, run over this implementation
from tests.contract_budget import START, MakeBudget, now, play
from tests.storage.conftest import MakeDatabase
from tracker.engine.budget import Rate
from tracker.engine.shared_budget import Connect, SharedBudget, connector, forget_idle
from tracker.lab.loop import LoopClock, VirtualLoop
from tracker.ports import Budget, Clock
from tracker.storage.database import conninfo


@pytest.fixture(scope="session")
def address(postgres: MakeDatabase) -> str:
    """A database with the table."""
    return conninfo(postgres())


@pytest.fixture(scope="session")
def connect(address: str) -> Connect:
    """The connection of this process."""
    return connector(address)


@pytest.fixture(scope="session")
def make_budget(connect: Connect) -> MakeBudget:
    """The implementation under test; each budget has a scope of its own."""
    numbers = itertools.count()

    def make(rate: Rate, clock: Clock, rng: random.Random, **more: object) -> Budget:
        return SharedBudget(connect, f"scope {next(numbers)}", rate, rng, clock=clock, **more)  # type: ignore[arg-type]

    return make


def test_ten_processes_are_no_faster_than_one(connect: Connect) -> None:
    """Ten budgets over one table together grant what one would, and the refusal that one met stops all."""

    async def main() -> None:
        clock = LoopClock(asyncio.get_running_loop(), START)
        ten = [SharedBudget(connect, "ten", Rate(2), random.Random(seed), clock=clock) for seed in range(10)]
        grants: list[float] = []

        async def worker(budget: Budget) -> None:
            for _ in range(5):
                await budget.take("registry")
                grants.append(now())

        await asyncio.gather(*map(worker, ten))
        assert len(grants) == 50
        assert now() >= 49 / 2
        for earlier, later in itertools.pairwise(sorted(grants)):
            assert later - earlier >= 0.5 - 1e-6
        ten[0].refused("registry", 90.0)
        assert {budget.blocked_until("registry") for budget in ten} == {clock.now() + timedelta(seconds=90)}
        began = now()
        await ten[7].take("registry")
        assert now() - began >= 90

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main())


def test_the_clock_of_the_database_counts_for_all(address: str) -> None:
    """Threads with connections of their own, on the real clock: one bucket, emptied once."""

    async def asks(seed: int) -> int:
        budget = SharedBudget(connector(address), "clock", Rate(0.001, 40), random.Random(seed))
        granted = 0
        while True:
            try:
                await asyncio.wait_for(budget.take("registry"), 0.2)
            except TimeoutError:
                return granted
            granted += 1

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda seed: asyncio.run(asks(seed)), range(4))) == 40


def test_who_waits_together_asks_together(connect: Connect) -> None:
    """A hundred questions of one process at one moment cost the database a few statements, not a hundred."""
    asked: list[str] = []

    class Counting:
        """A connection that counts what it is asked."""

        def execute(self, query: str, values: dict[str, object]) -> object:
            asked.append(query)
            return connect().execute(query, values)

    async def main() -> None:
        clock = LoopClock(asyncio.get_running_loop(), START)
        budget = SharedBudget(Counting, "together", Rate(10, 100), random.Random(1), clock=clock)  # type: ignore[arg-type]
        await asyncio.gather(*(budget.take("registry") for _ in range(100)))
        assert now() == 0
        await budget.take("registry")
        assert now() >= 0.1

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main())
    assert len(asked) < 10


def test_scopes_are_apart_and_idle_servers_forgotten(make_budget: MakeBudget, connect: Connect) -> None:
    """The same server is two servers in two scopes; a bucket that was removed begins full."""

    async def story(budget: Budget) -> None:
        await budget.take("a")
        other = make_budget(Rate(0.01), LoopClock(asyncio.get_running_loop(), START), random.Random(1))
        await other.take("a")
        assert now() < 1
        forget_idle(connect())  # virtual 2024 is long ago
        await budget.take("a")
        assert now() < 1

    play(make_budget, story, Rate(0.01))
