"""What every count of one action rests on: the names it hit, their controls, and the candidates placed in windows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker.analysis.answers import predecessors
from tracker.analysis.chance import Mirror, mirror
from tracker.analysis.displacement import COHORTS, actions_by_id, takedowns_of
from tracker.analysis.placement import origins
from tracker.analysis.tallies import Judgement, Placed, judgements, placed
from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import DAY, Bounds, midnight
from tracker.model.views import Views
from tracker.model.watching import Action

WINDOWS = {"1d": 1, "2d": 2, "8d": 8, "30d": 30}
"""Windows in calendar days (UTC) after the day of the action; what is left of that day belongs to each of them."""


def closing(action: Action, days: int) -> datetime:
    """The midnight (UTC) that ends the window of `days` calendar days after the day of the action."""
    return midnight(action.when.at) + (days + 1) * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """The names of one cohort that an action hit: `of` takedowns, since when each was down, the same by the key of its
    watch, and the controls of these watches."""

    of: int
    opens: Mapping[DomainName, Bounds]
    watched: Mapping[str, Bounds]
    controls: Mirror

    def ours(self, rows: Iterable[Placed]) -> list[Placed]:
        """The candidates that may answer the cohort."""
        return [row for row in rows if row.row.watch_key in self.watched]

    def theirs(self, rows: Iterable[Placed]) -> list[Placed]:
        """The candidates that may answer its controls: nothing was taken from these."""
        return [row for row in rows if row.row.watch_key in self.controls.opens]


@dataclass(frozen=True, slots=True, kw_only=True)
class Footing:
    """One action, the names hit by cohort, and the candidates of all their watches and controls: judged, and placed by
    layer in the windows that end at `closings`. `opens` says by watch key since when an answer counts."""

    action: Action
    closings: Sequence[datetime]
    cohorts: Mapping[str, Hit]
    opens: Mapping[str, Bounds]
    judged: Sequence[Judgement]
    placed: Mapping[Layer, Sequence[Placed]]
    as_of: datetime


def footing(history: History, views: Views, action_id: str) -> Footing:
    """What the counts of one action rest on; raises KeyError for an unknown action."""
    action = actions_by_id(history)[action_id]
    closings = [closing(action, days) for days in WINDOWS.values()]
    everything = keyed(history, origins(history, action, takedowns_of(history, action_id)))
    opens = {**everything, **mirror(history, everything).opens}
    judged = judgements(history, views, opens)
    return Footing(
        action=action,
        closings=closings,
        cohorts={cohort: _hit(history, action, cohort) for cohort in COHORTS},
        opens=opens,
        judged=judged,
        placed={layer: placed(judged, opens, layer, closings) for layer in Layer},
        as_of=views.as_of,
    )


def _hit(history: History, action: Action, cohort: str) -> Hit:
    takedowns = takedowns_of(history, action.action_id, cohort)
    opens = origins(history, action, takedowns)
    watched = keyed(history, opens)
    return Hit(of=len(takedowns), opens=opens, watched=watched, controls=mirror(history, watched))


def keyed(history: History, opens: Mapping[DomainName, Bounds]) -> dict[str, Bounds]:
    """When each predecessor was taken down, by the key of its watch."""
    return {key: opens[name] for key, name in predecessors(history).items() if name in opens}
