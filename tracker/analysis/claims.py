"""What published lists say about an action's successors, per list and by agreement between lists."""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import accumulate

from tracker.analysis.placement import possibly_after, surely_after
from tracker.analysis.tallies import Count
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import Bounds
from tracker.model.watching import ClaimKind

Dates = Mapping[str, Mapping[DomainName, Bounds]]
"""Per source the interval that its date leaves open, for each successor that it dates."""

BOTH = "claims:both"
EITHER = "claims:either"


def successors(history: History, opens: Mapping[DomainName, Bounds]) -> dict[DomainName, Bounds]:
    """Names that any source says replace one of the domains in `opens`, with when that domain was taken down."""
    return {
        claim.domain: opens[claim.replaces]
        for claim in history.claims
        if claim.kind is ClaimKind.REPLACES and claim.replaces is not None and claim.replaces in opens
    }


def dates(history: History, names: Mapping[DomainName, Bounds]) -> Dates:
    """The dates that sources state for some names; where a source states several, its earliest."""
    found: defaultdict[str, dict[DomainName, Bounds]] = defaultdict(dict)
    rows = [claim for claim in history.claims if claim.when is not None and claim.domain in names]
    for claim in sorted(rows, key=lambda row: (row.when.at if row.when else history.as_of, row.key)):
        if claim.kind in {ClaimKind.REPLACES, ClaimKind.REGISTERED} and claim.when is not None:
            found[claim.source.source_id].setdefault(claim.domain, claim.when.bounds())
    return {source: found[source] for source in sorted(found)}


def claim_counts(
    names: Mapping[DomainName, Bounds], dated: Dates, closings: Sequence[datetime]
) -> dict[str, tuple[Count, ...]]:
    """Counts per basis for windows that close one after the other: each source alone, `both` (inside in two sources or
    more) and `either` (in one or more).

    `unknown` are successors that the basis does not date. A source's date is taken at its word: the bounds hold only
    what its precision leaves open.
    """
    if not dated:
        return {}
    placed = {
        source: {name: _first_windows(names[name], place, closings) for name, place in rows.items()}
        for source, rows in dated.items()
    }
    undated = {source: len(names) - len(rows) for source, rows in dated.items()}
    windows = len(closings)
    counts = {f"claim:{source}": _reached(rows.values(), windows, undated[source]) for source, rows in placed.items()}
    for basis, least in ((BOTH, 2), (EITHER, 1)):
        ranked = [tuple(zip(*(rows[name] for rows in placed.values() if name in rows), strict=True)) for name in names]
        told = [
            (sorted(found[0])[least - 1], sorted(found[1])[least - 1])
            for found in ranked
            if found and len(found[0]) >= least
        ]
        counts[basis] = _reached(told, windows, len(names) - len(told))
    return counts


def _reached(firsts: Iterable[tuple[int, int]], windows: int, unknown: int) -> tuple[Count, ...]:
    """Names surely and possibly inside each window, from the first windows that hold them."""
    columns = tuple(zip(*firsts, strict=True)) or ((), ())
    sure, maybe = (Counter(column) for column in columns)
    steps = [accumulate([kept[window] for window in range(windows)]) for kept in (sure, maybe)]
    return tuple(Count(lo, hi, unknown) for lo, hi in zip(*steps, strict=True))


def _first_windows(opens: Bounds, place: Bounds, closings: Sequence[datetime]) -> tuple[int, int]:
    """The first of the windows that holds it surely, and the first that possibly does; their number for none."""
    never = len(closings)
    if not possibly_after(opens, place):
        return never, never
    perhaps = 0 if place.lo is None else bisect_right(closings, place.lo)
    sure = bisect_left(closings, place.hi) if place.hi is not None and surely_after(opens, place) else never
    return sure, perhaps
