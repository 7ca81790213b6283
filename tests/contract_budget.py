"""What every `Budget` must do. A test module gives a `make_budget` fixture and imports these tests.

Never faster than the rate, patient after a refusal, the same for any number of workers.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tracker.engine.budget import FIRST_PAUSE, LONGEST_PAUSE, Rate
from tracker.lab.loop import LoopClock, VirtualLoop
from tracker.ports import Budget, Clock

START = datetime(2024, 9, 4, 15, tzinfo=UTC)


class MakeBudget(Protocol):
    """A fresh budget; `overrides` and `overall` as the implementations take them."""

    def __call__(self, rate: Rate, clock: Clock, rng: random.Random, **more: object) -> Budget: ...


def play(make: MakeBudget, story: Callable[[Budget], Awaitable[None]], rate: Rate, **more: object) -> None:
    """Run a story on virtual time with a budget of its own."""

    async def main() -> None:
        clock = LoopClock(asyncio.get_running_loop(), START)
        await story(make(rate, clock, random.Random(7), **more))

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main())


def now() -> float:
    """Virtual seconds."""
    return asyncio.get_running_loop().time()


@given(
    per_second=st.floats(0.05, 500),
    burst=st.integers(1, 50),
    takers=st.lists(st.tuples(st.floats(0, 20), st.integers(1, 60)), min_size=1, max_size=12),
)
@example(per_second=1.0, burst=2, takers=[(0.0, 1), (0.0, 2), (0.0, 1)])
@settings(max_examples=40, deadline=None)
def test_no_window_holds_more_than_the_rate_allows(
    make_budget: MakeBudget, per_second: float, burst: int, takers: list[tuple[float, int]]
) -> None:
    """Between any two grants no more is sent than burst + rate x time, whoever asks, whenever."""
    grants: list[tuple[float, int]] = []

    async def story(budget: Budget) -> None:
        async def worker(after: float, amount: int) -> None:
            await asyncio.sleep(after)
            await budget.take("registry", amount)
            grants.append((now(), amount))

        await asyncio.gather(*(worker(after, amount) for after, amount in takers))

    play(make_budget, story, Rate(per_second, burst))
    assert len(grants) == len(takers)
    assert_within(grants, per_second, burst)


def assert_within(grants: list[tuple[float, int]], per_second: float, burst: int) -> None:
    """No window holds more than burst + rate x time; what is itself larger than a burst may."""
    grants = sorted(grants, key=lambda grant: grant[0])
    for index, (since, _) in enumerate(grants):
        total = 0
        for until, amount in grants[index:]:
            total += amount
            oversized = max(0, amount - burst)
            assert total - oversized <= burst + per_second * (until - since) + 1e-3


def test_the_rate_is_used_and_not_wasted(make_budget: MakeBudget) -> None:
    """A hundred questions at ten a second take about ten seconds: jitter spreads them but does not double the time."""

    async def story(budget: Budget) -> None:
        for _ in range(100):
            await budget.take("a")
        assert 9.8 <= now() <= 11.0

    play(make_budget, story, Rate(10, burst=1))


def test_overrides_and_servers_are_apart(make_budget: MakeBudget) -> None:
    """A slow server does not slow another, and an override replaces the common rate."""

    async def story(budget: Budget) -> None:
        async def ask(server: str, times: int) -> float:
            for _ in range(times):
                await budget.take(server)
            return now()

        slow, fast = await asyncio.gather(ask("slow", 3), ask("fast", 100))
        assert slow >= 20
        assert fast <= 1.2

    play(make_budget, story, Rate(100), overrides={"slow": Rate(0.1)})


def test_the_overall_rate_holds_over_all_servers(make_budget: MakeBudget) -> None:
    """Twenty servers together are asked no faster than the overall rate."""

    async def story(budget: Budget) -> None:
        await asyncio.gather(*(budget.take(f"server-{number}") for number in range(20)))
        assert now() >= 19 / 2

    play(make_budget, story, Rate(100), overall=Rate(2))


def test_who_waits_for_a_server_saves_nothing_up_for_all(make_budget: MakeBudget) -> None:
    """Ten servers turn us away for ten seconds, with a crowd before each: what was meant for that time is not sent on
    top afterwards, over all nor at any of them."""
    grants: dict[str, list[tuple[float, int]]] = {f"server-{number}": [] for number in range(10)}

    async def story(budget: Budget) -> None:
        async def ask(server: str) -> None:
            await budget.take(server)
            grants[server].append((now(), 1))

        for server in grants:
            budget.refused(server, 10.0)
        await asyncio.gather(*(ask(server) for server in grants for _ in range(20)))
        assert 10 + 19 <= now() <= 40, "the rate over all is used, and held"

    play(make_budget, story, Rate(3), overall=Rate(10, burst=10))
    assert_within([grant for each in grants.values() for grant in each], 10, 10)
    for each in grants.values():
        assert len(each) == 20
        assert_within(each, 3, 1)


def test_retry_after_is_obeyed_and_not_followed_by_a_burst(make_budget: MakeBudget) -> None:
    """Nothing goes out before the named moment, and what waited goes out at the rate, not at once."""

    async def story(budget: Budget) -> None:
        await budget.take("a")
        budget.refused("a", 90.0)
        assert budget.blocked_until("a") == START + timedelta(seconds=90)
        assert budget.blocked_until("b") is None
        grants: list[float] = []

        async def worker() -> None:
            await budget.take("a")
            grants.append(now())

        await asyncio.gather(*(worker() for _ in range(5)))
        assert min(grants) >= 90
        assert max(grants) >= 90 + 4
        assert budget.blocked_until("a") is None

    play(make_budget, story, Rate(1, burst=10))


def test_a_refusal_reaches_those_who_already_wait(make_budget: MakeBudget) -> None:
    """A worker that was queued when the server refused another waits out the pause too."""

    async def story(budget: Budget) -> None:
        await budget.take("a")
        waiting = asyncio.create_task(budget.take("a"))
        await asyncio.sleep(1)
        budget.refused("a", 300.0)
        await waiting
        assert now() >= 301

    play(make_budget, story, Rate(0.5))


def test_pauses_grow_to_ten_minutes_and_success_resets_them(make_budget: MakeBudget) -> None:
    """Pauses grow, stay random and below ten minutes; after a time of answers they start small again."""

    async def story(budget: Budget) -> None:
        pauses = []
        for _ in range(40):
            await budget.take("a")
            before = now()
            budget.refused("a", None)
            await budget.take("a")
            pauses.append(now() - before)
        assert max(pauses) <= LONGEST_PAUSE * 1.1 + 1
        assert max(pauses) > LONGEST_PAUSE / 2
        assert max(pauses[:2]) <= FIRST_PAUSE * 2.2 + 1
        assert len(set(pauses)) == len(pauses)
        await asyncio.sleep(LONGEST_PAUSE + 1)
        await budget.take("a")
        before = now()
        budget.refused("a", None)
        await budget.take("a")
        assert now() - before <= FIRST_PAUSE * 1.1 + 1

    play(make_budget, story, Rate(1000))


def test_refusals_of_one_burst_count_once(make_budget: MakeBudget) -> None:
    """Fifty questions in flight that are all refused are one refusal, not fifty doublings."""

    async def story(budget: Budget) -> None:
        for _ in range(50):
            await budget.take("a")
        for _ in range(50):
            budget.refused("a", None)
        until = budget.blocked_until("a")
        assert until is not None
        assert until - START <= timedelta(seconds=FIRST_PAUSE + 1)

    play(make_budget, story, Rate(1000, burst=50))


@pytest.mark.parametrize("nonsense", [0.0, -5.0, float("nan"), float("inf"), 1e300])
def test_a_nonsensical_retry_after_does_no_harm(make_budget: MakeBudget, nonsense: float) -> None:
    """A server cannot switch the pause off, nor stop us for ever."""

    async def story(budget: Budget) -> None:
        await asyncio.sleep(1)
        budget.refused("a", nonsense)
        until = budget.blocked_until("a")
        assert until is not None
        assert START < until <= START + timedelta(days=7, seconds=1)

    play(make_budget, story, Rate(1))


def test_a_cancelled_waiter_costs_nothing(make_budget: MakeBudget) -> None:
    """Who gives up waiting leaves the token to the next."""

    async def story(budget: Budget) -> None:
        await budget.take("a")
        quitter = asyncio.create_task(budget.take("a"))
        await asyncio.sleep(5)
        quitter.cancel()
        await budget.take("a")
        assert now() <= 11.5

    play(make_budget, story, Rate(0.1))
