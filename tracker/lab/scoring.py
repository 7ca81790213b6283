"""What was concluded against who is who: precision, recall, innocents, missed, confusion, and the expectations."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tracker.analysis.measurement import MeasurementRow
from tracker.lab.bracketing import Bracketing
from tracker.lab.compile import Roster
from tracker.lab.scenario import Expect
from tracker.model.facts import Layer
from tracker.model.names import DomainName
from tracker.model.views import REPLACEMENT_VERDICTS, Assessment, Verdict, Views
from tracker.model.watching import WatchKind

_RANK = (Verdict.CONFIRMED, Verdict.LIKELY, Verdict.POSSIBLE, Verdict.INSUFFICIENT, Verdict.RULED_OUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Names called replacements, by who they really are. `failures` are expectations that were not met, in words.

    `confusion` counts the names of each kind by their highest verdict; the empty one is of names that were never met.
    """

    found: tuple[DomainName, ...]
    missed: tuple[str, ...]
    innocents: tuple[DomainName, ...]
    siblings: tuple[DomainName, ...]
    strangers: tuple[DomainName, ...]
    confusion: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    bounds: Bracketing = field(default_factory=Bracketing)
    failures: tuple[str, ...] = ()

    @property
    def precision(self) -> float | None:
        """Share of the called names that are successors; None when nothing was called."""
        called = len(self.found) + len(self.innocents) + len(self.siblings) + len(self.strangers)
        return len(self.found) / called if called else None

    @property
    def recall(self) -> float | None:
        """Share of the successors that were called; None when the story has none."""
        wanted = len(self.found) + len(self.missed)
        return len(self.found) / wanted if wanted else None

    def line(self) -> str:
        """The closing line of a replay."""
        shown = [f"{value:.3f}" if value is not None else "none" for value in (self.precision, self.recall)]
        wrong = len(self.innocents) + len(self.siblings) + len(self.strangers)
        return f"precision {shown[0]} recall {shown[1]} innocents {wrong} missed {len(self.missed)}"


def called(assessments: Iterable[Assessment]) -> frozenset[DomainName]:
    """Names with a verdict of at least LIKELY for any watch that is not a control."""
    return frozenset(
        row.name
        for row in assessments
        if row.verdict in REPLACEMENT_VERDICTS and not row.watch_key.startswith(f"{WatchKind.CONTROL}:")
    )


def score(
    views: Views,
    rows: Sequence[MeasurementRow],
    roster: Roster,
    expect: Expect,
    end_known: Sequence[str],
    bounds: Bracketing | None = None,
) -> Score:
    """Score the views. `end_known` are the successors registered early enough to be found before the end; silent ones
    need not be. `bounds` are what was held against the instants of the story."""
    names = called(views.assessments)
    successors = set(end_known) - roster.silent
    innocents, siblings = set(roster.innocents), set(roster.siblings)
    found = Score(
        found=tuple(sorted(name for name in names if name in roster.successors)),
        missed=tuple(sorted(successors - names)),
        innocents=tuple(sorted(name for name in names if name in innocents)),
        siblings=tuple(sorted(name for name in names if name in siblings)),
        strangers=tuple(sorted(names - set(roster.successors) - innocents - siblings)),
        confusion=confusion(views.assessments, roster),
        bounds=bounds or Bracketing(),
    )
    return replace(found, failures=tuple(_failures(found, rows, expect)))


def confusion(assessments: Iterable[Assessment], roster: Roster) -> dict[str, dict[str, int]]:
    """Names by kind (successors first, each as the scenario calls it) and highest verdict."""
    best: dict[str, Verdict] = {}
    for row in assessments:
        if not row.watch_key.startswith(f"{WatchKind.CONTROL}:"):
            best[row.name] = min(row.verdict, best.get(row.name, row.verdict), key=_RANK.index)
    roles = (
        *((name, "successor") for name in roster.successors),
        *((name, "sibling") for name in roster.siblings),
        *((name, "innocent") for name in roster.innocents),
    )
    table: dict[str, Counter[str]] = {}
    for name, role in roles:
        table.setdefault(roster.kinds.get(name, role), Counter())[best.get(name, "")] += 1
    return {kind: dict(counts) for kind, counts in table.items()}


def _failures(found: Score, rows: Sequence[MeasurementRow], expect: Expect) -> list[str]:
    failures = []
    if "all successors" in expect.likely and found.missed:
        failures.append(f"not LIKELY: {', '.join(found.missed)}")
    for word, names in (("innocents", found.innocents), ("siblings", found.siblings)):
        if word in expect.never_likely and names:
            failures.append(f"{word} called replacements: {', '.join(names)}")
    if found.strangers:
        failures.append(f"called replacements although nobody in the story: {', '.join(found.strangers)}")
    failures += [f"no such moment: {text}" for text in found.bounds.wrong]
    failures += [f"not seen: {text}" for text in found.bounds.unseen]
    for cohort, count in expect.cohorts.items():
        row = next(
            row
            for row in rows
            if (row.cohort, row.basis, row.layer, row.window) == (cohort, "replay", Layer.DELEGATED, expect.window)
        )
        if not row.count_lo <= count <= row.count_hi:
            failures.append(f"{cohort} {expect.window}: {row.count_lo} to {row.count_hi}, expected {count}")
    return failures
