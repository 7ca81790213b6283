"""WHEN: does what is due. APScheduler calls `run_due`, and so does the replay; what is due is read from rows."""

import asyncio
import gc
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from textwrap import shorten

import structlog

from tracker.agenda import Agenda, Stage, rows_of
from tracker.duties import Duties
from tracker.grounds import Role
from tracker.model.facts import Presence, Reason, Run
from tracker.ports import Handler, StorageTrouble, WorkUnit
from tracker.settings import Settings
from tracker.stages import health
from tracker.stages.cadence import GRID_BEGINS
from tracker.stages.clockwork import ClockTrouble, ClockWatch, behind
from tracker.wiring import Parts, build, expired, machine

logger = structlog.get_logger()

DRAIN_SECONDS = 15
"""After a stop signal: what has not ended by then is given up. Nothing is lost, because it was not yet stored."""

OUTWARD = (StorageTrouble, ClockTrouble, OSError)
"""Troubles of the machine, not of the program: their message says all."""


COLLECT_AFTER = 20_000
"""New objects after which garbage is looked for; the usual 700 would have the log, which stays in memory for months,
walked through so often that it takes a sixth of all work."""


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
        self.parts.ours()
        if doubt := behind(now, self.parts.log.newest()):
            logger.error("the clock is not believed", why=doubt)
            health.doubted(self.parts.work, now, doubt)
            return Outcome(0, {"clock": doubt}, None)
        agenda, handlers = Agenda(self.parts), Duties(self.parts, self.runs).handlers
        agenda.seed(now)
        health.begun(self.parts.work, now)
        done: list[str] = []
        failed: dict[str, str] = {}
        for stage in agenda.stages:
            # What an earlier stage just planned is due as well, though the clock went on meanwhile.
            await self._submit(stage, max(now, self.parts.clock.now()))
            for key, error in (await self.parts.engine.drain(handlers)).items():
                if error is None:
                    done.append(key)
                    continue
                failed[key] = _why(error)
                trace = None if isinstance(error, OUTWARD) else error
                logger.error("unit failed and is tried again later", unit=key, error=failed[key], exc_info=trace)
        health.ended(self.parts.work, self.parts.clock.now(), done, failed)
        self.parts.work.flush()
        return Outcome(len(done), failed, self.parts.work.next_due())

    async def plan(self, now: datetime) -> int:
        """Submit what is due at `now` and not under way; others do it. Returns the number of new units."""
        self.parts.ours()
        if doubt := behind(now, self.parts.log.newest()):
            logger.error("the clock is not believed", why=doubt)
            health.doubted(self.parts.work, now, doubt)
            return 0
        agenda = Agenda(self.parts)
        agenda.seed(now)
        health.ended(self.parts.work, now, (), {})
        self.parts.work.flush()
        units = sum([await self._submit(stage, now) for stage in agenda.stages])
        if units:
            logger.info("planned", units=units)
        return units

    async def drain(self) -> dict[str, str]:
        """Do what waits in the queues of this process; what failed and why, by unit."""
        ended = await self.parts.engine.drain(self._watched_over())
        return {key: _why(error) for key, error in ended.items() if error is not None}

    async def work(self, stop: asyncio.Event) -> None:
        """Do what is submitted to the queues of this process, until `stop`."""
        await self.parts.engine.serve(self._watched_over(), stop)

    def _watched_over(self) -> dict[str, Handler]:
        duties, watch = Duties(self.parts, self.runs).handlers, ClockWatch()
        return {kind: partial(_told, self.parts, watch, handler) for kind, handler in duties.items()}

    async def _submit(self, stage: Stage, now: datetime) -> int:
        # In this order: a unit that ends in between is in neither, and its rows have moved on.
        taken = rows_of(await self.parts.engine.outstanding())
        return sum([await self.parts.engine.submit(unit) for unit in stage(now, taken)])


Beside = Callable[[Parts], AbstractAsyncContextManager[None]]
"""What runs beside the daemon as long as it serves."""


