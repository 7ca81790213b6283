"""What somebody is told of while it happens. A notice is a pointer to the log, never a record of its own."""

from dataclasses import dataclass
from enum import StrEnum

from tracker.model.watching import Tlp


class NoticeKind(StrEnum):
    """What a notice is about; each kind can be muted."""

    REPLACEMENT = "replacement"
    DEATH = "death"
    RETURN = "return"
    BLIND = "blind"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing to tell. `key` is the same whenever the same thing is found again, so that it is told once.

    `what` and `reason` are for people: names in them are defanged. `tlp` says who may read them.
    """

    kind: NoticeKind
    key: str
    what: str
    reason: str
    tlp: Tlp = Tlp.CLEAR
