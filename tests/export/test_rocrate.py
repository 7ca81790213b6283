"""`ro-crate-metadata.json` says of the package what RO-Crate 1.2 demands, and nothing that its files do not hold."""

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.export.sample import AS_OF
from tracker.export import write_package
from tracker.export.package import DataPackage
from tracker.export.selection import Selection
from tracker.model.history import History
from tracker.model.views import Views


@pytest.fixture(scope="module")
def package(told_event: tuple[History, Views], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample event as CSV and as a list of names, in one folder."""
    target = tmp_path_factory.mktemp("crate")
    write_package(*told_event, target, ["csv", "names"], Selection())
    return target


def entities(package: Path) -> dict[str, dict[str, Any]]:
    """The graph by id; no id stands twice."""
    graph = json.loads((package / "ro-crate-metadata.json").read_text(encoding="utf-8"))["@graph"]
    assert len({row["@id"] for row in graph}) == len(graph)
    return {row["@id"]: row for row in graph}


def test_the_descriptor_points_to_the_root(package: Path) -> None:
    """Who reads only the first entity learns the version of the specification and where the data set stands."""
    document = json.loads((package / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    assert document["@context"] == "https://w3id.org/ro/crate/1.2/context"
    first = document["@graph"][0]
    assert (first["@id"], first["@type"]) == ("ro-crate-metadata.json", "CreativeWork")
    assert (first["conformsTo"], first["about"]) == ({"@id": "https://w3id.org/ro/crate/1.2"}, {"@id": "./"})


def test_the_root_says_what_an_archive_asks_for(package: Path) -> None:
    """Name, description, day, licence, creator and the snapshot id: those of the descriptor and of CITATION.cff."""
    known = entities(package)
    root = known["./"]
    descriptor = json.loads((package / "datapackage.json").read_text(encoding="utf-8"))
    citation = (package / "CITATION.cff").read_text(encoding="utf-8")
    assert root["@type"] == "Dataset"
    assert (root["name"], root["description"]) == (descriptor["title"], descriptor["description"])
    assert date.fromisoformat(root["datePublished"]) == AS_OF.date()
    assert f"date-released: {root['datePublished']}\n" in citation
    assert f"version: {root['identifier']}\n" in citation
    assert f"  - name: {known[root['creator']['@id']]['name']}\n" in citation
    assert known[root["license"]["@id"]]["name"] == descriptor["licenses"][0]["title"]
    assert root["temporalCoverage"] == "2024-08-28T00:00:00Z/2024-10-14T00:00:00Z"
    assert {known[row["@id"]]["name"] for row in root["isBasedOn"]} == {row["title"] for row in descriptor["sources"]}


def test_every_file_is_described_and_nothing_else(package: Path) -> None:
    """Type, size and SHA-256 of each, other formats included; checksums cover the metadata and not the reverse."""
    known = entities(package)
    files = {str(path.relative_to(package)): path.read_bytes() for path in package.rglob("*") if path.is_file()}
    described = set(files) - {"ro-crate-metadata.json", "SHA256SUMS"}
    assert {"data/domains.csv", "names.txt", "datapackage.json"} <= described
    assert {row["@id"] for row in known["./"]["hasPart"]} == described
    assert {key for key, row in known.items() if row["@type"] == "File"} == described
    for path in described:
        row = known[path]
        assert row["name"]
        assert row["encodingFormat"]
        assert row["contentSize"] == str(len(files[path]))
        assert row["sha256"] == hashlib.sha256(files[path]).hexdigest()
    assert known["data/domains.csv"]["encodingFormat"] == "text/csv"
    assert "  ro-crate-metadata.json\n" in files["SHA256SUMS"].decode("ascii")


def test_every_reference_leads_somewhere(package: Path) -> None:
    """An id that is referred to is in the graph, the address of the specification apart."""
    known = entities(package)
    for row in known.values():
        for value in row.values():
            for reference in value if isinstance(value, list) else [value]:
                if isinstance(reference, dict):
                    assert reference["@id"] in {*known, "https://w3id.org/ro/crate/1.2"}


def test_a_package_of_nothing_is_described_too(tmp_path: Path) -> None:
    """An empty log has no sources and covers no time; what is required stands there all the same."""
    DataPackage().write(History(as_of=AS_OF), Views(as_of=AS_OF, rules_version=""), tmp_path)
    root = entities(tmp_path)["./"]
    assert {"name", "description", "datePublished", "license", "hasPart"} <= set(root)
    assert not {"temporalCoverage", "isBasedOn"} & set(root)
