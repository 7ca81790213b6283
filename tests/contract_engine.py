"""What every `Engine` must do. A test module gives a `make_engine` fixture and imports these tests."""

import asyncio
from collections.abc import Callable

from tracker.ports import Engine, WorkUnit

MakeEngine = Callable[[], Engine]


def unit(key: str, lane: str = "", kind: str = "look") -> WorkUnit:
    """A unit with no payload."""
    return WorkUnit(kind, key, {}, lane)


def test_every_unit_runs_once_and_reports(make_engine: MakeEngine) -> None:
    """A hundred units run once each, and each is in the answer of drain."""

    async def story() -> None:
        engine, ran = make_engine(), list[str]()

        async def handle(work: WorkUnit) -> None:
            await asyncio.sleep(0)
            ran.append(work.key)

        for number in range(100):
            assert await engine.submit(unit(str(number)))
        assert set(await engine.drain({"look": handle})) == {str(number) for number in range(100)}
        assert sorted(ran, key=int) == [str(number) for number in range(100)]
        assert await engine.drain({"look": handle}) == {}

    asyncio.run(story())


def test_a_queued_key_is_refused_and_a_done_one_is_not(make_engine: MakeEngine) -> None:
    """The same key waits only once; after it ran it may be submitted again."""

    async def story() -> None:
        engine, ran = make_engine(), list[str]()

        async def handle(work: WorkUnit) -> None:
            ran.append(work.key)

        assert await engine.submit(unit("a"))
        assert not await engine.submit(unit("a"))
        await engine.drain({"look": handle})
        assert await engine.submit(unit("a"))
        await engine.drain({"look": handle})
        assert ran == ["a", "a"]

    asyncio.run(story())


def test_a_failing_unit_stops_nobody(make_engine: MakeEngine) -> None:
    """The failure comes back under its key, the others run, and a kind without a handler is a failure too."""

    async def story() -> None:
        engine, ran = make_engine(), list[str]()

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

    asyncio.run(story())


def test_a_lane_never_overlaps_and_lanes_run_side_by_side(make_engine: MakeEngine) -> None:
    """Units of one lane run one after another in order; two lanes make progress at the same time."""

    async def story() -> None:
        engine = make_engine()
        inside: dict[str, int] = {"red": 0, "blue": 0}
        order: dict[str, list[str]] = {"red": [], "blue": []}
        together = False

        async def handle(work: WorkUnit) -> None:
            nonlocal together
            inside[work.lane] += 1
            assert inside[work.lane] == 1
            together = together or all(inside.values())
            order[work.lane].append(work.key)
            await asyncio.sleep(0.001)
            inside[work.lane] -= 1

        for number in range(6):
            for lane in ("red", "blue"):
                await engine.submit(unit(f"{lane}{number}", lane))
        assert not any((await engine.drain({"look": handle})).values())
        assert together
        assert order == {lane: [f"{lane}{number}" for number in range(6)] for lane in ("red", "blue")}

    asyncio.run(story())


def test_what_a_handler_submits_is_drained_too(make_engine: MakeEngine) -> None:
    """Work that begets work is finished before drain returns, even under the key of the unit that runs."""

    async def story() -> None:
        engine, ran = make_engine(), list[str]()

        async def handle(work: WorkUnit) -> None:
            ran.append(work.key)
            if len(ran) < 3:
                assert await engine.submit(unit("again"))

        await engine.submit(unit("again"))
        assert await engine.drain({"look": handle}) == {"again": None}
        assert ran == ["again"] * 3

    asyncio.run(story())
