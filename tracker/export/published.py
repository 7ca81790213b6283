"""Figures that others published of like events: printed beside ours, never fitted, and rarely of the same thing."""

import csv
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


def published_rows() -> tuple[PublishedRow, ...]:
    """The bundled figures in the order of the file."""
    with PLACE.open(encoding="utf-8", newline="") as file:
        return tuple(
            PublishedRow(row["setting"], row["figure"], float(row["value"]), row["unit"], row["source"])
            for row in csv.DictReader(file)
        )
