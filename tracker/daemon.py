"""WHEN: does what is due. APScheduler calls `run_due`, and so does the replay; what is due is read from rows."""

import asyncio
import signal
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from textwrap import shorten

import structlog

from tracker.agenda import Agenda, Stage, rows_of
from tracker.duties import Duties
from tracker.model.facts import Presence, Reason, Run
from tracker.settings import Settings
from tracker.stages.cadence import GRID_BEGINS
from tracker.wiring import Parts, build, machine

logger = structlog.get_logger()

DRAIN_SECONDS = 15
"""After a stop signal: what has not ended by then is given up. Nothing is lost, because it was not yet stored."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one pass did: units done, what failed and why, and when the next thing is due."""

    done: int
    failed: Mapping[str, str]
    next_due: datetime | None


@dataclass(frozen=True, slots=True)
class Daemon:
    """Turns due rows into units of work and has them done. Holds no state that a restart would miss."""

    parts: Parts
    runs: dict[str, Run] = field(default_factory=dict)

    async def run_due(self, now: datetime) -> Outcome:
        """Do all that is due at `now`, lists first, conclusions last. A failing unit does not stop the others."""
        agenda, handlers = Agenda(self.parts), Duties(self.parts, self.runs).handlers
        agenda.seed(now)
        done, failed = 0, {}
        for stage in agenda.stages:
            # What an earlier stage just planned is due as well, though the clock went on meanwhile.
            await self._submit(stage, max(now, self.parts.clock.now()))
            for key, error in (await self.parts.engine.drain(handlers)).items():
                if error is None:
                    done += 1
                    continue
                failed[key] = f"{type(error).__name__}: {error}"
                logger.error("unit failed and is tried again later", unit=key, error=failed[key], exc_info=error)
        self.parts.work.flush()
        return Outcome(done, failed, self.parts.work.next_due())

    async def _submit(self, stage: Stage, now: datetime) -> int:
        taken = rows_of(await self.parts.engine.outstanding())
        return sum([await self.parts.engine.submit(unit) for unit in stage(now, taken)])


Beside = Callable[[Parts], AbstractAsyncContextManager[None]]
"""What runs beside the daemon as long as it serves."""


async def serve(settings: Settings, *, once: bool, beside: Beside = lambda _: nullcontext()) -> list[str]:
    """Run until SIGTERM or SIGINT, or do one pass with `once`; returns what was out of reach, one line each.

    APScheduler is the clock only: it ticks, and a pass that outlasts a tick is not run twice.
    """
    async with build(settings, machine(settings.identity.ca_file)) as parts:
        daemon = Daemon(parts)
        if once:
            started = parts.clock.now()
            outcome = await daemon.run_due(started)
            return [*_unreached(parts, started), *(f"{key}: {why}" for key, why in outcome.failed.items())]
        async with beside(parts):
            await _until_stopped(daemon, settings.daemon.tick_seconds)
        return []


async def _until_stopped(daemon: Daemon, tick_seconds: int) -> None:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler  # noqa: PLC0415 - a tenth of a second, only when serving

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    scheduler = AsyncIOScheduler(timezone="UTC")

    async def tick() -> None:
        await daemon.run_due(daemon.parts.clock.now())

    options = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    # Counted from where the grids of the looks begin: what is due at a moment is done then, not half a tick later.
    scheduler.add_job(tick, "interval", seconds=tick_seconds, start_date=GRID_BEGINS, id="tick", **options)
    scheduler.start()
    first = asyncio.create_task(tick())
    logger.info("watching", database=daemon.parts.settings.database.shown)
    await stop.wait()
    scheduler.shutdown(wait=False)
    running = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in running:
        task.cancel()
    await asyncio.wait({first, *running}, timeout=DRAIN_SECONDS)
    logger.info("stopped; what was under way is still due")


def _unreached(parts: Parts, since: datetime) -> list[str]:
    """One line per source that could not be asked, and per probe that learnt nothing at all."""
    history = parts.log.history()
    gaps = [gap for gap in history.gaps if gap.last >= since and gap.reason not in (Reason.WILDCARD,)]
    lines = {f"{gap.source}: {gap.reason} ({shorten(gap.detail or gap.scope, 100)})" for gap in gaps}
    looks: dict[str, set[tuple[Presence, Reason]]] = {}
    for rows in history.spans.values():
        for span in rows:
            if span.last >= since.replace(microsecond=0):
                looks.setdefault(span.probe, set()).add((span.presence, span.reason))
    for probe, seen in looks.items():
        if all(presence is Presence.INDETERMINATE for presence, _ in seen):
            lines.add(f"{probe}: no look told anything ({', '.join(sorted(reason for _, reason in seen))})")
    return sorted(lines)
