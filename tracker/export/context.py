"""What a report says, as values: templates and charts read this and compute nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tracker.analysis.blindness import SuffixBlindness
from tracker.analysis.churn import Changed, ChurnWeek
from tracker.analysis.lags import Lag, Middle
from tracker.analysis.placebo import Placebo
from tracker.analysis.triangle import Arrivals
from tracker.analysis.versions import Version
from tracker.export.countings import Counting, Heat
from tracker.export.curves import Point
from tracker.export.lasting import Lasting
from tracker.model.names import DomainName
from tracker.model.times import Bounds

AGES: Mapping[str, int] = {"7d": 7, "30d": 30, "90d": 90}
"""Ages in days at which it is asked whether a replacement was still there."""


@dataclass(frozen=True, slots=True)
class Count:
    """A count that lies between `lo` and `hi`, both included. The width is what could not be told."""

    lo: int
    hi: int

    def __str__(self) -> str:
        return str(self.lo) if self.lo == self.hi else f"{self.lo} to {self.hi}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One figure of the headline, with what it counts and what it must not be read as."""

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRow:
    """One cohort within one window: what was seen, beside what lists say and what chance alone would give.

    `seen` counts whatever put a name forward, `same_label` those under the label they answer; `reviewed` and
    `same_label_reviewed` count those of each that an analyst called a replacement, `same_label_by_rules` what it would
    be had nobody judged. `answered` and `answered_reviewed` count the domains that those names answer to, one with two
    names once. `unasked` of the `of` domains had a label that no sweep asked for between the day of the action and the
    end of the window, which is `closes`; `over` says whether it has been reached.
    `chance_hi` is the upper 95 % limit of `chance`, which rests on `controls` control labels.
    `claimed` runs from names that two lists or more date inside to those that any does.
    """

    cohort: str
    window: str
    closes: datetime
    over: bool
    basis: str
    seen: Count
    reviewed: Count
    same_label: Count
    same_label_reviewed: Count
    same_label_by_rules: Count
    same_label_unknown: int
    answered: Count
    answered_reviewed: Count
    unknown: int
    unasked: int
    of: int
    claimed: Count | None
    by_source: Mapping[str, int]
    chance: float | None
    chance_hi: float | None
    controls: int
    published: int | None
    primary: bool

    @property
    def blind(self) -> bool:
        """Whether nothing was found where nobody looked: no data, not zero."""
        return self.unasked == self.of and self.seen.hi == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """N(t) of one cohort, with how many of the seized names had a replacement at the end."""

    cohort: str
    points: tuple[Point, ...]
    of: int
    covered: Count


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of a lifeline. `kind`: alive, maybe (within the bounds of an end), seized, unobserved (could not tell)."""

    kind: str
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifeline:
    """One domain through time. `alive_at`: per age yes, no, censored or uncertain; nothing for predecessors.

    `stretches` is empty for lines beyond those that are drawn.
    """

    name: DomainName
    role: str
    cohort: str
    replaces: DomainName | None
    verdict: str
    reviewed: bool
    appeared: Bounds
    ended: Bounds | None
    ending: str
    alive: bool
    alive_at: Mapping[str, str]
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A successor that others published and that is not among ours."""

    name: DomainName
    replaces: DomainName
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One action and what came after it.

    `placebos` are the primary figure of days before, empty where not asked; `placebo_limit` is the upper 95 % limit of
    what one such day gives. `lags` and `middles` are times to the first replacement by domain and cohort; `alive`
    counts answers by cohort and age. `blind` are the suffixes of which something is not known for the first month, of
    `suffixes_asked`.
    """

    action_id: str
    title: str
    kind: str
    authority: str
    announced: datetime
    announced_precision: str
    until: datetime
    summary: str
    windows: tuple[WindowRow, ...]
    versions: tuple[Version, ...]
    curves: tuple[Curve, ...]
    placebos: tuple[Placebo, ...]
    placebo_limit: float | None
    lags: tuple[Lag, ...]
    middles: Mapping[str, Middle]
    lifelines: tuple[Lifeline, ...]
    alive: Mapping[str, Mapping[str, Mapping[str, int]]]
    blind: tuple[SuffixBlindness, ...]
    suffixes_asked: int
    missed: tuple[Missed, ...]
    reviewed: int
    machine_only: int
    overruled: int

    @property
    def unseen(self) -> bool:
        """Whether nobody looked for anything that came back: a picture of it would show zeros that nobody saw."""
        return all(row.blind for row in self.windows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A candidate that an analyst should look at, with the strongest reason for and against.

    `put_forward` is when a source first did so, `new` whether that was in the week of the report.
    """

    name: DomainName
    might_replace: str
    put_forward: datetime | None
    new: bool
    verdict: str
    bits: float
    pro: str
    contra: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Disputed:
    """A candidate that analysts judge differently, with what each of them said first; the report names no analyst."""

    name: DomainName
    might_replace: str
    verdicts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """An authority said something that looks like a takedown; a person has to import or dismiss it."""

    published: datetime
    authority: str
    title: str
    url: str
    announcement_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A name that somebody reported, and the first end of its delegation that may have come after that, if any.

    Days and instants are text, as finely as they are known. The end is not thereby explained.
    """

    name: DomainName
    reported_to: str
    channel: str
    reported: str
    reported_by: str
    answer: str
    answered: str
    ended: Bounds | None
    ending: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Erratum:
    """Something published that was taken back since the week began. A withdrawn name is not named again."""

    at: datetime
    what: str
    domain_id: str
    source: str


@dataclass(frozen=True, slots=True)
class Freshness:
    """When a probe or source last told something, and how many looks or sweeps it made in the week."""

    source: str
    newest: datetime
    in_week: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportContext:
    """A whole report. `lab` says that the facts come from a replay and are no evidence about the world.

    `stories` are the actions, newest first; `churn` is the week. `corrections` are what is now said differently of
    earlier weeks; None when there is no earlier report. `errata` were taken back since, `triangle` tells how late names
    were found. `lasting` and `endings` tell how long names lasted and how they ended, `countings` and `heat` where they
    were, of every action on record. `questions`, `disputed` and `announced` wait for a person.
    """

    title: str
    snapshot: str
    as_of: datetime
    lab: bool
    headline: str
    boxes: tuple[Box, ...]
    stories: tuple[Story, ...]
    churn: ChurnWeek | None
    corrections: tuple[Changed, ...] | None
    errata: tuple[Erratum, ...]
    triangle: tuple[Arrivals, ...]
    lasting: tuple[Lasting, ...]
    endings: Counting
    countings: tuple[Counting, ...]
    heat: Heat
    freshness: tuple[Freshness, ...]
    questions: tuple[Question, ...]
    disputed: tuple[Disputed, ...]
    announced: tuple[Announced, ...]
    reported: tuple[Reported, ...]
    assumptions: tuple[str, ...]
    rules_version: str
    versions: Mapping[str, tuple[str, ...]]
    citation: str
