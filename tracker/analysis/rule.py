"""The shape of a rule: data, with the function that weighs it and the reason for its weight."""

from collections.abc import Callable
from dataclasses import dataclass

from tracker.analysis.baserates import BaseRates
from tracker.analysis.dossier import Dossier
from tracker.model.views import Family

SHOWN = 5
"""Witnesses that are listed one by one; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says of one candidate: bits, one plain sentence, and what it rests on."""

    bits: float
    sentence: str
    witnesses: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule. Of the rules of one `group` only the strongest counts, because they weigh the same thing.

    `excludes`: the candidate is no replacement by definition, whatever else is said. `proves`: with a LIKELY sum the
    verdict is CONFIRMED without an analyst. `basis` says where the weight comes from.
    """

    rule_id: str
    family: Family
    applies: Callable[[Dossier], bool]
    weigh: Callable[[Dossier, BaseRates], Finding | None]
    basis: str
    group: str = ""
    excludes: bool = False
    proves: bool = False


def listed(values: list[str]) -> tuple[str, ...]:
    """The first few witnesses, and how many more there are."""
    shown = tuple(values[:SHOWN])
    return (*shown, f"and {len(values) - SHOWN} more") if len(values) > SHOWN else shown
