"""Whatever is appended, in whatever pieces: the log says what a plain list of the same appends says."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete

from tests.contract_log import T0, WATCH, look, run, sighting, takedown
from tests.storage.conftest import MakeDatabase
from tests.storage.model import PlainLog
from tracker.model.facts import Batch, Gap, Layer, Observation, Presence, Reason
from tracker.model.history import History
from tracker.storage.database import writing
from tracker.storage.log import SqlLog
from tracker.storage.migrate import METADATA

Appends = Sequence[tuple[Batch, datetime]]

LOOKS = st.builds(
    lambda name, minutes, micros, kind, probe, artefacts: replace(
        look(name, T0 + timedelta(minutes=minutes, microseconds=micros), *kind),
        probe=probe,
        artefact_ids=tuple(artefacts),
    ),
    st.sampled_from(["a.so", "b.so", "c.so"]),
    st.one_of(st.integers(0, 40), st.integers(0, 80_000)),
    st.sampled_from([0, 0, 1, 999_999]),
    st.sampled_from(
        [
            (Presence.PRESENT, Reason.DELEGATED, {"ns": ("x.example",)}),
            (Presence.PRESENT, Reason.DELEGATED, {"ns": ("y.example",)}),
            (Presence.ABSENT, Reason.NXDOMAIN, {}),
            (Presence.INDETERMINATE, Reason.TIMEOUT, {}),
        ]
    ),
    st.sampled_from(["delegation", "addresses"]),
    st.lists(st.sampled_from(["one", "two"]), max_size=2),
)
BATCHES = st.builds(
    Batch,
    observations=st.lists(LOOKS, max_size=8).map(tuple),
    sightings=st.lists(
        st.builds(sighting, st.sampled_from(["a.so", "d.so"]), st.just(T0), serial=st.just(("1",))), max_size=2
    ).map(tuple),
    takedowns=st.lists(
        st.builds(takedown, st.sampled_from(["p.media", "q.media"]), st.sampled_from(["one", "two"])), max_size=2
    ).map(tuple),
    watches=st.lists(st.builds(lambda why: replace(WATCH, why=why), st.sampled_from("xy")), max_size=2).map(tuple),
    gaps=st.lists(
        st.builds(
            Gap,
            source=st.sampled_from("ab"),
            scope=st.just("*"),
            first=st.just(T0),
            last=st.just(T0),
            reason=st.just(Reason.TIMEOUT),
        ),
        max_size=1,
    ).map(tuple),
)


@st.composite
def appends(draw: st.DrawFn) -> Appends:
    """Batches with moments that never go back."""
    at = T0 + timedelta(days=3)
    result = []
    for batch in draw(st.lists(BATCHES, max_size=6)):
        at += timedelta(seconds=draw(st.sampled_from([0, 0.4, 1, 61, 3600, 86_400])))
        result.append((batch, at))
    return result


def store(log: SqlLog | PlainLog, given_appends: Appends) -> None:
    """Append everything, each batch in a run of its own."""
    for number, (batch, at) in enumerate(given_appends):
        log.append(run(number), batch, at)


def emptied(engine: Engine) -> Engine:
    """The same database without rows; a new one for every example would take too long."""
    with writing(engine) as connection:
        for rows in reversed(METADATA.sorted_tables):
            connection.execute(delete(rows))
    return engine


@pytest.fixture(scope="module")
def sqlite_database(sqlite: MakeDatabase) -> Engine:
    """One SQLite database for all examples."""
    return sqlite()


@pytest.fixture(scope="module")
def postgres_database(postgres: MakeDatabase) -> Engine:
    """One PostgreSQL database for all examples."""
    return postgres()


def comparable(history: History) -> History:
    """Without the views that wrap mappings."""
    return replace(history, spans=dict(history.spans), taken_down_at=dict(history.taken_down_at))


@given(appends(), st.lists(st.integers(-1, 400_000), max_size=3))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_moment_of_the_log_is_that_of_a_plain_list(
    sqlite_database: Engine, given_appends: Appends, offsets: list[int]
) -> None:
    """At the end, at random moments and at each moment of recording, read incrementally or from scratch."""
    log, plain = SqlLog(emptied(sqlite_database)), PlainLog()
    for number, (batch, at) in enumerate(given_appends):
        log.append(run(number), batch, at)
        plain.append(run(number), batch, at)
        assert comparable(log.history(at)) == plain.history(at)
    moments = [T0 + timedelta(days=3, seconds=offset) for offset in offsets] + [at for _, at in given_appends]
    for moment in moments:
        wanted = plain.history(moment)
        assert comparable(log.history(moment)) == wanted
        assert comparable(SqlLog(sqlite_database).history(moment)) == wanted


@given(appends())
@settings(max_examples=6, deadline=None)
def test_postgresql_says_what_sqlite_says(
    sqlite_database: Engine, postgres_database: Engine, given_appends: Appends
) -> None:
    """The same appends give equal histories and touched names on both."""
    logs = [SqlLog(emptied(engine)) for engine in (sqlite_database, postgres_database)]
    for log in logs:
        store(log, given_appends)
    assert logs[0].newest() == logs[1].newest()
    for moment in [None, *(at for _, at in given_appends)]:
        assert logs[0].history(moment) == logs[1].history(moment)
        assert logs[0].touched(moment) == logs[1].touched(moment)


@given(st.lists(LOOKS, max_size=25), st.lists(st.integers(0, 25), max_size=5))
@settings(max_examples=12, deadline=None)
def test_batching_does_not_matter(sqlite_database: Engine, looks: list[Observation], cuts: list[int]) -> None:
    """The same looks in the same order give the same spans, in one batch or in many."""
    histories = []
    for borders in ([0, len(looks)], [0, *sorted(cuts), len(looks)]):
        log = SqlLog(emptied(sqlite_database))
        for start, stop in pairwise(borders):
            log.append(run(), Batch(observations=tuple(looks[start:stop])), T0 + timedelta(days=60))
        histories.append(log.history().spans)
    assert histories[0] == histories[1]


@given(
    steps=st.lists(st.one_of(st.just(900), st.integers(1, 100), st.integers(1, 700_000)), min_size=1, max_size=60),
    times=st.integers(1, 12),
    lag=st.integers(0, 5),
)
@settings(max_examples=8, deadline=None)
def test_long_spans_survive_their_segments(sqlite_database: Engine, steps: list[int], times: int, lag: int) -> None:
    """Spans of many irregular looks are cut into segments, and come back whole, as of any moment."""
    log, plain = SqlLog(emptied(sqlite_database)), PlainLog()
    at = T0
    for number in range(times):
        looks = []
        for step in steps:
            at += timedelta(seconds=step)
            looks.append(look("a.so", at))
        recorded = at + timedelta(seconds=(lag * number) % 7)
        for kept in (log, plain):
            kept.append(run(0), Batch(observations=tuple(looks)), recorded)
        if number % 3 == 0:
            assert comparable(log.history(recorded)) == plain.history(recorded)
        at = recorded
    middle = T0 + (at - T0) / 2
    assert comparable(log.history(middle)) == plain.history(middle)
    assert comparable(log.history(at)) == comparable(SqlLog(sqlite_database).history(at)) == plain.history(at)


def test_the_layer_is_part_of_what_was_seen(sqlite_database: Engine) -> None:
    """A probe that begins to speak of another layer begins another span."""
    log = SqlLog(emptied(sqlite_database))
    other = replace(look("a.so", T0 + timedelta(hours=1)), layer=Layer.REGISTERED)
    log.append(run(), Batch(observations=(look("a.so", T0), other)), T0 + timedelta(hours=1))
    (spans,) = log.history().spans.values()
    assert [span.layer for span in spans] == [Layer.DELEGATED, Layer.REGISTERED]
