"""From episodes, states and looks of one name to the stretches of its lifeline."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from tracker.export.context import Stretch
from tracker.model.facts import Layer, Presence, Span
from tracker.model.times import DAY
from tracker.model.views import Episode, State, StateSpan

QUIET_EARLY = 2 * DAY
QUIET_LATE = 15 * DAY
SETTLED = 90 * DAY
"""A name is looked at daily for 90 days and weekly after; twice that without a definite look is drawn as unobserved."""


def stretches(
    episodes: Iterable[Episode], states: Iterable[StateSpan], spans: Iterable[Span], as_of: datetime
) -> tuple[Stretch, ...]:
    """The stretches of one name at DELEGATED, by beginning. Presence in unobserved ones is inferred."""
    lives = sorted((row for row in episodes if row.layer is Layer.DELEGATED), key=lambda row: row.number)
    drawn: list[Stretch] = []
    for life in lives:
        begun = life.start.hi or life.last_alive
        if life.start.lo is not None and life.start.lo < begun:
            drawn.append(Stretch("maybe", life.start.lo, begun))
        drawn.append(Stretch("alive", begun, life.last_alive))
        if life.end is not None and life.end.hi is not None and life.end.hi > life.last_alive:
            drawn.append(Stretch("maybe", life.last_alive, life.end.hi))
    drawn += [
        Stretch("seized", span.since.hi or span.since.lo or span.last, span.last)
        for span in states
        if span.state is State.SEIZED
    ]
    looks = sorted(
        look
        for span in spans
        if span.layer is Layer.DELEGATED and span.presence is not Presence.INDETERMINATE
        for look in span.looks
    )
    for life in lives:
        begun = life.start.hi or life.last_alive
        over = as_of if life.end is None else life.last_alive
        drawn += [Stretch("unobserved", first, last) for first, last in unobserved(looks, begun, over)]
    return tuple(sorted(drawn, key=lambda row: (row.first, row.last, row.kind)))


def unobserved(looks: Sequence[datetime], begun: datetime, over: datetime) -> tuple[tuple[datetime, datetime], ...]:
    """Stretches of `[begun, over]` without a definite look for longer than twice the plan."""
    inside = [begun, *(look for look in looks if begun < look < over), over]
    return tuple((a, b) for a, b in pairwise(inside) if b - a > quiet(b - begun))


def quiet(age: timedelta) -> timedelta:
    """How long nobody need have looked at a name of this age."""
    return QUIET_EARLY if age <= SETTLED else QUIET_LATE
