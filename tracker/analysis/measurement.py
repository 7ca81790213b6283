"""The rows of measurement.csv: how many names came back within calendar days, by whose dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.views import Views

WINDOWS = {"1d": 1, "2d": 2, "8d": 8, "30d": 30}
"""Windows in calendar days (UTC) after the day of the action; the rest of that day belongs to each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFigure:
    """A figure somebody published, to be printed beside ours, never to be fitted."""

    action_id: str
    cohort: str
    layer: Layer
    window: str
    count: int
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementRow:
    """One row of measurement.csv; the fields are its columns in order. None prints as empty.

    `count_lo` surely and `count_hi` possibly appeared inside the window; `unknown` could not be placed or judged for lack of looks (those
    with a verdict are in `count_hi`, those without are not). `verdict_min` is empty for claims, which nobody judged.
    """

    action: str
    cohort: str
    basis: str
    layer: Layer
    verdict_min: str
    window: str
    count_lo: int
    count_hi: int
    unknown: int
    of: int
    share_lo: float | None
    share_hi: float | None
    expected_by_chance: float | None
    published: int | None
    assumed: str
    as_of: datetime


def measure(
    history: History,
    views: Views,
    action_id: str,
    *,
    basis_name: str,
    assumed: str = "",
    published: Sequence[PublishedFigure] = (),
) -> tuple[MeasurementRow, ...]:
    """All rows of one action, by cohort, basis and window. `basis_name` is `observed`, or `replay` in the lab; raises KeyError for an unknown action.

    `assumed` names the scenario's assumptions that rows from the lab rest on; leave it empty in live use.
    """
    raise NotImplementedError
