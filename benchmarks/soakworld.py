"""The year that the soak lives through: who is watched, what is born, dies and flaps, and whether the views say so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tracker.lab import draws, geography
from tracker.lab.scenario import Predecessor, Scenario
from tracker.lab.stories import CLIENT_LOCK, Change, Script, altered, dropped, register
from tracker.lab.world import Fault, Registry, World
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.views import Episode, Views

START = datetime(2024, 1, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OUTAGES = (("dns", "silence"), ("rdap", "throttle"), ("whois", "throttle"), ("ct", "error"))
SHARE = 0.2
"""Share of the days on which each of these sources is down, drawn apart."""
SURELY_SEEN = 25 * DAY
"""A state that lasts so long cannot be missed: weekly looks, a fifth of the days lost, and a grid that pulls."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a year is played."""

    names: int
    suffixes: int
    days: int
    seed: int = 7

    @property
    def end(self) -> datetime:
        return START + self.days * DAY


Alive = tuple[datetime, datetime | None]
"""From when to when a name was in its parent zone; None = to the end."""


@dataclass(frozen=True, slots=True)
class Year:
    """The world, the list that is watched, and what is true of each name."""

    size: Size
    world: World
    scenario: Scenario
    truth: dict[str, tuple[Alive, ...]]


def year(size: Size) -> Year:
    """Everything follows from the size and its seed."""
    suffixes = Suffixes.bundled()
    tops = _tops(suffixes, size)
    scripts: dict[str, Script] = {}
    truth: dict[str, tuple[Alive, ...]] = {}
    rows = []
    for place in range(size.names):
        label = f"{draws.word(draws.number(7, 12, size.seed, 'length', place), size.seed, 'label', place)}{place:x}"
        name = f"{label}.{draws.choose(tops, size.seed, 'top', place)}"
        born = START - timedelta(days=draws.number(40, 900, size.seed, "age", place))
        lives = tuple(_lives(size, place, born))
        scripts[name], truth[name] = _script(name, lives, size, place), lives
        cohort = "own_brand" if place % 2 else "imitated"
        rows.append(Predecessor(name=name, cohort=cohort, brand=label))
        if place % 10 == 0:  # comes back under another suffix
            other = draws.choose([top for top in tops if not name.endswith(f".{top}")], size.seed, "back", place)
            at = START + size.days * DAY * (0.1 + 0.7 * draws.uniform(size.seed, "birth", place))
            end = at + size.days * DAY * draws.uniform(size.seed, "life", place)
            found = ((at, end if end < size.end else None),)
            scripts[f"{label}.{other}"] = _script(f"{label}.{other}", found, size, place)
            truth[f"{label}.{other}"] = found
    found_registries = {
        top: _thinned(registry, place)
        for place, (top, registry) in enumerate(
            sorted(geography.registries(suffixes, tops, geography.whois_servers(), size.seed).items())
        )
    }
    hosts = geography.addresses(found_registries)
    world = World(
        scenario_id="soak",
        seed=size.seed,
        start=START,
        end=size.end,
        suffixes=geography.with_addresses(found_registries, hosts),
        stories={name: script.story() for name, script in sorted(scripts.items())},
        issuances=(),
        faults=tuple(Fault(source, kind, START + DAY, size.end, SHARE, "day") for source, kind in OUTAGES),
        hosts=hosts,
    )
    never = size.end + 400 * DAY
    scenario = Scenario(
        scenario_id="soak", title="A year", start=START, end=size.end, seed=size.seed, action="soak-0", notice=never,
        predecessors=tuple(rows),
    )  # fmt: skip
    return Year(size, world, scenario, truth)


def _tops(suffixes: Suffixes, size: Size) -> tuple[str, ...]:
    known = [top for top in suffixes.frequent() if "." not in top and top.isascii()]
    without = [top for top in geography.whois_servers() if top in known][:2]
    drawn = sorted((top for top in known if top not in without), key=lambda top: draws.uniform(size.seed, "asked", top))
    return tuple(sorted([*without, *drawn[: size.suffixes - len(without)]]))


def _thinned(registry: Registry, place: int) -> Registry:
    """Every sixth registry keeps its RDAP, two their WHOIS; the others have neither, as many country codes."""
    if registry.registration == "whois" or place % 6 == 0:
        return registry
    return Registry(f"{registry.registry_id}-silent", _renamed(registry, "silent"), "none", "")


def _renamed(registry: Registry, mark: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (host.replace(registry.registry_id, f"{registry.registry_id}-{mark}"), "") for host, _ in registry.name_servers
    )


def _lives(size: Size, place: int, born: datetime) -> Iterator[Alive]:
    """One name in five dies for good, one in twenty comes back after weeks, one in ten flaps for hours or days."""
    key = (size.seed, "fate", place)
    at = START + size.days * DAY * (0.05 + 0.85 * draws.uniform(*key, "when"))
    fate = draws.uniform(*key)
    if fate < 0.20:
        yield born, at
    elif fate < 0.25:
        yield born, at
        back = at + timedelta(days=draws.number(20, 60, *key, "away"))
        if back < size.end:
            yield back, None
    elif fate < 0.35:
        yield born, at
        yield at + timedelta(minutes=draws.number(10, 4000, *key, "flap")), None
    else:
        yield born, None


