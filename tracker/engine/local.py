"""Units run in this process. What is due lives in the database, so nothing here needs to survive the process."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker.engine.pauses import USUAL, Pauses
from tracker.ports import Clock, Handler, WorkUnit


@dataclass(frozen=True, slots=True)
class _Rest:
    """A unit that failed so many times in a row, and when it may be run again."""

    unit: WorkUnit
    failures: int
    until: datetime


class LocalEngine:
    """Runs up to `workers` units at a time, in the order of submission; units of one non-empty lane one after another.

    What rests after a failure is forgotten with the process: its rows are still due.
    """

    def __init__(self, clock: Clock, pauses: Pauses = USUAL, workers: int = 8) -> None:
        if workers < 1:
            raise ValueError(f"an engine needs a worker, not {workers}")
        self._clock = clock
        self._pauses = pauses
        self._workers = workers
        self._queue: dict[str, WorkUnit] = {}
        self._running: dict[asyncio.Task[None], WorkUnit] = {}
        self._resting: dict[str, _Rest] = {}
        self._failures: dict[str, int] = {}
        self._arrived = asyncio.Event()

    async def submit(self, unit: WorkUnit) -> bool:
        """Queue a unit; False when one with its key waits or rests already. Beside one that runs it waits its turn."""
        if unit.key in self._queue or unit.key in self._resting:
            return False
        self._queue[unit.key] = unit
        self._arrived.set()
        return True

    async def outstanding(self) -> Sequence[WorkUnit]:
        """What waits, rests after a failure, or runs."""
        resting = [rest.unit for rest in self._resting.values()]
        return [*self._running.values(), *self._queue.values(), *resting]

    async def drain(self, handlers: Mapping[str, Handler]) -> Mapping[str, BaseException | None]:
        """Run until nothing is queued, what handlers submit included; per key its failure, or None when all went well.

        What rests is not waited for. When cancelled, it cancels what runs and queues it again.
        """
        failures: dict[str, BaseException | None] = {}
        try:
            while self._start_ready(handlers) or self._running:
                await self._something_happened(None)
                failures |= self._ended(failures)
        finally:
            await self._give_back()
        return failures

    async def serve(self, handlers: Mapping[str, Handler], stop: asyncio.Event) -> None:
        """Run what is submitted, until `stop`; what runs then is finished, and what waits stays queued."""
        try:
            while not stop.is_set() or self._running:
                if not stop.is_set():
                    self._start_ready(handlers)
                await self._something_happened(stop)
                self._ended({})
        finally:
            await self._give_back()

    def _start_ready(self, handlers: Mapping[str, Handler]) -> bool:
        self._arrived.clear()
        now = self._clock.now()
        for key in [key for key, rest in self._resting.items() if rest.until <= now]:
            rest = self._resting.pop(key)
            self._failures[key] = rest.failures
            self._queue[key] = rest.unit
        lanes = {unit.lane for unit in self._running.values()} - {""}
        keys = {unit.key for unit in self._running.values()}
        for unit in list(self._queue.values()):
            if len(self._running) >= self._workers:
                break
            must_wait = unit.lane in lanes or unit.key in keys
            if unit.lane:
                lanes.add(unit.lane)
            if not must_wait:
                del self._queue[unit.key]
                self._running[asyncio.create_task(_run(unit, handlers))] = unit
                keys.add(unit.key)
        return bool(self._running)

    async def _something_happened(self, stop: asyncio.Event | None) -> None:
        """A unit ended, another arrived, or, while serving, it is time to stop or to wake one that rests."""
        waiting = [asyncio.create_task(self._arrived.wait())]
        timeout = None
        if stop is not None:
            waiting += [] if stop.is_set() else [asyncio.create_task(stop.wait())]
            wake = min((rest.until for rest in self._resting.values()), default=None)
            timeout = None if wake is None else max(0.0, (wake - self._clock.now()).total_seconds())
        try:
            await asyncio.wait({*waiting, *self._running}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()

    def _ended(self, known: Mapping[str, BaseException | None]) -> dict[str, BaseException | None]:
        """What has ended, by key; what failed is laid to rest."""
        found: dict[str, BaseException | None] = {}
        for task in [task for task in self._running if task.done()]:
            unit = self._running.pop(task)
            failure = asyncio.CancelledError() if task.cancelled() else task.exception()
            found[unit.key] = failure or known.get(unit.key)
            failures = self._failures.pop(unit.key, 0) + 1
            if failure is not None and unit.key not in self._queue:
                until = self._clock.now() + self._pauses.after(failures)
                self._resting[unit.key] = _Rest(unit, failures, until)
        return found

    async def _give_back(self) -> None:
        interrupted = {unit.key: unit for unit in self._running.values()}
        tasks = list(self._running)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._running.clear()
        self._queue = interrupted | self._queue


async def _run(unit: WorkUnit, handlers: Mapping[str, Handler]) -> None:
    handler = handlers.get(unit.kind)
    if handler is None:
        raise LookupError(f"nobody handles units of kind {unit.kind!r}")
    await handler(unit)
