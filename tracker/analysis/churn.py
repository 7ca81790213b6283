"""One ISO week of churn: what appeared, what ended, what is alive, and how well we were looking."""

from dataclasses import dataclass
from datetime import datetime

from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import Bounds
from tracker.model.views import Ending, Verdict, Views


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeared:
    """A replacement whose appearance surely (`certain`) or possibly fell into the week."""

    action_id: str
    predecessor: DomainName
    name: DomainName
    bounds: Bounds
    verdict: Verdict
    reviewed: bool
    certain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """An episode of a replacement or predecessor whose end surely or possibly fell into the week."""

    name: DomainName
    role: str
    bounds: Bounds
    ending: Ending
    certain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstDay:
    """First-day count of an action (rest of its day and the next calendar day, UTC): bounds, out of `of` seized names."""

    action_id: str
    title: str
    cohort: str
    count_lo: int
    count_hi: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A difference to what the previous report said. `what`: new, withdrawn, verdict, earlier, later, ended, revived."""

    name: DomainName
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceGaps:
    """Time within the week in which a source could not be asked; overlapping gaps are counted once."""

    source: str
    gaps: int
    hours: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataQuality:
    """How well the week was watched. `indeterminate_share` None when no look was made: no data, not zero."""

    looks: int
    indeterminate_looks: int
    indeterminate_share: float | None
    gaps: tuple[SourceGaps, ...]
    sweeps: int
    labels_swept: int
    suffixes_swept: int
    suffixes_failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChurnWeek:
    """One ISO week (UTC), `[first, last)`, as known at `as_of`. Alive means alive at `layer` when last definitely seen.

    `net_*` is certain appearances minus possible ends, and the other way round. `partial` says that `as_of` lies inside the week.
    """

    week: str
    first: datetime
    last: datetime
    as_of: datetime
    partial: bool
    layer: Layer
    appeared: tuple[Appeared, ...]
    ended: tuple[Ended, ...]
    alive_before: int
    alive_after: int
    net_lo: int
    net_hi: int
    reviewed: int
    machine_only: int
    first_days: tuple[FirstDay, ...]
    changes: tuple[Changed, ...] | None
    quality: DataQuality


def week_of(moment: datetime) -> str:
    """The ISO week of a moment, UTC: `2024-W36`."""
    raise NotImplementedError


def week_bounds(week: str) -> tuple[datetime, datetime]:
    """First instant of the week and of the next one; raises ValueError for anything but `YYYY-Www`."""
    raise NotImplementedError


def churn(
    history: History, views: Views, week: str, *, previous: Views | None = None, layer: Layer = Layer.DELEGATED
) -> ChurnWeek:
    """The churn of one week. `previous` are the views as the last report had them; without them `changes` is None, not empty."""
    raise NotImplementedError
