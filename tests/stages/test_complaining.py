"""Complaints: who told whom of a name and when, and what came of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.stages.fakes import NOW, RRN, SO, MemoryLog, predecessor, run, sighting, takedown
from tracker.model.facts import Batch
from tracker.model.names import DomainName
from tracker.model.times import When
from tracker.stages.complaining import NotAComplaint, Told, complain

DAY = timedelta(days=1)
TOLD = Told(name=SO, reported_to="Registrar, Inc.", channel="mail", at=When.of("2024-09-03"))


@pytest.fixture
def log() -> MemoryLog:
    """One predecessor and one candidate."""
    found = MemoryLog()
    found.append(run(), Batch(watches=(predecessor(),), takedowns=(takedown(),), sightings=(sighting(SO),)), NOW)
    return found


def test_an_answer_finds_the_complaint_that_waits_for_it(log: MemoryLog) -> None:
    """Reported on one day, answered on another: one complaint; its reference is not forgotten."""
    complain(log, replace(TOLD, reference="T-1"), run("watch"), NOW)
    answer = replace(TOLD, at=None, answer="suspended", answered=When.of("2024-09-04"))
    done = complain(log, answer, run("watch"), NOW + DAY)
    assert log.history().complaints == (done,)
    assert (done.reported, done.answer, done.answered, done.reference) == (
        When.of("2024-09-03"),
        "suspended",
        When.of("2024-09-04"),
        "T-1",
    )


def test_without_a_day_it_was_now(log: MemoryLog) -> None:
    """To the second, as everything is printed; a predecessor can be reported as well."""
    done = complain(log, replace(TOLD, name=RRN, at=None), run("watch"), NOW + timedelta(microseconds=5))
    assert done.reported == When(NOW)


def test_which_of_two_was_answered_must_be_said(log: MemoryLog) -> None:
    """Two complaints wait at one address: the time tells them apart."""
    for day in ("2024-09-02", "2024-09-03"):
        complain(log, replace(TOLD, at=When.of(day)), run("watch"), NOW)
    with pytest.raises(NotAComplaint, match="say which one"):
        complain(log, replace(TOLD, at=None, answer="no"), run("watch"), NOW)
    complain(log, replace(TOLD, answer="no"), run("watch"), NOW)
    assert [row.answer for row in log.history().complaints] == ["", "no"]


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (replace(TOLD, name=DomainName("stranger.example")), "neither watched nor"),
        (replace(TOLD, reported_to=" "), "an addressee and a channel"),
        (replace(TOLD, channel=""), "an addressee and a channel"),
        (replace(TOLD, at=When.of("2024-09-05")), "lies in the future"),
        (replace(TOLD, answered=When.of("2024-09-03")), "needs an answer"),
        (replace(TOLD, answer="no", answered=When.of("2024-09-01")), "reported only on"),
    ],
)
def test_what_cannot_have_been_is_refused(log: MemoryLog, told: Told, reason: str) -> None:
    """One reason, and nothing is stored."""
    with pytest.raises(NotAComplaint, match=reason):
        complain(log, told, run("watch"), NOW)
    assert log.history().complaints == ()
