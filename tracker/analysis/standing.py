"""How many replacements were alive at a moment, and by how many that changed, each within its bounds."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker.analysis.answers import at_layer
from tracker.analysis.ownlives import former
from tracker.model.facts import Layer
from tracker.model.names import DomainName
from tracker.model.times import Bounds
from tracker.model.views import Views

Life = tuple[Bounds, Bounds | None]
"""When an episode began, and when it ended; None while it lasts."""


@dataclass(frozen=True, slots=True)
class Range:
    """A whole number between `lo` and `hi`, both included."""

    lo: int
    hi: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Distinct replacements alive at two moments, and the change between them: `before` plus `net` is `after`.

    Every beginning and every end counts, those of second lives too. Each name adds -1, 0 or 1 to `net`, or a range of
    them; its bounds are the sums of these.
    """

    before: Range
    after: Range
    net: Range


def standing(views: Views, first: datetime, last: datetime, layer: Layer) -> Standing:
    """Who was alive at `first` and at `last`, and the net change. An episode that has not ended is alive."""
    told = [_told(lives, first, last) for lives in _lives(views, layer).values()]
    return Standing(*(_sum(ranges) for ranges in zip(*told, strict=True))) if told else Standing(*[Range(0, 0)] * 3)


def _sum(ranges: Iterable[Range]) -> Range:
    known = list(ranges)
    return Range(sum(row.lo for row in known), sum(row.hi for row in known))


def _lives(views: Views, layer: Layer) -> dict[DomainName, list[Life]]:
    """Own episodes of replacements; what their appearance knows of a beginning that no look bounds is taken from it."""
    born = {row.name: at_layer(row.appearances, layer) for row in views.replacements}
    others = former(views)
    lives: dict[DomainName, list[Life]] = defaultdict(list)
    for row in views.episodes:
        if row.layer is layer and row.name in born and (row.name, row.layer, row.number) not in others:
            start = Bounds(row.start.lo or born[row.name].lo, row.start.hi)
            lives[row.name].append((start, row.end))
    return lives


def _told(lives: Sequence[Life], first: datetime, last: datetime) -> tuple[Range, Range, Range]:
    before, after = _alive(lives, first), _alive(lives, last)
    came = any(_within(start, first, last) for start, _ in lives)
    went = any(end is not None and _within(end, first, last) for _, end in lives)
    least = max(after.lo - before.hi, -1 if went else 0)
    most = min(after.hi - before.lo, 1 if came else 0)
    return before, after, Range(least, most)


def _alive(lives: Sequence[Life], moment: datetime) -> Range:
    surely = any(
        start.hi is not None and start.hi <= moment and (end is None or (end.lo is not None and end.lo >= moment))
        for start, end in lives
    )
    possibly = any(
        (start.lo is None or start.lo < moment) and (end is None or end.hi is None or end.hi > moment)
        for start, end in lives
    )
    return Range(int(surely), int(surely or possibly))


def _within(when: Bounds, first: datetime, last: datetime) -> bool:
    """Whether it may have happened after `first` and by `last`."""
    return (when.lo is None or when.lo < last) and (when.hi is None or when.hi > first)
