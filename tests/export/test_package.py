"""The data package as a whole: valid, self-consistent, reproducible, and silent about the machine that made it."""

import csv
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.export.sample import AS_OF, at
from tracker.analysis.footing import footing
from tracker.analysis.measurement import measure
from tracker.export import EXPORTERS
from tracker.export.package import DataPackage, write_measurement
from tracker.export.render import markdown
from tracker.export.report import weekly
from tracker.export.schema import PACKAGE
from tracker.model.facts import Review
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import Precision
from tracker.model.views import Verdict, Views


@pytest.fixture(scope="module")
def package(told_event: tuple[History, Views], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of the sample event."""
    target = tmp_path_factory.mktemp("package")
    DataPackage().write(*told_event, target)
    return target


def rows(package: Path, table: str) -> list[dict[str, str]]:
    """One table as a reader gets it."""
    with (package / f"data/{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_frictionless_agrees(package: Path) -> None:
    """An independent validator accepts descriptor, types, vocabularies, keys, foreign keys and hashes."""
    frictionless = pytest.importorskip("frictionless")
    report = frictionless.Package(str(package / "datapackage.json")).validate()
    assert report.valid, report.flatten(["name", "type", "note"])


def test_frictionless_would_object(package: Path, tmp_path: Path) -> None:
    """The same validator refuses a package with one changed cell, so its consent means something."""
    frictionless = pytest.importorskip("frictionless")
    for path in package.rglob("*"):
        if path.is_file():
            (tmp_path / path.relative_to(package)).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path.relative_to(package)).write_bytes(path.read_bytes())
    spoiled = tmp_path / "data/replacements.csv"
    spoiled.write_bytes(spoiled.read_bytes().replace(b"LIKELY", b"LOVELY", 1))
    assert not frictionless.Package(str(tmp_path / "datapackage.json")).validate().valid


def test_checksums_hold_and_cover_everything(package: Path) -> None:
    """SHA256SUMS lists every file but itself, in the form that `sha256sum -c` reads."""
    listed = dict(line.split("  ")[::-1] for line in (package / "SHA256SUMS").read_text(encoding="ascii").splitlines())
    files = {str(path.relative_to(package)) for path in package.rglob("*") if path.is_file()}
    assert set(listed) == files - {"SHA256SUMS"}
    assert all(hashlib.sha256((package / path).read_bytes()).hexdigest() == digest for path, digest in listed.items())


def test_the_same_bytes_twice(package: Path, told_event: tuple[History, Views], tmp_path: Path) -> None:
    """Writing the same log again, in another place, gives the same bytes in every file."""
    DataPackage().write(*told_event, tmp_path)
    for path in (path for path in package.rglob("*") if path.is_file()):
        assert (tmp_path / path.relative_to(package)).read_bytes() == path.read_bytes()


def test_nothing_of_the_machine_gets_out(package: Path) -> None:
    """Error details with addresses of the machine that looked, and times of runs, are not in any file."""
    everything = b"".join(path.read_bytes() for path in package.rglob("*") if path.is_file())
    assert b"127.0.0.1" not in everything
    assert b"4711" not in everything


def test_columns_are_constant(tmp_path: Path, package: Path) -> None:
    """An empty log gives the same files with the same columns and no rows, and is a valid package too."""
    DataPackage().write(History(as_of=AS_OF), Views(as_of=AS_OF, rules_version=""), tmp_path)
    for table in PACKAGE:
        empty = (tmp_path / f"data/{table.name}.csv").read_text(encoding="utf-8")
        assert empty.splitlines() == [",".join(table.names)]
        assert (package / f"data/{table.name}.csv").read_text(encoding="utf-8").startswith(empty.strip())


def test_manifest_counts_rows(package: Path) -> None:
    """The manifest says what is in the tables, from which versions, as known when."""
    manifest = json.loads((package / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["rows"] == {table.name: len(rows(package, table.name)) for table in PACKAGE}
    assert manifest["versions"] == {"psl": ["2024-09-01"], "tracker": ["0.1.0"]}
    assert manifest["as_of"] == "2024-10-14T00:00:00Z"


def test_the_story_is_in_the_tables(package: Path) -> None:
    """The four returns of the sample can be counted from the CSV alone, with their bounds, lengths and claims."""
    back = rows(package, "replacements")
    assert {row["domain"] for row in back} == {f"brand{n}.so" for n in range(1, 5)}
    assert {row["within_1d"] for row in back} == {"yes"}
    assert [row["alive_30d"] for row in sorted(back, key=lambda row: row["domain"])] == ["yes", "no", "yes", "yes"]
    assert back[0]["rule_ids"] == "label.same;registrar.sisters"
    assert back[0]["claimed_by"] == "meta;viginum"
    lives = {row["domain"]: row for row in rows(package, "episodes")}
    assert (lives["brand2.so"]["censored"], lives["brand1.so"]["censored"]) == ("none", "right")
    assert lives["brand1.so"]["duration_hi_s"] == ""
    domains = {row["domain"]: row for row in rows(package, "domains")}
    assert domains["brand1.so"]["registrar"] == "'=Registrar, one"
    assert domains["brand1.so"]["first_certificate_at"] == "2024-09-04T18:00:00Z"
    assert domains["brand1.press"]["role"] == "predecessor"
    assert domains["brand1.press"]["state"] == "seized"
    assert domains["brand5.to"]["role"] == "claimed"
    seized = {row["domain"]: row["observed_seized_hi"] for row in rows(package, "takedowns")}
    assert set(seized.values()) == {"2024-09-04T16:00:00Z"}


def test_every_source_can_be_looked_up(package: Path) -> None:
    """Whatever id a row gives as its source has a title in `sources`, and an address where the list has one."""
    known = {row["source_id"]: row for row in rows(package, "sources")}
    named = {row["source_id"] for row in rows(package, "claims")}
    for table in ("actions", "takedowns"):
        named |= {word for row in rows(package, table) for word in row["source_ids"].split(";") if word}
    assert named <= set(known)
    assert (known["viginum"]["title"], known["viginum"]["url"]) == ("second list", "https://lists.example/2")


def test_when_a_name_was_judged(told_event: tuple[History, Views], tmp_path: Path) -> None:
    """A reviewed row carries the moment of the newest verdict; one that the rules judged alone has none."""
    history, views = told_event
    said = [
        Review(
            watch_key="predecessor:brand1.press",
            name=DomainName("brand1.so"),
            verdict=Verdict.CONFIRMED,
            reviewer="AB",
            reason="looked",
            at=at(day),
        )
        for day in ("2024-09-12", "2024-09-10")
    ]
    told = tuple(replace(row, reviewed=row.name == "brand1.so") for row in views.assessments)
    DataPackage().write(replace(history, reviews=tuple(said)), replace(views, assessments=told), tmp_path)
    domains = {row["domain"]: row for row in rows(tmp_path, "domains")}
    assert (domains["brand1.so"]["reviewed"], domains["brand1.so"]["reviewed_at"]) == ("true", "2024-09-12T00:00:00Z")
    assert (domains["brand2.so"]["reviewed"], domains["brand2.so"]["reviewed_at"]) == ("false", "")


def test_curve_and_measurement_agree(package: Path, told_event: tuple[History, Views], tmp_path: Path) -> None:
    """The last step inside the window and the measurement are the same count, by way of two files."""
    written = measure(told_event[0], footing(*told_event, "seizure-1"), basis_name="observed")
    write_measurement(written, tmp_path / "measurement.csv")
    with (tmp_path / "measurement.csv").open(encoding="utf-8", newline="") as file:
        measured = [row for row in csv.DictReader(file) if row["basis"] == "observed" and row["layer"] == "DELEGATED"]
    steps = [row for row in rows(package, "replacement_curve") if row["cohort"] == "own_brand"]
    inside = [row for row in steps if row["at"] <= "2024-10-05"]
    row = next(row for row in measured if (row["cohort"], row["window"]) == ("own_brand", "30d"))
    assert (row["count_lo"], row["count_hi"]) == (inside[-1]["n_lo"], inside[-1]["n_hi"]) == ("4", "4")


def test_registry_of_exporters() -> None:
    """Each exporter is registered under its own id."""
    assert {name: make().id for name, make in EXPORTERS.items()} == {name: name for name in EXPORTERS}
    assert list(EXPORTERS) == ["csv", "parquet", "stix", "misp", "dnstwist", "names"]


def test_a_list_that_says_neither_who_nor_when_can_be_exported_and_reported(
    told_event: tuple[History, Views], tmp_path: Path
) -> None:
    """A bare list of names has no operation, no authority and no day: its names are written all the same."""
    history, views = told_event
    when = replace(history.actions[0].when, precision=Precision.UNKNOWN)
    action = replace(history.actions[0], operation_id="", authority="", when=when)
    history = replace(history, actions=(action,), operations=())
    for name, exporter in EXPORTERS.items():
        exporter().write(history, views, tmp_path / name)
    (row,) = rows(tmp_path / "csv", "actions")
    assert (row["operation_id"], row["authority"], row["announced_precision"]) == ("", "", "unknown")
    report = markdown(weekly(history, views, "2024-W36", title="Churn"))
    assert "Somebody whom the list does not name, the list first read 2024-09-04" in report
    assert "whose day nobody states (first read on 2024-09-04)" in report
