"""The data package: CSV tables with descriptor, codebook, manifest and checksums. No wall time, no row ids."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from tracker.analysis.displacement import displacements
from tracker.analysis.measurement import MeasurementRow
from tracker.export import rows_counts, rows_domains, rows_facts, rows_views
from tracker.export.codebook import codebook
from tracker.export.descriptor import File, datapackage, manifest
from tracker.export.disclosure import PUBLIC, Disclosure, disclosed
from tracker.export.schema import PACKAGE
from tracker.export.schema_counts import MEASUREMENT
from tracker.export.tables import Row, csv_text
from tracker.model.history import History
from tracker.model.views import Views


class DataPackage:
    """Writes `data/*.csv`, `datapackage.json`, `CODEBOOK.md`, `manifest.json` and `SHA256SUMS` below the target."""

    id = "csv"

    def __init__(self, disclosure: Disclosure = PUBLIC) -> None:
        self.disclosure = disclosure

    def write(self, history: History, views: Views, target: Path) -> None:
        """Write all files; the same bytes for the same log and `as_of`."""
        shown, conclusions = disclosed(history, views, self.disclosure)
        rows = table_rows(shown, conclusions, history)
        files: dict[str, bytes] = {}
        tables: dict[str, File] = {}
        for table in PACKAGE:
            listed = list(rows[table.name])
            path = f"data/{table.name}.csv"
            body = csv_text(table, listed).encode("utf-8")
            files[path] = body
            tables[table.name] = File(path, len(listed), len(body), hashlib.sha256(body).hexdigest())
        files["CODEBOOK.md"] = codebook(PACKAGE).encode("utf-8")
        files["manifest.json"] = pretty(manifest(shown, conclusions, tables, self.disclosure))
        files["datapackage.json"] = pretty(datapackage(shown, conclusions, tables))
        sums = "".join(f"{hashlib.sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(files))
        files["SHA256SUMS"] = sums.encode("ascii")
        for path, body in files.items():
            place = target / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(body)


def table_rows(shown: History, views: Views, whole: History) -> Mapping[str, Iterable[Row]]:
    """Rows of every table by name. `shown` and `views` may be shown; `whole` is the log, for what was withdrawn."""
    return {
        "domains": rows_domains.domain_rows(shown, views),
        "actions": rows_facts.action_rows(shown),
        "takedowns": rows_facts.takedown_rows(shown, views),
        "claims": rows_facts.claim_rows(shown),
        "observations": rows_facts.observation_rows(shown),
        "sweeps": rows_facts.sweep_rows(shown),
        "gaps": rows_facts.gap_rows(shown),
        "artefacts": rows_facts.artefact_rows(shown),
        "evidence": rows_views.evidence_rows(shown, views),
        "episodes": rows_views.episode_rows(views),
        "replacements": rows_views.replacement_rows(shown, views),
        "lifetimes_summary": rows_counts.lifetime_rows(shown, views),
        "survival_curves": rows_counts.survival_rows(shown, views),
        "replacement_curve": rows_counts.curve_rows(displacements(shown, views)),
        "tombstones": rows_views.tombstone_rows(whole),
    }


def pretty(value: object) -> bytes:
    """JSON for people and machines: indented, keys in the order given, UTF-8, final newline. NaN raises ValueError."""
    return (json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode("utf-8")


def write_measurement(rows: Iterable[MeasurementRow], path: Path) -> None:
    """Write `measurement.csv`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(csv_text(MEASUREMENT, rows_counts.measurement_rows(rows)).encode("utf-8"))
