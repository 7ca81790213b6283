"""Polling: what a list says once stays said, and what it stops saying changes nothing."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from tests.stages.fakes import (
    NOW,
    RRN,
    SO,
    ListFeed,
    MemoryLog,
    MemoryWork,
    SetClock,
    action,
    predecessor,
    run,
    takedown,
)
from tracker.analysis.controls import controls_for
from tracker.model.facts import Batch, Cursor, Gap, Reason
from tracker.model.watching import Pap, Watch, WatchKind, WatchStatus
from tracker.stages.planner import SWEEP, Planner, look_kind
from tracker.stages.poll import Polled, poll

LOOK = look_kind("delegation")


class Desk:
    """A log, a plan and a clock that polls share."""

    def __init__(self) -> None:
        self.log, self.work, self.clock = MemoryLog(), MemoryWork(), SetClock()
        self.planner = Planner(self.work, ("delegation",), edits=False, weekly_all=False)

    def poll(self, *answers: Batch, share: float = 0.0) -> int:
        """Poll once per answer, an hour apart; the number of takedowns that the last one brought."""
        feed, found = ListFeed(list(answers)), Polled(0, True)
        for _ in answers:
            found = asyncio.run(
                poll(
                    feed,
                    log=self.log,
                    planner=self.planner,
                    clock=self.clock,
                    run=run("poll", self.clock.at),
                    controls=lambda watches: self.controls(watches, share),
                )
            )
            self.clock.at += timedelta(hours=1)
        return found.fresh

    def controls(self, watches: Sequence[Watch], share: float) -> tuple[Watch, ...]:
        """The product's own choice of control labels."""
        return controls_for(watches, share)

    def watch(self, key: str = f"predecessor:{RRN}") -> Watch:
        """The newest row of a watch."""
        return next(watch for watch in self.log.watches() if watch.key == key)


def listed(*watches: Watch, seized: bool = False) -> Batch:
    """A list that names these watches, and their seizure if so."""
    taken = tuple(takedown(watch.name) for watch in watches if watch.name) if seized else ()
    return Batch(watches=watches, takedowns=taken, actions=(action(),) if seized else ())


def test_a_list_becomes_watches_and_a_plan() -> None:
    """Names known before the seizure are watched; the seizure, once listed, is new exactly once."""
    desk = Desk()
    assert desk.poll(listed(predecessor())) == 0
    assert set(desk.work.scheduled(LOOK)) == {RRN}
    assert desk.poll(listed(predecessor(), seized=True)) == 1
    assert desk.poll(listed(predecessor(), seized=True)) == 0


def test_a_list_read_again_does_not_restart_a_watch() -> None:
    """`since` stays the moment of the first reading, or every lifetime would lose its left truncation."""
    desk = Desk()
    desk.poll(listed(predecessor()))
    planned = desk.work.scheduled(LOOK)[RRN]
    desk.poll(listed(predecessor(since=desk.clock.at, brand="Reliable Recent News")))
    assert desk.watch().since == NOW
    assert desk.watch().brand == "Reliable Recent News"
    assert desk.work.scheduled(LOOK)[RRN] == planned


def test_an_unchanged_list_appends_no_watch() -> None:
    """Rows are for what changed; a list that is read hourly must not grow the log hourly."""
    desk = Desk()
    desk.poll(*[listed(predecessor())] * 5)
    assert [len(batch.watches) for batch in desk.log.batches()] == [1, 0, 0, 0, 0]


def test_a_list_does_not_undo_a_pause() -> None:
    """What a person decided holds against the list, and nothing becomes due again."""
    desk = Desk()
    desk.poll(listed(predecessor()))
    paused = replace(desk.watch(), status=WatchStatus.PAUSED)
    desk.log.append(run("watch"), Batch(watches=(paused,)), desk.clock.at)
    desk.planner.watched([paused], desk.clock.at)
    desk.poll(listed(predecessor(brand="other"), seized=True))
    assert desk.watch().status is WatchStatus.PAUSED
    assert desk.work.next_due() is None


def test_a_list_can_forbid_and_allow_active_looks() -> None:
    """PAP:RED in a later reading ends every look, and its withdrawal begins them again."""
    desk = Desk()
    desk.poll(listed(predecessor()))
    desk.poll(listed(predecessor(pap=Pap.RED)))
    assert desk.work.next_due() is None
    desk.poll(listed(predecessor()))
    assert set(desk.work.scheduled(LOOK)) == {RRN}
    assert set(desk.work.scheduled(SWEEP)) == {"rrn"}


def test_a_name_that_leaves_a_list_is_not_un_seized() -> None:
    """Its watch, its takedown and its plan stay as they were."""
    desk = Desk()
    desk.poll(listed(predecessor(), predecessor(SO), seized=True))
    planned = dict(desk.work.planned)
    desk.poll(listed(predecessor(SO), seized=True))
    history = desk.log.history()
    assert {row.domain for row in history.takedowns} == {RRN, SO}
    assert {watch.status for watch in history.watches} == {WatchStatus.ACTIVE}
    assert desk.work.planned == planned


def test_a_gap_changes_nothing_but_is_kept() -> None:
    """An unreachable list: the gap is in the log, the cursor is where it was, the plan is untouched."""
    desk = Desk()
    cursor = Cursor("list", json.dumps({"sha256": "x"}))
    desk.poll(replace(listed(predecessor()), cursor=cursor))
    planned = dict(desk.work.planned)
    gap = Gap(source="list", scope="list", first=NOW, last=desk.clock.at, reason=Reason.TIMEOUT)
    desk.poll(Batch(gaps=(gap,), cursor=cursor))
    assert desk.log.history().gaps == (gap,)
    assert desk.log.cursor("list") == cursor
    assert desk.work.planned == planned


def test_controls_come_with_new_predecessors_and_only_once() -> None:
    """Each predecessor that is watched for the first time may bring a control; a second reading brings none."""
    desk = Desk()
    desk.poll(listed(predecessor()), share=1.0)
    (control,) = [watch for watch in desk.log.watches() if watch.kind is WatchKind.CONTROL]
    assert control.matched_to == f"predecessor:{RRN}"
    assert set(desk.work.scheduled(SWEEP)) == {"rrn", control.label}
    desk.poll(listed(predecessor(brand="other")), share=1.0)
    assert [watch.kind for watch in desk.log.watches()].count(WatchKind.CONTROL) == 1


def test_a_list_whose_memory_is_damaged_is_not_read() -> None:
    """Nobody can tell what is missing from it now, so nothing is concluded: a gap that says so, and no row."""
    desk = Desk()
    for damaged in ("{broken", "[]", ""):
        desk.log.append(run(), Batch(cursor=Cursor("list", damaged)), NOW)
        desk.poll(listed(predecessor(), seized=True))
    assert desk.log.watches() == ()
    assert [(gap.source, gap.reason) for gap in desk.log.history().gaps] == [("list", Reason.MALFORMED)] * 3
    assert "what is remembered of list is damaged" in desk.log.history().gaps[0].detail


def test_the_feed_gets_its_own_cursor_back() -> None:
    """The next poll starts where the log says the last one ended."""
    desk = Desk()
    cursor = Cursor("list", "{}")
    desk.log.append(run(), Batch(cursor=Cursor("another", "[]")), NOW)
    feed = ListFeed([Batch(cursor=cursor), Batch()])
    for _ in range(2):
        asyncio.run(
            poll(
                feed,
                log=desk.log,
                planner=desk.planner,
                clock=desk.clock,
                run=run(),
                controls=lambda _: (),
            )
        )
    assert feed.cursors == [None, cursor]
