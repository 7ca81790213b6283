"""What a registry states of a name, whichever way it was asked: the part that RDAP and WHOIS have in common."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tracker.model.times import Precision


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryFacts:
    """What a registry states of a registered name. None and empty mean not stated, never that there is none.

    `precisions` says for each date that is present how finely it is stated; of precision `day` the value is that
    calendar day's midnight UTC. `statuses` are EPP names (RFC 8056), `withheld` names what was redacted (RFC 9537).
    Missing name servers do not mean that the name is not delegated.
    """

    registered_at: datetime | None = None
    expires_at: datetime | None = None
    updated_at: datetime | None = None
    precisions: Mapping[str, Precision] = field(default_factory=dict)
    registrar: str = ""
    registrar_iana_id: str = ""
    abuse_email: str = ""
    name_servers: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