def _script(name: str, lives: Sequence[Alive], size: Size, place: int) -> Script:
    """In the parent zone while it lives; it ends undelegated, held or deleted."""
    label, _, top = name.partition(".")
    host = draws.choose(geography.HOSTS, size.seed, "host", place)
    seller, servers = geography.registrar(f"r{1 + place % geography.REGISTRARS}"), geography.name_servers(host)
    script = Script(name, top, f"page of {label}")
    up = altered(delegated=True, addresses=(geography.web_address(host),), statuses=CLIENT_LOCK)
    ends: tuple[Change, ...] = (
        altered(delegated=False),
        altered(delegated=False, statuses=(*CLIENT_LOCK, "clientHold")),
        dropped,
    )
    script.then(lives[0][0] - HOUR, register(script, seller, servers, size.end))
    for number, (first, last) in enumerate(lives):
        script.then(first, up)
        if last is not None:
            script.then(last, ends[place % 2 if number + 1 < len(lives) else place % 3])
    return script


@dataclass(frozen=True, slots=True)
class Marks:
    """What the views got right and wrong. `outside` are transitions whose bounds hold no true one."""

    births: int
    deaths: int
    false_births: tuple[str, ...]
    false_deaths: tuple[str, ...]
    missed: tuple[str, ...]


def marked(played: Year, views: Views, until: datetime) -> Marks:
    """Compare the episodes at the parent zone with what was true by `until`; every transition against its bounds."""
    by_name: dict[str, list[Episode]] = {}
    for episode in views.episodes:
        if episode.layer is Layer.DELEGATED:
            by_name.setdefault(str(episode.name), []).append(episode)
    counted: Counter[str] = Counter()
    births, deaths, missed = [], [], []
    for name, lives in played.truth.items():
        begun = [first for first, _ in lives]
        ended = [last for _, last in lives if last is not None]
        for episode in by_name.pop(name, ()):
            counted["births"] += 1
            if not any(_inside(first, episode.start.lo, episode.start.hi) for first in begun):
                births.append(f"{name} {episode.start}")
            if episode.end is not None:
                counted["deaths"] += 1
                if not any(_inside(last, episode.end.lo, episode.end.hi) for last in ended):
                    deaths.append(f"{name} {episode.end}")
            _strike(begun, episode.start.lo, episode.start.hi)
            if episode.end is not None:
                _strike(ended, episode.end.lo, episode.end.hi)
        missed += [f"{name} {what} {at}" for what, at in _unseen(lives, begun, ended, until)]
    births += [f"{name} was never there" for name, rows in by_name.items() for _ in rows]
    return Marks(counted["births"], counted["deaths"], tuple(births), tuple(deaths), tuple(missed))


def _inside(moment: datetime, lo: datetime | None, hi: datetime | None) -> bool:
    return (lo is None or lo < moment) and (hi is None or moment <= hi + timedelta(seconds=1))


def _strike(moments: list[datetime], lo: datetime | None, hi: datetime | None) -> None:
    """Take the transitions that one set of bounds speaks of off the list of those not seen yet."""
    moments[:] = [moment for moment in moments if not _inside(moment, lo, hi)]


def _unseen(
    lives: Sequence[Alive], begun: Sequence[datetime], ended: Sequence[datetime], until: datetime
) -> Iterator[tuple[str, datetime]]:
    """True transitions without a reported one, of states that lasted long enough to be seen on both sides."""
    for number, (first, last) in enumerate(lives):
        length = (last or until) - first
        away = (lives[number + 1][0] if number + 1 < len(lives) else until) - (last or until)
        before = first - (lives[number - 1][1] or first) if number else SURELY_SEEN
        if first in begun and length >= SURELY_SEEN and before >= SURELY_SEEN and until - first >= SURELY_SEEN:
            yield "birth", first
        if last is not None and last in ended and length >= SURELY_SEEN and away >= SURELY_SEEN:
            yield "death", last


def doubles(history: History) -> list[str]:
    """What is in the log twice: looks of one probe at one name and second, sightings, sweeps."""
    found = []
    for name, spans in history.spans.items():
        seen: set[tuple[str, bool, datetime]] = set()
        for span in spans:
            for look in span.looks:
                key = (span.probe, span.presence.value == "INDETERMINATE", look)
                if key in seen:
                    found.append(f"{name}: {span.probe} looked twice at {look}")
                seen.add(key)
    keys = Counter(
        (row.watch_key, row.name, row.technique, row.source, str(dict(row.facts))) for row in history.sightings
    )
    found += [f"sighting {key} is there {count} times" for key, count in keys.items() if count > 1]
    sweeps = Counter(sweep.sweep_id for sweep in history.sweeps)
    return found + [f"sweep {key} is there {count} times" for key, count in sweeps.items() if count > 1]


def looks_of(history: History) -> int:
    """How many looks the log holds."""
    return sum(len(span.looks) for spans in history.spans.values() for span in spans)


def names_of(played: Year) -> list[DomainName]:
    """Every name that the year knows."""
    return [DomainName(name) for name in played.truth]
