"""Fields of a registered name from the entries of its reply. Personal data are passed over, never read."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tracker.decoders import whois_words as words
from tracker.decoders.whois_dates import Moment, Order, date_starts, orders, read_date
from tracker.decoders.whois_lines import Entry, normalised
from tracker.decoders.whois_registrar import registrar_of

_HOST: Final = re.compile(
    r"^(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})$"
)
_STATUS_JUNK: Final = re.compile(r"\s*(?:https?://\S+|\([^)]*\)?|\[[^\]]*\]?|--.*)\s*", re.IGNORECASE)
_NO_HOST: Final = frozenset({"not.defined", "none.none"})  # written where another server could stand
_ADDRESSED: Final = re.compile(r"\s[\[(]?(?:\d{1,3}\.){3}\d{1,3}\b")  # with its address even the name is a server
_NOTE: Final = re.compile(r"\(([^()]{1,40})\)\s*$")
_HOST_KEYS: Final = frozenset({"host name", "hostname"})
_HOST_SUBKEYS: Final = _HOST_KEYS | {"name", "host", "domain name"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What the entries state of the domain itself; None and empty mean not stated."""

    domain: str = ""
    registered: Moment | None = None
    expires: Moment | None = None
    updated: Moment | None = None
    registrar: str = ""
    registrar_iana_id: str = ""
    abuse_email: str = ""
    name_servers: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    referral: str = ""
    has_contact: bool = False

    @property
    def is_owned(self) -> bool:
        """Whether somebody has the name: servers, or two of dates and registrar, or one of them beside the name."""
        facts = sum(map(bool, (self.registered, self.expires, self.registrar)))
        return bool(self.name_servers or facts > 1 or (self.domain and facts))

    @property
    def is_record(self) -> bool:
        """Whether this looks like the description of a name: the name alone is only the question echoed."""
        return self.is_owned or bool(self.domain and (self.has_contact or self.updated or self.statuses))


def host(text: str) -> str | None:
    """A host name as the rest of the program writes it, or None when the text is none."""
    name = text.strip().strip("'\"<>,;").split("(")[0].split("[")[0].rstrip(".").lower()
    return name if _HOST.match(name) and name not in _NO_HOST else None


def epp(status: str) -> str:
    """The EPP status name in camel case for any spelling of one (RFC 8056); other text in lower case."""
    bare = " ".join(_STATUS_JUNK.sub(" ", status).split()).strip(" .")
    return words.EPP.get(re.sub(r"[\s_-]", "", bare).lower()) or bare.lower()


def read_fields(found: Sequence[Entry], text: str, suffix: str) -> Fields:
    """The fields stated by `found`. Where a field is stated twice the first statement about the domain counts."""
    order = orders(text, suffix)
    domain = _domain(found, suffix)
    return Fields(
        domain=domain,
        registered=_date(found, words.CREATED, (words.EXPIRES, words.UPDATED), order),
        expires=_date(found, words.EXPIRES, (words.RENEWS,), order) or _date(found, words.EXPIRES, (), order),
        updated=_date(found, words.UPDATED, (words.EXPIRES,), order),
        registrar=registrar_of(found),
        registrar_iana_id=next((e.value for e in found if e.value.isdecimal() and e.has(words.REGISTRAR_ID)), ""),
        abuse_email=_abuse(found),
        name_servers=_name_servers(found, domain),
        statuses=_statuses(found),
        referral=next((name for e in found if e.has(words.REFERRAL) and (name := host(e.value))), ""),
        has_contact=any(_is_contact(entry) for entry in found),
    )


def _is_contact(entry: Entry) -> bool:
    """Whether the entry states something of a person or company: by its heading, or by its own key at the top."""
    titles = (entry.section,) if entry.section else entry.keys
    stated = entry.value not in {"", "-", "None"}
    return stated and any(len(title.split()) <= 4 and set(title.split()) & words.CONTACT for title in titles)


def _foreign(section: str, *, registrar: bool = True) -> bool:
    """Whether what stands below this heading is somebody else's; `registrar` says whether a registrar is somebody."""
    parts = set(section.split())
    registrars = registrar and bool(parts) and parts <= {"registrar", "sponsoring", "last"}
    return bool(parts & (words.CONTACT | {"whois", "nsset", "keyset"})) or registrars


