"""What published lists say about an action's successors, per list and by agreement between lists."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from tracker.analysis.placement import Window
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


def claim_counts(names: Mapping[DomainName, Bounds], dated: Dates, closes: datetime) -> dict[str, Count]:
    """Counts per basis: each source alone, `both` (inside in two sources or more) and `either` (in one or more).

    `unknown` are successors that the basis does not date. A source's date is taken at its word: the bounds hold only
    what its precision leaves open.
    """
    if not dated:
        return {}
    surely = dict.fromkeys(names, 0)
    possibly = dict.fromkeys(names, 0)
    counts: dict[str, Count] = {}
    for source, rows in dated.items():
        sure = [name for name, place in rows.items() if Window(names[name], closes).surely(place)]
        maybe = [name for name, place in rows.items() if Window(names[name], closes).possibly(place)]
        counts[f"claim:{source}"] = Count(len(sure), len(maybe), len(names) - len(rows))
        for name in sure:
            surely[name] += 1
        for name in maybe:
            possibly[name] += 1
    for basis, least in ((BOTH, 2), (EITHER, 1)):
        undated = sum(sum(name in rows for rows in dated.values()) < least for name in names)
        lo = sum(number >= least for number in surely.values())
        hi = sum(number >= least for number in possibly.values())
        counts[basis] = Count(lo, hi, undated)
    return counts
