"""What a name is made of as far as looks and certificates told: registrar, hosting, certificates, pages."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker.analysis.nameservers import ServerRules
from tracker.analysis.sharedhosting import is_shared_address, telling_operators
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Presence, Sighting, Span, Technique
from tracker.model.names import DomainName
from tracker.model.times import When, from_iso

_CORPORATE = re.compile(
    r"\b(?:inc|incorporated|llc|l l c|ltd|limited|gmbh|co|corp|corporation|company|sa|sas|sarl|srl|ag|bv|ab|oy)\b"
)
_WITHHELD = re.compile(r"redacted|withheld|not disclosed|privacy|^(?:n ?a|none|unknown)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """Traits of one life of a name. Empty means not learned, or shared by everybody; never that there is none.

    `operators` are the registrable names behind its name servers; `hosted` says that some were seen, telling or not.
    `fingerprints` are 64-bit text fingerprints of ordinary pages, `builds` their favicons and structures
    (`favicon_mmh3:N`, `dom:HEX`); `leads_to` are the names that visitors were sent to; `kinds` what other pages were
    (parking, banner); `copies` the outlets' names and accounts that its pages were copied with.
    """

    registrar: str = ""
    registered: When | None = None
    operators: tuple[str, ...] = ()
    hosted: bool = False
    addresses: tuple[str, ...] = ()
    certified_at: datetime | None = None
    certificate_names: tuple[DomainName, ...] = ()
    keys: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    fingerprints: tuple[int, ...] = ()
    trackers: tuple[str, ...] = ()
    builds: tuple[str, ...] = ()
    leads_to: tuple[DomainName, ...] = ()
    kinds: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Life:
    """The stretch of time between two registrations of a name; None on a side where it is open.

    `follows` says that the registry had stated another registration before this one: what was seen before is not of
    this life.
    """

    registered: When | None = None
    until: datetime | None = None
    follows: bool = False

    def holds(self, first: datetime, last: datetime) -> bool:
        """Whether something seen from `first` to `last` may belong to this life."""
        begun = self.registered is None or last >= self.registered.at
        return begun and (self.until is None or first < self.until)

    def surely_has(self, moment: datetime) -> bool:
        """Whether a moment lies in this life wherever in its stated day it was registered."""
        since = None if self.registered is None or not self.follows else self.registered.bounds().hi
        return (since is None or moment >= since) and (self.until is None or moment < self.until)


FIRST_LIFE = Life()
"""All that was ever seen of a name that had one owner."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How facts are read: where names are registrable, and which name servers are nobody's own."""

    suffixes: Suffixes
    servers: ServerRules

    def telling(self, hosts: Iterable[str]) -> bool:
        """Whether a set of name servers says anything of who runs the name: no parking, no seizure, nobody's all."""
        names = tuple(host.lower().rstrip(".") for host in hosts)
        operators = telling_operators(self.suffixes.registrable(DomainName(host)) or host for host in names)
        return self.servers.classify(names) is None and bool(operators)


def registrar_key(name: str) -> str:
    """A registrar's name without case, punctuation and corporate form; empty for redaction markers, which are no
    pivot."""
    words = re.sub(r"[^\w]+", " ", name.casefold()).strip()
    return "" if _WITHHELD.search(words) else " ".join(_CORPORATE.sub(" ", words).split())


def traits(
    name: DomainName, spans: Sequence[Span], sightings: Sequence[Sighting], reading: Reading, life: Life | None = None
) -> Traits:
    """Collect the traits of one life of a name from its PRESENT spans and the certificates that were sighted."""
    own = life or Life()
    seen = [span for span in spans if span.presence is Presence.PRESENT and own.holds(span.first, span.last)]
    by_probe = {probe: [span for span in seen if span.probe == probe] for probe in {span.probe for span in seen}}
    registration = by_probe.get("registration", [])
    operators, hosted = _operators((*by_probe.get("delegation", []), *registration), reading)
    certificates = [row for row in sightings if row.technique is Technique.CERTIFICATE and _logged(row, own)]
    handshakes = by_probe.get("certificate", [])
    pages = by_probe.get("page", [])
    ordinary = [span for span in pages if not span.facts.get("kind")]
    return Traits(
        registrar=next(
            (
                key
                for span in reversed(registration)
                for text in span.facts.get("registrar", ())
                if (key := registrar_key(text))
            ),
            "",
        ),
        registered=own.registered,
        operators=operators,
        hosted=hosted,
        addresses=tuple(
            text for text in _values(by_probe.get("addresses", []), "a", "aaaa") if not is_shared_address(text)
        ),
        certified_at=min((moment for row in certificates for moment in _logged(row, own)), default=None),
        certificate_names=_neighbours(name, (*certificates, *handshakes), reading.suffixes),
        keys=_values(handshakes, "spki_sha256"),
        texts=_values(ordinary, "text_sha256"),
        fingerprints=tuple(sorted({int(text, 16) for text in _values(ordinary, "simhash")})),
        trackers=_values(ordinary, "trackers"),
        builds=tuple(f"{key}:{text}" for key in ("dom", "favicon_mmh3") for text in _values(ordinary, key)),
        leads_to=_led(name, pages, reading.suffixes),
        kinds=_values(pages, "kind"),
        copies=_values(ordinary, "copy_of", "outlet_trackers"),
    )


def _values(spans: Iterable[Span], *keys: str) -> tuple[str, ...]:
    return tuple(sorted({text for span in spans for key in keys for text in span.facts.get(key, ())}))


def _operators(spans: Iterable[Span], reading: Reading) -> tuple[tuple[str, ...], bool]:
    """Operators of the name servers, whole sets that belong to a seizure, a sinkhole or parking left out."""
    sets = {hosts for span in spans for key in ("ns", "name_servers") if (hosts := span.facts.get(key, ()))}
    plain = [hosts for hosts in sets if reading.servers.classify(hosts) is None]
    names = {host.lower().rstrip(".") for hosts in plain for host in hosts}
    return telling_operators(reading.suffixes.registrable(host) or host for host in names), bool(plain)


def _logged(row: Sighting, life: Life) -> list[datetime]:
    """When the entry was made in the log, as far as that falls into this life; when it was sighted does not matter."""
    moments = (from_iso(text) for text in row.facts.get("timestamp", ()))
    return [moment for moment in moments if life.holds(moment, moment)]


def _neighbours(name: DomainName, rows: Iterable[Sighting | Span], suffixes: Suffixes) -> tuple[DomainName, ...]:
    """Other registrable names on the certificates, bundles included: how many there are decides what they say."""
    found: set[DomainName] = set()
    for row in rows:
        for host in row.facts.get("names", ()):
            registrable = suffixes.registrable(host.removeprefix("*."))
            if registrable is not None and registrable != name:
                found.add(registrable)
    return tuple(sorted(found))


def _led(name: DomainName, pages: Iterable[Span], suffixes: Suffixes) -> tuple[DomainName, ...]:
    """Registrable names that the page ended on instead of its own."""
    hosts = {host for span in pages for host in span.facts.get("final_host", ())}
    found = {registrable for host in hosts if (registrable := suffixes.registrable(DomainName(host))) is not None}
    return tuple(sorted(found - {name}))


def distance(one: int, other: int) -> int:
    """In how many of 64 bits two text fingerprints differ; about 32 for unrelated texts."""
    return (one ^ other).bit_count()
