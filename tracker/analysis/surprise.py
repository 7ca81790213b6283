"""How surprising something is, in bits. Every function is plain arithmetic on counts and days."""

from collections.abc import Iterable
from math import exp, log2

from tracker.analysis.weights import (
    BATCH_PSEUDO_LABELS,
    COPYCATS,
    LAGS,
    RETURN_PRIOR,
    RETURN_PSEUDO_LABELS,
    SISTER_PSEUDO_LABELS,
    SISTERS_CAP,
    STRANGER_PSEUDO_NAMES,
)

Lags = tuple[tuple[float, float, float], ...]
"""Stretches of days since the takedown, each with the probability that a replacement falls into it."""

LEAST_DENSITY = 1e-9
"""Per day; keeps logarithms finite for lags that nobody has thought of."""


def lag_density(lo: float, hi: float, lags: Lags = LAGS) -> float:
    """Replacements per day of lag, averaged over `[lo, hi]` days; at a point when both are equal."""
    if hi <= lo:
        return next((share / (end - start) for start, end, share in lags if start <= lo < end), LEAST_DENSITY)
    inside = sum(share * max(0.0, min(hi, end) - max(lo, start)) / (end - start) for start, end, share in lags)
    return max(inside / (hi - lo), LEAST_DENSITY)


def copycat_density(lo: float, hi: float) -> float:
    """Names per day that strangers register because of the news: none before the takedown."""
    if hi < 0 or lo < hi == 0:
        return 0.0
    start = max(lo, 0.0)
    share = 1.0 if hi <= lo else (hi - start) / (hi - lo)
    return COPYCATS * share * lag_density(start, hi)


def arrival_bits(lo: float, hi: float, share: float, rate: float, lags: Lags = LAGS) -> float:
    """A name of a kind that makes up `share` of replacements appears with a lag in `[lo, hi]` days, where strangers
    bring `rate` a day."""
    return log2(share * lag_density(lo, hi, lags) / (rate + share * copycat_density(lo, hi)))


def imitation_bits(share: float, expected: float, rate: float) -> float:
    """A name of a kind that makes up `share` of the lookalikes that an imitated brand gets `expected` of a day, where
    strangers bring `rate` a day."""
    return log2(share * expected / rate)


def return_bits(returned: int, by_chance: float, labels: int) -> float:
    """What it says for one label that `returned` of the action's other `labels` came back in the same days; 0 to the
    cap."""
    excess = max(0.0, returned - by_chance)
    share = (RETURN_PRIOR * RETURN_PSEUDO_LABELS + excess) / (RETURN_PSEUDO_LABELS + labels)
    return min(SISTERS_CAP, max(0.0, log2(share / RETURN_PRIOR)))


def chance_within(rates: Iterable[float], days: float) -> float:
    """Expected number of labels that get a stranger's name within `days`, given the rates per day."""
    return sum(1.0 - exp(-rate * days) for rate in rates)


def stranger_share(count: int, total: int, guess: float) -> float:
    """Share of strangers with a trait, drawn towards the guess while few strangers are known; never zero."""
    return (count + guess * STRANGER_PSEUDO_NAMES) / (total + STRANGER_PSEUDO_NAMES)


def shared_bits(sharing: float, known: int, share: float) -> float:
    """A trait that `sharing` of `known` sister labels have and that `share` of strangers have. Negative when no
    sister has it."""
    expected = (sharing + SISTER_PSEUDO_LABELS * share) / (known + SISTER_PSEUDO_LABELS)
    return log2(expected / share)


def batch_bits(counts: Iterable[int], parts: Iterable[float], known: int) -> float:
    """Of `known` sisters within the day, `counts[i]` fell so near that chance would put `parts[i]` of them there."""
    ratios = [
        (count + BATCH_PSEUDO_LABELS * part) / (known + BATCH_PSEUDO_LABELS) / part
        for count, part in zip(counts, parts, strict=True)
    ]
    return log2(sum(ratios) / len(ratios))
