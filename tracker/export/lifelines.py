"""From episodes, states and looks to one line per domain, in stretches."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from tracker.analysis.ownlives import former
from tracker.export.context import AGES, Lifeline, Stretch
from tracker.export.rows_views import alive_after, chosen
from tracker.model.facts import Layer, Presence, Span
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import DAY, Bounds
from tracker.model.views import Episode, Replacement, State, StateSpan, Views
from tracker.model.watching import Action, Cohort

MOST_LINES = 60
"""So many lines are drawn; of the others the dates are told."""

NOWHERE = Bounds(None, None)

QUIET_EARLY = 2 * DAY
QUIET_LATE = 15 * DAY
SETTLED = 90 * DAY
"""A name is looked at daily for 90 days and weekly after; twice that without a definite look is drawn as unobserved."""


def lifelines(history: History, views: Views, action: Action) -> tuple[Lifeline, ...]:
    """Every domain that the action hit, each followed by what replaced it; those with replacements come first.

    What a former owner did with the name of a replacement is not drawn.
    """
    episodes: dict[DomainName, list[Episode]] = defaultdict(list)
    states: dict[DomainName, list[StateSpan]] = defaultdict(list)
    not_its_own = former(views)
    for episode in views.episodes:
        if episode.layer is Layer.DELEGATED and (episode.name, episode.layer, episode.number) not in not_its_own:
            episodes[episode.name].append(episode)
    for state in views.states:
        states[state.name].append(state)
    answered: dict[DomainName, list[Replacement]] = defaultdict(list)
    for replacement in views.replacements:
        if replacement.action_id == action.action_id:
            answered[replacement.predecessor].append(replacement)

    def line(name: DomainName, cohort: str, found: Replacement | None) -> Lifeline:
        lives = episodes[name]
        last = lives[-1] if lives else None
        shown = chosen(found.appearances) if found else None
        appeared = shown.bounds if shown else (lives[0].start if lives else NOWHERE)
        return Lifeline(
            name=name,
            role="replacement" if found else "predecessor",
            cohort=cohort,
            replaces=found.predecessor if found else None,
            verdict=found.verdict.value if found else "",
            reviewed=bool(found and found.reviewed),
            appeared=appeared,
            ended=last.end if last else None,
            ending=last.ending.value if last and last.ending else "",
            alive=last is not None and last.end is None,
            alive_at={age: alive_after(appeared, lives, days * DAY) for age, days in AGES.items()} if found else {},
            stretches=(),
        )

    taken = sorted(
        (row for row in history.takedowns if row.action_id == action.action_id),
        key=lambda row: (not answered[row.domain], row.cohort != Cohort.OWN_BRAND, row.position, row.domain),
    )
    lines: list[Lifeline] = []
    drawn: set[DomainName] = set()
    for takedown in taken:
        lines.append(line(takedown.domain, takedown.cohort.value, None))
        for found in sorted(answered[takedown.domain], key=_appearance):
            if found.name not in drawn:
                drawn.add(found.name)
                lines.append(line(found.name, takedown.cohort.value, found))
    for place, shown in enumerate(lines[:MOST_LINES]):
        name = shown.name
        drawing = stretches(episodes[name], states[name], history.spans.get(name, ()), views.as_of)
        lines[place] = replace(shown, stretches=drawing)
    return tuple(lines)


def _appearance(found: Replacement) -> tuple[bool, datetime | None, DomainName]:
    shown = chosen(found.appearances)
    return (shown is None, shown.bounds.hi if shown else None, found.name)


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
    """Stretches of `[begun, over]` without a definite look for longer than twice the plan; `looks` ascend."""
    inside = [begun, *looks[bisect_right(looks, begun) : bisect_left(looks, over)], over]
    return tuple((a, b) for a, b in pairwise(inside) if b - a > QUIET_EARLY and b - a > quiet(b - begun))


def quiet(age: timedelta) -> timedelta:
    """How long nobody need have looked at a name of this age."""
    return QUIET_EARLY if age <= SETTLED else QUIET_LATE