async def serve(
    settings: Settings,
    *,
    once: bool,
    beside: Beside = lambda _: nullcontext(),
    role: Role = Role.ALL,
    queues: Sequence[str] = (),
) -> list[str]:
    """Run until SIGTERM or SIGINT, or do one pass with `once`; returns what was out of reach, one line each.

    APScheduler is the clock only: it ticks, and a pass that outlasts a tick is not run twice.
    """
    gc.set_threshold(COLLECT_AFTER)
    async with build(settings, machine(settings.identity.ca_file), role, queues) as parts:
        daemon = Daemon(parts)
        if settings.identity.ca_file and (why := expired(settings.identity.ca_file, parts.clock.now())):
            logger.error("no server can prove who it is", why=why)
        if not once:
            async with beside(parts):
                await until_stopped(daemon, role)
            return []
        started = parts.clock.now()
        if role is Role.ALL:
            outcome = await daemon.run_due(started)
            return [*_unreached(parts, started), *(f"{key}: {why}" for key, why in outcome.failed.items())]
        if role is Role.PLANNER:
            await daemon.plan(started)
        return [f"{key}: {why}" for key, why in (await daemon.drain()).items()]


async def until_stopped(daemon: Daemon, role: Role) -> None:
    """Do what the role is for until SIGTERM or SIGINT, then end what is under way within `DRAIN_SECONDS`."""
    from apscheduler.schedulers.asyncio import AsyncIOScheduler  # noqa: PLC0415 - a tenth of a second, only when serving

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    do_pass = daemon.plan if role is Role.PLANNER else daemon.run_due
    passing: set[asyncio.Task[None]] = set()
    watch = ClockWatch()

    async def believed(now: datetime) -> None:
        if doubt := watch.doubt(now, loop.time()):
            logger.error("the clock is not believed", why=doubt)
            health.doubted(daemon.parts.work, now, doubt)
        else:
            await do_pass(now)

    async def tick() -> None:
        # The first pass, which nobody scheduled, may outlast a tick as well.
        if passing or stop.is_set():
            return
        task: asyncio.Task[None] = asyncio.create_task(believed(daemon.parts.clock.now()))
        passing.add(task)
        try:
            await asyncio.wait(passing)
        except asyncio.CancelledError:
            return  # the scheduler was shut down; whoever did that sees to the pass
        passing.clear()
        if not task.cancelled() and (error := task.exception()) is not None:
            if isinstance(error, StorageTrouble):  # nothing is lost: what could not be stored is still due
                logger.error("the database cannot be used, the next tick tries again", why=str(error))
            else:
                logger.error("a pass failed and is made again at the next tick", error=str(error), exc_info=error)

    scheduler = AsyncIOScheduler(timezone="UTC")
    working: set[asyncio.Task[None]] = set()
    beginning: set[asyncio.Task[None]] = set()
    if role is not Role.ALL:
        working.add(asyncio.create_task(daemon.work(stop)))
    if role in (Role.ALL, Role.PLANNER):
        seconds = daemon.parts.settings.daemon.tick_seconds
        options = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        # Counted from where the grids of the looks begin: what is due at a moment is done then, not half a tick later.
        scheduler.add_job(tick, "interval", seconds=seconds, start_date=GRID_BEGINS, id="tick", **options)
        beginning.add(asyncio.create_task(tick()))
    scheduler.start()
    logger.info("watching", role=str(role), database=daemon.parts.settings.database.shown)
    stopping = asyncio.create_task(stop.wait())
    # A worker that lost its database ends by itself: whoever started it starts it again.
    await asyncio.wait({stopping, *working}, return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    scheduler.shutdown(wait=False)
    for task in passing:
        task.cancel()
    await asyncio.wait({stopping, *beginning, *passing, *working}, timeout=DRAIN_SECONDS)
    for task in working:
        task.cancel()
    for ended in await asyncio.gather(*working, return_exceptions=True):
        if isinstance(ended, Exception):
            raise ended
    logger.info("stopped; what was under way is still due")


def _why(error: BaseException) -> str:
    """What is wrong with database, disk or clock is said by its message; anything else is a fault of the program."""
    return str(error) if isinstance(error, OUTWARD) else f"{type(error).__name__}: {error}"


async def _told(parts: Parts, watch: ClockWatch, handler: Handler, unit: WorkUnit) -> None:
    """Do a unit among many processes: what fails is said here, and remembered for whoever asks how the watch is."""
    try:
        parts.ours()
        now = parts.clock.now()
        if doubt := watch.doubt(now, asyncio.get_running_loop().time()) or behind(now, parts.log.newest()):
            raise ClockTrouble(doubt)
        await handler(unit)
    except Exception as error:
        trace = None if isinstance(error, OUTWARD) else error
        logger.error("unit failed and is tried again later", unit=unit.key, error=_why(error), exc_info=trace)
        if not isinstance(error, StorageTrouble):  # where the database is away, nothing can be remembered in it
            health.remembered(parts.work, parts.clock.now(), (), {unit.key: _why(error)})
        raise
    health.remembered(parts.work, parts.clock.now(), (unit.key,), {})


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
