"""One ISO week of churn: what appeared, what ended, what is alive, and how well we were looking."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tracker.analysis.answers import at_layer
from tracker.analysis.blindness import never_asked
from tracker.analysis.changes import Changed, changes
from tracker.analysis.displacement import actions_by_id
from tracker.analysis.footing import WINDOWS, Footing, footing
from tracker.analysis.ownlives import former
from tracker.analysis.placement import Window
from tracker.analysis.quality import DataQuality, SourceGaps, data_quality
from tracker.analysis.standing import standing
from tracker.analysis.tallies import counted
from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import Bounds, iso, midnight, utc
from tracker.model.views import Ending, Verdict, Views

__all__ = [
    "Appeared",
    "Changed",
    "ChurnWeek",
    "DataQuality",
    "Ended",
    "FirstDay",
    "SourceGaps",
    "churn",
    "told_week",
    "week_bounds",
    "week_of",
]

WEEK = timedelta(days=7)
OPEN_FOR = timedelta(days=90)
"""How long after an action its first-day count stays in the report: until then names are still looked for daily."""


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
    """An episode whose end surely or possibly fell into the week. `role` is `replacement` or `predecessor`."""

    name: DomainName
    role: str
    bounds: Bounds
    ending: Ending
    certain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstDay:
    """First-day count of an action, names under the same label: what was left of its day (UTC) and the next.

    Of `of` domains hit, for `unasked` of which nobody looked in that time.
    """

    action_id: str
    title: str
    announced: datetime
    cohort: str
    count_lo: int
    count_hi: int
    of: int
    unasked: int

    @property
    def blind(self) -> bool:
        """Whether nothing was found where nobody looked: no data, not zero."""
        return self.unasked == self.of and self.count_hi == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChurnWeek:
    """One ISO week (UTC), `[first, last)`, as known at `as_of`. Alive means alive at `layer` when last definitely seen.

    Counts of names are of replacements. `alive_*` are those alive when it began and ended, surely and possibly; `net_*`
    bounds the change between the two, in which names that came back count as well. `reviewed` and `machine_only` divide
    the names in `appeared`. `partial` says that `as_of` lies inside the week.
    """

    week: str
    first: datetime
    last: datetime
    as_of: datetime
    partial: bool
    layer: Layer
    appeared: tuple[Appeared, ...]
    ended: tuple[Ended, ...]
    alive_before_lo: int
    alive_before_hi: int
    alive_after_lo: int
    alive_after_hi: int
    net_lo: int
    net_hi: int
    reviewed: int
    machine_only: int
    first_days: tuple[FirstDay, ...]
    changes: tuple[Changed, ...] | None
    quality: DataQuality


def week_of(moment: datetime) -> str:
    """The ISO week of a moment, UTC: `2024-W36`."""
    year, week, _ = utc(moment).isocalendar()
    return f"{year}-W{week:02}"


def week_bounds(week: str) -> tuple[datetime, datetime]:
    """First instant of the week and of the next one; raises ValueError for anything but `YYYY-Www`."""
    match = re.fullmatch(r"([0-9]{4})-W([0-9]{2})", week)
    if match is None:
        raise ValueError(f"{week!r} is no ISO week like 2024-W36")
    try:
        first = datetime.fromisocalendar(int(match[1]), int(match[2]), 1).replace(tzinfo=UTC)
        return first, first + WEEK
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{week!r} is no week of the calendar") from error


def told_week(history: History, week: str) -> None:
    """Raises ValueError for a week of which nothing can be said: over before anything is on record, or yet to come."""
    first, last = week_bounds(week)
    known = [*(run.started_at for run in history.runs), *(action.when.at for action in history.actions)]
    if known and last <= (begun := min(known)):
        raise ValueError(f"{week} is over before anything is on record: the first is {week_of(begun)}")
    if first > history.as_of:
        raise ValueError(
            f"{week} begins after what is known as of {iso(history.as_of)}: the last is {week_of(history.as_of)}"
        )


def churn(
    history: History,
    views: Views,
    week: str,
    *,
    previous: Views | None = None,
    layer: Layer = Layer.DELEGATED,
    footings: Sequence[Footing] | None = None,
) -> ChurnWeek:
    """The churn of one week.

    `previous` are the views as the last report had them; without them `changes` is None, not empty. `footings` are what
    the counts of each action rest on, made here where nobody made them before.
    """
    first, last = week_bounds(week)
    appeared = _appeared(views, first, last, layer)
    ended = _ended(history, views, first, last, layer)
    came = {row.name for row in appeared}
    stood = standing(views, first, min(last, max(views.as_of, first)), layer)
    reviewed = {row.name for row in appeared if row.reviewed}
    if footings is None:
        footings = [footing(history, views, action_id) for action_id in actions_by_id(history)]
    return ChurnWeek(
        week=week,
        first=first,
        last=last,
        as_of=views.as_of,
        partial=views.as_of < last,
        layer=layer,
        appeared=appeared,
        ended=ended,
        alive_before_lo=stood.before.lo,
        alive_before_hi=stood.before.hi,
        alive_after_lo=stood.after.lo,
        alive_after_hi=stood.after.hi,
        net_lo=stood.net.lo,
        net_hi=stood.net.hi,
        reviewed=len(reviewed),
        machine_only=len(came - reviewed),
        first_days=tuple(_first_days(history, footings, first, last, layer)),
        changes=None if previous is None else changes(previous, views, layer),
        quality=data_quality(history, first, last),
    )


def _appeared(views: Views, first: datetime, last: datetime, layer: Layer) -> tuple[Appeared, ...]:
    """A name never seen absent before is listed in the week of its first proof alone, and never as certain."""
    week = Window(Bounds(first, first), last)
    rows: list[Appeared] = []
    for row in views.replacements:
        place = at_layer(row.appearances, layer)
        inside = place.hi is not None and week.possibly(Bounds(place.lo or min(first, place.hi), place.hi))
        if not inside or (place.lo is None and place.hi is not None and place.hi > last):
            continue
        rows.append(
            Appeared(
                action_id=row.action_id,
                predecessor=row.predecessor,
                name=row.name,
                bounds=place,
                verdict=row.verdict,
                reviewed=row.reviewed,
                certain=week.surely(place),
            )
        )
    return tuple(sorted(rows, key=lambda row: (row.bounds.hi or last, row.name, row.action_id, row.predecessor)))


def _ended(history: History, views: Views, first: datetime, last: datetime, layer: Layer) -> tuple[Ended, ...]:
    week = Window(Bounds(first, first), last)
    roles = {row.domain: "predecessor" for row in history.takedowns}
    roles |= {row.name: "replacement" for row in views.replacements}
    not_its_own = former(views)
    rows = [
        Ended(
            name=row.name,
            role=roles[row.name],
            bounds=row.end,
            ending=row.ending or Ending.UNKNOWN,
            certain=week.surely(row.end),
        )
        for row in views.episodes
        if row.layer is layer
        and row.name in roles
        and row.end is not None
        and week.possibly(row.end)
        and (row.name, row.layer, row.number) not in not_its_own
    ]
    return tuple(sorted(rows, key=lambda row: (row.bounds.hi or last, row.name)))


def _first_days(
    history: History, footings: Iterable[Footing], first: datetime, last: datetime, layer: Layer
) -> Iterator[FirstDay]:
    for base in sorted(footings, key=lambda base: base.action.action_id):
        action, day = base.action, midnight(base.action.when.at)
        if day >= last or day + OPEN_FOR < first:
            continue
        unasked = never_asked(history, action)
        same = [row for row in base.placed[layer] if row.row.keeps_label]
        for cohort, hit in base.cohorts.items():
            if hit.opens:
                count = counted(hit.ours(same), len(WINDOWS))[0]
                yield FirstDay(
                    action_id=action.action_id,
                    title=action.title,
                    announced=action.when.at,
                    cohort=cohort,
                    count_lo=count.lo,
                    count_hi=count.hi,
                    of=len(hit.opens),
                    unasked=unasked[cohort, "1d"],
                )
