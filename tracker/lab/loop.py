"""An event loop whose clock jumps to the next timer when nothing else can happen, so that waiting costs nothing."""

import asyncio
import selectors
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from datetime import datetime, timedelta
from typing import Any

from tracker.model.times import utc

SETTLE = 0.0001
"""Seconds of real time granted to the kernel to deliver loopback packets before the clock jumps."""


class _JumpingSelector(selectors.BaseSelector):
    """Asks the real selector first; only when it is silent does the virtual clock move."""

    def __init__(self) -> None:
        self._inner = selectors.DefaultSelector()
        self._unsettled = False
        self.now = 0.0
        self.jobs = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = self._inner.select(0)
        if ready:
            self._unsettled = True
            return ready
        if timeout is not None and timeout <= 0:
            return []
        if self.jobs or timeout is None:
            return self._inner.select(None if self.jobs == 0 else 0.05)
        if self._unsettled:
            self._unsettled = False
            time.sleep(SETTLE)  # a selector would wait a whole millisecond
            ready = self._inner.select(0)
            if ready:
                return ready
        self.now += timeout
        return []

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._inner.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._inner.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._inner.modify(fileobj, events, data)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._inner.get_map()

    def close(self) -> None:
        self._inner.close()


class VirtualLoop(asyncio.SelectorEventLoop):
    """A selector loop on virtual time. Sockets and executor jobs are real; timers fire as soon as those are quiet."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._jumping.now

    def run_in_executor(self, executor: Executor | None, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]
        """As usual; while the job runs the clock stands still."""
        self._jumping.jobs += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._job_done)
        return future

    def _job_done(self, _: object) -> None:
        self._jumping.jobs -= 1


class LoopClock:
    """The `Clock` of a lab: a start instant plus the loop's virtual seconds."""

    def __init__(self, loop: asyncio.AbstractEventLoop, start: datetime) -> None:
        self._loop = loop
        self._start = utc(start)

    def now(self) -> datetime:
        """The virtual instant, aware UTC."""
        return self._start + timedelta(seconds=self._loop.time())
