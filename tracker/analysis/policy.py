"""What the sum of the evidence amounts to: prior, thresholds, and which families are heard."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tracker.analysis.nameservers import ServerRules, bundled
from tracker.analysis.weights import RULES_VERSION
from tracker.model.views import Family


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Thresholds in bits on prior plus evidence. Frozen and versioned: `LIKELY` of one policy is not that of another.

    A family counts when its net evidence reaches `family_bits`, weaker ones when their sum reaches `joint_bits`; LIKELY
    needs `families_required` of them. `scales` multiplies the bits of rules by id and serves sensitivity alone.
    `servers` says what delegation to whom stands for.
    """

    rules_version: str = RULES_VERSION
    prior_bits: float = -5.0
    """One in 32 names with such a label replaces anything; far below the published 12 of 32, so that evidence must
    carry a verdict."""
    likely_bits: float = 5.5
    """45 to 1. Set on 44 drawn stories, where no stranger came above 5.1 and no replacement below 6.0."""
    possible_bits: float = -2.0
    ruled_out_bits: float = -8.0
    family_bits: float = 2.25
    joint_bits: float = 3.5
    """Above what one stranger in twenty brings by chance: a common registrar, a date after the takedown and a prompt
    certificate make 3.0."""
    families_required: int = 2
    families: frozenset[Family] = frozenset(Family)
    scales: Mapping[str, float] = field(default_factory=dict)
    servers: ServerRules = field(default_factory=bundled)


POLICY = Policy()
