"""The daily canary: what exists must be seen, what cannot must not, and it is a fact of its own kind."""

import asyncio
from collections.abc import Sequence

import pytest

from tests.stages.fakes import NOW, FixedProbe, FixedSource, MemoryLog, SetClock, run, sighting
from tracker.model.facts import Batch, Gap, Presence, Reason
from tracker.model.names import DomainName
from tracker.stages.canary import Canaries, absent_name, ask_canaries

KNOWN = DomainName("example.com")
FAILED = Gap(source="suffixes", scope="com", first=NOW, last=NOW, reason=Reason.SERVFAIL)


def seen(found: Sequence[Batch]) -> dict[str, list[Presence]]:
    """What each source said of the name that exists and of the one that cannot."""
    log = MemoryLog()
    clock = SetClock()
    source = FixedSource(lambda _: found)
    canaries = Canaries(KNOWN, source, {"delegation": FixedProbe(clock)})
    asyncio.run(ask_canaries(canaries, log=log, clock=clock, run=run("canary")))
    history = log.history()
    assert not history.sightings and not history.spans and not history.sweeps
    told: dict[str, list[Presence]] = {}
    for canary in history.canaries:
        told.setdefault(canary.source, []).append(canary.seen)
    return told


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ([Batch(sightings=(sighting(KNOWN),))], [Presence.PRESENT, Presence.ABSENT]),
        ([Batch()], [Presence.ABSENT, Presence.ABSENT]),
        ([Batch(gaps=(FAILED,))], [Presence.INDETERMINATE, Presence.INDETERMINATE]),
    ],
)
def test_a_sweep_sees_is_blind_or_fails(found: Sequence[Batch], wanted: list[Presence]) -> None:
    """A sighting, silence, a gap: the three answers, none of them stored as anything but a canary."""
    assert seen(found)["suffixes"] == wanted


def test_a_probe_that_finds_everything_is_found_out() -> None:
    """Both names present: the resolver lies about what cannot exist."""
    assert seen([Batch()])["delegation"] == [Presence.PRESENT, Presence.PRESENT]


def test_the_name_that_cannot_be_is_another_each_day() -> None:
    """Nobody registered it, no cache holds it, and it lies beside the one that exists."""
    names = {absent_name(KNOWN, NOW.replace(day=day)) for day in range(1, 29)}
    assert len(names) == 28
    assert all(name.endswith(".com") and len(name.split(".")[0]) <= 63 for name in names)
