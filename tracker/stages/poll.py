"""Read a list: what it says becomes actions, takedowns, claims and watches, and the schedule that follows from them."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace

from tracker.model.cursors import DamagedCursor, remembered
from tracker.model.facts import Batch, Gap, Reason, Run
from tracker.model.watching import Watch
from tracker.ports import Clock, Feed, Log
from tracker.stages.listed import dated
from tracker.stages.planner import Planner


@dataclass(frozen=True, slots=True)
class Polled:
    """How many takedowns were new, whether the list was reached and read to its end, and what no feed could tell."""

    fresh: int
    reached: bool
    damage: str = ""


async def poll(
    feed: Feed,
    *,
    log: Log,
    planner: Planner,
    clock: Clock,
    run: Run,
    controls: Callable[[Sequence[Watch]], tuple[Watch, ...]],
) -> Polled:
    """Store what the feed yields and plan for it; `controls` gives control watches for predecessors that are new."""
    fresh, reached, damage = 0, True, ""
    try:
        cursor = log.cursor(feed.id)
        remembered(cursor)
    except DamagedCursor as error:
        damage = str(error)
    async for batch in _damaged(feed, clock, damage) if damage else feed.poll(cursor):
        known = {watch.key: watch for watch in log.watches()}
        stated = [_continued(watch, known.get(watch.key)) for watch in batch.watches]
        added = tuple(watch for watch in stated if watch.key not in known)
        changed = tuple(watch for watch in stated if watch.key in known and watch != known[watch.key])
        turned = tuple(watch for watch in changed if watch.pap is not known[watch.key].pap)
        mirrored = tuple(watch for watch in controls(added) if watch.key not in known)
        stored = replace(dated(batch, log.history(), clock.now()), watches=(*added, *changed, *mirrored))
        log.append(run, stored, clock.now())
        now = clock.now()
        everyone = log.watches()
        planner.watched((*added, *mirrored), now, everyone)
        if turned:
            planner.changed(turned, log.history(), now)
        fresh += planner.taken_down(batch.takedowns, batch.actions, everyone, now)
        reached = reached and not batch.gaps
    return Polled(fresh, reached, damage)


async def _damaged(feed: Feed, clock: Clock, why: str) -> AsyncIterator[Batch]:
    """A list is not read when nobody can tell what it said last, and so what is missing from it now."""
    now = clock.now()
    yield Batch(gaps=(Gap(source=feed.id, scope=feed.id, first=now, last=now, reason=Reason.MALFORMED, detail=why),))


def _continued(watch: Watch, known: Watch | None) -> Watch:
    """A list that is read again does not restart a watch, nor undo what a person decided about it."""
    return (
        watch if known is None else replace(watch, since=known.since, status=known.status, generation=known.generation)
    )
