"""The data package: CSV tables with descriptor, codebook, manifest and checksums. No wall time, no row ids."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from tracker.analysis.displacement import displacements
from tracker.analysis.measurement import MeasurementRow
from tracker.export import rows_counts, rows_domains, rows_facts, rows_versions, rows_views
from tracker.export.codebook import codebook
from tracker.export.descriptor import File, datapackage, manifest
from tracker.export.files import Files, write_package_files
from tracker.export.rocrate import METADATA, crate
from tracker.export.schema import PACKAGE
from tracker.export.schema_counts import MEASUREMENT
from tracker.export.selection import EVERYTHING, Selection, Shown, selected
from tracker.export.snapshot import LICENCE_TEXT, citation_file
from tracker.export.tables import Row, csv_text
from tracker.model.history import History
from tracker.model.views import Views


class DataPackage:
    """CSV tables below `data/`, `datapackage.json`, codebook, citation, licence, `manifest.json`."""

    id = "csv"

    def files(self, shown: Shown) -> Files:
        """All of them; the same bytes for the same log and `as_of`."""
        files: dict[str, bytes] = {}
        tables: dict[str, File] = {}
        for name, (listed, body) in csv_tables(shown).items():
            path = f"data/{name}.csv"
            files[path] = body
            tables[name] = File(path, listed, len(body), hashlib.sha256(body).hexdigest())
        files["CODEBOOK.md"] = codebook(PACKAGE).encode("utf-8")
        files["CITATION.cff"] = citation_file(shown.history, shown.views, shown.snapshot).encode("utf-8")
        files["LICENSE-DATA"] = LICENCE_TEXT.encode("utf-8")
        files["manifest.json"] = pretty(manifest(shown, tables))
        files["datapackage.json"] = pretty(datapackage(shown, tables))
        return files

    def write(self, history: History, views: Views, target: Path, selection: Selection = EVERYTHING) -> None:
        """Write them below `target`, with what describes them and `SHA256SUMS`."""
        shown = selected(history, views, selection)
        write_package_files(described(shown, self.files(shown)), target)


def described(shown: Shown, files: Files) -> Files:
    """The files of a package and `ro-crate-metadata.json` over all of them, other formats included."""
    return {**files, METADATA: pretty(crate(shown, files))}


def csv_tables(shown: Shown) -> Mapping[str, tuple[int, bytes]]:
    """Number of rows and CSV of every table by name."""
    rows = table_rows(shown)
    written = {}
    for table in PACKAGE:
        listed = list(rows[table.name])
        written[table.name] = (len(listed), csv_text(table, listed).encode("utf-8"))
    return written


def table_rows(shown: Shown) -> Mapping[str, Iterable[Row]]:
    """Rows of every table by name. Counts are of all that may be shown, whatever part of the rows was asked for."""
    history, views = shown.history, shown.views
    everything = shown.all_history, shown.all_views
    measured = shown.measured_history, shown.measured_views
    curves = displacements(*everything)
    return {
        "domains": rows_domains.domain_rows(history, views),
        "actions": rows_facts.action_rows(shown.all_history),
        "takedowns": rows_facts.takedown_rows(history, views),
        "claims": rows_facts.claim_rows(history),
        "sources": rows_facts.source_rows(replace(history, actions=shown.all_history.actions)),
        "complaints": rows_facts.complaint_rows(history),
        "observations": rows_facts.observation_rows(history),
        "sweeps": rows_facts.sweep_rows(history),
        "gaps": rows_facts.gap_rows(history),
        "artefacts": rows_facts.artefact_rows(history),
        "evidence": rows_views.evidence_rows(shown.all_history, views),
        "episodes": rows_views.episode_rows(views),
        "replacements": rows_views.replacement_rows(shown.all_history, views),
        "lifetimes_summary": rows_counts.lifetime_rows(*everything),
        "survival_curves": rows_counts.survival_rows(*everything),
        "ending_curves": rows_versions.ending_rows(*everything),
        "replacement_curve": rows_counts.curve_rows(curves),
        "replacement_counts": rows_versions.version_rows(*measured),
        "placebo_dates": rows_versions.placebo_rows(shown.placebos, shown.all_views.as_of),
        "first_replacements": rows_versions.lag_rows(curves),
        "suffix_blindness": rows_versions.blindness_rows(*measured),
        "reporting_triangle": rows_versions.triangle_rows(shown.all_views),
        "tombstones": rows_views.tombstone_rows(shown.log),
    }


def pretty(value: object) -> bytes:
    """JSON for people and machines: indented, keys in the order given, UTF-8, final newline. NaN raises ValueError."""
    return (json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode("utf-8")


def write_measurement(rows: Iterable[MeasurementRow], path: Path) -> None:
    """Write `measurement.csv`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(csv_text(MEASUREMENT, rows_counts.measurement_rows(rows)).encode("utf-8"))
