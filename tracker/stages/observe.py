"""Let a probe look at names; every look is stored, the failed ones too."""

from collections.abc import Sequence

from tracker.model.facts import Presence, Run
from tracker.model.names import DomainName
from tracker.ports import Clock, Due, Log, Probe
from tracker.stages.planner import Planner


async def observe(
    probe: Probe, due: Sequence[Due], *, log: Log, planner: Planner, clock: Clock, run: Run
) -> dict[str, Presence]:
    """Look at the names of the due rows and plan the next look; returns what was seen, by name."""
    presences: dict[str, Presence] = {}
    async for batch in probe.observe([DomainName(row.key) for row in due]):
        log.append(run, batch, clock.now())
        presences.update({look.name: look.presence for look in batch.observations})
    planner.looked(probe.id, due, presences, clock.now())
    return presences
