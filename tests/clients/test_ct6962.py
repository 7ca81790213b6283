"""The reader of RFC 6962 logs against a small server over the lab's own tree, sound and spoiled."""

import base64
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import orjson
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.lab.ctworld import START, FreeBudget, SetClock, run
from tracker.clients.ct6962 import JsonLog
from tracker.clients.ctlogs import Asker, Head, LogFailure, LogMisbehaved
from tracker.decoders import notes
from tracker.decoders.ctentries import Entry
from tracker.decoders.loglist import LogInfo, Protocol
from tracker.decoders.merkle import leaf_hash
from tracker.decoders.trees import Tree
from tracker.lab.authority import candidates, derived_key, public_der
from tracker.lab.issuing import Precertificates

KEY = derived_key(1, "json log")
COUNT = 900
Answer = dict[str, Any]


def _leaves(count: int) -> list[bytes]:
    maker = Precertificates(candidates(1), "json log")
    made = []
    for index in range(count):
        tbs = maker.tbs([f"host{index}.example"], index + 1, START)
        head = b"\x00\x00" + (1_725_000_000_000 + index).to_bytes(8, "big") + b"\x00\x01"
        made.append(head + maker.issuer_key_hash + len(tbs).to_bytes(3, "big") + tbs + b"\x00\x00")
    return made


LEAVES = _leaves(COUNT)
TREE = Tree([leaf_hash(leaf) for leaf in LEAVES])


def _b64(value: bytes) -> str:
    return base64.b64encode(value).decode()


async def _streamed(body: bytes) -> AsyncIterator[bytes]:
    yield body


