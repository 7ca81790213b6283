"""Tell people, once: what is to be told waits in the work tables per place until that place has taken it."""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace

from tracker.analysis.news import news
from tracker.analysis.policy import Policy
from tracker.model.history import History
from tracker.model.notices import Notice, NoticeKind
from tracker.model.views import Views
from tracker.model.watching import TLP_ORDER, Tlp
from tracker.ports import Messenger, Work
from tracker.stages.message import body, title

NOTE = "notices"
MOST_WAITING = 500
"""Notices kept for a place that takes none; the oldest are given up and counted."""


@dataclass(frozen=True, slots=True)
class Discretion:
    """What may be told: muted kinds are not, names under a stricter TLP than `ceiling` are counted without the name."""

    muted: frozenset[NoticeKind] = frozenset()
    ceiling: Tlp = Tlp.AMBER

    def __call__(self, notices: Collection[Notice]) -> list[Notice]:
        """The notices as they may be told."""
        return [self._veiled(row) for row in notices if row.kind not in self.muted]

    def _veiled(self, row: Notice) -> Notice:
        if TLP_ORDER.index(row.tlp) <= TLP_ORDER.index(self.ceiling):
            return row
        return replace(row, what=f"a name that is {row.tlp}, see `tracker status`", reason="")


@dataclass(frozen=True, slots=True)
class Queue:
    """What one place has yet to take. `sending`: a delivery had begun, and its end was not noted."""

    waiting: tuple[Notice, ...] = ()
    number: int = 1
    sending: bool = False
    dropped: int = 0

    def joined(self, notices: Collection[Notice]) -> "Queue":
        """With more to tell; what is found again replaces what waits under its key."""
        rows = {row.key: row for row in self.waiting}
        for row in notices:
            rows.pop(row.key, None)
            rows[row.key] = row
        waiting = tuple(rows.values())
        return replace(
            self, waiting=waiting[-MOST_WAITING:], dropped=self.dropped + max(0, len(waiting) - MOST_WAITING)
        )


@dataclass(frozen=True, slots=True)
class Outbox:
    """The queues of all places, and the sources that people know to be blind."""

    queues: Mapping[str, Queue] = field(default_factory=dict)
    blind: tuple[str, ...] = ()

    @classmethod
    def read(cls, work: Work) -> "Outbox":
        """As last kept; empty when nothing was."""
        kept = json.loads(work.get(NOTE) or "{}")
        queues = {
            place: Queue(tuple(_notice(row) for row in queue.pop("waiting")), **queue)
            for place, queue in kept.get("queues", {}).items()
        }
        return cls(queues, tuple(kept.get("blind", ())))

    def keep(self, work: Work) -> None:
        """Store at once: what follows must not happen twice."""
        work.put(NOTE, json.dumps({"queues": {k: asdict(v) for k, v in self.queues.items()}, "blind": self.blind}))
        work.flush()

    def joined(self, notices: Collection[Notice], places: Collection[str]) -> "Outbox":
        """With more to tell to each of the places; what waits for places that are gone is forgotten."""
        return replace(self, queues={place: self.queues.get(place, Queue()).joined(notices) for place in places})

    def changed(self, place: str, queue: Queue) -> "Outbox":
        """With another queue for a place."""
        return replace(self, queues={**self.queues, place: queue})


def _notice(row: dict[str, str]) -> Notice:
    return Notice(
        kind=NoticeKind(row["kind"]), key=row["key"], what=row["what"], reason=row["reason"], tlp=Tlp(row["tlp"])
    )


def gather_news(
    work: Work,
    places: Collection[str],
    discretion: Discretion,
    history: History,
    previous: Views | None,
    views: Views,
    policy: Policy,
) -> None:
    """Put what is new in `views` before each place. Called before these views are stored, so that none is lost."""
    told = discretion(news(history, previous, views, policy))
    if told:
        Outbox.read(work).joined(told, places).keep(work)


def gather_sight(work: Work, places: Collection[str], discretion: Discretion, blind: Mapping[str, str]) -> None:
    """Tell of sources that went blind (with the reason), and of those that see again, since this was last told."""
    outbox = Outbox.read(work)
    lost = sorted(blind.keys() - set(outbox.blind))
    found = sorted(set(outbox.blind) - blind.keys())
    if not lost and not found:
        return
    notices = [_sight(source, f"blind: {source}", blind[source]) for source in lost]
    notices += [
        _sight(source, f"sees again: {source}", "what lay between is a gap, not an absence") for source in found
    ]
    replace(outbox, blind=tuple(sorted(blind))).joined(discretion(notices), places).keep(work)


def _sight(source: str, what: str, reason: str) -> Notice:
    return Notice(kind=NoticeKind.BLIND, key=f"sight/{source}", what=what, reason=reason)


async def deliver(work: Work, messengers: Mapping[str, Messenger]) -> Mapping[str, str]:
    """Hand each place what waits for it, as one message; returns why a place did not take it, by place.

    What a place took is never sent again. A process killed between sending and noting sends the message once more and
    says so in it, since it cannot know.
    """
    refused: dict[str, str] = {}
    for place, messenger in messengers.items():
        queue = Outbox.read(work).queues.get(place, Queue())
        if not queue.waiting:
            continue
        Outbox.read(work).changed(place, replace(queue, sending=True)).keep(work)
        text = body(queue.waiting, queue.number, dropped=queue.dropped, repeated=queue.sending)
        why = await messenger.send(title(queue.waiting), text)
        outbox = Outbox.read(work)  # more may have come meanwhile
        after = replace(outbox.queues[place], sending=False)
        if why:
            refused[place] = why
        else:
            left = tuple(row for row in after.waiting if row not in queue.waiting)
            after = Queue(left, queue.number + 1)
        outbox.changed(place, after).keep(work)
    return refused
