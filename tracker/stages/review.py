"""Append an analyst's verdict on a candidate."""

from datetime import datetime

from tracker.model.facts import Batch, Review, Run
from tracker.model.names import DomainName
from tracker.model.views import Verdict
from tracker.ports import Log


class NotACandidate(ValueError):
    """Nobody ever put the name forward, so there is nothing to judge."""


def review(
    log: Log, name: DomainName, verdict: Verdict, *, reviewer: str, reason: str, note: str, run: Run, at: datetime
) -> int:
    """Store the verdict for every watch that the name was put forward for; returns how many. Raises NotACandidate."""
    keys = sorted({row.watch_key for row in log.history().sightings if row.name == name})
    if not keys:
        raise NotACandidate(f"{name} was never put forward for anything that is watched")
    if not reviewer.strip() or not reason.strip():
        raise ValueError("a review needs a reviewer and a reason")
    rows = tuple(
        Review(
            watch_key=key,
            name=name,
            verdict=verdict,
            reviewer=reviewer.strip(),
            reason=reason.strip(),
            at=at,
            note=note,
        )
        for key in keys
    )
    log.append(run, Batch(reviews=rows), at)
    return len(rows)
