"""What a year brings: a killed process, full and read-only disks, a held database, wrong clocks, expired authorities.

Each ends in one clear line and in `tracker health` saying why, and leaves no wrong row.
"""

import asyncio
import random
import signal
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import event

from tests.cli.calling import tracker
from tests.diskful import full_disk
from tests.nowhere import nowhere, started  # noqa: F401 - a fixture among them
from tests.stages.fakes import NOW, RRN, look, predecessor, run
from tests.test_daemon import House
from tracker.model.facts import Batch
from tracker.ports import StorageTrouble
from tracker.storage.database import open_database, unwritable
from tracker.storage.log import SqlLog
from tracker.storage.migrate import upgrade
from tracker.storage.work import SqlWork

ROOT = Path(__file__).parent.parent
ROOM_TO_READ = 40_000
"""Bytes: what SQLite shares between readers fits, a few pages more, and that is all."""
WELL = ("--now", "2024-09-04T16:00:00Z")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A healthy database: one look, an hour before `WELL`."""
    file = tmp_path / "tracker.db"
    engine = open_database(file)
    upgrade(engine, NOW)
    SqlLog(engine).append(run(), Batch(observations=(look(RRN, NOW),)), NOW)
    engine.dispose()
    return file


def health(database: Path) -> tuple[int, str]:
    """Status and words of `tracker health`."""
    said = tracker("--database", database, "health", *WELL)
    return said.status, said.out


def test_all_is_well(database: Path) -> None:
    """Before any trouble."""
    assert health(database) == (0, "healthy\n")


def test_a_database_that_somebody_holds(database: Path) -> None:
    """Whoever wants to write is told that it is locked, and so is whoever asks for its health."""
    with closing(sqlite3.connect(database)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        status, said = health(database)
    assert (status, said) == (1, f"{database}: database is locked\n")
    assert health(database)[0] == 0


def test_a_command_whose_rows_find_no_room(database: Path) -> None:
    """One line and status 2, no trace, and nothing is watched that was not before."""
    with full_disk(ROOM_TO_READ):
        said = tracker("--database", database, "watch", "add", "a.example", "--source", "x" * 40_000)
    assert (said.status, said.err) == (2, f"tracker: {database}: disk I/O error\n")
    assert SqlLog(open_database(database)).watches() == ()


def test_a_database_of_a_newer_program(database: Path) -> None:
    """Refused, and nothing is changed in it."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    status, said = health(database)
    assert (status, "newer than this program" in said) == (1, True)


def test_a_disk_that_became_read_only(database: Path) -> None:
    """SQLite says so at the first thing that would be stored, and nothing was."""
    engine = open_database(database)
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA query_only = ON"))
    assert unwritable(engine) == f"{database}: attempt to write a readonly database"
    with pytest.raises(StorageTrouble, match="readonly"):
        SqlLog(engine).append(run(), Batch(watches=(predecessor(),)), NOW)
    assert SqlLog(open_database(database)).watches() == ()


def small(database: Path) -> tuple[SqlLog, SqlWork]:
    """The log and the work on a disk that has no room for another page."""
    engine = open_database(database)
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    return SqlLog(engine), SqlWork(engine, gathered=True)


def test_a_full_disk_fails_units_in_one_line_and_loses_nothing(database: Path) -> None:
    """The batch that does not fit is not there; the daemon says so without a trace, and goes on when there is room."""
    log, _ = small(database)
    many = tuple(predecessor(f"name{number}.example") for number in range(3000))  # type: ignore[arg-type]
    with pytest.raises(StorageTrouble) as trouble:
        log.append(run(), Batch(watches=many), NOW)
    assert str(trouble.value) == f"{database}: database or disk is full"
    assert log.watches() == ()
    house = House()
    house.log.append = lambda *_: (_ for _ in ()).throw(trouble.value)  # type: ignore[method-assign]
    failed = house.tick().failed
    assert failed["poll/list"] == f"{database}: database or disk is full"


def test_a_disk_that_is_nearly_full_is_told_before_it_is(database: Path) -> None:
    """Something can still be stored, and room for what is coming is missing."""
    engine = open_database(database)
    assert unwritable(engine) == ""
    said = unwritable(engine, room=2**62)
    assert said.startswith(f"{database}: only ") and said.endswith(" MB are left on its disk")


