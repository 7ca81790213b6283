"""Counts of replacements by registrar, suffix and network, and by week and suffix. Counts, never rates."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address, ip_network

from tracker.analysis.churn import week_of
from tracker.export.lasting import Lasting
from tracker.export.rows_views import chosen
from tracker.model.facts import Presence, Span
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import DAY
from tracker.model.views import Views
from tracker.model.watching import Cohort

WEEKS = 26
MOST_SUFFIXES = 14
OTHER = "other"


@dataclass(frozen=True, slots=True)
class CountRow:
    """How many distinct names of each cohort have `value`."""

    value: str
    own_brand: int
    imitated: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """Counts by one property, most first; a name may count under several values.

    `unknown` names tell nothing of it; among endings it counts the episodes that have not ended.
    """

    key: str
    title: str
    note: str
    rows: tuple[CountRow, ...]
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """New names by ISO week of their first proof (columns) and suffix (rows); `other` gathers the rarest suffixes.

    `earlier` had appeared before the first week shown, `undated` were never proved at any layer.
    """

    weeks: tuple[str, ...]
    suffixes: tuple[str, ...]
    cells: tuple[tuple[int, ...], ...]
    earlier: int
    undated: int


def countings(history: History, views: Views) -> tuple[Counting, ...]:
    """By registrar, suffix, name-server operator and address network; of all replacements, of whatever action."""
    cohorts: dict[DomainName, set[str]] = defaultdict(set)
    for row in views.replacements:
        cohorts[row.name].add(row.cohort.value)
    spans = history.spans

    def by(key: str, title: str, note: str, values: Callable[[DomainName], Iterable[str]]) -> Counting:
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        unknown = 0
        for name, kinds in cohorts.items():
            found = set(values(name))
            unknown += not found
            for value in found:
                for kind in kinds:
                    counts[value][kind] += 1
        ranked = sorted(counts.items(), key=lambda item: (-item[1].total(), item[0]))
        rows = tuple(CountRow(value, n[Cohort.OWN_BRAND.value], n[Cohort.IMITATED.value]) for value, n in ranked)
        return Counting(key=key, title=title, note=note, rows=rows, unknown=unknown)

    return (
        by(
            "registrar",
            "Registrars",
            "as RDAP or WHOIS named them when last asked",
            lambda name: _last(spans, name, "registrar"),
        ),
        by("suffix", "Suffixes", "what follows the first label of the name", lambda name: [name.partition(".")[2]]),
        by(
            "ns",
            "Name servers",
            "name servers without their first label",
            lambda name: _parents(_last(spans, name, "ns")),
        ),
        by(
            "network",
            "Networks",
            "IPv4 /24 and IPv6 /48 of the last addresses; a content network's addresses say nothing about the operator",
            lambda name: _networks((*_last(spans, name, "a"), *_last(spans, name, "aaaa"))),
        ),
    )


def endings(groups: Iterable[Lasting]) -> Counting:
    """Episodes by how they ended, replacements and domains of an action apart; competing causes, so counts add up."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    alive = 0
    for group in groups:
        alive += group.alive
        for ending, n in group.endings.items():
            counts[f"{group.role}: {ending.replace('_', ' ')}"][group.cohort] += n
    return Counting(
        key="ending",
        title="Endings",
        note="episodes, not names: one name can end and come back",
        rows=tuple(
            CountRow(value, n[Cohort.OWN_BRAND.value], n[Cohort.IMITATED.value])
            for value, n in sorted(counts.items(), key=lambda item: (-item[1].total(), item[0]))
        ),
        unknown=alive,
    )


def heat(views: Views) -> Heat:
    """Weeks up to `as_of`, at most half a year of them, by the suffixes that occur most."""
    dated: dict[DomainName, datetime | None] = {}
    for row in views.replacements:
        found = chosen(row.appearances)
        dated[row.name] = found.bounds.hi if found else None
    weeks = _weeks([when for when in dated.values() if when is not None], views.as_of)
    names = {name: week_of(when) for name, when in dated.items() if when is not None}
    inside = {name: week for name, week in names.items() if week in weeks}
    counts = Counter(name.partition(".")[2] for name in inside)
    ranked = sorted(counts, key=lambda suffix: (-counts[suffix], suffix))
    kept = ranked[:MOST_SUFFIXES] if len(ranked) > MOST_SUFFIXES + 1 else ranked
    cells = Counter(
        (suffix if suffix in kept else OTHER, week)
        for name, week in inside.items()
        for suffix in (name.partition(".")[2],)
    )
    suffixes = (*kept, *([OTHER] if len(ranked) > len(kept) else []))
    return Heat(
        weeks=weeks,
        suffixes=suffixes,
        cells=tuple(tuple(cells[suffix, week] for week in weeks) for suffix in suffixes),
        earlier=len(names) - len(inside),
        undated=len(dated) - len(names),
    )


def _weeks(moments: list[datetime], as_of: datetime) -> tuple[str, ...]:
    if not moments:
        return ()
    last = max(as_of, *moments)
    first = max(min(moments), last - (WEEKS - 1) * 7 * DAY)
    found = [week_of(first + n * 7 * DAY) for n in range((last - first) // (7 * DAY) + 1)]
    return tuple(dict.fromkeys([*found, week_of(last)]))


def _last(spans: Mapping[DomainName, tuple[Span, ...]], name: DomainName, fact: str) -> tuple[str, ...]:
    """The values of a fact at the last look that learned it."""
    found = [
        (span.last, span.facts[fact])
        for span in spans.get(name, ())
        if span.presence is Presence.PRESENT and fact in span.facts
    ]
    return max(found)[1] if found else ()


def _parents(hosts: Iterable[str]) -> set[str]:
    return {host.partition(".")[2] or host for host in hosts}


def _networks(addresses: Iterable[str]) -> set[str]:
    found = set()
    for text in addresses:
        address = ip_address(text)
        found.add(str(ip_network(f"{address}/{24 if address.version == 4 else 48}", strict=False)))
    return found
