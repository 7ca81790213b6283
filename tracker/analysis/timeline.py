"""Episodes: a deterministic fold over what was definitely seen of a name at one layer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.model.facts import Layer, Presence
from tracker.model.names import DomainName
from tracker.model.views import Ending, Episode


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelinePolicy:
    """When an absence is an end. Frozen and versioned: changing a value makes new episodes under a new name."""

    version: str = "timeline-1"
    apart: timedelta = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What was known of a name at a layer at some instant in `[first, last]`.

    `registry` marks an absence that the registry itself made (hold, deletion, seizure): one is enough. `cause` says why it was
    absent, if that is known. INDETERMINATE moments are counted and end nothing.
    """

    first: datetime
    last: datetime
    presence: Presence
    witness: str
    registry: bool = False
    cause: Ending | None = None


def episodes(
    name: DomainName,
    layer: Layer,
    moments: Iterable[Moment],
    *,
    entry: datetime,
    births: Sequence[datetime] = (),
    policy: TimelinePolicy | None = None,
) -> tuple[Episode, ...]:
    """Fold moments (ascending by `first`) into episodes numbered from 1.

    `entry` is when watching began; `births` are registration dates that the registry stated anew, later than one it had stated before:
    a presence that follows one is a new life.
    """
    raise NotImplementedError
