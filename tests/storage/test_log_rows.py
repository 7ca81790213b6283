"""What the log costs in rows, and what it keeps beside the history."""

import random
from dataclasses import fields, replace
from datetime import datetime, timedelta

from sqlalchemy import Engine, func, select, update

from tests.contract_log import T0, WATCH, later, look, run, sighting, takedown
from tests.storage.conftest import MakeDatabase
from tracker.model.facts import Artefact, Batch, CanaryResult, Coverage, Gap, Layer, Reason, Sweep, Technique
from tracker.model.names import DomainName
from tracker.storage.database import reading, writing
from tracker.storage.log import SqlLog
from tracker.storage.log_tables import PARTS
from tracker.storage.migrate import METADATA

NAME = DomainName("rrn.so")

ARTEFACT = Artefact(
    artefact_id="ab" * 32,
    kind="rdap",
    media_type="application/rdap+json",
    body=b"{}" * 500,
    source_url="https://rdap.example/domain/rrn.so",
    retrieved_at=T0,
    vantage="here",
)


def rows(engine: Engine) -> dict[str, int]:
    """How many rows each table has."""
    with reading(engine) as connection:
        return {
            found.name: connection.execute(select(func.count()).select_from(found)).scalar_one()
            for found in METADATA.sorted_tables
        }


def test_an_exhibit_says_how_it_came_into_the_log(database: Engine) -> None:
    """Who retrieved it, when, and when it was recorded; not before that moment, and without a body once discarded."""
    log = SqlLog(database)
    log.append(run(), Batch(artefacts=(ARTEFACT,)), later(seconds=5))
    assert log.exhibits([ARTEFACT.artefact_id], later(seconds=4)) == ()
    (kept,) = log.exhibits([ARTEFACT.artefact_id, "cd" * 32], later(seconds=5))
    assert (kept.body, kept.size, kept.source_url) == (ARTEFACT.body, len(ARTEFACT.body), ARTEFACT.source_url)
    assert (kept.retrieved_at, kept.recorded_at, kept.run_id) == (T0, later(seconds=5), "run-1")
    with writing(database) as connection:
        connection.execute(update(METADATA.tables["artefacts"]).values(body=None))
    (kept,) = log.exhibits([ARTEFACT.artefact_id], later(seconds=5))
    assert (kept.body, kept.size) == (None, len(ARTEFACT.body))


def test_artefacts_come_back_whole(database: Engine) -> None:
    """The raw reply behind a fact, byte for byte, stored once."""
    log = SqlLog(database)
    log.append(run(), Batch(artefacts=(ARTEFACT, ARTEFACT)), T0)
    log.append(run(), Batch(artefacts=(ARTEFACT,)), later(hours=1))
    assert log.artefact(ARTEFACT.artefact_id) == ARTEFACT
    assert log.artefact("cd" * 32) is None


def test_what_is_said_again_costs_one_row(database: Engine) -> None:
    """A batch that repeats what the log says adds the note of its append alone; a look lengthens its span."""
    labels, suffixes = tuple(f"l{number}" for number in range(50)), tuple(f"s{number}" for number in range(1800))

    def sweep(number: int) -> Sweep:
        coverage = Coverage(labels=labels, suffixes=suffixes, canary=CanaryResult.GOOD, first=T0, last=T0)
        return Sweep(
            sweep_id=f"sweep-{number}",
            technique=Technique.SAME_LABEL,
            source="suffixes",
            layer=Layer.DELEGATED,
            vantage="here",
            first=T0,
            last=T0,
            coverage=(coverage,),
        )

    batch = Batch(
        takedowns=(takedown("rrn.media"),),
        watches=(WATCH,),
        sightings=(sighting("rrn.so", T0),),
        observations=(look("rrn.so", T0),),
        sweeps=(sweep(1),),
        gaps=(Gap(source="rdap", scope="so", first=T0, last=T0, reason=Reason.TIMEOUT),),
        artefacts=(ARTEFACT,),
    )
    log = SqlLog(database)
    log.append(run(), batch, T0)
    before = rows(database)
    log.append(run(), batch, later(hours=1))
    assert rows(database) == before | {"appends": 2}
    log.append(run(), Batch(observations=(look("rrn.so", later(hours=2)),), sweeps=(sweep(2),)), later(hours=2))
    assert rows(database) == before | {"appends": 3, "sweeps": 2, "coverages": 2}


def test_every_part_of_a_batch_has_a_bit() -> None:
    """Readers learn from the bits what an append brought; a part without one would never be read."""
    assert sorted(PARTS) == sorted(part.name for part in fields(Batch))


def test_an_unchanged_reply_is_not_kept_again(database: Engine) -> None:
    """Registries write the hour into each reply: the first stands for the looks that say the same."""
    log = SqlLog(database)
    replies = [replace(ARTEFACT, artefact_id=digit * 64) for digit in "abc"]
    facts = ({"ns": ("x",)}, {"ns": ("x",)}, {"ns": ("y",)})
    for number, (reply, seen) in enumerate(zip(replies, facts, strict=True)):
        seen_now = look("rrn.so", later(hours=number), facts=seen, artefact_ids=(reply.artefact_id,))
        log.append(run(), Batch(observations=(seen_now,), artefacts=(reply,)), later(hours=number))
    assert [log.artefact(reply.artefact_id) is not None for reply in replies] == [True, False, True]
    assert [span.artefact_ids for span in log.history().spans[NAME]] == [("a" * 64,), ("c" * 64,)]


def test_thousands_of_irregular_looks(make_database: MakeDatabase) -> None:
    """A span of many segments is the same whether a reader followed it or meets it at the end."""
    log, rng, at = SqlLog(engine := make_database()), random.Random(3), T0
    made: list[datetime] = []
    for number in range(30):
        looks = []
        for _ in range(40):
            at += timedelta(seconds=rng.randrange(1, 100_000))
            looks.append(look("rrn.so", at))
        made.extend(found.at for found in looks)
        log.append(run(), Batch(observations=tuple(looks)), at + timedelta(seconds=rng.randrange(9)))
        if number % 4 == 0:
            assert [span.looks for span in log.history().spans[NAME]] == [tuple(made)]
    assert rows(engine)["segments"] > 3
    for reader in (log, SqlLog(engine)):
        assert [span.looks for span in reader.history().spans[NAME]] == [tuple(made)]
        cut = made[599]
        assert reader.history(cut).spans[NAME][0].looks == tuple(made[:560])
