"""What every `Engine` must do. A test module gives a `make_engine` fixture and imports these tests.

Its engines pause for `PAUSE` after a first failure.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import pytest

from tracker.ports import Engine, WorkUnit

MakeEngine = Callable[[], AbstractAsyncContextManager[Engine]]
PAUSE = timedelta(seconds=0.2)


def play(make_engine: MakeEngine, story: Callable[[Engine], Awaitable[None]]) -> None:
    """Tell a story of one engine."""

    async def main() -> None:
        async with make_engine() as engine:
            await story(engine)

    asyncio.run(main())


def unit(key: str, lane: str = "", kind: str = "look") -> WorkUnit:
    """A unit with no payload."""
    return WorkUnit(kind, key, {"due": "look", "keys": [key]}, lane, "dns")


def test_every_unit_runs_once_and_reports(make_engine: MakeEngine) -> None:
    """A hundred units run once each, and each is in the answer of drain."""

    async def story(engine: Engine) -> None:
        ran = list[str]()

        async def handle(work: WorkUnit) -> None:
            await asyncio.sleep(0)
            ran.append(work.key)

        for number in range(100):
            assert await engine.submit(unit(str(number)))
        assert set(await engine.drain({"look": handle})) == {str(number) for number in range(100)}
        assert sorted(ran, key=int) == [str(number) for number in range(100)]
        assert await engine.drain({"look": handle}) == {}

    play(make_engine, story)


def test_a_queued_key_is_refused_and_a_done_one_is_not(make_engine: MakeEngine) -> None:
    """The same key waits only once; after it ran it may be submitted again."""

    async def story(engine: Engine) -> None:
        ran = list[str]()

        async def handle(work: WorkUnit) -> None:
            ran.append(work.key)

        assert await engine.submit(unit("a"))
        assert not await engine.submit(unit("a"))
        await engine.drain({"look": handle})
        assert await engine.submit(unit("a"))
        await engine.drain({"look": handle})
        assert ran == ["a", "a"]

    play(make_engine, story)


def test_a_failing_unit_stops_nobody(make_engine: MakeEngine) -> None:
    """The failure comes back under its key, the others run, and a kind without a handler is a failure too."""

    async def story(engine: Engine) -> None:
        ran = list[str]()

        async def handle(work: WorkUnit) -> None:
            if work.key == "bad":
                raise ValueError("as scripted")
            ran.append(work.key)

        for work in (unit("one"), unit("bad"), unit("odd", kind="nobody's"), unit("two")):
            await engine.submit(work)
        outcome = await engine.drain({"look": handle})
        assert sorted(ran) == ["one", "two"]
        assert outcome["one"] is None and outcome["two"] is None
        assert isinstance(outcome["bad"], ValueError)
        assert isinstance(outcome["odd"], LookupError)

    play(make_engine, story)


def test_a_lane_never_overlaps_and_lanes_run_side_by_side(make_engine: MakeEngine) -> None:
    """Units of one lane run one after another in order; two lanes make progress at the same time."""

    async def story(engine: Engine) -> None:
        inside: dict[str, int] = {"red": 0, "blue": 0}
        order: dict[str, list[str]] = {"red": [], "blue": []}
        together = asyncio.Event()

        async def handle(work: WorkUnit) -> None:
            inside[work.lane] += 1
            assert inside[work.lane] == 1
            if all(inside.values()):
                together.set()
            order[work.lane].append(work.key)
            await together.wait()  # for ever, if the lanes did not run side by side
            await asyncio.sleep(0.001)
            inside[work.lane] -= 1

        for number in range(6):
            for lane in ("red", "blue"):
                await engine.submit(unit(f"{lane}{number}", lane))
        assert not any((await engine.drain({"look": handle})).values())
        assert order == {lane: [f"{lane}{number}" for number in range(6)] for lane in ("red", "blue")}

    play(make_engine, story)


def test_what_a_handler_submits_is_drained_too(make_engine: MakeEngine) -> None:
    """Work that begets work is finished before drain returns, even under the key of the unit that runs."""

    async def story(engine: Engine) -> None:
        ran = list[str]()

        async def handle(work: WorkUnit) -> None:
            ran.append(work.key)
            if len(ran) < 3:
                assert await engine.submit(unit("again"))

        await engine.submit(unit("again"))
        assert await engine.drain({"look": handle}) == {"again": None}
        assert ran == ["again"] * 3

    play(make_engine, story)


def test_what_is_outstanding_is_told(make_engine: MakeEngine) -> None:
    """Units that wait or run are known whole, payload and all; those that are done are not."""

    async def story(engine: Engine) -> None:
        during: list[set[str]] = []

        async def handle(work: WorkUnit) -> None:
            during.append({each.key for each in await engine.outstanding()})

        assert await engine.outstanding() == []
        await engine.submit(unit("a", "lane"))
        await engine.submit(unit("b", "lane"))
        assert sorted(await engine.outstanding(), key=lambda each: each.key) == [unit("a", "lane"), unit("b", "lane")]
        await engine.drain({"look": handle})
        assert during == [{"a", "b"}, {"b"}]
        assert await engine.outstanding() == []

    play(make_engine, story)


def test_a_failed_unit_rests_and_is_run_again(make_engine: MakeEngine) -> None:
    """Drain does not wait for it, its key is refused meanwhile, and the second pause is longer than the first."""

    async def story(engine: Engine) -> None:
        loop = asyncio.get_running_loop()
        tried: list[float] = []

        async def handle(_: WorkUnit) -> None:
            tried.append(loop.time())
            if len(tried) < 3:
                raise OSError("out of reach")

        await engine.submit(unit("a"))
        assert isinstance((await engine.drain({"look": handle}))["a"], OSError)
        assert [each.key for each in await engine.outstanding()] == ["a"]
        assert not await engine.submit(unit("a"))
        while len(tried) < 3:
            await engine.drain({"look": handle})
            await asyncio.sleep(0.02)
        assert await engine.outstanding() == []
        # A tenth less: the pause is counted from when the failure was stored, not from when the unit began.
        assert tried[1] - tried[0] >= PAUSE.total_seconds() * 0.9
        assert tried[2] - tried[1] >= 2 * PAUSE.total_seconds() * 0.9

    play(make_engine, story)


def test_serving_goes_on_until_it_is_stopped(make_engine: MakeEngine) -> None:
    """What arrives is run as it comes; at a stop the unit under way ends well, and what waits is run by the next."""

    async def story(engine: Engine) -> None:
        ran = list[str]()
        stop, begun, may_end = asyncio.Event(), asyncio.Event(), asyncio.Event()

        async def handle(work: WorkUnit) -> None:
            begun.set()
            if work.key == "slow":
                await may_end.wait()
            ran.append(work.key)

        serving = asyncio.create_task(engine.serve({"look": handle}, stop))
        await engine.submit(unit("first", "one"))
        await begun.wait()
        begun.clear()
        await engine.submit(unit("slow", "one"))
        await begun.wait()
        await engine.submit(unit("later", "one"))
        stop.set()
        may_end.set()
        await serving
        assert ran == ["first", "slow"]
        assert [each.key for each in await engine.outstanding()] == ["later"]
        await engine.drain({"look": handle})
        assert ran == ["first", "slow", "later"]

    play(make_engine, story)


def test_what_was_given_up_waits_again(make_engine: MakeEngine) -> None:
    """A unit that would not end is cut short by cancelling: nothing is lost, and no lane stays closed."""

    async def story(engine: Engine) -> None:
        started, ran = asyncio.Event(), list[str]()

        async def stuck(_: WorkUnit) -> None:
            started.set()
            await asyncio.Event().wait()

        async def handle(work: WorkUnit) -> None:
            ran.append(work.key)

        await engine.submit(unit("first", "lane"))
        await engine.submit(unit("second", "lane"))
        serving = asyncio.create_task(engine.serve({"look": stuck}, asyncio.Event()))
        await started.wait()
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
        assert {each.key for each in await engine.outstanding()} == {"first", "second"}
        await engine.drain({"look": handle})
        assert ran == ["first", "second"]

    play(make_engine, story)


def test_a_long_pause_is_caught_up_with(make_engine: MakeEngine) -> None:
    """Nobody worked for a while: what was queued meanwhile runs once each, the oldest of a lane first."""

    async def story(engine: Engine) -> None:
        ran = list[str]()

        async def handle(work: WorkUnit) -> None:
            ran.append(work.key)

        for _ in range(3):  # the planner asks again and again while nobody works
            for number in range(5):
                await engine.submit(unit(str(number), "lane"))
        await engine.drain({"look": handle})
        assert ran == ["0", "1", "2", "3", "4"]

    play(make_engine, story)
