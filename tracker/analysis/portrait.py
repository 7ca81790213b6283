"""A name at a glance: what was last learned of it, and its dates, each with the source that gives it."""

from dataclasses import dataclass

from tracker.model.facts import Layer, Presence, Span, Technique
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import from_iso, iso
from tracker.model.views import Views

SHOWN = {Layer.REGISTERED: "registered", Layer.DELEGATED: "delegated", Layer.SERVING: "serving"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """The newest PRESENT answers of each probe. Empty means not learned, never that there is none."""

    registrar: str = ""
    registrar_iana_id: str = ""
    abuse_email: str = ""
    statuses: tuple[str, ...] = ()
    name_servers: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True)
class Dated:
    """One statement about a time: what, when (an instant, a day, or bounds in words), and who says so."""

    what: str
    when: str
    source: str

    def __str__(self) -> str:
        return f"{self.what} {self.when} ({self.source})"


def portrait(history: History, name: DomainName) -> Portrait:
    """What was last learned of a name. Name servers are the parent zone's, else the registry's copy."""
    spans = sorted(history.spans.get(name, ()), key=lambda span: (span.last, span.probe), reverse=True)
    present = [span for span in spans if span.presence is Presence.PRESENT]

    def newest(probe: str, *keys: str) -> tuple[str, ...]:
        own = [span.facts for span in present if span.probe == probe]
        return next((facts[key] for facts in own for key in keys if key in facts), ())

    def one(probe: str, key: str) -> str:
        return next(iter(newest(probe, key)), "")

    return Portrait(
        registrar=one("registration", "registrar"),
        registrar_iana_id=one("registration", "registrar_iana_id"),
        abuse_email=one("registration", "abuse_email"),
        statuses=newest("registration", "status"),
        name_servers=newest("delegation", "ns") or newest("registration", "name_servers"),
        addresses=(*newest("addresses", "a"), *newest("addresses", "aaaa")),
        title=one("page", "title"),
    )


def dates(history: History, views: Views, name: DomainName) -> tuple[Dated, ...]:
    """The registry's dates, first certificate, our own bounds per layer, when and how it was put forward, and claims.

    A source's date is that source's claim; they need not agree.
    """
    found = _registered(history.spans.get(name, ()))
    logged = [
        (from_iso(text), row.source)
        for row in history.sightings
        if row.name == name and row.technique is Technique.CERTIFICATE
        for text in row.facts.get("timestamp", ())
    ]
    if logged:
        at, source = min(logged)
        found.append(Dated("certificate logged", iso(at), f"log entry, by {source}"))
    seen = {row.layer: row for row in views.appearances if row.name == name and row.bounds.hi is not None}
    for layer, word in SHOWN.items():
        if layer in seen:
            lo, hi = seen[layer].bounds.lo, seen[layer].bounds.hi
            after = f"after {iso(lo)} " if lo is not None else ""
            found.append(Dated(word, f"{after}by {iso(hi)}", seen[layer].hi_witness))
    put_forward = sorted((row.at, row.source, row.technique) for row in history.sightings if row.name == name)
    if put_forward:
        at, source, technique = put_forward[0]
        found.append(Dated("put forward", iso(at), f"{source}, {technique.replace('_', ' ')}"))
    for claim in history.claims:
        if claim.domain == name and claim.when is not None:
            found.append(Dated(f"claimed {claim.kind.replace('_', ' ')}", claim.when.text, claim.source.source_id))
    return tuple(found)


def _registered(spans: tuple[Span, ...]) -> list[Dated]:
    """Each registration date that was stated, once, with the service that stated it and the day it was first read."""
    found: dict[tuple[str, str], Dated] = {}
    for span in sorted(spans, key=lambda span: span.first):
        if span.layer is Layer.REGISTERED and span.presence is Presence.PRESENT:
            via = next(iter(span.facts.get("via", ())), "registry")
            for text in span.facts.get("registered_at", ()):
                day = span.facts.get("precision", ()) == ("day",)
                stated = Dated("registered", text[:10] if day else text, f"{via}, read {iso(span.first)}")
                found.setdefault((text, via), stated)
    return list(found.values())
