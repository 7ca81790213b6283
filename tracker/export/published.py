"""Figures that others published of like events: printed beside ours, never fitted, and rarely of the same thing."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PLACE = Path(__file__).with_name("published.csv")


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """One figure, what it was measured on, and who says so."""

    setting: str
    figure: str
    value: float
    unit: str
    source: str


def published_rows(path: Path = PLACE) -> tuple[PublishedRow, ...]:
    """The figures of a file in its order; the bundled ones by default. Raises OSError, or ValueError with the line.

    Columns are `setting,figure,value,unit,source`, or `what,figure,unit,source` with the number under `figure`.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        table = csv.DictReader(file)
        columns = set(table.fieldnames or ())
        if not ({"setting", "figure", "value", "unit", "source"} <= columns or {"what", "figure", "unit"} <= columns):
            raise ValueError(f"{path}:1: wanted columns setting,figure,value,unit,source")
        return tuple(_row(row, f"{path}:{table.line_num}") for row in table)


def _row(row: Mapping[str, str], place: str) -> PublishedRow:
    setting, figure, number = row.get("setting"), row["figure"], row.get("value")
    if setting is None or number is None:
        (setting, _, figure), number = row["what"].partition(": "), row["figure"]
    try:
        return PublishedRow(setting, figure, float(number), row["unit"], row["source"])
    except (TypeError, ValueError) as error:
        raise ValueError(f"{place}: {number!r} is no number") from error
