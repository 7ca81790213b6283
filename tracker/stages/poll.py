"""Read a list: what it says becomes actions, takedowns, claims and watches, and the schedule that follows from them."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from tracker.model.facts import Run
from tracker.model.times import iso
from tracker.model.watching import Watch
from tracker.ports import Clock, Feed, Log
from tracker.stages.listed import dated
from tracker.stages.planner import READ, Planner


async def poll(
    feed: Feed,
    *,
    log: Log,
    planner: Planner,
    clock: Clock,
    run: Run,
    controls: Callable[[Sequence[Watch]], tuple[Watch, ...]],
) -> int:
    """Store what the feed yields and plan for it; returns how many takedowns were new. `controls` gives control watches
    for predecessors that are watched for the first time."""
    fresh, failed = 0, False
    async for batch in feed.poll(log.cursor(feed.id)):
        failed = failed or bool(batch.gaps)
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
    if not failed:
        planner.work.put(f"{READ}{feed.id}", iso(clock.now()))
    return fresh


def _continued(watch: Watch, known: Watch | None) -> Watch:
    """A list that is read again does not restart a watch, nor undo what a person decided about it."""
    return (
        watch if known is None else replace(watch, since=known.since, status=known.status, generation=known.generation)
    )
