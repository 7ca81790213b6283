"""Let a discovery source look for names: what it yields is stored as it comes, and new names are planned for."""

from collections.abc import Sequence

from tracker.model.facts import Gap, Run
from tracker.model.watching import Watch
from tracker.ports import Clock, DiscoverySource, Log
from tracker.stages.planner import Planner


async def discover(
    source: DiscoverySource,
    watches: Sequence[Watch],
    *,
    log: Log,
    planner: Planner,
    clock: Clock,
    run: Run,
    baseline: bool = False,
) -> tuple[Gap, ...]:
    """Store what the source yields; returns the gaps. `baseline` marks what is found as there before."""
    gaps: list[Gap] = []
    async for batch in source.discover(watches, log.cursor(source.id)):
        log.append(run, batch, clock.now())
        planner.sighted(batch.sightings, batch.observations, clock.now(), baseline=baseline)
        gaps += batch.gaps
    return tuple(gaps)
