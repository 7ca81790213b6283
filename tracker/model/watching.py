"""What is watched and what is said about it: operations, actions, takedowns, claims, watches."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from tracker.model.names import DomainName
from tracker.model.times import UNBOUNDED, Bounds, When


class ActionKind(StrEnum):
    """The kinds of disruptive event."""

    SEIZURE = "seizure"
    SUSPENSION = "suspension"
    TERMINATION = "termination"
    DISPUTE = "dispute"
    BLOCKING = "blocking"
    PUBLICATION = "publication"


class Cohort(StrEnum):
    """Kinds of predecessor that behave differently and are never pooled."""

    OWN_BRAND = "own_brand"
    IMITATED = "imitated"


class WatchKind(StrEnum):
    """Why a watch exists. Only `control` is never reported by name: it measures chance."""

    PREDECESSOR = "predecessor"
    PROTECTED = "protected"
    ADOPTED = "adopted"
    CONTROL = "control"


class WatchStatus(StrEnum):
    """The newest row of a watch decides; removing a watch keeps what was seen."""

    ACTIVE = "active"
    PAUSED = "paused"
    REMOVED = "removed"


class Tlp(StrEnum):
    """Traffic Light Protocol 2.0: who may read what is derived from the row. Ordered by restriction in `TLP_ORDER`."""

    CLEAR = "TLP:CLEAR"
    GREEN = "TLP:GREEN"
    AMBER = "TLP:AMBER"
    AMBER_STRICT = "TLP:AMBER+STRICT"
    RED = "TLP:RED"


TLP_ORDER = tuple(Tlp)


class Pap(StrEnum):
    """Permissible Actions Protocol: what may be done with the row. RED stops every active look."""

    CLEAR = "PAP:CLEAR"
    GREEN = "PAP:GREEN"
    AMBER = "PAP:AMBER"
    RED = "PAP:RED"


Marking = TypeVar("Marking", Tlp, Pap)


def stricter(one: Marking, other: Marking) -> Marking:
    """The more restricted of two markings: what is made of several things is marked like the strictest."""
    order = list(type(one))
    return max(one, other, key=order.index)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a row comes from: a short id used in columns, a title a person can look up, and the place in it.

    For a row of a list that is polled, `revision` is the version of the list that first said it, `first` the reading
    that first had it and `last` the newest that did, once a later one lacked it: to leave a list is not to be innocent.
    """

    source_id: str
    title: str
    url: str = ""
    place: str = ""
    revision: str = ""
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """An influence operation under study; the name is the field's, not an accusation of ours."""

    operation_id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One disruptive event. `when` is the announcement; each takedown has its own interval for taking effect."""

    action_id: str
    operation_id: str
    kind: ActionKind
    authority: str
    when: When
    title: str = ""
    country: str = ""
    instrument: str = ""
    case_number: str = ""
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Takedown:
    """One domain hit by one action. `effective` bounds when it took effect here, not when it was announced."""

    action_id: str
    domain: DomainName
    cohort: Cohort
    brand: str
    imitates: DomainName | None = None
    effective: Bounds = UNBOUNDED
    position: int = 0
    sources: tuple[Source, ...] = ()

    @property
    def key(self) -> str:
        """`action_id/domain`, unique."""
        return f"{self.action_id}/{self.domain}"


class ClaimKind(StrEnum):
    """What a source can say of a name."""

    BELONGS = "belongs_to"
    REPLACES = "replaces"
    REGISTERED = "registered_on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A source's statement about a name. Compared with what we saw; never swept from, and never evidence of ours."""

    kind: ClaimKind
    domain: DomainName
    source: Source
    operation_id: str = ""
    replaces: DomainName | None = None
    when: When | None = None
    raw: str = ""
    tlp: Tlp = Tlp.CLEAR
    pap: Pap = Pap.CLEAR

    @property
    def key(self) -> str:
        """Unique per source, kind, name and what it is said to replace."""
        return f"{self.source.source_id}/{self.kind}/{self.domain}/{self.replaces or ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What is watched, why, since when. `label` is the registrable label that is looked for under other suffixes.

    A control has a label and no name. `since` is when watching began: nothing earlier was under observation.
    """

    kind: WatchKind
    label: str
    since: datetime
    name: DomainName | None = None
    operation_id: str = ""
    cohort: Cohort | None = None
    brand: str = ""
    aliases: tuple[str, ...] = ()
    own: tuple[DomainName, ...] = ()
    friendly: tuple[DomainName, ...] = ()
    matched_to: str = ""
    generation: int = 1
    tlp: Tlp = Tlp.CLEAR
    pap: Pap = Pap.CLEAR
    why: str = ""
    status: WatchStatus = WatchStatus.ACTIVE
    sources: tuple[Source, ...] = field(default=())

    @property
    def key(self) -> str:
        """`kind:name`, or `control:label`; unique and stable."""
        return f"{self.kind}:{self.name or self.label}"


class AnnouncementStatus(StrEnum):
    """The newest row of an announcement decides. OPEN waits for a person."""

    OPEN = "open"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """An authority says something that looks like a takedown, without a list a machine can read.

    To be imported by hand: nothing is watched because of it. `mentions` are names that its text contains, unchecked:
    they may be anybody's.
    """

    announcement_id: str
    title: str
    url: str
    published: When
    authority: str = ""
    number: str = ""
    keywords: tuple[str, ...] = ()
    mentions: tuple[DomainName, ...] = ()
    status: AnnouncementStatus = AnnouncementStatus.OPEN
    note: str = ""
    source: Source
