"""Discovery: what a source yields is stored as it comes, and new names become due."""

import asyncio
from collections.abc import Sequence

import pytest

from tests.stages.fakes import (
    NOW,
    SO,
    FixedSource,
    MemoryLog,
    MemoryWork,
    SetClock,
    look,
    predecessor,
    run,
    sighting,
    sweep,
)
from tracker.model.facts import Batch, CanaryResult, Gap, Reason
from tracker.ports import Watches
from tracker.stages.discover import Discovered, discover
from tracker.stages.planner import Planner, look_kind

LOOK = look_kind("delegation")
GAP = Gap(source="suffixes", scope="zz", first=NOW, last=NOW, reason=Reason.SERVFAIL)


def discovered(source: FixedSource, *, baseline: bool = False) -> tuple[MemoryLog, MemoryWork, Discovered]:
    """Let the source look for one predecessor."""
    log, work = MemoryLog(), MemoryWork()
    planner = Planner(work, ("delegation",), edits=False, weekly_all=False)
    found = asyncio.run(
        discover(
            source, [predecessor()], log=log, planner=planner, clock=SetClock(), run=run("discover"), baseline=baseline
        )
    )
    return log, work, found


def test_what_is_found_is_stored_and_due() -> None:
    """The sighting and the look it rests on are in the log; the new name is due at once."""
    log, work, found = discovered(FixedSource(lambda _: [Batch(sightings=(sighting(SO),), observations=(look(SO),))]))
    assert [row.name for row in log.history().sightings] == [SO]
    assert SO in log.history().spans
    assert work.scheduled(LOOK)[SO].due_at == NOW
    assert found == Discovered((), told=True)


def test_what_a_baseline_finds_was_there_before() -> None:
    """It is due for one profile, and marked so that the profile is its last look."""
    _, work, _ = discovered(FixedSource(lambda _: [Batch(sightings=(sighting(SO),))]), baseline=True)
    assert work.get(f"name:{SO}") == "baseline"


def test_gaps_of_all_batches_are_told() -> None:
    """The caller hears of every gap, and each is in the log."""
    log, _, found = discovered(FixedSource(lambda _: [Batch(gaps=(GAP,)), Batch(), Batch(gaps=(GAP,))]))
    assert found.gaps == (GAP, GAP)
    assert len(log.history().gaps) == 2


def test_what_came_before_a_failure_is_kept() -> None:
    """A source that breaks in the middle loses nothing that it had handed over."""

    def found(_: Watches) -> Sequence[Batch]:
        yield Batch(sightings=(sighting(SO),))
        raise RuntimeError("a bug")

    log, work = MemoryLog(), MemoryWork()
    planner = Planner(work, ("delegation",), edits=False, weekly_all=False)
    with pytest.raises(RuntimeError, match="a bug"):
        asyncio.run(
            discover(
                FixedSource(found), [predecessor()], log=log, planner=planner, clock=SetClock(), run=run("discover")
            )
        )
    assert [row.name for row in log.history().sightings] == [SO]
    assert SO in work.scheduled(LOOK)


@pytest.mark.parametrize(
    ("batch", "told"),
    [
        (Batch(sweeps=(sweep(["rrn"]),)), True),
        (Batch(sweeps=(sweep(["rrn"], canary=CanaryResult.UNREACHABLE),), gaps=(GAP,)), False),
        (Batch(gaps=(GAP,)), False),
        (Batch(), True),
    ],
)
def test_whether_a_source_told_anything(batch: Batch, told: bool) -> None:
    """A sweep without one good canary and a source that only has gaps told nothing; a quiet source did."""
    assert discovered(FixedSource(lambda _: [batch]))[2].told is told
