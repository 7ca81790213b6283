"""Let a discovery source look for names: what it yields is stored as it comes, and new names are planned for."""

from collections.abc import Sequence
from dataclasses import dataclass

from tracker.model.facts import Batch, CanaryResult, Gap, Run
from tracker.model.watching import Watch
from tracker.ports import Clock, DiscoverySource, Log
from tracker.stages.planner import Planner


@dataclass(frozen=True, slots=True)
class Discovered:
    """What a source could not be asked, and whether it told anything at all."""

    gaps: tuple[Gap, ...]
    told: bool


async def discover(
    source: DiscoverySource,
    watches: Sequence[Watch],
    *,
    log: Log,
    planner: Planner,
    clock: Clock,
    run: Run,
    baseline: bool = False,
) -> Discovered:
    """Store what the source yields. `baseline` marks what is found as there before."""
    gaps: list[Gap] = []
    told = False
    async for batch in source.discover(watches, log.cursor(source.id)):
        log.append(run, batch, clock.now())
        planner.sighted(batch.sightings, batch.observations, clock.now(), baseline=baseline)
        gaps += batch.gaps
        told = told or _tells(batch)
    return Discovered(tuple(gaps), told or not gaps)


def _tells(batch: Batch) -> bool:
    """Whether a batch is more than the news that nobody could be asked."""
    if batch.sweeps:
        return any(part.canary is CanaryResult.GOOD for sweep in batch.sweeps for part in sweep.coverage)
    return not batch.gaps or bool(batch.sightings or batch.observations)
