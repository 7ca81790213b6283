"""Observation: every look is stored, the failed ones too, and each plans the next."""

import asyncio

import pytest

from tests.stages.fakes import NOW, RRN, SO, FixedProbe, MemoryLog, MemoryWork, SetClock, run
from tracker.model.facts import Presence
from tracker.ports import Due
from tracker.stages.observe import observe
from tracker.stages.planner import Planner, look_kind

LOOK = look_kind("delegation")
DUE = [Due(LOOK, RRN, NOW, NOW), Due(LOOK, SO, NOW, NOW)]


def observed(probe: FixedProbe) -> tuple[dict[str, Presence], MemoryLog, MemoryWork]:
    """Let the probe look at two names that are due."""
    log, work = MemoryLog(), MemoryWork()
    work.schedule(DUE)
    planner = Planner(work, (probe.id,), edits=False, weekly_all=False)
    seen = asyncio.run(observe(probe, DUE, log=log, planner=planner, clock=probe.clock, run=run("observe")))
    return seen, log, work


def test_every_look_is_stored_and_the_next_planned() -> None:
    """Present, absent or unknown alike: one row in the log, one later due row."""
    answers = {RRN: Presence.ABSENT, SO: Presence.INDETERMINATE}
    seen, log, work = observed(FixedProbe(SetClock(), answers.__getitem__))
    assert seen == answers
    assert {name: spans[0].presence for name, spans in log.history().spans.items()} == answers
    assert all(row.due_at > NOW for row in work.scheduled(LOOK).values())


def test_a_probe_that_breaks_leaves_its_names_due() -> None:
    """What was seen before the bug is kept; nothing is planned as if it had been done."""
    log, work = MemoryLog(), MemoryWork()
    work.schedule(DUE)
    planner = Planner(work, ("delegation",), edits=False, weekly_all=False)
    probe = FixedProbe(SetClock(), broken=frozenset({SO}))
    with pytest.raises(RuntimeError):
        asyncio.run(observe(probe, DUE, log=log, planner=planner, clock=probe.clock, run=run("observe")))
    assert set(log.history().spans) == {RRN}
    assert work.due(LOOK, NOW, 9) == tuple(DUE)
