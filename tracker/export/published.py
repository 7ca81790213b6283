"""Figures that others published of like events: printed beside ours, never fitted, and rarely of the same thing."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tracker.analysis.displacement import COHORTS
from tracker.analysis.footing import WINDOWS
from tracker.analysis.measurement import PublishedFigure
from tracker.model.facts import Layer

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
    return tuple(_row(row, place) for row, place in _read(path))


def published_figures(path: Path = PLACE) -> tuple[PublishedFigure, ...]:
    """Those that count names of one action within one window, to be drawn into its curves; raises as `published_rows`.

    They name it in further columns: `action` (its id), `cohort`, `layer`, `window`; other rows leave these empty.
    """
    return tuple(_figure(row, place) for row, place in _read(path) if row.get("action"))


def _read(path: Path) -> Iterator[tuple[Mapping[str, str], str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        table = csv.DictReader(file)
        columns = set(table.fieldnames or ())
        if not ({"setting", "figure", "value", "unit", "source"} <= columns or {"what", "figure", "unit"} <= columns):
            raise ValueError(f"{path}:1: wanted columns setting,figure,value,unit,source")
        for row in table:
            yield row, f"{path}:{table.line_num}"


def _figure(row: Mapping[str, str], place: str) -> PublishedFigure:
    told = _row(row, place)
    for column, allowed in (("cohort", COHORTS), ("layer", tuple(Layer)), ("window", tuple(WINDOWS))):
        if row.get(column) not in allowed:
            raise ValueError(f"{place}: {column} is {row.get(column) or ''!r}, not one of {', '.join(allowed)}")
    if told.value != int(told.value):
        raise ValueError(f"{place}: {told.value:g} is no number of names")
    return PublishedFigure(
        action_id=row["action"],
        cohort=row["cohort"],
        layer=Layer(row["layer"]),
        window=row["window"],
        count=int(told.value),
        source=told.source,
    )


def _row(row: Mapping[str, str], place: str) -> PublishedRow:
    setting, figure, number = row.get("setting"), row["figure"], row.get("value")
    if setting is None or number is None:
        (setting, _, figure), number = row["what"].partition(": "), row["figure"]
    try:
        return PublishedRow(setting, figure, float(number), row["unit"], row["source"])
    except (TypeError, ValueError) as error:
        raise ValueError(f"{place}: {number!r} is no number") from error
