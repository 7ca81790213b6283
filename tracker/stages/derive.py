"""Bring the views up to date with the log: what changed is derived again, and all when base rates or rules changed."""

from collections.abc import Callable

from tracker.analysis.derivation import Judge, Memory
from tracker.model.history import History
from tracker.model.views import Views
from tracker.ports import Log, ViewStore, Work

NOTE = "derived"


Tell = Callable[[History, Views | None, Views], None]
"""Is told of new views, and of those before, just before they are stored: what it keeps of them is not lost."""


def derive_views(log: Log, store: ViewStore, work: Work, judge: Judge, tell: Tell | None = None) -> Views | None:
    """The stored views as of the newest record; None while nothing was recorded. Nothing new means nothing is done."""
    newest = log.newest()
    if newest is None:
        return None
    previous = store.load()
    if previous is not None and previous.as_of == newest and previous.rules_version == judge.policy.rules_version:
        return previous
    history = log.history(newest)
    noted = work.get(NOTE)
    if previous is None or noted is None or previous.as_of > newest:
        views, memory = judge.derive(history)
    else:
        touched = log.touched(previous.as_of)
        views, memory = judge.derive_again(history, previous, Memory.from_text(noted), touched)
    if tell is not None:
        tell(history, previous, views)
    store.replace(views)
    work.put(NOTE, memory.as_text())
    return views
