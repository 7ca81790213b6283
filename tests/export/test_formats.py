"""Every further format says the same as the tables, is accepted by its own library, and is the same twice."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.export.sample import event, restricted
from tracker.analysis.retractions import What, watch_key
from tracker.export import EXPORTERS, write_package
from tracker.export.disclosure import PROFILES
from tracker.export.identity import domain_id
from tracker.export.render import html, markdown, plain
from tracker.export.report import weekly
from tracker.export.selection import Selection
from tracker.export.stix import SCORE_EXTENSION, TLP_IDS
from tracker.model.facts import Review
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.views import Verdict, Views
from tracker.model.watching import Tlp

BACK = [f"brand{n}.so" for n in range(1, 5)]


@pytest.fixture(scope="module")
def package(told_event: tuple[History, Views], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample event in every format."""
    for library in ("duckdb", "stix2", "pymisp"):
        pytest.importorskip(library)
    target = tmp_path_factory.mktemp("formats")
    write_package(*told_event, target, list(EXPORTERS), Selection())
    return target


def test_the_same_bytes_twice(package: Path, told_event: tuple[History, Views], tmp_path: Path) -> None:
    """Ids, timestamps and file metadata of every format follow from the facts."""
    write_package(*told_event, tmp_path, list(EXPORTERS), Selection())
    files = {path.relative_to(package) for path in package.rglob("*") if path.is_file()}
    assert files == {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    assert not [path for path in files if (package / path).read_bytes() != (tmp_path / path).read_bytes()]


def test_checksums_cover_every_format(package: Path) -> None:
    """One SHA256SUMS stands over all files of the package."""
    check = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=package, capture_output=True, check=False)
    assert check.returncode == 0, check.stdout
    listed = {line.split("  ")[1] for line in (package / "SHA256SUMS").read_text(encoding="utf-8").splitlines()}
    assert {"stix/bundle.json", "misp/event.json", "parquet/domains.parquet", "names.txt", "dnstwist.csv"} <= listed


def test_parquet_holds_what_the_csv_holds(package: Path) -> None:
    """DuckDB reads the same rows from both, with the types of the schema; a list is a list."""
    import duckdb

    with duckdb.connect() as connection:
        for path in sorted((package / "parquet").glob("*.parquet")):
            rows = connection.execute(f"SELECT count(*) FROM '{path}'").fetchone()
            lines = connection.execute(
                f"SELECT count(*) FROM read_csv('{package}/data/{path.stem}.csv', all_varchar = true)"
            ).fetchone()
            assert rows == lines, path.stem
        place = package / "parquet" / "replacements.parquet"
        found = connection.execute(
            f"SELECT domain, rule_ids, reviewed, bits, epoch(appeared_hi) FROM '{place}' ORDER BY domain"
        ).fetchall()
    assert [row[0] for row in found] == BACK
    born = datetime(2024, 9, 4, 18, tzinfo=UTC).timestamp()
    assert found[0][1:] == (["label.same", "registrar.sisters"], False, 7.75, born)


def test_stix_is_valid_and_complete(package: Path) -> None:
    """stix2 parses the bundle; every reference leads to an object; scores stand on the relationship."""
    import stix2

    text = (package / "stix" / "bundle.json").read_text(encoding="utf-8")
    bundle = stix2.parse(text, version="2.1")
    ids = {item["id"] for item in bundle.objects}
    raw = json.loads(text)["objects"]
    for item in raw:
        refs = [value for key, value in item.items() if key.endswith("_ref")]
        refs += [ref for key, value in item.items() if key.endswith("_refs") for ref in value]
        assert set(refs) <= ids, item["id"]
    scores = [item["extensions"][SCORE_EXTENSION] for item in raw if SCORE_EXTENSION in item.get("extensions", {})]
    assert len(scores) == 4
    assert scores[0] == {
        "extension_type": "property-extension",
        "verdict": "LIKELY",
        "bits": 7.75,
        "reviewed": False,
        "delay_lo_s": scores[0]["delay_lo_s"],
        "delay_hi_s": scores[0]["delay_hi_s"],
    }
    assert scores[0]["delay_lo_s"] < scores[0]["delay_hi_s"]
    assert {item["value"] for item in raw if item["type"] == "domain-name"} >= {*BACK, "outlet1.ltd"}
    assert not [item for item in raw if item["type"] == "indicator"]


def test_stix_carries_the_strictest_marking(tmp_path: Path) -> None:
    """One TLP:GREEN watch makes the bundle TLP:GREEN."""
    pytest.importorskip("stix2")
    history, views = event()
    write_package(restricted(history, "brand1.press", Tlp.GREEN), views, tmp_path, ["stix"], Selection())
    raw = json.loads((tmp_path / "stix" / "bundle.json").read_text(encoding="utf-8"))["objects"]
    assert {ref for item in raw for ref in item.get("object_marking_refs", ())} == {TLP_IDS[Tlp.GREEN]}


def test_misp_reads_the_event(package: Path) -> None:
    """pymisp loads the event, its objects fit their templates, replacements are referred to, nothing is to_ids."""
    from pymisp import MISPEvent

    loaded = MISPEvent()
    loaded.load_file(package / "misp" / "event.json")
    names = {item.get_attributes_by_relation("domain")[0].value: item for item in loaded.objects}
    assert set(BACK) < set(names)
    assert {item.template_uuid for item in loaded.objects} == {"43b3b146-77eb-4931-b4cc-b66c60f28734"}
    ties = [(tie.object_uuid, tie.referenced_uuid) for item in loaded.objects for tie in item.references]
    assert (names["brand1.press"].uuid, names["brand1.so"].uuid) in ties
    assert len(ties) == 4
    assert not any(attribute.to_ids for item in loaded.objects for attribute in item.attributes)


