"""What describes a data package to machines: `datapackage.json` (Data Package v2) and the manifest of its making."""

from collections.abc import Mapping
from dataclasses import dataclass

from tracker.export.columns import Column, Kind, Table
from tracker.export.rows_facts import named_sources
from tracker.export.schema import PACKAGE, SCHEMA_VERSION
from tracker.export.selection import Shown
from tracker.export.snapshot import PUBLISHERS
from tracker.model.history import History
from tracker.model.times import iso
from tracker.model.watching import Source

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
TABLE_PROFILE = "https://datapackage.org/profiles/2.0/tableschema.json"
TITLE = "Domains of influence operations: takedowns, replacements, lifetimes"
DESCRIPTION = (
    "What was seen of watched names and what follows from it, as known at the `as_of` of the snapshot. Conclusions are "
    "revisable; a candidate is a question, not an accusation. See CODEBOOK.md for what each column must not be read as."
)
LICENCE = {
    "name": "CC-BY-4.0",
    "path": "https://creativecommons.org/licenses/by/4.0/",
    "title": "Creative Commons Attribution 4.0",
}

FIELD_TYPES: Mapping[Kind, Mapping[str, str]] = {
    Kind.TEXT: {"type": "string"},
    Kind.LIST: {"type": "list", "delimiter": ";", "itemType": "string"},
    Kind.INTEGER: {"type": "integer"},
    Kind.NUMBER: {"type": "number"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.MOMENT: {"type": "datetime", "format": "%Y-%m-%dT%H:%M:%SZ"},
    Kind.DURATION: {"type": "integer"},
}


@dataclass(frozen=True, slots=True)
class File:
    """One table as written."""

    path: str
    rows: int
    size: int
    sha256: str


def datapackage(shown: Shown, files: Mapping[str, File]) -> Mapping[str, object]:
    """The descriptor. `created` is the `as_of` of the data, because a wall clock would make equal data differ."""
    return {
        "$schema": PROFILE,
        "name": "domain-churn",
        "id": shown.snapshot,
        "title": TITLE,
        "description": DESCRIPTION,
        "version": SCHEMA_VERSION,
        "created": iso(shown.views.as_of),
        "licenses": [LICENCE],
        "contributors": [{"title": PUBLISHERS, "roles": ["publisher"]}],
        "sources": [
            {"title": source.title, **({"path": source.url} if source.url else {})} for source in sources(shown.history)
        ],
        "resources": [_resource(table, files[table.name]) for table in PACKAGE],
    }


def sources(history: History) -> tuple[Source, ...]:
    """Every source that a watch, action, takedown or claim names, once, by id."""
    found = {(source.source_id, source.title, source.url): source for source in named_sources(history)}
    named = {(title, url): source for (_, title, url), source in sorted(found.items(), reverse=True)}
    return tuple(sorted(named.values(), key=lambda source: (source.source_id, source.title, source.url)))


def _resource(table: Table, file: File) -> Mapping[str, object]:
    return {
        "name": table.name.replace("_", "-"),
        "title": table.title,
        "description": table.description,
        "type": "table",
        "path": file.path,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"lineTerminator": "\r\n"},
        "bytes": file.size,
        "hash": f"sha256:{file.sha256}",
        "schema": table_schema(table),
    }


def table_schema(table: Table) -> Mapping[str, object]:
    """The Table Schema of one table."""
    schema: dict[str, object] = {
        "$schema": TABLE_PROFILE,
        "missingValues": [""],
        "fields": [_field(column) for column in table.columns],
        "primaryKey": list(table.primary_key),
    }
    if table.foreign_keys:
        schema["foreignKeys"] = [
            {
                "fields": [key.column],
                "reference": {"resource": key.to_table.replace("_", "-"), "fields": [key.to_column]},
            }
            for key in table.foreign_keys
        ]
    return schema


def _field(column: Column) -> Mapping[str, object]:
    constraints: dict[str, object] = {"required": True} if column.required else {}
    if column.categories:
        constraints["enum"] = list(column.categories)
    return {
        "name": column.name,
        **FIELD_TYPES[column.kind],
        "description": column.description,
        **({"constraints": constraints} if constraints else {}),
    }


def manifest(shown: Shown, files: Mapping[str, File]) -> Mapping[str, object]:
    """How the package came about: snapshot, `as_of`, versions, policies, counts. Every version that took part."""
    versions: dict[str, set[str]] = {}
    for run in shown.history.runs:
        for part, version in run.versions.items():
            versions.setdefault(part, set()).add(version)
    disclosure, selection = shown.selection.disclosure, shown.selection
    return {
        "snapshot": shown.snapshot,
        "as_of": iso(shown.views.as_of),
        "schema_version": SCHEMA_VERSION,
        "rules_version": shown.views.rules_version,
        "versions": {part: sorted(versions[part]) for part in sorted(versions)},
        "parameters": {
            "episode_policies": sorted({episode.policy for episode in shown.views.episodes}),
            "tlp_ceiling": disclosure.ceiling.value,
            "controls_by_name": disclosure.controls,
            "reviewed_only": disclosure.reviewed_only,
            "since": iso(selection.since) or None,
            "only_new": selection.only_new,
        },
        "vantages": sorted({run.vantage for run in shown.history.runs}),
        "runs": len(shown.history.runs),
        "rows": {name: file.rows for name, file in files.items()},
    }