class Log:
    """A log that gives at most 100 entries at once; `spoil` may change any answer."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.asked: list[str] = []
        self.spoil: Callable[[str, Answer], Answer] = lambda _, answer: answer

    def __call__(self, request: httpx.Request) -> httpx.Response:
        parts = urlsplit(str(request.url))
        call = parts.path.rpartition("/")[2]
        self.asked.append(call)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        known = [_b64(leaf_hash(leaf)) for leaf in LEAVES] if "hash" in query else []
        if "hash" in query and query["hash"] not in known:
            return httpx.Response(404, content=_streamed(b"not found"))
        body = orjson.dumps(self.spoil(call, getattr(self, call.replace("-", "_"))(query)))
        return httpx.Response(200, content=_streamed(body))

    def get_sth(self, _: dict[str, str]) -> Answer:
        """The signed tree head."""
        root, stamp = TREE.root(self.size), 1_725_500_000_000
        signed = KEY.sign(notes.tree_head(self.size, root, stamp), ec.ECDSA(hashes.SHA256()))
        signature = b"\x04\x03" + len(signed).to_bytes(2, "big") + signed
        return {
            "tree_size": self.size,
            "timestamp": stamp,
            "sha256_root_hash": _b64(root),
            "tree_head_signature": _b64(signature),
        }

    def get_entries(self, query: dict[str, str]) -> Answer:
        """At most 100 entries."""
        start, end = int(query["start"]), int(query["end"])
        return {
            "entries": [
                {"leaf_input": _b64(leaf), "extra_data": ""} for leaf in LEAVES[start : min(end + 1, start + 100)]
            ]
        }

    def get_sth_consistency(self, query: dict[str, str]) -> Answer:
        """A consistency proof."""
        return {"consistency": [_b64(node) for node in TREE.consistency(int(query["first"]), int(query["second"]))]}

    def get_proof_by_hash(self, query: dict[str, str]) -> Answer:
        """An inclusion proof."""
        index = [_b64(leaf_hash(leaf)) for leaf in LEAVES].index(query["hash"])
        path = TREE.inclusion(index, int(query["tree_size"]))
        return {"leaf_index": index, "audit_path": [_b64(node) for node in path]}


def reader(log: Log) -> JsonLog:
    """A reader whose questions `log` answers."""
    info = LogInfo(
        log_id="x",
        key=public_der(KEY),
        description="",
        operator="",
        protocol=Protocol.RFC6962,
        url="https://ct.test/log/",
        origin="ct.test/log",
        state="usable",
        mmd=86_400,
    )
    http = httpx.AsyncClient(transport=httpx.MockTransport(log))
    return JsonLog(info, Asker(http, FreeBudget(), SetClock(START), info.url))


async def read_all(log: JsonLog, first: int, last: int, head: Head) -> list[Entry]:
    """The entries of a range, checked to be consecutive."""
    found: list[Entry] = []
    async for part in log.entries(first, last, head):
        assert part.first == first + len(found)
        found += part.entries
    return found


@pytest.mark.parametrize(("first", "last"), [(0, 900), (0, 1), (1, 2), (511, 900), (512, 700), (899, 900), (900, 900)])
def test_any_range_is_read_and_proved(first: int, last: int) -> None:
    """From any start to any end, however few entries the log gives at once."""

    async def main() -> None:
        log = reader(Log(COUNT))
        entries = await read_all(log, first, last, await log.head())
        assert [entry.names for entry in entries] == [[f"host{index}.example"] for index in range(first, last)]

    run(main)


def test_reading_on_costs_no_proof_of_the_start() -> None:
    """The frontier of the last position is remembered: growth needs the head, the entries and nothing else."""

    async def main() -> None:
        server = Log(600)
        log = reader(server)
        head = await log.head()
        await read_all(log, 500, 600, head)
        assert "get-proof-by-hash" in server.asked
        server.size = 650
        server.asked.clear()
        grown = await log.head()
        assert len(await read_all(log, 600, 650, grown)) == 50
        assert server.asked == ["get-sth", "get-entries"]
        await log.prove(head, grown)

    run(main)


def _flipped(text: str) -> str:
    value = bytearray(base64.b64decode(text))
    value[len(value) // 2] ^= 1
    return _b64(bytes(value))


def _leaf_flipped(answer: Answer) -> Answer:
    rows = answer["entries"]
    return {"entries": [{**rows[0], "leaf_input": _flipped(rows[0]["leaf_input"])}, *rows[1:]]}


@pytest.mark.parametrize(
    ("call", "spoil"),
    [
        ("get-sth", lambda a: {**a, "tree_size": a["tree_size"] + 1}),
        ("get-sth", lambda a: {**a, "tree_head_signature": _flipped(a["tree_head_signature"])}),
        ("get-sth", lambda a: {**a, "tree_size": -1}),
        ("get-sth", lambda _: {}),
        ("get-entries", lambda _: {"entries": []}),
        ("get-entries", lambda _: {"error": "busy"}),
        ("get-entries", _leaf_flipped),
        ("get-entries", lambda a: {"entries": a["entries"][::-1]}),
        ("get-sth-consistency", lambda a: {"consistency": [_flipped(node) for node in a["consistency"]]}),
        ("get-sth-consistency", lambda _: {"consistency": None}),
        ("get-proof-by-hash", lambda a: {**a, "audit_path": a["audit_path"][1:]}),
        ("get-proof-by-hash", lambda a: {**a, "audit_path": [_flipped(node) for node in a["audit_path"]]}),
    ],
)
def test_spoiled_answers_are_refused(call: str, spoil: Callable[[Answer], Answer]) -> None:
    """One flipped bit anywhere, an empty or reversed range, a head of another size: refused, and none of it given."""

    async def main() -> None:
        server = Log(COUNT)
        server.spoil = lambda asked, answer: spoil(answer) if asked == call else answer
        log = reader(server)
        with pytest.raises(LogMisbehaved):
            await read_all(log, 300, 700, await log.head())
        server.spoil = lambda _, answer: answer
        assert len(await read_all(log, 300, 700, await log.head())) == 400

    run(main)


def test_a_tree_that_goes_back_is_noticed() -> None:
    """A smaller head than the one before is misbehaviour, and the note is kept."""

    async def main() -> None:
        log, shrunk = reader(Log(600)), reader(Log(500))
        with pytest.raises(LogFailure, match="went back"):
            await log.prove(await log.head(), await shrunk.head())

    run(main)
