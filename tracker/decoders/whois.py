"""WHOIS replies of any registry: what kind of reply, and what it states of the domain. Never raises."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from tracker.decoders.whois_dates import Moment
from tracker.decoders.whois_fields import Fields, read_fields
from tracker.decoders.whois_lines import entries
from tracker.decoders.whois_outcome import Outcome, outcome, reserved
from tracker.model.times import Precision

__all__ = ["Outcome", "WhoisFacts", "WhoisReply", "read"]

LIMIT: Final = 256 * 1024
"""Characters read of one reply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoisFacts:
    """What a registry states of a registered name. None and empty mean not stated, never that there is none.

    `precisions` says for each date that is present how finely it is stated; of precision `day` the value is that
    calendar day's midnight UTC. `referral` is the server that the reply points to: somebody's text, unchecked.
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
    referral: str = ""


@dataclass(frozen=True, slots=True)
class WhoisReply:
    """A classified reply; `facts` only with outcome FOUND."""

    outcome: Outcome
    facts: WhoisFacts | None = None


def read(text: str, suffix: str, server: str) -> WhoisReply:
    """Classify and read the reply `text` that `server` gave about a name under `suffix`. Never raises.

    `suffix` decides the order of day and month where the text does not; it may be a public suffix of any depth.
    """
    short = text[:LIMIT].replace("\x00", "").replace("\ufeff", "")
    fields = read_fields(entries(short), short, suffix.strip(".").lower())
    kind = outcome(short, fields)
    if kind is not Outcome.FOUND:
        return WhoisReply(kind)
    return WhoisReply(kind, _facts(fields, reserved=not fields.is_record and reserved(short)))


def _facts(fields: Fields, *, reserved: bool) -> WhoisFacts:
    dates: dict[str, Moment | None] = {
        "registered_at": fields.registered,
        "expires_at": fields.expires,
        "updated_at": fields.updated,
    }
    return WhoisFacts(
        **{name: moment.at for name, moment in dates.items() if moment is not None},
        precisions={name: moment.precision for name, moment in dates.items() if moment is not None},
        registrar=fields.registrar,
        registrar_iana_id=fields.registrar_iana_id,
        abuse_email=fields.abuse_email,
        name_servers=fields.name_servers,
        statuses=("reserved",) if reserved else fields.statuses,
        referral=fields.referral,
    )
