"""What was seen: the nouns of the append-only log. Nothing here is a conclusion."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from tracker.model.acts import Complaint, Mute
from tracker.model.names import DomainName
from tracker.model.watching import Action, Announcement, Claim, Operation, Source, Takedown, Watch

Facts = Mapping[str, tuple[str, ...]]
"""What a look found, by fact name; values are sorted text. A missing key means not learned, never empty."""

NO_FACTS: Facts = MappingProxyType({})


ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def canonical(facts: Facts) -> str:
    """One text per set of facts, so that equal looks compare equal: JSON with sorted keys."""
    return ENCODE(dict(facts)) if facts else "{}"


class Layer(StrEnum):
    """Where a name can be alive. Alive always means alive at a layer."""

    REGISTERED = "REGISTERED"
    DELEGATED = "DELEGATED"
    RESOLVING = "RESOLVING"
    SERVING = "SERVING"


class Presence(StrEnum):
    """The three answers. INDETERMINATE is our not knowing and must never be read as ABSENT."""

    PRESENT = "PRESENT"
    ABSENT = "ABSENT"
    INDETERMINATE = "INDETERMINATE"


class Reason(StrEnum):
    """Stable id of why a look ended as it did; renaming one is a breaking change."""

    # definite
    DELEGATED = "delegated"
    AUTHORITATIVE = "authoritative"
    NODATA = "nodata"
    NXDOMAIN = "nxdomain"
    ADDRESS = "address"
    NO_ADDRESS = "no_address"
    RDAP_FOUND = "rdap_found"
    RDAP_NOT_FOUND = "rdap_not_found"
    WHOIS_FOUND = "whois_found"
    WHOIS_NOT_FOUND = "whois_not_found"
    SERVED = "served"
    CERTIFICATE = "certificate"
    # could not tell
    SERVFAIL = "servfail"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    MALFORMED = "malformed"
    RATE_LIMITED = "rate_limited"
    FORBIDDEN = "forbidden"
    NO_SERVER = "no_server"
    NOT_ASKED = "not_asked"
    RESOLVER_FOUND = "resolver_found"
    RESOLVER_DENIED = "resolver_denied"
    CANARY_FAILED = "canary_failed"
    WILDCARD = "wildcard"
    BLOCKED_ADDRESS = "blocked_address"
    TLS_ERROR = "tls_error"
    SERVER_ERROR = "server_error"


class Technique(StrEnum):
    """How a name was put forward for a watch."""

    SAME_LABEL = "same_label"
    EDIT = "edit"
    CERTIFICATE = "certificate"
    NEW_NAME = "new_name"
    REDIRECT = "redirect"
    SHARED_INFRASTRUCTURE = "shared_infrastructure"


class CanaryResult(StrEnum):
    """What the control questions of one suffix said. Only GOOD makes silence about a name an absence."""

    GOOD = "good"
    MISSING = "missing"
    WILDCARD = "wildcard"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Part of a sweep: these labels asked under these suffixes, same canary result, between `first` and `last`.

    Asked, canary GOOD and not among the `exceptions` = ABSENT at the sweep's layer, no earlier than `first`. The
    exceptions (present or indeterminate names) are observations of their own.
    """

    labels: tuple[str, ...]
    suffixes: tuple[str, ...]
    canary: CanaryResult
    first: datetime
    last: datetime
    exceptions: tuple[DomainName, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """A run over labels x suffixes, stored as coverage. Absences are never rows."""

    sweep_id: str
    technique: Technique
    source: str
    layer: Layer
    vantage: str
    first: datetime
    last: datetime
    coverage: tuple[Coverage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A discovery source put `name` forward for a watch: somebody saw the name, and that is all it says."""

    watch_key: str
    name: DomainName
    technique: Technique
    source: str
    at: datetime
    reason: str
    facts: Facts = field(default_factory=lambda: NO_FACTS)  # a mappingproxy has no hash on 3.11
    artefact_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What one probe saw of one name at one instant, from one vantage: a single look."""

    name: DomainName
    probe: str
    layer: Layer
    vantage: str
    at: datetime
    presence: Presence
    reason: Reason
    facts: Facts = field(default_factory=lambda: NO_FACTS)  # a mappingproxy has no hash on 3.11
    artefact_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Equal looks of one probe at one name; `looks` ascend. Only looks that could not tell may lie between them."""

    name: DomainName
    probe: str
    layer: Layer
    vantage: str
    presence: Presence
    reason: Reason
    facts: Facts
    looks: Sequence[datetime]
    artefact_ids: tuple[str, ...] = ()

    @property
    def first(self) -> datetime:
        """The earliest look."""
        return self.looks[0]

    @property
    def last(self) -> datetime:
        """The latest look."""
        return self.looks[-1]


@dataclass(frozen=True, slots=True)
class Canary:
    """What `source` saw of a name that exists for sure, or that nobody has: it says how well we see."""

    source: str
    name: DomainName
    expected: Presence
    seen: Presence
    reason: Reason
    at: datetime

    @property
    def failed(self) -> bool:
        """Whether it was not seen as it is. Nobody asked, or nobody to ask, says nothing of that."""
        return self.seen is not self.expected and self.reason is not Reason.NOT_ASKED


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A stretch in which a source could not be asked. It widens bounds; it is never an absence."""

    source: str
    scope: str
    first: datetime
    last: datetime
    reason: Reason
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefact:
    """The raw thing behind a fact, addressed by its SHA-256 (`artefact_id`, hex)."""

    artefact_id: str
    kind: str
    media_type: str
    body: bytes = field(repr=False)
    source_url: str
    retrieved_at: datetime
    vantage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """An analyst's verdict; appended, and the newest overrides the rules."""

    watch_key: str
    name: DomainName
    verdict: str
    reviewer: str
    reason: str
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A stage at work: its executions of one UTC day by one process. Time without runs is a gap."""

    run_id: str
    stage: str
    started_at: datetime
    vantage: str
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a source was left: opaque JSON text that only the source reads."""

    source: str
    state: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A list was read whole: of the rows whose place is `origin` or inside it, those that the batch lacks have left it.

    `before` is the reading before, the last that had them; None = there was none. With a `source_id` only rows of that
    source are meant: one file may be read as two kinds of list.
    """

    origin: str
    before: datetime | None
    source_id: str = ""

    def holds(self, source: Source) -> bool:
        """Whether a row of that source is one of this list."""
        inside = source.place == self.origin or source.place.startswith(f"{self.origin}, ")
        return inside and self.source_id in {"", source.source_id}


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What a plug-in hands over at once, stored in one transaction with its cursor: a restart repeats nothing."""

    operations: tuple[Operation, ...] = ()
    actions: tuple[Action, ...] = ()
    takedowns: tuple[Takedown, ...] = ()
    claims: tuple[Claim, ...] = ()
    watches: tuple[Watch, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    observations: tuple[Observation, ...] = ()
    sweeps: tuple[Sweep, ...] = ()
    artefacts: tuple[Artefact, ...] = ()
    gaps: tuple[Gap, ...] = ()
    reviews: tuple[Review, ...] = ()
    announcements: tuple[Announcement, ...] = ()
    mutes: tuple[Mute, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    readings: tuple[Reading, ...] = ()
    canaries: tuple[Canary, ...] = ()
    cursor: Cursor | None = None
