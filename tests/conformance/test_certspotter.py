"""Debian's certspotter reads the lab's RFC 6962 log: it must verify it, and name what our own reader names.

One flipped bit in one leaf must make both refuse. Skipped where certspotter is not installed.
"""

import asyncio
import base64
import json
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import orjson
import pytest

from tests.lab.ctworld import START, FreeBudget, SetClock, world
from tracker.clients.ct6962 import JsonLog
from tracker.clients.ctlogs import Asker, LogMisbehaved
from tracker.decoders.loglist import LogInfo, Protocol
from tracker.lab.authority import public_der
from tracker.lab.ctjson import JsonFace
from tracker.lab.ctlog import CtLog
from tracker.lab.http import Request, Response, serve

CERTSPOTTER = shutil.which("certspotter")
pytestmark = pytest.mark.skipif(CERTSPOTTER is None, reason="certspotter is not installed (Debian package)")

NOW = START + timedelta(days=4)
NOISE = 600
PATIENCE = 60.0
BROKEN = 321
REFUSAL = ("does not match", "inconsistent")


class Face:
    """The lab's log over plain HTTP in a thread; `broken` flips one bit of the leaf at that index."""

    def __init__(self) -> None:
        self.log = CtLog(world(), noise=NOISE)
        self.json = JsonFace(self.log, most=100)
        self.broken: int | None = None
        self.port = 0

    def answer(self, request: Request) -> Response:
        """One reply of the log."""
        response = self.json.answer(request.path.removeprefix("/log"), NOW)
        if self.broken is None or "get-entries" not in request.path or response.status != 200:
            return response
        first = int(request.path.partition("start=")[2].partition("&")[0])
        rows = orjson.loads(response.body)["entries"]
        if 0 <= self.broken - first < len(rows):
            leaf = bytearray(base64.b64decode(rows[self.broken - first]["leaf_input"]))
            leaf[3] ^= 1  # a bit of the timestamp: the certificate itself stays readable
            rows[self.broken - first]["leaf_input"] = base64.b64encode(leaf).decode()
        return replace(response, body=orjson.dumps({"entries": rows}))

    @property
    def url(self) -> str:
        """Where the log is read."""
        return f"http://127.0.0.1:{self.port}/log/"


@pytest.fixture
def face() -> Iterator[Face]:
    """The log, listening."""
    made, loop = Face(), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(serve(made.answer), loop).result()
    made.port = server.port
    yield made
    asyncio.run_coroutine_threadsafe(server.close(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def watched(face: Face, folder: Path) -> tuple[int, set[str], str]:
    """(entries that certspotter verified, the names it listed, what it said) after one reading of the log."""
    assert CERTSPOTTER is not None
    (folder / "watchlist").write_text(".\n")
    operators = [{"name": "Lab", "email": [], "logs": [face.json.listed(face.url)]}]
    (folder / "logs.json").write_text(json.dumps({"version": "1.0", "operators": operators}))
    state = folder / "state"
    command = [CERTSPOTTER, "-logs", str(folder / "logs.json"), "-state_dir", str(state), "-watchlist"]
    command += [str(folder / "watchlist"), "-verbose", "-stdout"]
    with (folder / "said").open("w") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
        until = time.monotonic() + PATIENCE
        verified = 0
        while time.monotonic() < until and process.poll() is None:
            verified = position(state)
            text = (folder / "said").read_text()
            if verified == face.log.size(NOW) or any(words in text for words in REFUSAL):
                break
            time.sleep(0.2)
        process.terminate()
        process.wait(10)
    names: set[str] = set()
    for saved in state.rglob("*.json"):
        found = json.loads(saved.read_text())
        if isinstance(found, dict):
            names.update(found.get("dns_names") or ())
    return position(state), names, (folder / "said").read_text()


def position(state: Path) -> int:
    """How far certspotter says that it verified the only log."""
    for file in state.glob("logs/*/state.json"):
        try:
            return int(json.loads(file.read_text())["verified_position"]["size"])
        except (ValueError, KeyError, TypeError):
            return 0
    return 0


def ours(face: Face) -> list[str]:
    """The names that our reader gives for the whole log; raises LogMisbehaved."""
    info = LogInfo(
        log_id=face.json.listed(face.url)["log_id"],
        key=public_der(face.log.key),
        description="",
        operator="Lab",
        protocol=Protocol.RFC6962,
        url=face.url,
        origin="log",
        state="usable",
        mmd=86_400,
    )

    async def read() -> list[str]:
        async with httpx.AsyncClient() as http:
            log = JsonLog(info, Asker(http, FreeBudget(), SetClock(NOW), info.url))
            head = await log.head()
            return [
                name async for part in log.entries(0, head.size, head) for entry in part.entries for name in entry.names
            ]

    return asyncio.run(read())


def test_certspotter_verifies_the_log_and_names_what_we_name(face: Face, tmp_path: Path) -> None:
    """Every entry verified, equal sets of names."""
    verified, names, said = watched(face, tmp_path)
    assert verified == face.log.size(NOW), said[-2_000:]
    assert names == set(ours(face))
    assert "rrn.so" in names


def test_a_flipped_bit_is_refused_by_both(face: Face, tmp_path: Path) -> None:
    """Neither believes a log whose entries do not give the root that it signed."""
    face.broken = BROKEN
    verified, _, said = watched(face, tmp_path)
    assert verified <= BROKEN < face.log.size(NOW)
    assert any(words in said for words in REFUSAL), said[-2_000:]
    with pytest.raises(LogMisbehaved):
        ours(face)
