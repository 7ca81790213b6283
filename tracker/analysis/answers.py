"""Names that may have replaced a domain, and how sure it is that they are replacements: a verdict may want a source."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tracker.analysis.tallies import NOWHEN, judgements
from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import Bounds
from tracker.model.views import Appearance, Views
from tracker.model.watching import WatchKind


class Answer(NamedTuple):
    """A name and when it came to be. `called`: it is a replacement by its verdict; else only a source that failed could
    have made it one. `sure`: no source that failed could undo the verdict."""

    name: DomainName
    place: Bounds
    called: bool
    sure: bool


def answers(
    history: History, views: Views, action_id: str, opens: Mapping[DomainName, Bounds], layer: Layer
) -> Mapping[DomainName, list[Answer]]:
    """By domain in `opens`, what may have replaced it, by its appearance at `layer`; before the takedown or after.

    Without assessments no verdict is known to want a source.
    """
    domains = {key: name for key, name in predecessors(history).items() if name in opens}
    keys = {row.watch_key for row in views.assessments if row.unheard and row.watch_key in domains}
    judged = judgements(history, views, keys) if keys else ()
    wanting = {(domains[row.watch_key], row.name): row for row in judged if row.unheard}
    found: defaultdict[DomainName, list[Answer]] = defaultdict(list)
    for called in views.replacements:
        if called.action_id == action_id and called.predecessor in opens:
            sure = wanting.pop((called.predecessor, called.name), None) is None
            place = at_layer(called.appearances, layer)
            found[called.predecessor].append(Answer(called.name, place, called=True, sure=sure))
    for (domain, name), row in wanting.items():
        found[domain].append(Answer(name, row.places.get(layer, NOWHEN), called=False, sure=False))
    return found


def predecessors(history: History) -> dict[str, DomainName]:
    """The domains that candidates may replace, by the key of their watch."""
    return {
        watch.key: watch.name
        for watch in history.watches
        if watch.kind is WatchKind.PREDECESSOR and watch.name is not None
    }


def at_layer(appearances: Iterable[Appearance], layer: Layer) -> Bounds:
    """The bounds of the appearance at `layer`; open on both sides when it was never proved there."""
    for row in appearances:
        if row.layer is layer:
            return row.bounds
    return NOWHEN
