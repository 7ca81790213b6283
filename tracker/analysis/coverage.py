"""Coverage: which of the domains that an action hit have a replacement that came after it, surely or possibly."""

from dataclasses import dataclass
from datetime import datetime

from tracker.analysis.answers import answers
from tracker.analysis.displacement import actions_by_id, takedowns_of
from tracker.analysis.placement import Window, origins
from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.views import Views


@dataclass(frozen=True, slots=True)
class Covered:
    """Whether one domain surely has, or possibly has, a replacement that came after its takedown.

    One that surely stood before is none: it may have answered an earlier action. A verdict that a source which failed
    could make or undo is possible alone.
    """

    domain: DomainName
    surely: bool
    possibly: bool


def coverage(
    history: History, views: Views, action_id: str, cohort: str, layer: Layer, until: datetime
) -> tuple[Covered, ...]:
    """Every domain that the action hit in a cohort, with what came by `until`; KeyError for an unknown action."""
    hit = takedowns_of(history, action_id, cohort)
    opens = origins(history, actions_by_id(history)[action_id], hit)
    came = answers(history, views, action_id, opens, layer)
    found = []
    for domain, effect in opens.items():
        window, rows = Window(effect, until), came.get(domain, ())
        surely = any(row.sure and window.surely(row.place) for row in rows)
        found.append(Covered(domain, surely, surely or any(window.possibly(row.place) for row in rows)))
    return tuple(found)
