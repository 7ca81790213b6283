"""What follows from the log: conclusions, functions of the log and an `as_of`, that can be dropped and rebuilt."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from tracker.model.facts import Layer, Technique
from tracker.model.names import DomainName
from tracker.model.times import Bounds
from tracker.model.watching import Cohort


class State(StrEnum):
    """What a name is at a time; exclusive, most specific first. UNKNOWN is our not knowing, never an end."""

    SEIZED = "seized"
    SINKHOLED = "sinkholed"
    HELD = "held"
    UNDELEGATED = "undelegated"
    NOT_RESOLVING = "not_resolving"
    PARKED = "parked"
    UNREACHABLE = "unreachable"
    REDIRECTING = "redirecting"
    SERVING_OPERATION = "serving_operation"
    SERVING_OTHER = "serving_other"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """How sure we are that a candidate replaces its predecessor. INSUFFICIENT is not RULED_OUT."""

    CONFIRMED = "CONFIRMED"
    LIKELY = "LIKELY"
    POSSIBLE = "POSSIBLE"
    RULED_OUT = "RULED_OUT"
    INSUFFICIENT = "INSUFFICIENT"


REPLACEMENT_VERDICTS = frozenset({Verdict.CONFIRMED, Verdict.LIKELY})
"""A candidate with one of these is called a replacement."""


class Family(StrEnum):
    """Origins of data. Facts of one origin are weighed once, jointly; LIKELY needs two families."""

    LABEL = "label"
    REGISTRATION = "registration"
    HOSTING = "hosting"
    CERTIFICATE = "certificate"
    PAGE = "page"
    ANALYST = "analyst"


class Ending(StrEnum):
    """Competing causes of the end of an episode."""

    SEIZED = "seized"
    HELD = "held"
    DELETED = "deleted"
    EXPIRED = "expired"
    DARK = "dark"
    PARKED = "parked"
    OTHER_CONTENT = "other_content"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A (watch, name) pair with at least one sighting. A candidate is a question, not an accusation."""

    watch_key: str
    name: DomainName
    first_sighted_at: datetime
    techniques: tuple[Technique, ...]
    sources: tuple[str, ...]

    @property
    def key(self) -> tuple[str, DomainName]:
        """Unique."""
        return (self.watch_key, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One rule fired for one candidate. `bits` is a log2 likelihood ratio, negative when it speaks against."""

    watch_key: str
    name: DomainName
    rule_id: str
    family: Family
    bits: float
    sentence: str
    witnesses: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The sum of the evidence from a stated prior, and what it amounts to. Revisable with every new fact.

    `verdict` is that of the newest review, or else `by_rules`, what the rules alone say. `unheard` are families whose
    source failed and that could still make the verdict LIKELY, or undo it; empty when none could.
    """

    watch_key: str
    name: DomainName
    verdict: Verdict
    by_rules: Verdict
    bits: float
    prior_bits: float
    families: tuple[Family, ...]
    reviewed: bool = False
    reviewer: str = ""
    reason: str = ""
    unheard: tuple[Family, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StateSpan:
    """A name was in `state` from a moment within `since` on, last seen so at `last`; `rule_id` says what decided."""

    name: DomainName
    state: State
    since: Bounds
    last: datetime
    rule_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """A maximal interval of presence at a layer. `end` is None while alive; `entry` is when watching began."""

    name: DomainName
    layer: Layer
    number: int
    start: Bounds
    start_basis: str
    entry: datetime
    last_alive: datetime
    end: Bounds | None
    ending: Ending | None
    looks: int
    unknown_looks: int
    policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetime:
    """Shortest and longest length consistent with the bounds. `longest` is None while alive (right-censored).

    `entry_age` and `entry_age_hi` are the least and the most that it was old when it was first seen: shortest length
    goes with the former, longest with the latter. None = its age is not known. `dated`: the registry dates its birth.
    """

    name: DomainName
    layer: Layer
    number: int
    shortest: timedelta
    longest: timedelta | None
    entry_age: timedelta
    entry_age_hi: timedelta | None
    dated: bool
    alive: bool
    ending: Ending | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """When a candidate came to be at a layer: `lo` its last definite absence, `hi` the first proof of presence."""

    watch_key: str
    name: DomainName
    layer: Layer
    bounds: Bounds
    lo_witness: str
    hi_witness: str
    registered_claimed: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A candidate whose verdict is at least LIKELY, tied to the takedown it answers."""

    action_id: str
    predecessor: DomainName
    name: DomainName
    cohort: Cohort
    verdict: Verdict
    bits: float
    appearances: tuple[Appearance, ...]
    technique: Technique
    reviewed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Views:
    """Everything derived at one `as_of`. Tuples are sorted by key, so equal logs give equal views."""

    as_of: datetime
    rules_version: str
    candidates: tuple[Candidate, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    assessments: tuple[Assessment, ...] = ()
    states: tuple[StateSpan, ...] = ()
    episodes: tuple[Episode, ...] = ()
    lifetimes: tuple[Lifetime, ...] = ()
    appearances: tuple[Appearance, ...] = ()
    replacements: tuple[Replacement, ...] = field(default=())
