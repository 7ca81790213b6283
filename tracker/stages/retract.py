"""Append that something published was wrong. Nothing is deleted from the log; it is left out of what follows."""

from datetime import datetime

from tracker.analysis.retractions import What, watch_key
from tracker.model.facts import Batch, Review, Run
from tracker.model.names import DomainName
from tracker.model.views import Verdict
from tracker.ports import Log


class NothingToRetract(ValueError):
    """The name, or what the source said of it, is not in the log."""


def retract(
    log: Log, name: DomainName, what: What, *, source: str, reviewer: str, reason: str, run: Run, at: datetime
) -> int:
    """Store the retraction, and for a name a verdict of RULED_OUT for each watch it was put forward for.

    Returns how many reviews were appended; raises NothingToRetract, or ValueError without reviewer and reason.
    """
    history = log.history()
    if not reviewer.strip() or not reason.strip():
        raise ValueError("a retraction needs a reviewer and a reason")
    keys = sorted({row.watch_key for row in history.sightings if row.name == name}) if what is What.NAME else []
    claimed = [row for row in history.claims if row.domain == name and source in {"", row.source.source_id}]
    known = bool(keys) or any(row.domain == name for row in history.takedowns) if what is What.NAME else False
    if not claimed and not known:
        said = f" by {source}" if source else ""
        raise NothingToRetract(f"nothing is recorded of {name}{said} that could be retracted as {what}")
    rows = tuple(
        Review(
            watch_key=key,
            name=name,
            verdict=Verdict.RULED_OUT,
            reviewer=reviewer.strip(),
            reason=reason.strip(),
            at=at,
            note="retracted",
        )
        for key in (*keys, watch_key(what, source))
    )
    log.append(run, Batch(reviews=rows), at)
    return len(rows)