def _date(
    found: Sequence[Entry], field: words.Field, unless: Sequence[words.Field], order: Mapping[str, Order]
) -> Moment | None:
    """The first date of the domain; else one below its registrar's name, unless it may be the registrar's own.

    A key repeated line after line is a history, of which the last change counts.
    """
    for below_registrar in (False, True):
        first: tuple[str, ...] = ()
        best: Moment | None = None
        for entry in found:
            if best is not None and entry.keys != first:
                return best
            if _foreign(entry.section, registrar=not below_registrar) or _names_another(entry.value, field):
                continue
            keys = [key for key in entry.keys if not below_registrar or " " in key or field is words.EXPIRES]
            if any(field.names(key) and not any(other.names(key) for other in unless) for key in keys):
                moment = read_date(entry.value, orders(entry.raw_key, "") if "yy" in entry.raw_key.lower() else order)
                if moment is not None and (best is None or (field is words.UPDATED and moment.at > best.at)):
                    first, best = entry.keys, moment
        if best is not None:
            return best
    return _sentence(found, field, unless, order) or (_noted(found, order) if field is words.CREATED else None)


def _noted(found: Sequence[Entry], order: Mapping[str, Order]) -> Moment | None:
    """A birth that stands among the changes: `changed: hostmaster 19990605 (Assigned)`."""
    for entry in found:
        note = _NOTE.search(entry.value)
        told = note is not None and words.CREATED.names(normalised(note[1]))
        if told and any(map(words.UPDATED.names, entry.keys)) and not _foreign(entry.section):
            return read_date(entry.value, order)
    return None


def _names_another(value: str, field: words.Field) -> bool:
    """Whether a value is a sentence of its own, about another date than its key's."""
    key = normalised(value[: date_starts(value[:80])])
    dated = (words.CREATED, words.EXPIRES, words.UPDATED)
    return bool(key) and not field.names(key) and any(other.names(key) for other in dated)


def _sentence(
    found: Sequence[Entry], field: words.Field, unless: Sequence[words.Field], order: Mapping[str, Order]
) -> Moment | None:
    """A date in a line without a separator: `Record created on 10-May-1999.`

    `Last updated on …` in a footer is the database's own hour, so an update must name the record.
    """
    for entry in found:
        at = date_starts(entry.value[:80])
        head = entry.value[:at]
        key = normalised(head) if ":" not in head else ""
        if field is words.UPDATED and not {"record", "domain", "entry"} & set(key.split()):
            continue
        if key and field.names(key) and not any(other.names(key) for other in unless):
            moment = read_date(entry.value[at:], order)
            if moment is not None:
                return moment
    return None


def _domain(found: Sequence[Entry], suffix: str) -> str:
    for entry in found:
        if entry.value and entry.has(words.DOMAIN):
            name = host(entry.value.split()[0])
            if name:
                return name
        heading = host(entry.raw_key) if not entry.value else None
        if heading and heading.endswith("." + suffix):
            return heading
    return ""


def _abuse(found: Sequence[Entry]) -> str:
    for entry in found:
        if entry.has(words.ABUSE) and ("registrar" in entry.section or any("registrar" in key for key in entry.keys)):
            address = re.search(r"[^\s<>()]+@[^\s<>()]+", entry.value)
            if address is not None:
                return address[0].lower().removeprefix("mailto:")
    return ""


def _name_servers(found: Sequence[Entry], domain: str) -> tuple[str, ...]:
    names: set[str] = set()
    described = next((at for at, entry in enumerate(found) if entry.has(words.DOMAIN)), 0)
    for at, entry in enumerate(found):
        if at < described and entry.has(("server name",)):
            continue  # a host that happens to begin with the name, described before the name itself
        own = any(words.SERVERS.names(key) or key in _HOST_KEYS for key in entry.keys)
        under = words.SERVERS.names(entry.section) and (not entry.keys or entry.has(_HOST_SUBKEYS))
        if (own or under) and (entry.section == "nsset" or not _foreign(entry.section, registrar=False)):
            names.update(name for name in _hosts(entry.value) if name != domain or _ADDRESSED.search(entry.value))
    return tuple(sorted(names or _listed(found)))


def _hosts(value: str) -> Iterator[str]:
    for token in re.split(r"[,;\s]+", value):
        name = host(token)
        if name is not None:
            yield name


def _listed(found: Sequence[Entry]) -> Iterable[str]:
    """Name servers in a reply that is nothing but `label host` lines after a banner, as one small registry answers."""
    lines = [entry.value.split() for entry in found]
    told = [line for line in lines if len(line) == 2 and line[0].isalnum() and line[0].lower() not in words.DOMAIN]
    pairs = {name for line in told if (name := host(line[1]))}
    return pairs if len(lines) <= 8 and len(pairs) >= len(lines) - 1 else ()


def _statuses(found: Sequence[Entry]) -> tuple[str, ...]:
    seen: set[str] = set()
    for entry in found:
        if entry.value and entry.has(words.STATUS) and not _foreign(entry.section):
            seen.update(epp(part) for part in re.split(r"[,;]", _STATUS_JUNK.sub(" ", entry.value)))
    return tuple(sorted(status for status in seen if 0 < len(status) <= 60))
