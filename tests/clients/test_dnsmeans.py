"""What inquiries share: the limit on questions under way, the readings that are kept, the order of ids."""

import asyncio
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dnsworld import FixedClock, MapDial, Unlimited
from tests.virtual import on_virtual_time
from tracker.clients.dnsmeans import Flight, Means, Readings, means
from tracker.clients.guard import forbidden
from tracker.decoders.delegation import judge
from tracker.decoders.dnswire import NS_IN, Malformed, name_wire

QUESTION = name_wire("rrn.so") + NS_IN


@given(st.lists(st.integers(1, 8), max_size=30), st.integers(1, 10))
def test_never_more_under_way_than_allowed_and_nobody_starves(amounts: list[int], limit: int) -> None:
    """Every waiter gets its turn, in order, and the limit holds at every moment."""
    amounts = [min(amount, limit) for amount in amounts]
    under_way, most, order = 0, 0, []

    async def run() -> None:
        flight = Flight(limit)

        async def one(place: int, amount: int) -> None:
            nonlocal under_way, most
            await flight.take(amount)
            order.append(place)
            under_way += amount
            most = max(most, under_way)
            await asyncio.sleep(0)
            under_way -= amount
            flight.give(amount)

        await asyncio.gather(*(one(place, amount) for place, amount in enumerate(amounts)))

    on_virtual_time(run())
    assert most <= limit
    assert order == list(range(len(amounts)))


def test_a_cancelled_waiter_keeps_nothing() -> None:
    """Whoever gives up waiting leaves the place to the next."""

    async def run() -> None:
        flight = Flight(1)
        await flight.take(1)
        waiting = asyncio.ensure_future(flight.take(1))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        flight.give(1)
        await asyncio.wait_for(flight.take(1), 1)

    on_virtual_time(run())


def test_equal_replies_are_read_once_and_broken_ones_never_kept() -> None:
    """The id does not matter, the question does."""
    readings = Readings()
    packet = b"\x84\x03\x00\x01\x00\x00\x00\x00\x00\x00" + QUESTION
    first = readings.of(b"\x00\x01" + packet, QUESTION, judge)
    assert readings.of(b"\x77\x77" + packet, QUESTION, judge) is first
    for _ in range(2):
        with pytest.raises(Malformed):
            readings.of(b"\x00\x01" + packet, name_wire("rrm.so") + NS_IN, judge)


def _means(seed: int, **limits: int) -> Means:
    chosen = {"in_flight": 10, "burst": 5, "tries": 4} | limits
    return means(
        dial=MapDial({}),
        budget=Unlimited(),
        clock=FixedClock(),
        rng=random.Random(seed),
        check=forbidden,
        timeout=1.0,
        **chosen,
    )


def test_ids_come_in_an_order_that_only_the_generator_knows() -> None:
    """All 65,536, each once, in another order for another seed."""
    one, other = _means(1).ids, _means(2).ids
    assert len(set(one)) == len(one) == 65_536
    assert one != other
    assert sum(first == second for first, second in zip(one, other, strict=True)) < 50


@pytest.mark.parametrize("limit", ["in_flight", "burst", "tries"])
def test_limits_below_one_are_refused(limit: str) -> None:
    """Nothing could ever be asked."""
    with pytest.raises(ValueError, match="at least 1"):
        _means(1, **{limit: 0})
