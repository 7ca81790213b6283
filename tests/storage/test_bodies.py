"""Retention: bodies of old replies go, what is known of them stays."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Engine

from tests.contract_log import T0, run
from tests.storage.test_log_rows import ARTEFACT
from tracker.model.facts import Batch
from tracker.storage.bodies import discard_bodies
from tracker.storage.log import SqlLog

DAY = timedelta(days=1)
IDS = ["a" * 64, "b" * 64, "c" * 64]


def kept(log: SqlLog) -> list[bool]:
    """Which of the three still have a body; all of them are still known."""
    assert len(log.exhibits(IDS, T0 + 999 * DAY)) == 3
    return [log.artefact(artefact_id) is not None for artefact_id in IDS]


def filled(database: Engine) -> SqlLog:
    """Three replies, thirty days apart; bodies that do not compress to nothing."""
    log = SqlLog(database)
    for number, artefact_id in enumerate(IDS):
        body = bytes((place * place * (number + 3)) % 251 for place in range(2000))
        reply = replace(ARTEFACT, artefact_id=artefact_id, body=body)
        log.append(run(), Batch(artefacts=(reply,)), T0 + 30 * number * DAY)
    return log


def test_bodies_go_by_age(database: Engine) -> None:
    """What is older than the limit; with a limit of nothing they stay for ever."""
    log = filled(database)
    assert discard_bodies(database, 0, 0, T0 + 999 * DAY) == 0
    assert discard_bodies(database, 40, 0, T0 + 65 * DAY) == 1
    assert kept(log) == [False, True, True]
    assert discard_bodies(database, 40, 0, T0 + 65 * DAY) == 0


def test_bodies_go_by_size_the_oldest_first(database: Engine) -> None:
    """A megabyte holds all three; when there is room for none, all go."""
    log = filled(database)
    assert discard_bodies(database, 0, 1, T0) == 0
    big = replace(ARTEFACT, artefact_id="d" * 64, body=b"".join(str(n * n).encode() for n in range(500_000)))
    log.append(run(), Batch(artefacts=(big,)), T0 + 99 * DAY)
    assert discard_bodies(database, 0, 1, T0) == 4
    assert kept(log) == [False, False, False]
