"""What follows from new views: a seizure that the tracker saw itself is a takedown like any other, and a name that came
back is looked at anew."""

from collections.abc import Callable
from datetime import datetime

from tracker.analysis.observed import observed
from tracker.analysis.ownlives import returned
from tracker.model.facts import Batch, Run
from tracker.model.names import DomainName
from tracker.model.views import Views
from tracker.ports import Log
from tracker.stages.planner import Planner


def witness(
    log: Log, views: Views, planner: Planner, label_of: Callable[[DomainName], str], run: Run, now: datetime
) -> int:
    """Store the takedowns that follow from the views and are not on record; returns how many they are."""
    planner.returned(returned(views), now)
    history = log.history()
    found = observed(history, views, label_of, now)
    if not found.takedowns:
        return 0
    log.append(run, Batch(actions=found.actions, takedowns=found.takedowns, watches=found.watches), now)
    everyone = log.watches()
    planner.watched(found.watches, now, everyone)
    return planner.taken_down(found.takedowns, found.actions, everyone, now)
