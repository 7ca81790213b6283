"""Units run in this process. What is due lives in the database, so nothing here needs to survive the process."""

import asyncio
from collections.abc import Mapping

from tracker.ports import Handler, WorkUnit


class LocalEngine:
    """Runs up to `workers` units at a time, in the order of submission; units of one non-empty lane one after another.

    It does not retry: what failed is still due in our own rows, and the next round submits it again.
    """

    def __init__(self, workers: int = 8) -> None:
        if workers < 1:
            raise ValueError(f"an engine needs a worker, not {workers}")
        self._workers = workers
        self._queue: dict[str, WorkUnit] = {}
        self._running: dict[asyncio.Task[None], WorkUnit] = {}
        self._arrived = asyncio.Event()

    async def submit(self, unit: WorkUnit) -> bool:
        """Queue a unit; False when one with its key waits already. Beside one that runs it waits its turn."""
        if unit.key in self._queue:
            return False
        self._queue[unit.key] = unit
        self._arrived.set()
        return True

    async def drain(self, handlers: Mapping[str, Handler]) -> Mapping[str, BaseException | None]:
        """Run until nothing is queued, what handlers submit included; per key its failure, or None when all went well.

        When cancelled, it cancels what runs and queues it again.
        """
        failures: dict[str, BaseException | None] = {}
        try:
            while self._start_ready(handlers) or self._running:
                await self._something_happened()
                for task in [task for task in self._running if task.done()]:
                    unit = self._running.pop(task)
                    failure = asyncio.CancelledError() if task.cancelled() else task.exception()
                    failures[unit.key] = failure or failures.get(unit.key)
        finally:
            await self._give_back()
        return failures

    def _start_ready(self, handlers: Mapping[str, Handler]) -> bool:
        self._arrived.clear()
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

    async def _something_happened(self) -> None:
        arrival = asyncio.create_task(self._arrived.wait())
        try:
            await asyncio.wait({arrival, *self._running}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            arrival.cancel()

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
