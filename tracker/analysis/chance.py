"""How many replacements chance alone would give: the same pipeline, run over control labels that no operation used."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from tracker.analysis.tallies import Count
from tracker.model.history import History
from tracker.model.times import Bounds
from tracker.model.watching import Watch, WatchKind


@dataclass(frozen=True, slots=True)
class Mirror:
    """The controls of some predecessors: when they would have been taken down, by watch key, and what one of their
    labels stands for.

    `scale` is labels taken down per control label; None when no control was watched, or none of one of the cohorts: not
    known, not zero. `labels` is how many control labels there are.
    """

    opens: Mapping[str, Bounds]
    scale: float | None
    labels: int = 0

    def expected(self, counts: Iterable[Count]) -> tuple[float | None, ...]:
        """What counts over the controls mean for the labels taken down. The possible count is used, so that chance is
        not understated."""
        return tuple(None if self.scale is None else count.hi * self.scale for count in counts)

    def limits(self, counts: Iterable[Count]) -> tuple[float | None, ...]:
        """Upper 95 % limits of the same (exact Poisson): none on two labels is compatible with many on nineteen."""
        return tuple(None if self.scale is None else poisson_limit(count.hi) * self.scale for count in counts)


@cache
def poisson_limit(n: int) -> float:
    """Upper limit of the exact two-sided 95 % interval of a Poisson mean, n having been counted; 3.69 for none."""
    from tracker.analysis.survival_intervals import poisson  # noqa: PLC0415 - heavy

    return poisson(n).hi


def mirror(history: History, watched: Mapping[str, Bounds]) -> Mirror:
    """The controls matched to `watched` (the predecessors' watch keys -> when they were taken down)."""
    hit = {key: watch for watch in history.watches if (key := watch.key) in watched}
    controls: list[Watch] = [
        watch for watch in history.watches if watch.kind is WatchKind.CONTROL and watch.matched_to in watched
    ]
    opens = {watch.key: watched[watch.matched_to] for watch in controls}
    mirrored = {hit[watch.matched_to].cohort for watch in controls if watch.matched_to in hit}
    told = controls and mirrored >= {watch.cohort for watch in hit.values()}
    n = len({watch.label for watch in controls})
    return Mirror(opens, len({watch.label for watch in hit.values()}) / n if told else None, n)
