"""The log as it was known at one moment: the only input of analysis."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tracker.model.acts import Complaint, Mute
from tracker.model.facts import Canary, Gap, Review, Run, Sighting, Span, Sweep
from tracker.model.names import DomainName
from tracker.model.watching import Action, Announcement, Claim, Operation, Takedown, Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Facts recorded no later than `as_of`. `watches` holds the newest row of each watch; spans are cut at `as_of`.

    `spans` maps a name to its spans sorted by (probe, vantage, first look); `sightings` are sorted by watch, name, at.
    `taken_down_at` maps an action to the moment its first takedown row was recorded: what we could know, when.
    """

    as_of: datetime
    operations: tuple[Operation, ...] = ()
    actions: tuple[Action, ...] = ()
    takedowns: tuple[Takedown, ...] = ()
    claims: tuple[Claim, ...] = ()
    watches: tuple[Watch, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    spans: Mapping[DomainName, tuple[Span, ...]] = field(default_factory=dict)
    sweeps: tuple[Sweep, ...] = ()
    gaps: tuple[Gap, ...] = ()
    reviews: tuple[Review, ...] = ()
    announcements: tuple[Announcement, ...] = ()
    mutes: tuple[Mute, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    canaries: tuple[Canary, ...] = ()
    runs: tuple[Run, ...] = ()
    taken_down_at: Mapping[str, datetime] = field(default_factory=dict)
