"""What was concluded against who is who: precision, recall, innocents, missed, and the expectations."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tracker.analysis.measurement import MeasurementRow
from tracker.lab.compile import Roster
from tracker.lab.scenario import Expect
from tracker.model.facts import Layer
from tracker.model.names import DomainName
from tracker.model.views import REPLACEMENT_VERDICTS, Assessment, Views
from tracker.model.watching import WatchKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Names called replacements, by who they really are. `failures` are expectations that were not met, in words."""

    found: tuple[DomainName, ...]
    missed: tuple[str, ...]
    innocents: tuple[DomainName, ...]
    siblings: tuple[DomainName, ...]
    strangers: tuple[DomainName, ...]
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
    views: Views, rows: Sequence[MeasurementRow], roster: Roster, expect: Expect, end_known: Sequence[str]
) -> Score:
    """Score the views. `end_known` are the successors registered early enough to be found before the end."""
    names = called(views.assessments)
    successors = set(end_known)
    innocents, siblings = set(roster.innocents), set(roster.siblings)
    found = Score(
        found=tuple(sorted(name for name in names if name in roster.successors)),
        missed=tuple(sorted(successors - names)),
        innocents=tuple(sorted(name for name in names if name in innocents)),
        siblings=tuple(sorted(name for name in names if name in siblings)),
        strangers=tuple(sorted(names - set(roster.successors) - innocents - siblings)),
    )
    return Score(
        found=found.found,
        missed=found.missed,
        innocents=found.innocents,
        siblings=found.siblings,
        strangers=found.strangers,
        failures=tuple(_failures(found, rows, expect)),
    )


def _failures(found: Score, rows: Sequence[MeasurementRow], expect: Expect) -> list[str]:
    failures = []
    if "all successors" in expect.likely and found.missed:
        failures.append(f"not LIKELY: {', '.join(found.missed)}")
    for word, names in (("innocents", found.innocents), ("siblings", found.siblings)):
        if word in expect.never_likely and names:
            failures.append(f"{word} called replacements: {', '.join(names)}")
    if found.strangers:
        failures.append(f"called replacements although nobody in the story: {', '.join(found.strangers)}")
    for cohort, count in expect.cohorts.items():
        row = next(
            row
            for row in rows
            if (row.cohort, row.basis, row.layer, row.window) == (cohort, "replay", Layer.DELEGATED, expect.window)
        )
        if not row.count_lo <= count <= row.count_hi:
            failures.append(f"{cohort} {expect.window}: {row.count_lo} to {row.count_hi}, expected {count}")
    return failures
