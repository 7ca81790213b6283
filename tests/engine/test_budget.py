"""The budget of one process, and what a rate is."""

import asyncio
import random

import pytest

from tests.contract_budget import *  # noqa: F403 - the contract of the port, run over this implementation
from tests.contract_budget import START, MakeBudget, now, play
from tests.lab.ctworld import Written
from tracker.engine.budget import Rate, TokenBudget
from tracker.lab.loop import LoopClock
from tracker.ports import Budget


@pytest.fixture(scope="session")
def make_budget() -> MakeBudget:
    """The implementation under test."""
    return TokenBudget  # type: ignore[return-value]


def test_rates_must_make_sense() -> None:
    """A rate of nothing, or no burst at all, is a mistake of the settings."""
    for per_second, burst in ((0.0, 1), (-1.0, 1), (float("nan"), 1), (1.0, 0)):
        with pytest.raises(ValueError, match="rate"):
            Rate(per_second, burst)


def test_refusals_hold_for_every_worker_and_after_a_restart() -> None:
    """The ledger is read before each question: what one budget was told binds all that share it."""
    notes = Written()

    async def story(first: Budget) -> None:
        clock = LoopClock(asyncio.get_running_loop(), START)
        second = TokenBudget(Rate(1000), clock, random.Random(8), ledger=notes)
        await second.take("registry")
        first.refused("registry", 90)
        assert second.blocked_until("registry") is not None
        await second.take("registry")
        assert 90 <= now() <= 101
        restarted = TokenBudget(Rate(1000), clock, random.Random(9), ledger=notes)
        assert restarted.blocked_until("registry") is None, "the pause is over"
        second.refused("registry", 600)
        await TokenBudget(Rate(1000), clock, random.Random(10), ledger=notes).take("other")
        assert now() <= 101, "other servers go on"
        assert TokenBudget(Rate(1000), clock, random.Random(11), ledger=notes).blocked_until("registry") is not None

    play(TokenBudget, story, Rate(1000), ledger=notes)  # type: ignore[arg-type]


def test_refusals_in_a_row_are_counted_in_the_ledger() -> None:
    """So that another worker's pause goes on doubling where the first one's was."""
    notes = Written()

    async def story(budget: Budget) -> None:
        for _ in range(6):
            budget.refused("registry", None)
            await budget.take("registry")

    play(TokenBudget, story, Rate(1000), ledger=notes)  # type: ignore[arg-type]
    assert int(notes["refusal:registry"].split()[1]) >= 2
