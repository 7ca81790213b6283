"""How each kind of unit is done: whoever does it, in whichever process, reads its rows anew and does what is due."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from textwrap import shorten

import structlog

from tracker.agenda import due_kind, keys
from tracker.model.facts import Canary, Gap, Presence, Reason, Run
from tracker.model.history import History
from tracker.model.times import DAY, iso
from tracker.model.views import Views
from tracker.model.watching import Watch
from tracker.ports import Due, Handler, WorkUnit
from tracker.stages import planner
from tracker.stages.cadence import backed_off
from tracker.stages.canary import ask_canaries
from tracker.stages.derive import derive_views
from tracker.stages.discover import discover
from tracker.stages.health import unseeing
from tracker.stages.notify import deliver, gather_news, gather_sight
from tracker.stages.observe import observe
from tracker.stages.permission import is_active, refused
from tracker.stages.poll import poll
from tracker.stages.publish import next_monday, publish_missing
from tracker.stages.status import blind, told
from tracker.stages.witness import witness
from tracker.wiring import Parts

logger = structlog.get_logger()

CANARY_RETRY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Duties:
    """The handlers of the units. A unit that is run a second time finds its rows moved on, and does nothing."""

    parts: Parts
    runs: dict[str, Run] = field(default_factory=dict)

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """By kind of unit."""
        return {
            "poll": self._poll,
            "sweep": self._sweep,
            "certificates": self._certificates,
            "pivots": self._pivots,
            "look": self._look,
            "derive": self._derive,
            "notify": self._notify,
            "publish": self._publish,
            "canary": self._canary,
            "discard": self._discard,
        }

    def _rows(self, unit: WorkUnit) -> tuple[Due, ...]:
        now = self.parts.clock.now()
        return tuple(row for row in self.parts.work.rows(due_kind(unit), keys(unit)) if row.due_at <= now)

    def _run(self, stage: str) -> Run:
        """The run of a stage: its executions of one UTC day, since versions change with the process alone."""
        now = self.parts.clock.now()
        known = self.runs.get(stage)
        if known is None or known.started_at.date() != now.date():
            known = self.runs[stage] = Run(
                run_id=f"{stage}@{iso(now)}",
                stage=stage,
                started_at=now,
                vantage=self.parts.settings.identity.vantage,
                versions=self.parts.versions,
            )
        return known

    def _active(self) -> list[Watch]:
        return [watch for watch in self.parts.log.watches() if is_active(watch)]

    def _repeat(self, row: Due, interval: timedelta, failures: int = 0) -> None:
        """Due again one interval after it was due, so that passes do not drift; after now when that has passed too.

        A source that failed so many times in a row backs off, alone.
        """
        now = self.parts.clock.now()
        wait = backed_off(interval, failures)
        again = row.due_at + wait if row.due_at + wait > now else now + wait
        self.parts.work.schedule([Due(row.kind, row.key, again, row.origin, failures)])

    def _answered(self, source: str, reached: bool) -> None:
        """Note that a source answered, also when it had nothing new to say."""
        if reached:
            self.parts.work.put(told(source), iso(self.parts.clock.now()))

    async def _poll(self, unit: WorkUnit) -> None:
        parts = self.parts
        for row in self._rows(unit):
            found = await poll(
                parts.feeds[row.key],
                log=parts.log,
                planner=parts.planner,
                clock=parts.clock,
                run=self._run("poll"),
                controls=parts.controls,
            )
            if found.damage:
                logger.warning("could not be asked", source=row.key, reason=Reason.MALFORMED, what=found.damage)
            if found.fresh:
                logger.info("takedowns are new", feed=row.key, takedowns=found.fresh)
            self._answered(row.key, found.reached)
            self._repeat(row, timedelta(minutes=parts.settings.lists.poll_minutes))

    async def _sweep(self, unit: WorkUnit) -> None:
        rows = self._rows(unit)
        parts, kind = self.parts, due_kind(unit)
        labels = {row.key for row in rows}
        first = {label for label in labels if parts.planner.is_baseline(kind, label)}
        for baseline, wanted in ((True, first), (False, labels - first)):
            watches = [watch for watch in self._active() if watch.label in wanted] if wanted else []
            reached = True
            if watches:
                found = await discover(
                    parts.sweeps[kind],
                    watches,
                    log=parts.log,
                    planner=parts.planner,
                    clock=parts.clock,
                    run=self._run("discover"),
                    baseline=baseline,
                )
                _tell(found.gaps)
                reached = found.told
                self._answered(parts.sweeps[kind].id, reached)
            now = parts.clock.now()
            if kind == planner.SWEEP_ALL:
                covered = [row for row in parts.work.rows(planner.SWEEP, sorted(wanted)) if row.due_at <= now]
                parts.planner.swept(planner.SWEEP, covered, now, told=reached)
            parts.planner.swept(kind, [row for row in rows if row.key in wanted], now, told=reached)

    async def _certificates(self, unit: WorkUnit) -> None:
        parts = self.parts
        for row in self._rows(unit):
            failures = 0
            source = parts.certificates.get(row.key)
            if source is not None:
                found = await discover(
                    source,
                    self._active(),
                    log=parts.log,
                    planner=parts.planner,
                    clock=parts.clock,
                    run=self._run("discover"),
                )
                _tell(found.gaps)
                self._answered(source.id.partition("/")[0], not found.gaps or found.told)
                failures = row.attempts + 1 if found.gaps and not found.told else 0
            self._repeat(row, timedelta(minutes=parts.settings.certificates.every_minutes), failures)

    async def _pivots(self, unit: WorkUnit) -> None:
        parts = self.parts
        for row in self._rows(unit):
            if parts.pivots is not None:
                found = await discover(
                    parts.pivots,
                    self._active(),
                    log=parts.log,
                    planner=parts.planner,
                    clock=parts.clock,
                    run=self._run("discover"),
                )
                _tell(found.gaps)
            self._repeat(row, timedelta(days=1))

    async def _look(self, unit: WorkUnit) -> None:
        parts = self.parts
        probe = parts.probes[planner.probe_of(due_kind(unit))]
        rows = self._rows(unit)
        shut = refused([row.key for row in rows], probe.id, parts.log.watches(), parts.log.sightings())
        parts.work.drop(due_kind(unit), sorted(shut))
        rows = tuple(row for row in rows if row.key not in shut)
        if not rows:
            return
        seen = await observe(
            probe, rows, log=parts.log, planner=parts.planner, clock=parts.clock, run=self._run("observe")
        )
        if seen and all(presence is Presence.INDETERMINATE for presence in seen.values()):
            logger.warning("no look told anything", probe=probe.id, looks=len(seen))

    async def _canary(self, unit: WorkUnit) -> None:
        parts = self.parts
        for row in self._rows(unit):
            wrong: list[Canary] = []
            if parts.canaries is not None:
                found = await ask_canaries(parts.canaries, log=parts.log, clock=parts.clock, run=self._run("canary"))
                wrong = [canary for canary in found if canary.failed]
            for canary in wrong:
                logger.warning(
                    "a canary failed", source=canary.source, name=canary.name, saw=canary.seen, why=canary.reason
                )
            self._repeat(row, CANARY_RETRY if wrong else DAY)

    async def _discard(self, unit: WorkUnit) -> None:
        for row in self._rows(unit):
            if bodies := self.parts.discard(self.parts.clock.now()):
                logger.info("old replies were discarded, what they said is kept", replies=bodies)
            self._repeat(row, DAY)

    async def _derive(self, unit: WorkUnit) -> None:
        parts = self.parts
        for row in self._rows(unit):
            views = derive_views(
                parts.log, parts.views, parts.work, parts.judge, self._gather if parts.messengers else None
            )
            self._witness(views)
            self._repeat(row, timedelta(minutes=parts.settings.judging.derive_minutes))

    def _witness(self, views: Views | None) -> None:
        """Act on what was concluded."""
        parts = self.parts
        if views is None:
            return
        seen = witness(
            parts.log, views, parts.planner, parts.judge.suffixes.label, self._run("derive"), parts.clock.now()
        )
        if seen:
            logger.info("takedowns were seen", takedowns=seen)

    def _gather(self, history: History, previous: Views | None, views: Views) -> None:
        parts = self.parts
        gather_news(parts.work, parts.messengers, parts.discretion, history, previous, views, parts.judge.policy)

    async def _notify(self, unit: WorkUnit) -> None:
        parts = self.parts
        for row in self._rows(unit):
            history = parts.log.history()
            lost = {f"{source} (canary)": saw for source, saw in unseeing(history).items()}
            lost |= blind(history, parts.clock.now(), parts.work)
            gather_sight(parts.work, parts.messengers, parts.discretion, lost)
            for place, why in (await deliver(parts.work, parts.messengers)).items():
                logger.warning("a message was not taken and waits", place=parts.messengers[place].kind, reason=why)
            self._repeat(row, timedelta(minutes=parts.settings.notifications.every_minutes))

    async def _publish(self, unit: WorkUnit) -> None:
        parts = self.parts
        for row in self._rows(unit):
            now = parts.clock.now()
            if parts.settings.publishing.directory:
                for path in publish_missing(parts.log, parts.work, parts.publication, now):
                    logger.info("weekly report written", path=str(path))
            parts.work.schedule([Due(row.kind, row.key, next_monday(now), row.origin)])


def _tell(gaps: Sequence[Gap]) -> None:
    """One line per source and reason; wildcard suffixes are a fact of the net and stay in the log alone."""
    for gap in gaps:
        if gap.reason is not Reason.WILDCARD:
            why = {"why": shorten(gap.detail, 200)} if gap.detail else {}
            logger.warning(
                "could not be asked", source=gap.source, reason=gap.reason, what=shorten(gap.scope, 60), **why
            )
