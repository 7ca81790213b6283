"""Counting names whose moment is only bounded: surely inside a window, possibly inside, cannot be told."""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import accumulate
from operator import attrgetter
from typing import NamedTuple

from tracker.analysis.appearance import registry_date
from tracker.analysis.placement import possibly_after, surely_after
from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import Bounds
from tracker.model.views import Verdict, Views

NOWHEN = Bounds(None, None)
LEVELS: Mapping[Verdict, frozenset[Verdict]] = {
    Verdict.CONFIRMED: frozenset({Verdict.CONFIRMED}),
    Verdict.LIKELY: frozenset({Verdict.CONFIRMED, Verdict.LIKELY}),
    Verdict.POSSIBLE: frozenset({Verdict.CONFIRMED, Verdict.LIKELY, Verdict.POSSIBLE}),
}
"""Verdicts counted at each level: this or stronger."""


class Scope(StrEnum):
    """Which names are counted: those that keep the label they answer, or any, whatever put them forward."""

    SAME_LABEL = "same_label"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Count:
    """Names inside a window: surely, possibly, and those that could not be placed or judged."""

    lo: int
    hi: int
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A candidate that may be counted or cannot be told, with when it came to be at each layer.

    `unheard`: a source that failed could have made it LIKELY, or undone it. `keeps_label`: its registrable label is its
    watch's own, no alias and no variant.
    """

    watch_key: str
    name: DomainName
    verdict: Verdict
    unheard: bool
    keeps_label: bool
    places: Mapping[Layer, Bounds]


class Placed(NamedTuple):
    """A judged candidate that may answer what took effect, by place in a row of windows: possibly inside from `first`
    on, surely from `surely` on. The number of windows = in none of them; `surely` None = a bound is missing."""

    row: Judgement
    first: int
    surely: int | None


def judgements(history: History, views: Views, watch_keys: Collection[str]) -> tuple[Judgement, ...]:
    """The candidates of some watches that are at least POSSIBLE or not judged; the first label of a candidate is its
    registrable one."""
    labels = {key: watch.label for watch in history.watches if (key := watch.key) in watch_keys}
    counted = LEVELS[Verdict.POSSIBLE] | {Verdict.INSUFFICIENT}
    rows = [row for row in views.assessments if row.watch_key in labels and (row.verdict in counted or row.unheard)]
    wanted = {(row.watch_key, row.name) for row in rows}
    places: defaultdict[tuple[str, DomainName], dict[Layer, Bounds]] = defaultdict(dict)
    for place in views.appearances:
        if (place.watch_key, place.name) in wanted:
            places[place.watch_key, place.name][place.layer] = place.bounds
    return tuple(
        Judgement(
            watch_key=row.watch_key,
            name=row.name,
            verdict=row.verdict,
            unheard=bool(row.unheard),
            keeps_label=row.name.partition(".")[0] == labels[row.watch_key],
            places=places[row.watch_key, row.name],
        )
        for row in rows
    )


def placed(
    rows: Iterable[Judgement],
    opens: Mapping[str, Bounds],
    layer: Layer,
    closings: Sequence[datetime],
    places: Mapping[DomainName, Bounds] | None = None,
) -> tuple[Placed, ...]:
    """Those of the watches in `opens` (key -> when the takedown took effect) that may have come after it, by their
    appearance at `layer` or as `places` says, in windows that close one after the other."""
    found = []
    for row in rows:
        effect = opens.get(row.watch_key)
        if effect is None:
            continue
        happened = row.places.get(layer, NOWHEN) if places is None else places.get(row.name, NOWHEN)
        if possibly_after(effect, happened):
            first = 0 if happened.lo is None else bisect_right(closings, happened.lo)
            surely = None
            if happened.lo is not None and happened.hi is not None:
                after = surely_after(effect, happened)
                surely = bisect_left(closings, happened.hi) if after else len(closings)
            found.append(Placed(row, first, surely))
    return tuple(found)


def counted(
    rows: Iterable[Placed],
    windows: int,
    level: Verdict = Verdict.LIKELY,
    of: Callable[[Judgement], str] = attrgetter("name"),
) -> tuple[Count, ...]:
    """Distinct names (or what else `of` reads) in each of the windows, counted from `level` up: surely, or possibly
    where only a failed source could have lifted them; a name that is sure for one predecessor is sure. The others are
    unjudged or left out."""
    enough = tuple(LEVELS[level])
    heard = level is Verdict.CONFIRMED  # an analyst's word waits for no source
    likely = level is Verdict.LIKELY
    surely: dict[str, int] = {}
    possibly: dict[str, int] = {}
    open_ended: dict[str, int] = {}
    unjudged: dict[str, int] = {}
    for row, first, sure_from in rows:
        name, fits = of(row), row.verdict in enough
        if fits or (row.unheard and not heard):
            if first < possibly.get(name, windows):
                possibly[name] = first
            if sure_from is None or not fits or (row.unheard and likely):
                if first < open_ended.get(name, windows):
                    open_ended[name] = first
            elif sure_from < surely.get(name, windows):
                surely[name] = sure_from
        elif row.verdict is Verdict.INSUFFICIENT and first < unjudged.get(name, windows):
            unjudged[name] = first
    unknown = [0] * (windows + 1)
    for early, later in ((open_ended, surely), (unjudged, possibly)):
        for name, first in early.items():
            until = later.get(name, windows)
            if first < until:
                unknown[first] += 1
                unknown[until] -= 1
    lo, hi = (Counter(kept.values()) for kept in (surely, possibly))
    steps = ((lo[place], hi[place], unknown[place]) for place in range(windows))
    return tuple(Count(*sums) for sums in zip(*map(accumulate, zip(*steps, strict=True)), strict=True))


def by_registry(history: History, rows: Iterable[Judgement]) -> Mapping[DomainName, Bounds]:
    """When the registry says that each name was registered; open where it says nothing."""
    stated = {row.name: registry_date(history.spans.get(row.name, ())) for row in rows}
    return {name: NOWHEN if when is None else when.bounds() for name, when in stated.items()}
