"""How many names replaced those an action took down, by when: lower and upper curves, lags, coverage."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import Bounds
from tracker.model.views import Appearance, Assessment, Candidate, Replacement, Verdict, Views
from tracker.model.watching import Action, Cohort, Takedown

ALL = "all"
COHORTS = (Cohort.OWN_BRAND.value, Cohort.IMITATED.value, ALL)
"""Cohort columns in printing order. `all` counts each name once; it is a sum of unlike things and never the primary figure."""


@dataclass(frozen=True, slots=True)
class Step:
    """From `at` on the count is `count`."""

    at: datetime
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """Time from a takedown to the first replacement of its domain: between `lo` and `hi`, negative when registered in advance.

    `name` None = none yet, followed until `followed`. None in `lo` or `hi` is unbounded.
    """

    predecessor: DomainName
    cohort: Cohort
    name: DomainName | None
    lo: timedelta | None
    hi: timedelta | None
    followed: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Displacement:
    """N(t) of one action and cohort at one layer. The truth lies between `lower` (surely by then) and `upper` (possibly by then).

    `covered_*` counts seized names with at least one replacement so far, out of `of`. Measurement bounds only: one action is
    one decision, so nothing here is a sampling interval.
    """

    action_id: str
    cohort: str
    layer: Layer
    verdict_min: Verdict
    origin: Bounds
    lower: tuple[Step, ...]
    upper: tuple[Step, ...]
    lags: tuple[Lag, ...]
    of: int
    covered_lo: int
    covered_hi: int
    ratio_lo: float | None
    ratio_hi: float | None
    as_of: datetime


def count_at(steps: Sequence[Step], moment: datetime) -> int:
    """The count that a step curve has reached at `moment`, steps at that instant included."""
    raise NotImplementedError


def origin(history: History, action: Action, takedown: Takedown | None = None) -> Bounds:
    """When the action took effect: the takedown's own interval or the announcement's, and no later than our log knew of it."""
    raise NotImplementedError


def replacements(
    history: History,
    candidates: Sequence[Candidate],
    assessments: Sequence[Assessment],
    appearances: Sequence[Appearance],
) -> tuple[Replacement, ...]:
    """One row per (action, predecessor, name) whose verdict is at least LIKELY; names that came before the action are included."""
    raise NotImplementedError


def displacement(
    history: History, views: Views, action_id: str, cohort: str = ALL, layer: Layer = Layer.DELEGATED
) -> Displacement:
    """N(t), lags and coverage of one action; raises KeyError for an unknown action."""
    raise NotImplementedError


def displacements(history: History, views: Views, layer: Layer = Layer.DELEGATED) -> tuple[Displacement, ...]:
    """Every action that has takedowns x every cohort, by action id and in `COHORTS` order."""
    raise NotImplementedError
