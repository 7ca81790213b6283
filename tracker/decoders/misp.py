"""MISP: the manifest of a feed, and events with their attributes, objects, references and tags."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tracker.decoders.listing import (
    Listing,
    NotThatList,
    Statement,
    document,
    name_in,
    table,
    tables,
    without_www,
    words,
)
from tracker.model.names import DomainName
from tracker.model.times import Precision, When
from tracker.model.watching import TLP_ORDER, Pap, Tlp

NAMING = frozenset({"domain", "hostname", "domain|ip", "url", "uri"})
BESIDE = re.compile(r"name-?server|^ns|^mx|^soa|mail|registrar|whois|research-domain|referer", re.IGNORECASE)
"""Relations of an object's attribute that name a helper or a victim, not what the object is about."""
REGISTERED = frozenset({"registration-date", "creation-date"})
REPLACED = {"replaced-by": True, "superseded-by": True, "replaces": False, "supersedes": False}
"""Relationship types between two names; True where the target replaces the source."""
PAP_ORDER = tuple(Pap)


@dataclass(frozen=True, slots=True)
class Announced:
    """One event as the manifest of a feed announces it. `words` is what it says of itself, for a filter."""

    uuid: str
    timestamp: int
    words: str


def manifest(text: str) -> tuple[Announced, ...]:
    """The events of a feed, oldest change first; raises NotThatList."""
    entries = document(text)
    if not isinstance(entries, dict) or not all(isinstance(entry, dict) for entry in entries.values()):
        raise NotThatList("no manifest of a MISP feed: it maps the id of each event to its description")
    found = []
    for uuid, entry in entries.items():
        stamp = str(entry.get("timestamp", "0"))
        tags = " ".join(words(tag.get("name")) for tag in tables(entry.get("Tag")))
        if re.fullmatch(r"[0-9a-fA-F-]{36}", uuid):
            found.append(Announced(uuid, int(stamp) if stamp.isdecimal() else 0, f"{words(entry.get('info'))} {tags}"))
    return tuple(sorted(found, key=lambda event: (event.timestamp, event.uuid)))


def read(text: str) -> Listing:
    """One event, or the events of a search reply; raises NotThatList. What was deleted is not said any more.

    A URL counts when it is to be acted on (`to_ids`), and what stands under External analysis is reading matter.
    """
    found = document(text)
    answer = table(found).get("response", found)
    events = [table(entry.get("Event")) for entry in tables(answer)] or [table(table(answer).get("Event"))]
    if not any(events) and "matching_attributes" in table(found):
        raise NotThatList("a MISP warninglist names what is ordinary: nothing is claimed from it")
    if not any(events):
        raise NotThatList("no MISP event: an object with `Event` is expected")
    statements: list[Statement] = []
    rows = 0
    for event in events:
        attributes = list(_attributes(event))
        rows += len(attributes)
        statements += _event(event, attributes)
    return Listing(statements=tuple(statements), rows=rows, title=words(events[0].get("info")))


def _attributes(event: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Every attribute with the object that it belongs to; an empty one for those that stand alone."""
    yield from ((attribute, {}) for attribute in tables(event.get("Attribute")))
    for item in tables(event.get("Object")):
        if not item.get("deleted"):
            yield from ((attribute, item) for attribute in tables(item.get("Attribute")))


def _event(
    event: Mapping[str, Any], attributes: list[tuple[Mapping[str, Any], Mapping[str, Any]]]
) -> Iterator[Statement]:
    bears: dict[str, DomainName] = {}
    born: dict[str, When] = {}
    for attribute, item in attributes:
        uuid, name = words(item.get("uuid")), _name(attribute)
        if name is not None and uuid:
            bears.setdefault(uuid, name)
        moment = _moment(attribute.get("value")) if words(attribute.get("object_relation")) in REGISTERED else None
        if moment is not None:
            born[uuid] = moment
    tied = dict(_ties(event, bears))
    for attribute, item in attributes:
        name = _name(attribute)
        if name is None:
            continue
        when = born.get(words(item.get("uuid"))) if item else None
        tlp, pap = _marking(event, attribute)
        yield Statement(
            name=name,
            place=f"event {words(event.get('uuid'))}, attribute {words(attribute.get('uuid'))}",
            raw=" | ".join(filter(None, (words(attribute.get("value")), words(attribute.get("comment"))))),
            when=when or _moment(attribute.get("first_seen")),
            registered=when is not None,
            replaces=tied.get(name),
            tlp=tlp,
            pap=pap,
        )


def _name(attribute: Mapping[str, Any]) -> DomainName | None:
    kind, value = words(attribute.get("type")), words(attribute.get("value"))
    if attribute.get("deleted") or kind not in NAMING or words(attribute.get("category")) == "External analysis":
        return None
    if BESIDE.search(words(attribute.get("object_relation"))) or (
        kind in {"url", "uri"} and not attribute.get("to_ids")
    ):
        return None
    name = name_in(value.split("|", 1)[0])
    return None if name is None else without_www(name)


def _ties(event: Mapping[str, Any], bears: Mapping[str, DomainName]) -> Iterator[tuple[DomainName, DomainName]]:
    """(new name, old name) for each reference between objects that says so."""
    for item in tables(event.get("Object")):
        for tie in tables(item.get("ObjectReference")):
            forward = REPLACED.get(words(tie.get("relationship_type")))
            ends = bears.get(words(item.get("uuid"))), bears.get(words(tie.get("referenced_uuid")))
            if forward is not None and ends[0] and ends[1] and ends[0] != ends[1] and not tie.get("deleted"):
                yield (ends[1], ends[0]) if forward else (ends[0], ends[1])


def _marking(event: Mapping[str, Any], attribute: Mapping[str, Any]) -> tuple[Tlp, Pap]:
    """The strictest markings of event and attribute."""
    tags = [words(tag.get("name")).upper() for owner in (event, attribute) for tag in tables(owner.get("Tag"))]
    tags = [tag.replace("TLP:WHITE", "TLP:CLEAR").replace("PAP:WHITE", "PAP:CLEAR") for tag in tags]
    return (
        max((Tlp(tag) for tag in tags if tag in set(Tlp)), key=TLP_ORDER.index, default=Tlp.CLEAR),
        max((Pap(tag) for tag in tags if tag in set(Pap)), key=PAP_ORDER.index, default=Pap.CLEAR),
    )


def _moment(value: object) -> When | None:
    """ISO 8601, a day or an instant; a moment without zone is in UTC, as MISP stores it."""
    text = words(value)
    try:
        if len(text) == 10:
            return When.of(text)
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return When(moment if moment.tzinfo else moment.replace(tzinfo=UTC), Precision.SECOND)
