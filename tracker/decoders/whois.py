"""WHOIS replies of any registry: what kind of reply, and what it states of the domain. Never raises."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tracker.decoders.registered import RegistryFacts
from tracker.decoders.whois_dates import Moment, orders, read_date
from tracker.decoders.whois_fields import Fields, read_fields
from tracker.decoders.whois_library import library_dates
from tracker.decoders.whois_lines import Entry, entries
from tracker.decoders.whois_outcome import Outcome, denials, is_competent, outcome, reserved
from tracker.decoders.whois_words import (
    ABUSE,
    CONTACT,
    CREATED,
    DOMAIN,
    EXPIRES,
    OBJECTS,
    REGISTRAR,
    REGISTRAR_ID,
    SERVERS,
    STATUS,
    UPDATED,
)

__all__ = ["Outcome", "WhoisFacts", "WhoisReply", "read", "scrubbed"]

LIMIT: Final = 64 * 1024
"""Characters read of one reply; registries need a tenth of that."""
_LINES: Final = 1500
_WIDTH: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoisFacts(RegistryFacts):
    """What a reply states; `referral` is the server that it points to: somebody's text, unchecked.

    `withheld` stays empty, as WHOIS does not say what it leaves out.
    """

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
    short = _bounded(text)
    zone = suffix.strip(".").lower()
    found = entries(short)
    fields = read_fields(found, short, zone)
    kind = outcome(short, fields)
    if kind is Outcome.NOT_FOUND and not is_competent(short, zone):
        kind = Outcome.ERROR
    if kind is not Outcome.FOUND:
        return WhoisReply(kind)
    if not fields.is_record:
        return WhoisReply(kind, WhoisFacts(statuses=("reserved",) if reserved(short) else fields.statuses))
    return WhoisReply(kind, _facts(fields, _dates(fields, found, short, zone)))


def _bounded(text: str) -> str:
    """As much of a reply as may be worked on: what a hostile server sends must not cost more than it is worth."""
    whole = text[:LIMIT].replace("\x00", "").replace("\ufeff", "")
    lines = "\n".join(map(_unmangled, whole.split("\n"))).splitlines()
    return "\n".join(line[:_WIDTH] for line in lines[:_LINES])


def _unmangled(line: str) -> str:
    """A line as it was meant that is UTF-8 taken for Latin-1 and encoded once more; any other as it is."""
    if line.isascii():
        return line
    try:
        return line.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return line


def _dates(fields: Fields, found: Sequence[Entry], text: str, suffix: str) -> dict[str, Moment]:
    """Our own reading first; what it lacks may come from corrections for single registries, then from the library."""
    own = {"registered": fields.registered, "expires": fields.expires, "updated": fields.updated}
    dates = {name: moment for name, moment in own.items() if moment is not None}
    if suffix.rpartition(".")[2] == "jp" and fields.expires is None:
        # JPRS prints the end of a registration only inside the state: `Connected (2015/03/31)`.
        stated = [read_date(e.value, orders(text, suffix)) for e in found if e.has(STATUS) and "(" in e.value]
        if stated and stated[0] is not None:
            dates["expires"] = stated[0]
    missing = [name for name in own if name not in dates]
    return {**library_dates(text, suffix, found, missing), **dates} if missing else dates


def _facts(fields: Fields, dates: Mapping[str, Moment]) -> WhoisFacts:
    at = {f"{name}_at": moment.at for name, moment in dates.items()}
    return WhoisFacts(
        registered_at=at.get("registered_at"),
        expires_at=at.get("expires_at"),
        updated_at=at.get("updated_at"),
        precisions={f"{name}_at": moment.precision for name, moment in dates.items()},
        registrar=fields.registrar,
        registrar_iana_id=fields.registrar_iana_id,
        abuse_email=fields.abuse_email,
        name_servers=fields.name_servers,
        statuses=fields.statuses,
        referral=fields.referral,
    )


def scrubbed(text: str) -> str:
    """The lines of a reply that state the registration itself, as `key: value`; nobody's personal data, no prose."""
    wanted = DOMAIN | STATUS | REGISTRAR | REGISTRAR_ID | ABUSE
    kept = []
    for entry in entries(_bounded(text)):
        key = entry.keys[0] if entry.keys else ""
        dated = any(field.names(key) for field in (CREATED, EXPIRES, UPDATED, SERVERS))
        person = set(entry.section.split()) & (CONTACT | OBJECTS) and entry.section != "registrar"
        if key and entry.value and not person and (dated or entry.has(wanted)):
            kept.append(f"{key}: {entry.value}\n")
    return "".join(kept)


def denial(text: str) -> str:
    """The lines of a reply that say that the name is not registered; nothing of who asked, and no prose."""
    return "".join(f"{line}\n" for line in denials(_bounded(text)))
