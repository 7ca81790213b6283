"""The rows of measurement.csv: how many names came back within calendar days, by whose dates."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker.analysis.claims import Dates, claim_counts, dates, successors
from tracker.analysis.displacement import ALL, share
from tracker.analysis.footing import WINDOWS, Footing, Hit
from tracker.analysis.tallies import Count, Placed, by_registry, counted, placed
from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.views import Verdict

REGISTRY = "registry"


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

    `count_lo` surely and `count_hi` possibly appeared inside the window; `unknown` could not be placed (a bound is
    missing) or would be replacements only if a source that failed had spoken for them (both are in `count_hi`), or
    could not be judged (INSUFFICIENT; these are not). For claims, `unknown` are
    successors that the basis does not date, in neither count, and `verdict_min` is empty because nobody judged them.
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
    base: Footing,
    *,
    basis_name: str,
    assumed: str = "",
    published: Sequence[PublishedFigure] = (),
) -> tuple[MeasurementRow, ...]:
    """All rows of one action, by cohort, basis and window.

    `basis_name` is `observed`, or `replay` in the lab; `assumed` names the scenario's assumptions that rows from the
    lab rest on and is empty in live use.
    """
    action_id = base.action.action_id
    listing = dates(history, successors(history, base.cohorts[ALL].opens))
    stated = by_registry(history, base.judged)
    by_layer = {
        (basis_name, Layer.DELEGATED): base.placed[Layer.DELEGATED],
        (REGISTRY, Layer.REGISTERED): placed(base.judged, base.opens, Layer.REGISTERED, base.closings, stated),
    }
    figures = {(row.cohort, row.layer, row.window): row.count for row in published if row.action_id == action_id}
    return tuple(
        MeasurementRow(
            action=action_id,
            cohort=cohort,
            basis=cell.basis,
            layer=cell.layer,
            verdict_min=Verdict.LIKELY.value if cell.judged else "",
            window=cell.window,
            count_lo=cell.count.lo,
            count_hi=cell.count.hi,
            unknown=cell.count.unknown,
            of=hit.of,
            share_lo=share(cell.count.lo, hit.of),
            share_hi=share(cell.count.hi, hit.of),
            expected_by_chance=cell.chance,
            published=figures.get((cohort, cell.layer, cell.window)) if cell.basis == basis_name else None,
            assumed=assumed if cell.judged else "",
            as_of=base.as_of,
        )
        for cohort, hit in base.cohorts.items()
        for cell in _cells(history, base, hit, listing, by_layer)
    )


@dataclass(frozen=True, slots=True)
class _Cell:
    basis: str
    layer: Layer
    window: str
    count: Count
    judged: bool = False
    chance: float | None = None


def _cells(
    history: History, base: Footing, hit: Hit, listing: Dates, by_layer: Mapping[tuple[str, Layer], Sequence[Placed]]
) -> Iterable[_Cell]:
    """The counts of one cohort, basis by basis, each over all windows."""
    names = successors(history, hit.opens)
    dated = {  # a list that names none of this cohort says zero
        source: {name: when for name, when in rows.items() if name in names} for source, rows in listing.items()
    }
    for basis, counts in claim_counts(names, dated, base.closings).items():
        for window, count in zip(WINDOWS, counts, strict=True):
            yield _Cell(basis, Layer.REGISTERED, window, count)
    for (basis, layer), rows in by_layer.items():
        ours = counted(hit.ours(rows), len(WINDOWS))
        theirs = counted(hit.theirs(rows), len(WINDOWS))
        for window, count, chance in zip(WINDOWS, ours, hit.controls.expected(theirs), strict=True):
            yield _Cell(basis, layer, window, count, True, chance)
