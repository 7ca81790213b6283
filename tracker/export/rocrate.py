"""`ro-crate-metadata.json`: the package described for archives (RO-Crate 1.2), from the same objects as the tables."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from tracker.export.descriptor import DESCRIPTION, LICENCE, TITLE, sources
from tracker.export.files import Files
from tracker.export.identity import stable_id
from tracker.export.schema import PACKAGE
from tracker.export.selection import Shown
from tracker.export.snapshot import PUBLISHERS, SOFTWARE, TEAM, citation, tracker_versions
from tracker.model.times import iso
from tracker.model.watching import Source

METADATA = "ro-crate-metadata.json"
SPECIFICATION = "https://w3id.org/ro/crate/1.2"

MEDIA_TYPES: Mapping[str, str] = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".md": "text/markdown",
    ".cff": "application/yaml",
    ".txt": "text/plain",
    ".parquet": "application/vnd.apache.parquet",
}
"""By the end of a file's name; others are plain text."""

NAMES: Mapping[str, str] = {
    "CODEBOOK.md": "Codebook: what every column means and must not be read as",
    "CITATION.cff": "How to cite the package",
    "LICENSE-DATA": "Licence of the data",
    "manifest.json": "Manifest: snapshot, versions, parameters, rows",
    "datapackage.json": "Data Package descriptor: types, vocabularies, keys",
    "stix/bundle.json": "STIX 2.1 bundle",
    "misp/event.json": "MISP event",
    "dnstwist.csv": "Watched names and candidates in dnstwist's columns",
    "names.txt": "The replacements, one a line",
}
"""Names of the files that are no tables."""

Entity = dict[str, object]


def crate(shown: Shown, files: Files) -> Mapping[str, object]:
    """The metadata document over `files`, which do not hold it. Dates are those of the data, never of a wall clock."""
    based = {f"#source-{stable_id('source', row.source_id, row.title, row.url)}": row for row in sources(shown.history)}
    graph = [
        {
            "@id": METADATA,
            "@type": "CreativeWork",
            "conformsTo": {"@id": SPECIFICATION},
            "about": {"@id": "./"},
        },
        _root(shown, files, tuple(based)),
        *(_file(path, files[path]) for path in sorted(files)),
        {"@id": LICENCE["path"], "@type": "CreativeWork", "name": LICENCE["title"], "url": LICENCE["path"]},
        {"@id": "#publishers", "@type": "Organization", "name": PUBLISHERS},
        {"@id": "#team", "@type": "Organization", "name": TEAM},
        *_making(shown),
        *(_source(key, based[key]) for key in sorted(based)),
    ]
    return {"@context": f"{SPECIFICATION}/context", "@graph": graph}


def _root(shown: Shown, files: Files, based: tuple[str, ...]) -> Entity:
    since = min((watch.since for watch in shown.history.watches), default=None)
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": TITLE,
        "description": DESCRIPTION,
        "datePublished": f"{shown.views.as_of:%Y-%m-%d}",
        "license": {"@id": LICENCE["path"]},
        "creator": {"@id": "#publishers"},
        "publisher": {"@id": "#publishers"},
        "identifier": shown.snapshot,
        "version": shown.snapshot,
        "creditText": citation(TITLE, shown.history, shown.views, shown.snapshot),
        **({"temporalCoverage": f"{iso(since)}/{iso(shown.views.as_of)}"} if since else {}),
        **({"isBasedOn": [{"@id": key} for key in sorted(based)]} if based else {}),
        "hasPart": [{"@id": path} for path in sorted(files)],
        "mentions": {"@id": "#export"},
    }


def _file(path: str, body: bytes) -> Entity:
    place = PurePosixPath(path)
    table = next(
        (table for table in PACKAGE if table.name == place.stem and place.parts[0] in {"data", "parquet"}), None
    )
    return {
        "@id": path,
        "@type": "File",
        "name": table.title if table else NAMES.get(path, path),
        **({"description": table.description} if table else {}),
        "encodingFormat": MEDIA_TYPES.get(place.suffix, "text/plain"),
        "contentSize": str(len(body)),
        "sha256": hashlib.sha256(body).hexdigest(),
    }


def _making(shown: Shown) -> Iterator[Entity]:
    """The export as an action of the software. No moment: equal data give equal bytes."""
    yield {
        "@id": "#export",
        "@type": "CreateAction",
        "name": "Export of the data package from the log as known at its `as_of`",
        "instrument": {"@id": "#tracker"},
        "result": {"@id": "./"},
    }
    yield {
        "@id": "#tracker",
        "@type": "SoftwareApplication",
        "name": SOFTWARE,
        "version": tracker_versions(shown.history) or "unknown",
        "creator": {"@id": "#team"},
    }


def _source(key: str, row: Source) -> Entity:
    return {
        "@id": key,
        "@type": "CreativeWork",
        "name": row.title or row.source_id,
        "identifier": row.source_id,
        **({"url": row.url} if row.url else {}),
    }
