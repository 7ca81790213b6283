"""The rows of measurement.csv: how many names came back within calendar days, by whose dates."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker.analysis.chance import mirror
from tracker.analysis.claims import Dates, claim_counts, dates, successors
from tracker.analysis.displacement import COHORTS, actions_by_id, share, takedowns_of
from tracker.analysis.placement import origins
from tracker.analysis.tallies import Count, Placed, by_registry, counted, judgements, placed
from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import DAY, Bounds, midnight
from tracker.model.views import Verdict, Views
from tracker.model.watching import Action, WatchKind

WINDOWS = {"1d": 1, "2d": 2, "8d": 8, "30d": 30}
"""Windows in calendar days (UTC) after the day of the action; what is left of that day belongs to each of them."""

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


def closing(action: Action, days: int) -> datetime:
    """The midnight (UTC) that ends the window of `days` calendar days after the day of the action."""
    return midnight(action.when.at) + (days + 1) * DAY


def measure(
    history: History,
    views: Views,
    action_id: str,
    *,
    basis_name: str,
    assumed: str = "",
    published: Sequence[PublishedFigure] = (),
) -> tuple[MeasurementRow, ...]:
    """All rows of one action, by cohort, basis and window; raises KeyError for an unknown action.

    `basis_name` is `observed`, or `replay` in the lab; `assumed` names the scenario's assumptions that rows from the
    lab rest on and is empty in live use.
    """
    action = actions_by_id(history)[action_id]
    common = _common(history, views, action)
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
            of=of,
            share_lo=share(cell.count.lo, of),
            share_hi=share(cell.count.hi, of),
            expected_by_chance=cell.chance,
            published=figures.get((cohort, cell.layer, cell.window)) if cell.basis == basis_name else None,
            assumed=assumed if cell.judged else "",
            as_of=views.as_of,
        )
        for cohort in COHORTS
        for of in (len(takedowns_of(history, action_id, cohort)),)
        for cell in _cells(history, common, cohort, basis_name)
    )


@dataclass(frozen=True, slots=True)
class _Cell:
    basis: str
    layer: Layer
    window: str
    count: Count
    judged: bool = False
    chance: float | None = None


@dataclass(frozen=True, slots=True)
class _Common:
    """What the cohorts of one action share."""

    action: Action
    opens: Mapping[DomainName, Bounds]
    listing: Dates
    ends: Sequence[datetime]
    observed: Sequence[Placed]
    registry: Sequence[Placed]


def _common(history: History, views: Views, action: Action) -> _Common:
    ends = [closing(action, days) for days in WINDOWS.values()]
    opens = origins(history, action, takedowns_of(history, action.action_id))
    watched = keyed(history, opens)
    watched |= mirror(history, watched).opens
    judged = judgements(history, views, watched)
    return _Common(
        action=action,
        opens=opens,
        listing=dates(history, successors(history, opens)),
        ends=ends,
        observed=placed(judged, watched, Layer.DELEGATED, ends),
        registry=placed(judged, watched, Layer.REGISTERED, ends, by_registry(history, judged)),
    )


def _cells(history: History, common: _Common, cohort: str, basis_name: str) -> Iterable[_Cell]:
    """The counts of one cohort, basis by basis, each over all windows."""
    hit = {row.domain for row in takedowns_of(history, common.action.action_id, cohort)}
    opens = {domain: bounds for domain, bounds in common.opens.items() if domain in hit}
    names = successors(history, opens)
    dated = {  # a list that names none of this cohort says zero
        source: {name: when for name, when in rows.items() if name in names} for source, rows in common.listing.items()
    }
    for basis, counts in claim_counts(names, dated, common.ends).items():
        for window, count in zip(WINDOWS, counts, strict=True):
            yield _Cell(basis, Layer.REGISTERED, window, count)
    watched = keyed(history, opens)
    controls = mirror(history, watched)
    for basis, layer, rows in (
        (basis_name, Layer.DELEGATED, common.observed),
        (REGISTRY, Layer.REGISTERED, common.registry),
    ):
        ours = counted((row for row in rows if row.row.watch_key in watched), len(WINDOWS))
        theirs = counted((row for row in rows if row.row.watch_key in controls.opens), len(WINDOWS))
        for window, count, chance in zip(WINDOWS, ours, controls.expected(theirs), strict=True):
            yield _Cell(basis, layer, window, count, True, chance)


def keyed(history: History, opens: Mapping[DomainName, Bounds]) -> dict[str, Bounds]:
    """When each predecessor was taken down, by the key of its watch."""
    return {
        watch.key: opens[watch.name]
        for watch in history.watches
        if watch.kind is WatchKind.PREDECESSOR and watch.name is not None and watch.name in opens
    }
