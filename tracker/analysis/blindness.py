"""Where nothing could be known: suffixes whose sweeps failed or whose looks could not tell, for the days that count.

What is missing is not missing at random: who chooses a suffix whose servers refuse us is not counted.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tracker.model.facts import CanaryResult, Layer, Presence
from tracker.model.history import History
from tracker.model.names import DomainName


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
