"""Read a list: what it says becomes actions, takedowns, claims and watches, and the schedule that follows from them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tracker.model.facts import Run
from tracker.model.watching import Watch
from tracker.ports import Clock, Feed, Log
from tracker.stages.listed import dated
from tracker.stages.planner import Planner


@dataclass(frozen=True, slots=True)
class Polled:
    """How many takedowns were new, and whether the list was reached and read to its end."""

    fresh: int
    reached: bool


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
    fresh, reached = 0, True
    async for batch in feed.poll(log.cursor(feed.id)):
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
    return Polled(fresh, reached)


def _continued(watch: Watch, known: Watch | None) -> Watch:
    """A list that is read again does not restart a watch, nor undo what a person decided about it."""
    return (
        watch if known is None else replace(watch, since=known.since, status=known.status, generation=known.generation)
    )
