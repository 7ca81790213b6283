"""A scenario: who is taken down, who registers what, which strangers and faults there are."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tracker.lab.world import Fault

_STEP = re.compile(r"^(?P<verb>[a-z]+)(?: (?P<what>[A-Za-z0-9-]+))? \+(?P<amount>\d+)(?P<unit>[mhd])$")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


class ScenarioError(ValueError):
    """The scenario cannot be played; the message says why, of a file with its line."""


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to a name some time after its event: a verb, what it is done to, and the delay."""

    verb: str
    what: str
    after: timedelta


@dataclass(frozen=True, slots=True)
class Notice:
    """An action of the scenario, when the list announces it, of what kind it is and by whom."""

    action: str
    at: datetime
    kind: str = "seizure"
    authority: str = "the lab"


@dataclass(frozen=True, slots=True, kw_only=True)
class Predecessor:
    """A domain of the operation that exists when the scenario starts and is watched from then on.

    `action` is what will hit it (default: the scenario's), `imitates` the outlet whose brand it carries.
    """

    name: str
    action: str = ""
    imitates: str = ""
    cohort: str
    brand: str
    registrar: str = "r1"
    nameservers: str = "host-a"
    page: str = "operation"
    registered: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something done to one name, or to all `predecessors` (of one `action`). `at` is an instant, or a date per
    claiming source.

    A name that is registered with `replaces` is a successor, `sibling` an older one of the operation's, `innocent`
    somebody else's; `take` is a registration that changes the owner and no role. `kind` names it in the confusion
    table; a `silent` successor leaves no trace but its label. `beside` stands on its certificates, too, `leads_to` is
    where a page called `leads` sends visitors, `account` draws the account that counts them.
    """

    do: str
    at: datetime | Mapping[str, str]
    name: str = ""
    names: str = ""
    action: str = ""
    within: timedelta = timedelta(0)
    replaces: str = ""
    sibling: bool = False
    innocent: bool = False
    kind: str = ""
    silent: bool = False
    beside: str = ""
    leads_to: str = ""
    account: str = ""
    registrar: str = "r1"
    nameservers: str = "host-a"
    page: str = "other"
    then: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Innocents:
    """Strangers with watched labels: `before` names exist at the start, `after` names appear later."""

    labels: str = "watched"
    before: int = 0
    after: int = 0
    page: str = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """What the replay must come to; missing one ends it with exit status 1."""

    likely: str = "all successors"
    never_likely: str = "innocents, siblings"
    cohorts: Mapping[str, int] = field(default_factory=dict)
    window: str = "30d"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A whole scenario. `suffixes` is `all` or how many are drawn (those in use always among them).

    With `new_names` the product is given a public list of newly registered names. Conclusions are drawn every
    `derive_days`, pages visited every `page_hours`; only with `pages` does the score hear what they say, because by
    default the product does not fetch them. `caveats` are what the story itself has to say of its figures: they are
    printed beneath them.
    """

    scenario_id: str
    title: str
    start: datetime
    end: datetime
    seed: int
    action: str
    notice: datetime
    watchlist: str = ""
    suffixes: str | int = "all"
    noise: int = 20_000
    new_names: bool = False
    derive_days: int = 7
    page_hours: int = 240
    pages: bool = False
    kind: str = "seizure"
    authority: str = "the lab"
    assumptions: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    published: tuple[Mapping[str, Any], ...] = ()
    further: tuple[Notice, ...] = ()
    predecessors: tuple[Predecessor, ...] = ()
    events: tuple[Event, ...] = ()
    innocents: tuple[Innocents, ...] = ()
    faults: tuple[Fault, ...] = ()
    expect: Expect = Expect()
    generate: Mapping[str, Any] = field(default_factory=dict)

    @property
    def notices(self) -> tuple[Notice, ...]:
        """All actions, by time: the scenario's own and the `further` ones."""
        return (
            Notice(self.action, self.notice, self.kind, self.authority),
            *sorted(self.further, key=lambda row: row.at),
        )

    def hit_by(self, action: str) -> tuple[Predecessor, ...]:
        """The predecessors that an action takes down."""
        return tuple(row for row in self.predecessors if (row.action or self.action) == action)


def delay(text: str) -> timedelta:
    """`+20m`, `+3h`, `+2d` as a time span; raises ScenarioError."""
    match = re.fullmatch(r"\+(\d+)([mhd])", text)
    if not match:
        raise ScenarioError(f"{text!r} is no delay like +20m, +3h or +2d")
    return int(match[1]) * _UNITS[match[2]]


def step(text: str) -> Step:
    """`page seizure +3h` as a step; raises ScenarioError."""
    match = _STEP.match(text)
    if not match:
        raise ScenarioError(f"{text!r} is no step like 'delegate +20m' or 'page parking +3h'")
    return Step(match["verb"], match["what"] or "", int(match["amount"]) * _UNITS[match["unit"]])


def day_start(text: str) -> datetime:
    """Midnight UTC of a date such as `2024-09-05`."""
    return datetime.combine(date.fromisoformat(text), datetime.min.time(), tzinfo=UTC)
