"""Whether something that happened within bounds happened inside a window: surely, possibly, or not."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import UNBOUNDED, Bounds
from tracker.model.watching import Action, Takedown


def possibly_after(opens: Bounds, happened: Bounds) -> bool:
    """Whether the bounds leave room for it to have happened after something else. What is unbounded leaves room."""
    return happened.hi is None or opens.lo is None or happened.hi > opens.lo


def surely_after(opens: Bounds, happened: Bounds) -> bool:
    """Whether it happened after it for every moment that the bounds allow. What is unbounded is never sure."""
    if happened.lo is None or happened.hi is None or opens.hi is None:
        return False
    return happened.lo >= opens.hi and possibly_after(opens, happened)


@dataclass(frozen=True, slots=True)
class Window:
    """From a moment that is itself only bounded, up to but not including `closes` (None = open end)."""

    opens: Bounds
    closes: datetime | None = None

    def possibly(self, happened: Bounds) -> bool:
        """Whether the bounds leave room for it to have happened inside. What is unbounded leaves room."""
        early_enough = happened.lo is None or self.closes is None or happened.lo < self.closes
        return early_enough and possibly_after(self.opens, happened)

    def surely(self, happened: Bounds) -> bool:
        """Whether it happened inside for every moment that the bounds allow. What is unbounded is never sure."""
        closed = self.closes is None or (happened.hi is not None and happened.hi <= self.closes)
        return closed and surely_after(self.opens, happened) and self.possibly(happened)


def origin(history: History, action: Action, takedown: Takedown | None = None) -> Bounds:
    """When it took effect: the takedown's own interval or the announcement's, and no later than our log knew of it."""
    if takedown is not None and takedown.effective != UNBOUNDED:
        return _known(history, action, takedown.effective)
    return _known(history, action, action.when.bounds())


def origins(history: History, action: Action, takedowns: Iterable[Takedown]) -> dict[DomainName, Bounds]:
    """The same for each of an action's domains."""
    announced = origin(history, action)
    return {
        row.domain: announced if row.effective == UNBOUNDED else _known(history, action, row.effective)
        for row in takedowns
    }


def _known(history: History, action: Action, bounds: Bounds) -> Bounds:
    known = history.taken_down_at.get(action.action_id)
    if known is None or (bounds.lo is not None and known < bounds.lo):
        return bounds  # a notice ahead of its effect bounds nothing
    return Bounds(bounds.lo, known if bounds.hi is None else min(bounds.hi, known))
