"""`tracker ct` below the command line: logs listed, names read and checks made against the lab's log on loopback."""

import asyncio
import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.lab.ctworld import START, LoopbackDial, SetClock, world
from tracker import auditing
from tracker.auditing import FAILED, LOGS, NAMES, OK, SKIPPED, UNREACHABLE, Audit, LogFailure, NoSuchLog, machine
from tracker.clients.ctlogs import Head
from tracker.clients.system import Outside
from tracker.decoders import loglist, notes
from tracker.discovery.ledger import Ledger, LogRow, dump
from tracker.lab.authority import infrastructure
from tracker.lab.ctlog import HOST, CtLog, CtLogServer
from tracker.lab.http import Request, Response, serve
from tracker.model.facts import Batch, Cursor, Run
from tracker.settings import Certificates, Database, Settings
from tracker.storage.database import open_database
from tracker.storage.log import SqlLog
from tracker.storage.migrate import upgrade

NOW = START + timedelta(days=3)
LOG = CtLog(world(), noise=900)


class Playing(CtLogServer):
    """The lab's log with its port, and a file that it may refuse to give."""

    port = 0
    refused = ""

    def answer(self, request: Request) -> Response | None:
        """As the log answers, but for the refused file."""
        return Response(503) if self.refused and request.path.endswith(self.refused) else super().answer(request)


@pytest.fixture
def server() -> Iterator[Playing]:
    """The lab's log in a thread of its own, as it stands on the third day."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    made = Playing(world(), SetClock(NOW), infrastructure(1), log=LOG)
    made.port = asyncio.run_coroutine_threadsafe(made.start(), loop).result()
    yield made
    asyncio.run_coroutine_threadsafe(made.close(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def audit(server: Playing, database: Path, **certificates: object) -> Audit:
    """What the commands work with, for the lab's log."""
    settings = Settings(
        database=Database(str(database)),
        certificates=Certificates(
            **{"log_list_url": f"https://{HOST}/log_list.json", "operators": (), "rate": 1_000.0, **certificates}  # type: ignore[arg-type]
        ),
    )
    trust = infrastructure(1).client_context()
    outside = Outside(clock=SetClock(NOW), dial=LoopbackDial(server.port), trust=trust, rng=random.Random(1))
    return Audit(settings, "test/1 (mailto:test@example.org)", outside)


def remembered(database: Path, head: Head) -> None:
    """A tracker's database in which that head was the last one proved."""
    (info,) = loglist.read(LOG.log_list()).to_follow(NOW)
    row = LogRow(info=info, head=head, next_index=head.size - 44, until=NOW - timedelta(minutes=5))
    opened = open_database(str(database))
    upgrade(opened, NOW)
    cursor = Cursor("certificates", dump(Ledger({info.log_id: row})))
    run = Run(run_id="r", stage="discover", started_at=NOW, vantage="lab", versions={})
    SqlLog(opened).append(run, Batch(cursor=cursor), NOW)
    opened.dispose()


def head_at(hours: int) -> Head:
    """The head that the log had signed so many hours before now."""
    found = notes.read_checkpoint(notes.parse(LOG.checkpoint(NOW - timedelta(hours=hours))))
    return Head(found.size, found.root, NOW - timedelta(hours=hours))


def test_logs_are_listed_with_coverage(server: Playing, tmp_path: Path) -> None:
    """Without a database nothing is said of what was read; the sentence counts logs and operators."""
    rows, coverage = audit(server, tmp_path / "none.db").logs()
    (row,) = [dict(zip(LOGS, row, strict=True)) for row in rows]
    assert (row["operator"], row["covers_today"], row["followed"], row["reading"]) == ("Lab", "yes", "yes", "names")
    assert (row["size"], row["lag_seconds"]) == (None, None)
    assert coverage.startswith("1 of 1 certificate logs")
    assert not (tmp_path / "none.db").exists()


def test_an_operator_that_is_not_chosen_is_named(server: Playing, tmp_path: Path) -> None:
    """A cover set leaves operators out, and says which."""
    rows, coverage = audit(server, tmp_path / "none.db", operators=("Somebody",)).logs()
    assert dict(zip(LOGS, rows[0], strict=True))["followed"] == "no"
    assert "0 of 1 certificate logs" in coverage
    assert "not read: Lab" in coverage


def test_lag_comes_from_the_database(server: Playing, tmp_path: Path) -> None:
    """How far a log was read, how many entries behind its last head, and how long ago."""
    head = head_at(2)
    remembered(tmp_path / "t.db", head)
    (row,) = audit(server, tmp_path / "t.db").logs()[0]
    told = dict(zip(LOGS, row, strict=True))
    assert (told["size"], told["behind"], told["lag_seconds"], told["owed"]) == (head.size, 44, 300, 0)


