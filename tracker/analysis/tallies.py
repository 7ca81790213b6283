"""Counting names whose moment is only bounded: surely inside a window, possibly inside, cannot be told."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tracker.analysis.appearance import registry_date
from tracker.analysis.placement import Window
from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import Bounds
from tracker.model.views import REPLACEMENT_VERDICTS, Verdict, Views

NOWHEN = Bounds(None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
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


def tally(items: Iterable[Item], closes: datetime) -> Count:
    """Count distinct names up to `closes`; a name that is sure for one predecessor is sure."""
    surely: set[DomainName] = set()
    possibly: set[DomainName] = set()
    open_ended: set[DomainName] = set()
    unjudged: set[DomainName] = set()
    for item in items:
        window = Window(item.opens, closes)
        if not window.possibly(item.happened):
            continue
        if not item.judged:
            unjudged.add(item.name)
            continue
        possibly.add(item.name)
        if item.sure and window.surely(item.happened):
            surely.add(item.name)
        elif not item.sure or item.happened.lo is None or item.happened.hi is None:
            open_ended.add(item.name)
    return Count(len(surely), len(possibly), len((open_ended - surely) | (unjudged - possibly)))


def judged_items(
    history: History, views: Views, opens: dict[str, Bounds], layer: Layer, *, registry: bool = False
) -> tuple[Item, ...]:
    """The candidates of some watches (key -> when the takedown took effect): replacements, what might be one had a
    failed source spoken, and those not judged.

    Placed by their appearance at `layer`, or with `registry` by the date that the registry states.
    """
    places = {(row.watch_key, row.name): row.bounds for row in views.appearances if row.layer is layer}
    items: list[Item] = []
    for row in views.assessments:
        sure = row.verdict in REPLACEMENT_VERDICTS
        judged = sure or bool(row.unheard)
        if row.watch_key not in opens or not (judged or row.verdict is Verdict.INSUFFICIENT):
            continue
        happened = places.get((row.watch_key, row.name), NOWHEN)
        if registry:
            stated = registry_date(history.spans.get(row.name, ()))
            happened = NOWHEN if stated is None else stated.bounds()
        items.append(Item(name=row.name, opens=opens[row.watch_key], happened=happened, judged=judged, sure=sure))
    return tuple(items)
