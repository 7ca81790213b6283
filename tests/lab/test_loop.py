"""Virtual time: waiting is free, sockets and threads are not skipped over."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

from tracker.lab.loop import LoopClock, VirtualLoop

START = datetime(2024, 9, 4, 15, tzinfo=UTC)


def run(main):
    """Run a coroutine function of the loop on a fresh virtual loop."""
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(main(loop))
    finally:
        loop.close()


def test_a_month_of_sleep_takes_no_time():
    """Sleeping is a jump of the clock, in the order of the timers."""
    woke = []

    async def sleeper(name, days):
        await asyncio.sleep(days * 86400)
        woke.append(name)

    async def main(loop):
        await asyncio.gather(sleeper("late", 30), sleeper("early", 7))
        return LoopClock(loop, START).now()

    before = time.perf_counter()
    assert run(main) == START + timedelta(days=30)
    assert woke == ["early", "late"]
    assert time.perf_counter() - before < 5


def test_a_reply_on_loopback_arrives_before_the_timeout():
    """A pending loopback exchange is finished before the clock may jump to its deadline."""

    async def main(loop):
        async def serve(reader, writer):
            writer.write(await reader.readline())
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        for _ in range(50):
            async with asyncio.timeout(1):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(b"hello\n")
                assert await reader.readline() == b"hello\n"
                writer.close()
        server.close()
        return loop.time()

    assert run(main) == 0.0


def test_the_clock_stands_still_while_a_thread_works():
    """An executor job is finished at the instant at which it was started."""

    async def main(loop):
        timer = asyncio.create_task(asyncio.sleep(10))
        await asyncio.to_thread(time.sleep, 0.05)
        during = loop.time()
        await timer
        return during, loop.time()

    assert run(main) == (0.0, 10.0)


def test_a_silent_server_costs_its_timeout_in_virtual_time_only():
    """Timeouts pass at once in real time and in full in virtual time."""

    async def main(loop):
        server = await asyncio.start_server(lambda r, w: asyncio.sleep(3600), "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        try:
            async with asyncio.timeout(30):
                await reader.readline()
        except TimeoutError:
            writer.close()
            server.close()
            return loop.time()
        raise AssertionError("the server answered")

    assert run(main) == 30.0
