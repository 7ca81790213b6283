"""The lab's log by RFC 6962: the same entries as by tiles, proved by our own reader."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from tests.lab.ctworld import START, FreeBudget, SetClock, run, world
from tracker.clients.ct6962 import JsonLog
from tracker.clients.ctlogs import Asker, LogMisbehaved
from tracker.decoders.loglist import LogInfo, read
from tracker.decoders.merkle import leaf_hash, verify_inclusion
from tracker.lab.ctjson import JsonFace
from tracker.lab.ctlog import CtLog

NOW = START + timedelta(days=3)
LOG = CtLog(world(), noise=400)
FACE = JsonFace(LOG)


async def _streamed(body: bytes) -> AsyncIterator[bytes]:
    yield body


def reader() -> JsonLog:
    """Our reader of the lab's JSON face."""

    def answer(request: httpx.Request) -> httpx.Response:
        made = FACE.answer(str(request.url).partition("/log")[2], NOW)
        return httpx.Response(made.status, content=_streamed(made.body))

    listed = {"version": "3", "operators": [{"name": "Lab", "logs": [FACE.listed("https://ct.lab.test/log/")]}]}
    info: LogInfo = read(httpx.Response(200, json=listed).content).logs[0]
    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return JsonLog(info, Asker(http, FreeBudget(), SetClock(NOW), info.url))


def test_both_faces_show_the_same_entries() -> None:
    """All names in order, certificates included, read and proved by ranges of a hundred."""

    async def main() -> None:
        log = reader()
        head = await log.head()
        entries = [entry async for part in log.entries(0, head.size, head) for entry in part.entries]
        assert [tuple(entry.names) for entry in entries] == [row.names for row in LOG._rows[: LOG.size(NOW)]]
        assert len({entry.issuance for entry in entries}) == len(entries)
        assert all(entry.certificate for entry in entries)

    run(main)


def test_an_entry_is_proved_alone() -> None:
    """The inclusion proof of one entry holds, and is refused for another leaf."""

    async def main() -> None:
        log = reader()
        head = await log.head()
        leaf = leaf_hash(LOG.entry(123)[0])
        found = await log.inclusion(123, leaf, head)
        verify_inclusion(found.index, head.size, leaf, found.path, head.root)
        with pytest.raises(LogMisbehaved):
            await log.inclusion(123, bytes(32), head)

    run(main)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/ct/v1/get-sth", 200),
        ("/ct/v1/get-entries?start=5&end=2", 400),
        ("/ct/v1/get-entries?start=x&end=2", 400),
        ("/ct/v1/get-entries", 400),
        ("/ct/v1/get-sth-consistency?first=1&second=99999", 400),
        ("/ct/v1/get-proof-by-hash?hash=AAAA&tree_size=3", 404),
        ("/ct/v1/get-roots", 200),
        ("/ct/v1/add-chain", 404),
    ],
)
def test_paths(path: str, status: int) -> None:
    """What makes no sense is 400, what is unknown 404."""
    assert FACE.answer(path, NOW).status == status