def test_names_and_dnstwist(package: Path) -> None:
    """Replacements one a line; candidates under dnstwist's first two columns, the others sorted as it sorts them."""
    assert (package / "names.txt").read_text(encoding="ascii").split() == BACK
    lines = (package / "dnstwist.csv").read_text(encoding="utf-8").splitlines()
    header = lines[0].split(",")
    assert header[:2] == ["fuzzer", "domain"]
    assert header[2:] == sorted(header[2:])
    assert [line.split(",")[1] for line in lines if line.startswith("tld-swap")] == ["brand1.cc", *BACK]


def test_public_profile_needs_an_analyst(tmp_path: Path) -> None:
    """Without reviews nothing but the domains of the action is public; a reviewed name is."""
    history, views = event()
    selection = Selection(disclosure=PROFILES["public"])
    write_package(history, views, tmp_path / "none", ["csv", "names"], selection)
    everything = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "none" / "data").iterdir())
    assert "brand1.press" in everything
    assert not [name for name in (*BACK, "brand1.cc", "brand5.to") if name in everything]
    assert (tmp_path / "none" / "names.txt").read_text(encoding="ascii") == ""
    judged = tuple(replace(row, reviewed=row.name == "brand1.so") for row in views.assessments)
    write_package(history, replace(views, assessments=judged), tmp_path / "one", ["names"], selection)
    assert (tmp_path / "one" / "names.txt").read_text(encoding="ascii").split() == ["brand1.so"]


def test_since_keeps_keys_and_counts(told_event: tuple[History, Views], tmp_path: Path) -> None:
    """Only later names are listed, foreign keys hold, and counts are still those of all."""
    frictionless = pytest.importorskip("frictionless")
    since = datetime(2024, 9, 4, 22, tzinfo=UTC)
    write_package(*told_event, tmp_path / "new", ["csv", "names"], Selection(since=since, only_new=True))
    assert (tmp_path / "new" / "names.txt").read_text(encoding="ascii").split() == ["brand3.so", "brand4.so"]
    report = frictionless.Package(str(tmp_path / "new" / "datapackage.json")).validate()
    assert report.valid, report.flatten(["name", "type", "note"])
    write_package(*told_event, tmp_path / "all", ["csv"], Selection())
    for table in ("lifetimes_summary", "replacement_curve", "survival_curves", "actions"):
        path = Path("data") / f"{table}.csv"
        assert (tmp_path / "new" / path).read_bytes() == (tmp_path / "all" / path).read_bytes()


def everything(package: Path) -> str:
    """All that a folder says in any format, Parquet unpacked."""
    import duckdb

    files = [path for path in sorted(package.rglob("*")) if path.is_file()]
    with duckdb.connect() as connection:
        unpacked = [
            connection.execute(f"SELECT * FROM '{path}'").fetchall() for path in files if path.suffix == ".parquet"
        ]
    return "\n".join([*(path.read_text("utf-8") for path in files if path.suffix != ".parquet"), str(unpacked)])


def retracted(history: History, name: str) -> History:
    """The same log after a retraction of a name."""
    said = Review(
        watch_key=watch_key(What.NAME),
        name=DomainName(name),
        verdict=Verdict.RULED_OUT,
        reviewer="AB",
        reason="a stranger's",
        at=datetime(2024, 10, 1, tzinfo=UTC),
    )
    return replace(history, reviews=(*history.reviews, said))


@pytest.mark.parametrize("name", ["brand1.so", "brand1.press"])
def test_what_was_taken_back_is_in_no_format_and_no_report(
    name: str, told_event: tuple[History, Views], tmp_path: Path
) -> None:
    """A replacement or a domain of the action: CSV, Parquet, STIX, MISP, lists and the report in all its forms."""
    for library in ("duckdb", "stix2", "pymisp"):
        pytest.importorskip(library)
    history, views = told_event
    write_package(history, views, tmp_path / "before", list(EXPORTERS), Selection())
    assert name in everything(tmp_path / "before")
    history = retracted(history, name)
    write_package(history, views, tmp_path / "after", list(EXPORTERS), Selection())
    assert name not in everything(tmp_path / "after")
    assert domain_id(name) in (tmp_path / "after/data/tombstones.csv").read_text(encoding="utf-8")
    report = weekly(history, views, "2024-W40", title="t")
    for text in (html(report), markdown(report), json.dumps(plain(report))):
        assert name not in text and name.replace(".", "[.]") not in text
        assert domain_id(name) in text


@pytest.mark.parametrize(("form", "library"), [("parquet", "duckdb"), ("stix", "stix2"), ("misp", "pymisp")])
def test_a_missing_library_is_said(form: str, library: str, tmp_path: Path) -> None:
    """Without the library the format is not written, and the message says what to install."""
    program = (
        f"import sys; sys.modules[{library!r}] = None\n"
        "from pathlib import Path; from tests.export.sample import event; from tracker.export import *\n"
        f"try: write_package(*event(), Path(sys.argv[1]), ['csv', {form!r}], Selection())\n"
        "except MissingPart as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert f"install domain-churn-tracker[{form}]" in done.stdout
    assert not (tmp_path / "out").exists()
