"""Write down that a name was reported to somebody who can act on it, and later what they answered."""

from dataclasses import dataclass, replace
from datetime import datetime

from tracker.model.acts import Complaint
from tracker.model.facts import Batch, Run
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import When, iso
from tracker.ports import Log


class NotAComplaint(ValueError):
    """It cannot have been so: nobody knows the name, nobody was told, or it lies in the future."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What somebody says of a complaint. `at` None is now, or for an answer the complaint that still waits for one."""

    name: DomainName
    reported_to: str
    channel: str
    at: When | None = None
    reported_by: str = ""
    answer: str = ""
    answered: When | None = None
    reference: str = ""


def complain(log: Log, told: Told, run: Run, now: datetime) -> Complaint:
    """Append it, with what was said of the same complaint before; raises NotAComplaint."""
    history = log.history()
    if not known(history, told.name):
        raise NotAComplaint(f"{told.name} is neither watched nor was it ever put forward")
    if not told.reported_to.strip() or not told.channel.strip():
        raise NotAComplaint("a complaint needs an addressee and a channel")
    if told.answered is not None and not told.answer.strip():
        raise NotAComplaint("a time of an answer needs an answer")
    stated = _merged(history, told, now)
    for what, when in (("report", stated.reported), ("answer", stated.answered)):
        if when is not None and when.at > now:
            raise NotAComplaint(f"the {what} of {iso(when.at)} lies in the future")
    if stated.answered is not None and (stated.answered.bounds().hi or now) < stated.reported.at:
        raise NotAComplaint(f"answered on {iso(stated.answered.at)}, reported only on {iso(stated.reported.at)}")
    log.append(run, Batch(complaints=(stated,)), now)
    return stated


def known(history: History, name: DomainName) -> bool:
    """Whether the log says anything of the name that somebody could have complained about."""
    return (
        any(row.name == name for row in history.sightings)
        or any(row.domain == name for row in history.takedowns)
        or any(row.domain == name for row in history.claims)
        or any(watch.name == name for watch in history.watches)
    )


def _merged(history: History, told: Told, now: datetime) -> Complaint:
    """The complaint as now known: what was said before and is not said again stays."""
    said = Complaint(
        name=told.name,
        reported_to=told.reported_to.strip(),
        channel=told.channel.strip(),
        reported=told.at or When(now.replace(microsecond=0)),
        reported_by=told.reported_by.strip(),
        answer=told.answer.strip(),
        answered=told.answered,
        reference=told.reference.strip(),
    )
    same = [
        row
        for row in history.complaints
        if (row.name, row.reported_to, row.channel) == (said.name, said.reported_to, said.channel)
    ]
    waiting = [row for row in same if not row.answer] if told.at is None and said.answer else []
    if len(waiting) > 1:
        moments = ", ".join(iso(row.reported.at) for row in waiting)
        raise NotAComplaint(f"several complaints wait for an answer ({moments}): say which one it is by its time")
    before = waiting[0] if waiting else next((row for row in same if row.key == said.key), None)
    if before is None:
        return said
    return replace(
        before,
        reported_by=said.reported_by or before.reported_by,
        answer=said.answer or before.answer,
        answered=said.answered or (before.answered if not said.answer else None),
        reference=said.reference or before.reference,
    )
