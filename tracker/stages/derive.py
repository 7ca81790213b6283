"""Bring the views up to date with the log: what changed is derived again, and all when base rates or rules changed."""

from tracker.analysis.derivation import Judge, Memory
from tracker.model.views import Views
from tracker.ports import Log, ViewStore, Work

NOTE = "derived"


def derive_views(log: Log, store: ViewStore, work: Work, judge: Judge) -> Views | None:
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
    store.replace(views)
    work.put(NOTE, memory.as_text())
    return views
