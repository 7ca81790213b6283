"""How many replacements chance alone would give: the same pipeline, run over control labels that no operation used."""

from collections.abc import Mapping
from datetime import datetime

from tracker.analysis.tallies import judged_items, tally
from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.times import Bounds
from tracker.model.views import Views
from tracker.model.watching import Watch, WatchKind


def expected_by_chance(
    history: History,
    views: Views,
    watched: Mapping[str, Bounds],
    layer: Layer,
    closes: datetime,
    *,
    registry: bool = False,
) -> float | None:
    """Replacement verdicts on controls inside the window, per control label, times the labels that were taken down.

    `watched` maps the predecessors' watch keys to when they were taken down; controls count when matched to one of
    them. The possible count is used, so that chance is not understated. None when no control was watched: not known,
    not zero.
    """
    labels = {watch.label for watch in history.watches if watch.key in watched}
    controls: list[Watch] = [
        watch for watch in history.watches if watch.kind is WatchKind.CONTROL and watch.matched_to in watched
    ]
    if not controls:
        return None
    opens = {watch.key: watched[watch.matched_to] for watch in controls}
    count = tally(judged_items(history, views, opens, layer, registry=registry), closes)
    return count.hi / len({watch.label for watch in controls}) * len(labels)