def test_health_names_a_clock_behind_the_log(database: Path) -> None:
    """Set back, as after a flat battery: one line, and no age that would follow from it."""
    said = tracker("--database", database, "health", "--now", "2023-09-04T16:00:00Z")
    assert said.status == 1
    assert said.out == (
        "the clock says 2023-09-04T16:00:00Z, but facts were recorded at 2024-09-04T15:00:00Z:"
        " nothing is done until it is set right\n"
    )


def test_a_clock_behind_the_log_records_nothing() -> None:
    """A pass at a time before the newest record is refused whole; set right, it runs."""
    house = House()
    house.tick()
    rows = len(house.log.appended)
    right = house.clock.at
    house.clock.at = NOW - timedelta(days=400)
    outcome = house.tick()
    assert (outcome.done, list(outcome.failed), len(house.log.appended)) == (0, ["clock"], rows)
    assert asyncio.run(house.daemon.plan(house.clock.at)) == 0
    house.clock.at = right
    assert house.tick(timedelta(hours=2)).failed == {}
    assert house.complaints() == []


def test_what_fails_in_a_worker_is_in_the_health_of_the_watch() -> None:
    """A bug, or a clock that is set back while units wait: remembered beside the log until the kind succeeds."""
    house = House(broken=frozenset({RRN}))
    for _ in range(2):
        asyncio.run(house.daemon.plan(house.clock.at))
        asyncio.run(house.daemon.drain())
    assert any("look/delegation failed at" in line for line in house.complaints())
    right, rows = house.clock.at, len(house.log.appended)
    house.clock.at = right + timedelta(hours=1)
    house.probe.broken = frozenset()
    asyncio.run(house.daemon.plan(house.clock.at))
    house.clock.at = NOW - timedelta(days=400)
    (failed, *_) = asyncio.run(house.daemon.drain()).values()
    assert "nothing is done until it is set right" in failed
    assert len(house.log.appended) == rows
    house.clock.at = right + timedelta(hours=6)
    asyncio.run(house.daemon.plan(house.clock.at))
    asyncio.run(house.daemon.drain())
    assert house.complaints() == []


def authority(ends: datetime) -> bytes:
    """A bundle of one authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "old")])
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(1).not_valid_before(ends - timedelta(days=365)).not_valid_after(ends)
    return built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (authority(datetime(2024, 9, 1, tzinfo=UTC)), "every authority in it has expired, the last on 2024-09-01"),
        (b"nonsense", "identity.ca_file"),
        (None, "No such file"),
    ],
)
def test_a_bundle_of_authorities_that_is_no_use(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: bytes | None, said: str
) -> None:
    """Expired, broken or gone: told before the first connection fails for it."""
    bundle = tmp_path / "ca.pem"
    if text is not None:
        bundle.write_bytes(text)
    monkeypatch.setenv("TRACKER_IDENTITY_CA_FILE", str(bundle))
    status, line = health(database)
    assert status == 1 and said in line and len(line.splitlines()) == 1


def test_a_daemon_says_that_its_authorities_have_expired(
    nowhere: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In one line of its log, before it asks anybody."""
    (nowhere / "ca.pem").write_bytes(authority(datetime(2024, 9, 1, tzinfo=UTC)))
    monkeypatch.setenv("TRACKER_IDENTITY_CA_FILE", str(nowhere / "ca.pem"))
    said = tracker("run", "--once").err.splitlines()
    structlog.reset_defaults()
    (line,) = [line for line in said if "has expired" in line]
    assert "no server can prove who it is" in line


# A real process, killed


def test_kill_at_any_instant_loses_and_doubles_nothing(nowhere: Path) -> None:  # noqa: F811
    """Killed three times at random moments of its first seconds, the daemon starts again and the database is sound."""
    rng = random.Random(7)
    for _ in range(3):
        running = started("run")
        assert running.stderr is not None
        running.stderr.readline()
        time.sleep(rng.uniform(0, 0.5))
        running.send_signal(signal.SIGKILL)
        running.communicate()
    checked = tracker("--database", nowhere / "tracker.db", "db", "check")
    assert checked.status == 0, checked.out
    engine = open_database(nowhere / "tracker.db")
    history = SqlLog(engine).history()
    engine.dispose()
    assert [watch.name for watch in history.watches] in ([], ["rrn.media"])
    looks = [(span.probe, look) for spans in history.spans.values() for span in spans for look in span.looks]
    assert len(looks) == len(set(looks))
