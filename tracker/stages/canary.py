"""The daily proof that the watch can see: a name that exists and one that cannot, through discovery and every probe."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from tracker.model.facts import Batch, Canary, Presence, Reason, Run
from tracker.model.names import DomainName
from tracker.model.watching import Watch, WatchKind
from tracker.ports import Clock, DiscoverySource, Log, Probe


@dataclass(frozen=True, slots=True)
class Canaries:
    """What is asked daily: `present` exists for sure; `source` sweeps its suffix; `probes` look at registered names."""

    present: DomainName
    source: DiscoverySource
    probes: Mapping[str, Probe]


def absent_name(present: DomainName, day: datetime) -> DomainName:
    """A name beside `present` that nobody has, another one each day, so that no cache knows it."""
    label = sha256(f"{present} {day:%Y-%m-%d}".encode()).hexdigest()[:24]
    return DomainName(f"canary-{label}.{present.partition('.')[2]}")


async def ask_canaries(canaries: Canaries, *, log: Log, clock: Clock, run: Run) -> tuple[Canary, ...]:
    """Ask, store what was seen as facts of their own kind, and return them. None of it becomes a look or a sighting."""
    expected = {
        canaries.present: Presence.PRESENT,
        absent_name(canaries.present, clock.now()): Presence.ABSENT,
    }
    seen = {canaries.source.id: await _swept(canaries.source, list(expected), clock.now())}
    for probe_id, probe in sorted(canaries.probes.items()):
        batches = [batch async for batch in probe.observe(list(expected))]
        looks = [look for batch in batches for look in batch.observations]
        seen[probe_id] = {look.name: (look.presence, look.reason) for look in looks}
    now = clock.now()
    unseen = (Presence.INDETERMINATE, Reason.NOT_ASKED)  # asked a short while ago, and kept in mind
    found = tuple(
        Canary(source, name, wanted, *answers.get(name, unseen), now)
        for source, answers in seen.items()
        for name, wanted in expected.items()
    )
    log.append(run, Batch(canaries=found), now)
    return found


async def _swept(
    source: DiscoverySource, names: list[DomainName], now: datetime
) -> dict[DomainName, tuple[Presence, Reason]]:
    """What a sweep of the suffix says of the names: a sighting, an absence where nothing failed, or the failure."""
    watches = [Watch(kind=WatchKind.CONTROL, label=name.partition(".")[0], since=now) for name in names]
    batches = [batch async for batch in source.discover(watches, None)]
    sighted = {sighting.name for batch in batches for sighting in batch.sightings}
    failure = next((gap.reason for batch in batches for gap in batch.gaps), None)
    silence = (Presence.ABSENT, Reason.NXDOMAIN) if failure is None else (Presence.INDETERMINATE, failure)
    return {name: (Presence.PRESENT, Reason.DELEGATED) if name in sighted else silence for name in names}
