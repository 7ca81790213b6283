"""STIX 2.1 bundles: domain names and URLs as observables, patterns of indicators, markings, and what replaces what."""

import re
from collections.abc import Iterator, Mapping
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
from tracker.model.times import When
from tracker.model.watching import TLP_ORDER, Tlp

_PATTERN = re.compile(r"(?:domain-name|url):value\s*(?:=|IN\s*\(|LIKE)\s*((?:'(?:[^'\\]|\\.)*'[\s,]*)+)")
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'")
REPLACES = {"replaced-by": True, "replaces": False, "derived-from": False}
"""Relationships between two names; True where the target replaces the source."""
MARKINGS = {
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": Tlp.CLEAR,
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": Tlp.GREEN,
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": Tlp.AMBER,
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": Tlp.RED,
    "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": Tlp.CLEAR,
    "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": Tlp.GREEN,
    "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": Tlp.AMBER,
    "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": Tlp.AMBER_STRICT,
    "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": Tlp.RED,
}
"""The fixed ids of TLP 1 (in STIX 2.1 itself) and TLP 2 (its extension), by OASIS."""


def read(text: str) -> Listing:
    """The names of a bundle; raises NotThatList. What was revoked is not said any more."""
    bundle = document(text)
    if not isinstance(bundle, dict) or bundle.get("type") != "bundle":
        raise NotThatList("no STIX bundle: an object of type `bundle` is expected")
    objects = list(tables(bundle.get("objects")))
    markings = MARKINGS | dict(_markings(objects))
    named: dict[str, list[DomainName]] = {}
    statements: list[Statement] = []
    for item in objects:
        if item.get("revoked") is True:
            continue
        for raw, name in _names(item):
            named.setdefault(words(item.get("id")), []).append(name)
            refs = item.get("object_marking_refs")
            marks = [markings.get(str(ref), Tlp.CLEAR) for ref in refs] if isinstance(refs, list) else []
            statements.append(
                Statement(
                    name=name,
                    place=words(item.get("id")),
                    raw=raw,
                    when=_when(item),
                    tlp=max(marks, key=TLP_ORDER.index, default=Tlp.CLEAR),
                )
            )
    strictest = {row.name: row.tlp for row in sorted(statements, key=lambda row: TLP_ORDER.index(row.tlp))}
    for place, new, old in _ties(objects, named):
        statements.append(Statement(name=new, place=place, replaces=old, tlp=strictest.get(new, Tlp.CLEAR)))
    return Listing(statements=tuple(statements), rows=len(objects), title=_title(objects))


def _names(item: Mapping[str, Any]) -> Iterator[tuple[str, DomainName]]:
    match item.get("type"):
        case "domain-name" | "url":
            raws = [words(item.get("value"))]
        case "indicator":
            pattern = words(item.get("pattern"))
            raws = [raw for values in _PATTERN.findall(pattern) for raw in _QUOTED.findall(values)]
        case _:
            raws = []
    for raw in raws:
        name = name_in(raw.strip("%").removeprefix("*."))
        if name is not None:
            yield raw, without_www(name)


def _ties(
    objects: list[Mapping[str, Any]], named: dict[str, list[DomainName]]
) -> Iterator[tuple[str, DomainName, DomainName]]:
    """(relationship, new name, old name); an infrastructure stands for the names that it consists of."""
    ties = [item for item in objects if item.get("type") == "relationship" and item.get("revoked") is not True]
    for tie in ties:
        if tie.get("relationship_type") == "consists-of":
            parts = named.get(words(tie.get("target_ref")), [])
            named.setdefault(words(tie.get("source_ref")), []).extend(parts)
    for tie in ties:
        kind, scored = words(tie.get("relationship_type")), str(table(tie.get("extensions"))).find("'verdict'") >= 0
        if kind not in REPLACES and not (kind == "related-to" and scored):
            continue
        source, target = (named.get(words(tie.get(end)), []) for end in ("source_ref", "target_ref"))
        new, old = (target, source) if REPLACES.get(kind) else (source, target)
        yield from ((words(tie.get("id")), one, other) for one in new for other in old if one != other)


def _markings(objects: list[Mapping[str, Any]]) -> Iterator[tuple[str, Tlp]]:
    """Markings that the bundle defines itself, by what they call themselves."""
    for item in objects:
        if item.get("type") == "marking-definition":
            said = words(table(item.get("definition")).get("tlp")) or words(item.get("name")).upper().removeprefix(
                "TLP:"
            )
            said = f"TLP:{said.upper().replace('WHITE', 'CLEAR')}"
            if said in set(Tlp):
                yield words(item.get("id")), Tlp(said)


def _when(item: Mapping[str, Any]) -> When | None:
    """When an indicator says that it holds from; observables have no date of their own."""
    try:
        return When.of(words(item.get("valid_from")))
    except ValueError:
        return None


def _title(objects: list[Mapping[str, Any]]) -> str:
    titled = {"report", "grouping", "campaign"}
    named = (words(item.get("name")) for item in objects if words(item.get("type")) in titled)
    return next(filter(None, named), "")