def test_names_of_a_range_and_of_the_newest(server: Playing, tmp_path: Path) -> None:
    """Index, moment, names: as the log's own entries have them."""
    made = audit(server, tmp_path / "none.db")
    rows = [dict(zip(NAMES, row, strict=True)) for row in made.names("lab log", 250, 260, 1)]
    assert [row["index"] for row in rows] == list(range(250, 260))
    assert {row["verified"] for row in rows} == {"verified"}
    assert [row["names"] for row in rows] == [";".join(LOG._rows[index].names) for index in range(250, 260)]
    newest = list(made.names(HOST, None, None, 7))
    assert [row[0] for row in newest] == list(range(LOG.size(NOW) - 7, LOG.size(NOW)))


@pytest.mark.parametrize(("text", "first", "last"), [("no such log", 0, 1), ("lab", 5, 4), ("lab", 0, 10**9)])
def test_what_is_not_there_is_refused(server: Playing, tmp_path: Path, text: str, first: int, last: int) -> None:
    """An unknown log, a reversed range and one beyond the tree are the user's mistakes."""
    with pytest.raises(ValueError, match=r"no log is called|are not in a log"):
        list(audit(server, tmp_path / "none.db").names(text, first, last, 1))
    assert issubclass(NoSuchLog, ValueError)


def test_a_sound_log_passes_every_check(server: Playing, tmp_path: Path) -> None:
    """Signature, consistency with the remembered head, leaf hashes of two tiles."""
    remembered(tmp_path / "t.db", head_at(7))
    checks = list(audit(server, tmp_path / "t.db").verify("lab", 0, 300, 1))
    assert [row[:2] for row in checks] == [("head", OK), ("consistency", OK), ("entries", OK), ("entries", OK)]
    alone = list(audit(server, tmp_path / "none.db").verify("lab", 0, 1, 1))
    assert alone[1][1] == SKIPPED


def test_another_history_fails(server: Playing, tmp_path: Path) -> None:
    """A log that denies the head it once signed is told of, and nothing of it is read on."""
    head = head_at(7)
    remembered(tmp_path / "t.db", replace(head, root=bytes(32)))
    checks = list(audit(server, tmp_path / "t.db").verify("lab", None, None, 1))
    assert [row[:2] for row in checks] == [("head", OK), ("consistency", FAILED)]


def test_a_log_out_of_reach_has_not_failed(server: Playing, tmp_path: Path) -> None:
    """Between a log that lies and one that is silent there is a difference."""
    server.refused = "tile/data/000"
    checks = list(audit(server, tmp_path / "none.db").verify("lab", 0, 300, 1))
    assert checks[-1][:2] == ("entries", UNREACHABLE)


def test_a_log_of_ones_own_needs_no_name_and_no_tls(tmp_path: Path) -> None:
    """A list at a private address: its logs are read there by the machine's own way out, and nowhere else."""

    async def main() -> tuple[list[tuple[str, ...]], list[str]]:
        def answer(request: Request) -> Response | None:
            made = CtLogServer(world(), SetClock(NOW), infrastructure(1), log=LOG).answer(request)
            here = f"http://127.0.0.1:{listening.port}/lab/".encode()
            body = made.body.replace(
                b'"monitoring_url": "https://ct.lab.example/lab/"', b'"monitoring_url": "%s"' % here
            )
            return replace(made, body=body) if made is not None else None

        listening = await serve(answer)
        try:
            url = f"http://127.0.0.1:{listening.port}/log_list.json"
            asked = Certificates(log_list_url=url, operators=(), rate=1_000.0)
            settings = Settings(database=Database(str(tmp_path / "none.db")), certificates=asked)
            found = Audit(settings, "test/1 (mailto:test@example.org)", machine(""))
            elsewhere = replace(
                settings, certificates=replace(asked, log_list_url=url.replace("127.0.0.1", "localhost"))
            )
            refused: list[str] = []
            try:
                await asyncio.to_thread(Audit(elsewhere, "test/1", machine("")).logs)
            except LogFailure as failure:
                refused.append(failure.detail)
            return await asyncio.to_thread(lambda: list(found.verify("Lab log", None, None, 300))), refused
        finally:
            await listening.close()

    verdicts, refused = asyncio.run(main())
    assert [row[:2] for row in verdicts[:2]] == [("head", OK), ("consistency", SKIPPED)]
    assert {row[1] for row in verdicts[2:]} == {OK}
    assert len(refused) == 1 and "loopback" in refused[0]


def test_rows_match_their_columns(server: Playing, tmp_path: Path) -> None:
    """Every row has as many cells as there are columns."""
    made = audit(server, tmp_path / "none.db")
    assert {len(row) for row in made.verify("lab", 0, 1, 1)} == {len(auditing.VERDICTS)}
