"""Counting names whose moment is only bounded: surely inside a window, possibly inside, cannot be told."""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import accumulate
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


class Item(NamedTuple):
    """A name that came to be within `happened` and may answer what took effect within `opens`.

    `judged` False = its verdict is INSUFFICIENT: it can be unknown, never counted. `sure` False = it would be LIKELY
    only if a source that failed had spoken for it: possible, never sure.
    """

    name: DomainName
    opens: Bounds
    happened: Bounds
    judged: bool = True
    sure: bool = True


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


def tally(items: Iterable[Item], closes: datetime) -> Count:
    """Count distinct names up to `closes`; a name that is sure for one predecessor is sure."""
    return tallies(items, (closes,))[0]


def tallies(items: Iterable[Item], closings: Sequence[datetime]) -> tuple[Count, ...]:
    """The same for windows that close one after the other, in ascending order."""
    never = len(closings)
    surely: dict[DomainName, int] = {}
    possibly: dict[DomainName, int] = {}
    open_ended: dict[DomainName, int] = {}
    unjudged: dict[DomainName, int] = {}

    def note(kept: dict[DomainName, int], name: DomainName, first: int) -> None:
        if first < kept.get(name, never):
            kept[name] = first

    for name, opens, happened, judged, sure in items:
        if not possibly_after(opens, happened):
            continue
        first = 0 if happened.lo is None else bisect_right(closings, happened.lo)
        if not judged:
            note(unjudged, name, first)
            continue
        note(possibly, name, first)
        if not sure or happened.lo is None or happened.hi is None:
            note(open_ended, name, first)
        elif surely_after(opens, happened):
            note(surely, name, bisect_left(closings, happened.hi))
    unknown = [0] * (never + 1)
    for early, later in ((open_ended, surely), (unjudged, possibly)):
        for name, first in early.items():
            until = later.get(name, never)
            if first < until:
                unknown[first] += 1
                unknown[until] -= 1
    lo, hi = (Counter(kept.values()) for kept in (surely, possibly))
    steps = ((lo[place], hi[place], unknown[place]) for place in range(never))
    return tuple(Count(*sums) for sums in zip(*map(accumulate, zip(*steps, strict=True)), strict=True))


def judgements(history: History, views: Views, watch_keys: Collection[str]) -> tuple[Judgement, ...]:
    """The candidates of some watches that are at least POSSIBLE or not judged; the first label of a candidate is its
    registrable one."""
    labels = {watch.key: watch.label for watch in history.watches if watch.key in watch_keys}
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


def items(
    rows: Iterable[Judgement],
    opens: Mapping[str, Bounds],
    layer: Layer,
    level: Verdict = Verdict.LIKELY,
    scope: Scope = Scope.ANY,
    places: Mapping[DomainName, Bounds] | None = None,
) -> tuple[Item, ...]:
    """Those of the watches in `opens` (key -> when the takedown took effect), placed by their appearance at `layer` or
    as `places` says: counted from `level` up, surely or had a failed source spoken; the others unjudged or left out."""
    counted = LEVELS[level]
    heard = level is Verdict.CONFIRMED  # an analyst's word waits for no source
    likely = level is Verdict.LIKELY
    found: list[Item] = []
    for row in rows:
        if row.watch_key not in opens or not (row.keeps_label or scope is Scope.ANY):
            continue
        fits = row.verdict in counted
        judged = fits or (row.unheard and not heard)
        if judged or row.verdict is Verdict.INSUFFICIENT:
            happened = row.places.get(layer, NOWHEN) if places is None else places.get(row.name, NOWHEN)
            sure = fits and not (row.unheard and likely)
            found.append(Item(row.name, opens[row.watch_key], happened, judged, sure))
    return tuple(found)


def by_registry(history: History, rows: Iterable[Judgement]) -> Mapping[DomainName, Bounds]:
    """When the registry says that each name was registered; open where it says nothing."""
    stated = {row.name: registry_date(history.spans.get(row.name, ())) for row in rows}
    return {name: NOWHEN if when is None else when.bounds() for name, when in stated.items()}
