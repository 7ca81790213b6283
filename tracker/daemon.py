"""WHEN: does what is due. APScheduler calls `run_due`, and so does the replay; what is due is read from rows."""

import asyncio
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from textwrap import shorten
from typing import cast

import structlog

from tracker.model.facts import Gap, Presence, Reason, Run
from tracker.model.times import iso
from tracker.model.watching import Pap, Watch, WatchStatus
from tracker.ports import Due, Handler, WorkUnit
from tracker.settings import Settings
from tracker.stages import planner
from tracker.stages.derive import derive_views
from tracker.stages.discover import discover
from tracker.stages.observe import observe
from tracker.stages.poll import poll
from tracker.stages.publish import next_monday, publish_missing
from tracker.wiring import Parts, build, machine

logger = structlog.get_logger()

BATCH = 200
"""Names per unit of work; a unit is repeated whole after a crash."""
RETRY = timedelta(minutes=15)
LIMIT = 100_000
DRAIN_SECONDS = 15
"""After a stop signal: what has not ended by then is given up. Nothing is lost, because it was not yet stored."""
SWEEPS = (planner.SWEEP_ALL, planner.SWEEP, planner.EDITS)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one pass did: units done, what failed and why, and when the next thing is due."""

    done: int
    failed: Mapping[str, str]
    next_due: datetime | None


@dataclass(frozen=True, slots=True)
class Daemon:
    """Turns due rows into units of work. Holds no state that a restart would miss."""

    parts: Parts

    async def run_due(self, now: datetime) -> Outcome:
        """Do all that is due at `now`, lists first, conclusions last. A failing unit does not stop the others."""
        self._seed(now)
        handlers: dict[str, Handler] = {
            "poll": self._poll,
            "sweep": self._sweep,
            "certificates": self._certificates,
            "look": self._look,
            "derive": self._derive,
            "publish": self._publish,
        }
        done, failed = 0, {}
        for stage in (self._polls, self._sweeps, self._tails, self._looks, self._conclusions):
            # What an earlier stage just planned is due as well, though the clock went on meanwhile.
            units = {unit.key: unit for unit in stage(max(now, self.parts.clock.now()))}
            for unit in units.values():
                await self.parts.engine.submit(unit)
            for key, error in (await self.parts.engine.drain(handlers)).items():
                if error is None:
                    done += 1
                    continue
                failed[key] = f"{type(error).__name__}: {error}"
                logger.error("unit failed and is tried again later", unit=key, error=failed[key], exc_info=error)
                retried = [Due(row.kind, row.key, now + RETRY, row.origin) for row in _rows(units[key])]
                self.parts.work.schedule(retried)
        return Outcome(done, failed, self.parts.work.next_due())

    def _seed(self, now: datetime) -> None:
        """Rows that must exist from the first start on; existing ones are left alone."""
        wanted = {(planner.POLL, feed_id) for feed_id in self.parts.feeds}
        wanted |= {(planner.DERIVE, "views"), (planner.PUBLISH, "weekly")}
        if self.parts.certificates is not None:
            wanted.add((planner.CERTIFICATES, self.parts.certificates.id))
        missing = [
            Due(kind, key, next_monday(now) if kind == planner.PUBLISH else now, now)
            for kind, key in sorted(wanted)
            if key not in self.parts.work.scheduled(kind)
        ]
        if missing:
            self.parts.work.schedule(missing)

    def _run(self, stage: str) -> Run:
        started = self.parts.clock.now()
        return Run(
            run_id=f"{stage}@{iso(started)}",
            stage=stage,
            started_at=started,
            vantage=self.parts.settings.identity.vantage,
            versions=self.parts.versions,
        )

    def _active(self) -> list[Watch]:
        return [
            watch
            for watch in self.parts.log.watches()
            if watch.status is WatchStatus.ACTIVE and watch.pap is not Pap.RED
        ]

    # What is due, stage by stage

    def _polls(self, now: datetime) -> Iterator[WorkUnit]:
        for row in self.parts.work.due(planner.POLL, now, LIMIT):
            if row.key in self.parts.feeds:
                yield WorkUnit("poll", f"poll/{row.key}", {"due": (row,)}, lane="lists")

    def _sweeps(self, now: datetime) -> Iterator[WorkUnit]:
        due = {kind: self.parts.work.due(kind, now, LIMIT) for kind in SWEEPS}
        everywhere = {row.key for row in due[planner.SWEEP_ALL]}
        covered = tuple(row for row in due[planner.SWEEP] if row.key in everywhere)
        due[planner.SWEEP] = tuple(row for row in due[planner.SWEEP] if row.key not in everywhere)
        for kind, rows in due.items():
            if rows:
                also = covered if kind == planner.SWEEP_ALL else ()
                yield WorkUnit("sweep", kind, {"due": rows, "covered": also}, lane="dns")

    def _tails(self, now: datetime) -> Iterator[WorkUnit]:
        for row in self.parts.work.due(planner.CERTIFICATES, now, LIMIT):
            yield WorkUnit("certificates", row.kind, {"due": (row,)}, lane="ct")

    def _looks(self, now: datetime) -> Iterator[WorkUnit]:
        for probe_id in self.parts.probes:
            rows = self.parts.work.due(planner.look_kind(probe_id), now, LIMIT)
            for start in range(0, len(rows), BATCH):
                unit = {"due": rows[start : start + BATCH], "probe": probe_id}
                yield WorkUnit("look", f"look/{probe_id}/{start}", unit, lane=probe_id)

    def _conclusions(self, now: datetime) -> Iterator[WorkUnit]:
        for kind in (planner.DERIVE, planner.PUBLISH):
            for row in self.parts.work.due(kind, now, LIMIT):
                yield WorkUnit(kind, kind, {"due": (row,)}, lane="views")

    def _repeat(self, row: Due, interval: timedelta) -> None:
        """Due again one interval after it was due, so that passes do not drift; after now when that has passed too."""
        now = self.parts.clock.now()
        again = row.due_at + interval if row.due_at + interval > now else now + interval
        self.parts.work.schedule([Due(row.kind, row.key, again, row.origin)])

    # How it is done

    async def _poll(self, unit: WorkUnit) -> None:
        (row,) = _rows(unit)
        parts = self.parts
        fresh = await poll(
            parts.feeds[row.key],
            log=parts.log,
            planner=parts.planner,
            clock=parts.clock,
            run=self._run("poll"),
            controls=parts.controls,
        )
        if fresh:
            logger.info("takedowns are new", feed=row.key, takedowns=fresh)
        self._repeat(row, timedelta(minutes=parts.settings.lists.poll_minutes))

    async def _sweep(self, unit: WorkUnit) -> None:
        rows = _rows(unit)
        parts = self.parts
        kind = rows[0].kind
        labels = {row.key for row in rows}
        first = {label for label in labels if parts.planner.is_baseline(kind, label)}
        for baseline, wanted in ((True, first), (False, labels - first)):
            watches = [watch for watch in self._active() if watch.label in wanted]
            if watches:
                gaps = await discover(
                    parts.sweeps[kind],
                    watches,
                    log=parts.log,
                    planner=parts.planner,
                    clock=parts.clock,
                    run=self._run("discover"),
                    baseline=baseline,
                )
                _tell(gaps)
            parts.planner.swept(kind, [row for row in rows if row.key in wanted], parts.clock.now())
        parts.planner.swept(planner.SWEEP, cast(Sequence[Due], unit.payload["covered"]), parts.clock.now())

    async def _certificates(self, unit: WorkUnit) -> None:
        (row,) = _rows(unit)
        parts = self.parts
        if parts.certificates is not None:
            gaps = await discover(
                parts.certificates,
                self._active(),
                log=parts.log,
                planner=parts.planner,
                clock=parts.clock,
                run=self._run("discover"),
            )
            _tell(gaps)
        self._repeat(row, timedelta(minutes=parts.settings.certificates.every_minutes))

    async def _look(self, unit: WorkUnit) -> None:
        parts = self.parts
        probe = parts.probes[str(unit.payload["probe"])]
        seen = await observe(
            probe, _rows(unit), log=parts.log, planner=parts.planner, clock=parts.clock, run=self._run("observe")
        )
        if seen and all(presence is Presence.INDETERMINATE for presence in seen.values()):
            logger.warning("no look told anything", probe=probe.id, looks=len(seen))

    async def _derive(self, unit: WorkUnit) -> None:
        (row,) = _rows(unit)
        parts = self.parts
        derive_views(parts.log, parts.views, parts.work, parts.judge)
        self._repeat(row, timedelta(minutes=parts.settings.judging.derive_minutes))

    async def _publish(self, unit: WorkUnit) -> None:
        (row,) = _rows(unit)
        parts = self.parts
        now = parts.clock.now()
        if parts.settings.publishing.directory:
            for path in publish_missing(parts.log, parts.work, parts.publication, now):
                logger.info("weekly report written", path=str(path))
        parts.work.schedule([Due(row.kind, row.key, next_monday(now), row.origin)])


def _tell(gaps: Sequence[Gap]) -> None:
    """One line per source and reason; wildcard suffixes are a fact of the net and stay in the log alone."""
    for gap in gaps:
        if gap.reason is not Reason.WILDCARD:
            logger.warning("could not be asked", source=gap.source, reason=gap.reason, what=shorten(gap.scope, 60))


def _rows(unit: WorkUnit) -> Sequence[Due]:
    return cast(Sequence[Due], unit.payload["due"])


async def serve(settings: Settings, *, once: bool) -> list[str]:
    """Run until SIGTERM or SIGINT, or do one pass with `once`; returns what was out of reach, one line each.

    APScheduler is the clock only: it ticks, and a pass that outlasts a tick is not run twice.
    """
    async with build(settings, machine(settings.identity.ca_file)) as parts:
        daemon = Daemon(parts)
        if once:
            started = parts.clock.now()
            outcome = await daemon.run_due(started)
            return [*_unreached(parts, started), *(f"{key}: {why}" for key, why in outcome.failed.items())]
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
    scheduler.add_job(tick, "interval", seconds=tick_seconds, jitter=tick_seconds // 10, id="tick", **options)
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
