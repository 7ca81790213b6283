"""How many replacements chance alone would give: the same pipeline, run over control labels that no operation used."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tracker.analysis.tallies import Count
from tracker.model.history import History
from tracker.model.times import Bounds
from tracker.model.watching import Watch, WatchKind


@dataclass(frozen=True, slots=True)
class Mirror:
    """The controls of some predecessors: when they would have been taken down, by watch key, and what one of their
    labels stands for.

    `scale` is labels taken down per control label; None when no control was watched: not known, not zero.
    """

    opens: Mapping[str, Bounds]
    scale: float | None

    def expected(self, counts: Iterable[Count]) -> tuple[float | None, ...]:
        """What counts over the controls mean for the labels taken down. The possible count is used, so that chance is
        not understated."""
        return tuple(None if self.scale is None else count.hi * self.scale for count in counts)


def mirror(history: History, watched: Mapping[str, Bounds]) -> Mirror:
    """The controls matched to `watched` (the predecessors' watch keys -> when they were taken down)."""
    labels = {watch.label for watch in history.watches if watch.key in watched}
    controls: list[Watch] = [
        watch for watch in history.watches if watch.kind is WatchKind.CONTROL and watch.matched_to in watched
    ]
    opens = {watch.key: watched[watch.matched_to] for watch in controls}
    return Mirror(opens, len(labels) / len({watch.label for watch in controls}) if controls else None)
