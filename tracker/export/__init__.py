"""Views become files."""

from collections.abc import Callable, Mapping

from tracker.export.package import DataPackage
from tracker.ports import Exporter

EXPORTERS: Mapping[str, Callable[[], Exporter]] = {
    "csv": DataPackage,
}
"""Exporters by id. The report takes more than views and stands apart: `tracker.export.report`."""
