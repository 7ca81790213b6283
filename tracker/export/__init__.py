"""Views become files."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from tracker.export.files import Files, MissingPart, write_package_files
from tracker.export.lists import DnstwistTable, NameList
from tracker.export.misp import MispEvent
from tracker.export.package import DataPackage, described
from tracker.export.parquet import ParquetTables
from tracker.export.selection import Selection, Shown, selected
from tracker.export.stix import StixBundle
from tracker.model.history import History
from tracker.model.views import Views

__all__ = ["EXPORTERS", "Format", "MissingPart", "Selection", "write_package"]


class Format(Protocol):
    """An exporter that can share a folder with others: contents first, checksums over all of them last."""

    id: str

    def files(self, shown: Shown) -> Files: ...

    def write(self, history: History, views: Views, target: Path) -> None: ...


EXPORTERS: Mapping[str, Callable[[], Format]] = {
    "csv": DataPackage,
    "parquet": ParquetTables,
    "stix": StixBundle,
    "misp": MispEvent,
    "dnstwist": DnstwistTable,
    "names": NameList,
}
"""Exporters by id. The report takes more than views and stands apart: `tracker.export.report`."""


def write_package(history: History, views: Views, target: Path, formats: Sequence[str], selection: Selection) -> Shown:
    """Write the formats into one folder under one `SHA256SUMS`; nothing is written when a part is missing."""
    shown = selected(history, views, selection)
    files: dict[str, bytes] = {}
    for name in formats:
        files |= EXPORTERS[name]().files(shown)
    if DataPackage.id in formats:
        files = dict(described(shown, files))
    write_package_files(files, target)
    return shown
