"""Sampling intervals for many actions: whole actions are drawn again, never single names."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tracker.analysis.survival_bands import LEVEL, z_of
from tracker.analysis.survival_lives import Ints

LEAST = 10
"""An action is one decision: with fewer of them a sampling interval would pretend to know how decisions vary."""


class TooFewActions(ValueError):
    """Fewer than ten independent actions: bounds of measurement can be given, a sampling interval cannot."""


def too_few(actions: int) -> str:
    """Why so few actions bear no sampling interval."""
    return f"{actions} of the {LEAST} actions that a sampling interval needs"


@dataclass(frozen=True, slots=True, kw_only=True)
class BootstrapInterval:
    """Percentile interval of a statistic over resampled actions. An end is None where the statistic had no value.

    `undefined` is the share of replicates without value, such as a median that is never reached.
    """

    lo: float | None
    hi: float | None
    undefined: float
    actions: int


def cluster_bootstrap(
    actions: Ints,
    statistic: Callable[[Ints], float | None],
    rng: np.random.Generator,
    *,
    replicates: int = 2000,
    level: float = LEVEL,
) -> BootstrapInterval:
    """Draw actions with replacement; `statistic` gets the indices of their rows, repeats included.

    `actions` has shape (n,), one code per row. A statistic of None lies above every number, as an unreached median
    does. Raises TooFewActions below ten actions.
    """
    z_of(level)
    order = np.argsort(actions, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(actions[order])) + 1) if len(order) else []
    if len(members) < LEAST:
        raise TooFewActions(too_few(len(members)))
    draws = rng.integers(0, len(members), (replicates, len(members)))
    values = [statistic(np.concatenate([members[place] for place in draw])) for draw in draws]
    known = sorted(value for value in values if value is not None)
    tail = (1 - level) / 2
    places = (int(np.floor(tail * (replicates - 1))), int(np.ceil((1 - tail) * (replicates - 1))))
    lo, hi = (known[place] if place < len(known) else None for place in places)
    return BootstrapInterval(lo=lo, hi=hi, undefined=1 - len(known) / replicates, actions=len(members))
