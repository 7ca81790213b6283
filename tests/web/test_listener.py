"""The pages joined to a daemon: what `tracker health` says, over HTTP, while `tracker run` runs."""

import asyncio
import urllib.error
import urllib.request
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.test_daemon import House
from tracker.ports import StorageTrouble
from tracker.settings import Daemon as DaemonSettings
from tracker.settings import Settings
from tracker.web.listener import listening
from tracker.wiring import Parts


def get(url: str) -> tuple[int, str]:
    """Status and text."""
    try:
        with urllib.request.urlopen(url, timeout=5) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def asked(parts: Parts, port: int, *paths: str) -> list[tuple[int, str]]:
    """The pages of a running listener."""
    told = replace(parts, settings=Settings(daemon=DaemonSettings(listen=f":{port}")))

    async def both() -> list[tuple[int, str]]:
        async with listening(told):
            return [await asyncio.to_thread(get, f"http://127.0.0.1:{port}{path}") for path in paths]

    return asyncio.run(both())


def test_healthy_then_stale(unused_port: int) -> None:
    """503 with the lines of `tracker health` when a source has not succeeded for days; 200 otherwise."""
    house = House()
    assert asked(house.daemon.parts, unused_port, "/healthz") == [(503, "nothing was recorded yet\n")]
    house.tick()
    assert asked(house.daemon.parts, unused_port, "/healthz") == [(200, "healthy\n")]
    house.clock.at += timedelta(days=3)
    ((status, text),) = asked(house.daemon.parts, unused_port, "/healthz")
    assert status == 503
    assert "delegation: last success 2024-09-04T" in text


def test_a_database_that_takes_no_rows_is_no_healthy_one(unused_port: int) -> None:
    """What was recorded says that all is well; the disk does not. And a database that is away is a line, no silence."""
    house = House()
    house.tick()
    full = replace(house.daemon.parts, unwritable=lambda: "tracker.db: only 0 MB are left on its disk")
    pages = asked(full, unused_port, "/healthz", "/metrics")
    assert pages[0] == (503, "tracker.db: only 0 MB are left on its disk\n")
    assert "\ntracker_complaints 1.0\n" in pages[1][1]
    house.log.history = lambda *_: (_ for _ in ()).throw(StorageTrouble("away"))  # type: ignore[method-assign]
    assert asked(house.daemon.parts, unused_port, "/healthz", "/metrics") == [(503, "away\n")] * 2


def test_metrics_of_a_daemon(unused_port: int) -> None:
    """The same numbers as in the log, and no name among them."""
    house = House()
    house.tick()
    ((status, text),) = asked(house.daemon.parts, unused_port, "/metrics")
    assert status == 200
    assert 'tracker_watches{kind="predecessor"} 1.0' in text
    assert 'tracker_looks_total{presence="PRESENT",probe="delegation"}' in text
    assert "rrn" not in text


def test_nothing_listens_unless_it_is_set() -> None:
    """The default is silence."""
    assert Settings().daemon.listen == ""

    async def sockets() -> int:
        before = len(asyncio.all_tasks())
        async with listening(House().daemon.parts):
            return len(asyncio.all_tasks()) - before

    assert asyncio.run(sockets()) == 0


@pytest.fixture
def unused_port() -> int:
    """A port of loopback that nobody listens on."""
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
