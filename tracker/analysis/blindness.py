"""Where nothing could be known: suffixes whose sweeps failed or whose looks could not tell, for the days that count.

What is missing is not missing at random: who chooses a suffix whose servers refuse us is not counted.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from tracker.analysis.displacement import COHORTS, takedowns_of
from tracker.analysis.footing import WINDOWS, closing
from tracker.model.facts import CanaryResult, Layer, Presence
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import midnight
from tracker.model.watching import Action


@dataclass(frozen=True, slots=True, kw_only=True)
class SuffixBlindness:
    """One suffix over a stretch: sweeps that asked it and those whose canary failed there, looks at names below it and
    those that could not tell, and candidates below it that could not be judged.

    A suffix that was never asked is not in the list at all; nothing is known of it either.
    """

    suffix: str
    sweeps: int
    sweeps_failed: int
    looks: int
    looks_unsure: int
    unjudged: int

    @property
    def blind(self) -> bool:
        """Whether anything is missing."""
        return bool(self.sweeps_failed or self.looks_unsure or self.unjudged)


def blindness(
    history: History, first: datetime, last: datetime, unjudged: Iterable[DomainName] = ()
) -> tuple[SuffixBlindness, ...]:
    """Every suffix asked in `[first, last)`, those most often failed first."""
    asked: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    for sweep in history.sweeps:
        if first <= sweep.first < last:
            for part in sweep.coverage:
                asked.update(part.suffixes)
                if part.canary is not CanaryResult.GOOD:
                    failed.update(part.suffixes)
    looks: Counter[str] = Counter()
    unsure: Counter[str] = Counter()
    for name, spans in history.spans.items():
        for span in spans:
            if span.layer is Layer.DELEGATED and span.first < last and span.last >= first:
                made = bisect_left(span.looks, last) - bisect_left(span.looks, first)
                suffix = name.partition(".")[2]
                looks[suffix] += made
                unsure[suffix] += made if span.presence is Presence.INDETERMINATE else 0
    pending = Counter(name.partition(".")[2] for name in set(unjudged))
    rows = [
        SuffixBlindness(
            suffix=suffix,
            sweeps=asked[suffix],
            sweeps_failed=failed[suffix],
            looks=looks[suffix],
            looks_unsure=unsure[suffix],
            unjudged=pending[suffix],
        )
        for suffix in asked.keys() | looks.keys() | pending.keys()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.unjudged, -row.sweeps_failed, -row.looks_unsure, row.suffix)))


def never_asked(history: History, action: Action) -> Mapping[tuple[str, str], int]:
    """By cohort and window, for the labels of how many domains no sweep asked from the day of the action to its end.

    Where nobody asked, no new name is no finding.
    """
    labels = {watch.name: watch.label for watch in history.watches if watch.name is not None}
    asked = _first_asked(history, midnight(action.when.at))
    found = {}
    for cohort in COHORTS:
        begun = [asked.get(labels.get(row.domain, "")) for row in takedowns_of(history, action.action_id, cohort)]
        for window, days in WINDOWS.items():
            closes = closing(action, days)
            found[cohort, window] = sum(moment is None or moment >= closes for moment in begun)
    return found


def _first_asked(history: History, first: datetime) -> Mapping[str, datetime]:
    """When each label was first swept from `first` on, under any suffix that could be asked."""
    found: dict[str, datetime] = {}
    for sweep in history.sweeps:
        for part in sweep.coverage:
            if part.canary is CanaryResult.GOOD and part.first >= first:
                for label in part.labels:
                    found[label] = min(part.first, found.get(label, part.first))
    return found
