"""What people did about a name besides judging it: they reported it, or asked not to be shown it for a while."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tracker.model.names import DomainName
from tracker.model.times import When, iso


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """Somebody reported a name to somebody who can act on it. Stated again with an answer, it is the same complaint.

    An end that follows is not thereby explained: what ended a life stays with what was seen. `reported_by` is empty
    when it was us.
    """

    name: DomainName
    reported_to: str
    channel: str
    reported: When
    reported_by: str = ""
    answer: str = ""
    answered: When | None = None
    reference: str = ""

    @property
    def key(self) -> str:
        """Unique per name, addressee, channel and moment: an answer that comes later replaces the row without one."""
        return f"{self.name}/{self.reported_to}/{self.channel}/{iso(self.reported.at)}"


class MuteScope(StrEnum):
    """What a mute's value is compared with."""

    NAME = "name"
    PREDECESSOR = "predecessor"
    LABEL = "label"
    SUFFIX = "suffix"
    REGISTRAR = "registrar"
    NAME_SERVER = "name_server"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """Candidates of this scope are not put before a reviewer until `until`; a newer one of the same scope and value
    replaces it. It touches no verdict and no count.
    """

    scope: MuteScope
    value: str
    until: datetime
    reviewer: str
    reason: str
    at: datetime
