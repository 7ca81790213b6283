"""The lab's certificate log: a static log whose tree is whatever had been logged by the virtual instant."""

import base64
import gzip
import hashlib
import json
import random
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tracker.decoders import merkle, notes
from tracker.decoders.trees import TILE_WIDTH, Tree
from tracker.lab import draws
from tracker.lab.authority import Authority, candidates, derived_key, public_der
from tracker.lab.http import Request, Response, Server, serve
from tracker.lab.issuing import Precertificates
from tracker.lab.world import World
from tracker.model.times import iso
from tracker.ports import Clock

HOST = "ct.lab.example"
PREFIX = "lab/"
BEFORE = timedelta(days=2)
"""How long the log had been filling when the scenario starts, so that a reader meets a tree with a past."""

_REMEMBERED = 8 * TILE_WIDTH  # records of the newest tiles, which are asked for again while they grow
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TILE = re.compile(r"tile/([0-5]|data|names)/((?:x\d{3}/)*\d{3})(?:\.p/(\d{1,3}))?")
_SYLLABLES = ("qua", "xo", "wyl", "zub", "kj", "yth", "vox", "gwu", "fyx", "quo", "zwe", "jub", "oqu", "wux", "xyl")
_SUFFIXES = (
    "com",
    "com",
    "com",
    "net",
    "org",
    "de",
    "fr",
    "it",
    "pl",
    "nl",
    "shop",
    "online",
    "site",
    "dev",
    "app",
    "co.uk",
)


@dataclass(frozen=True, slots=True)
class Logged:
    """One entry to be: names, serial, moment, and which owner's key it carries (`noise` shares one)."""

    at: datetime
    names: tuple[str, ...]
    serial: int
    owner: str


class CtLog:
    """The whole log, compiled once; every method is a function of the instant it is given."""

    def __init__(self, world: World, *, noise: int = 20_000) -> None:
        self.key = derived_key(world.seed, "ct log")
        self.origin = f"{HOST}/{PREFIX}".rstrip("/")
        self._authority = candidates(world.seed)
        self._world = world
        rows = [Logged(each.at, each.names, each.serial, each.names[0]) for each in world.issuances]
        self._rows = sorted([*rows, *_noise(world, noise)], key=lambda row: (row.at, row.serial))
        self._times = [row.at for row in self._rows]
        self._owners: dict[str, Precertificates] = {}
        self._records: dict[int, bytes] = {}
        self._key_hash = self._owner("noise").issuer_key_hash
        self._leaves = [self._leaf(index, row) for index, row in enumerate(self._rows)]
        self._tree = Tree([merkle.leaf_hash(b"\x00\x00" + leaf) for leaf in self._leaves])
        self._signature = self._owner("noise").sign(b"noise")
        self._chain = hashlib.sha256(self._authority.der).digest()

    def size(self, moment: datetime) -> int:
        """Entries logged by then."""
        return bisect_right(self._times, moment)

    def checkpoint(self, moment: datetime) -> bytes:
        """The signed note of that instant, with a line that looks like the log's own and is not."""
        size = self.size(moment)
        root, signature = self.sign(size, moment)
        value = _ms(moment).to_bytes(8, "big") + signature
        line = base64.b64encode(notes.log_key_id(self.origin, public_der(self.key)) + value).decode("ascii")
        grease = base64.b64encode(hashlib.sha256(root).digest()).decode("ascii")
        body = f"{self.origin}\n{size}\n{base64.b64encode(root).decode('ascii')}\n"
        return f"{body}\n\u2014 {self.origin} {grease}\n\u2014 {self.origin} {line}\n".encode()

    def tile(self, kind: str, number: int, width: int | None, moment: datetime) -> bytes | None:
        """A tile, or None: beyond the tree of that instant, or partial although the full one is there by now."""
        level = int(kind) if kind.isdecimal() else 0
        count = self.size(moment) >> (8 * level)
        first = number * TILE_WIDTH
        full = count >= first + TILE_WIDTH
        if full != (width is None) or (width is not None and not 0 < width <= count - first):
            return None
        last = first + (width or TILE_WIDTH)
        if kind.isdecimal():
            return self._tree.tile(level, number, width or TILE_WIDTH)
        if kind == "names":
            return "".join(_names_line(row) for row in self._rows[first:last]).encode()
        return b"".join(self._record(index) for index in range(first, last))

    @property
    def tree(self) -> Tree:
        """The tree over everything that will ever be logged; ask it for the size of an instant."""
        return self._tree

    def entry(self, index: int) -> tuple[bytes, bytes]:
        """(leaf_input, extra_data) of an entry, as RFC 6962 frames them; the chain is the authority alone."""
        leaf = self._leaves[index]
        whole = self._record(index)[len(leaf) : -34]
        chain = len(self._authority.der).to_bytes(3, "big") + self._authority.der
        return b"\x00\x00" + leaf, whole + len(chain).to_bytes(3, "big") + chain

    def sign(self, size: int, moment: datetime) -> tuple[bytes, bytes]:
        """(root, DigitallySigned) of the tree head of that size and instant; deterministic."""
        root = self._tree.root(size)
        head = notes.tree_head(size, root, _ms(moment))
        signed = self.key.sign(head, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        return root, b"\x04\x03" + len(signed).to_bytes(2, "big") + signed

    @property
    def authority_der(self) -> bytes:
        """The certificate of the authority that issued everything in the log."""
        return self._authority.der

    def issuer(self, fingerprint: str) -> bytes | None:
        """The authority's certificate under its own fingerprint."""
        return self._authority.der if fingerprint == self._chain.hex() else None

    def log_list(self) -> bytes:
        """A version 3 list with this log in it, and a placeholder of the kind that real lists hold."""
        log = {
            "description": "Lab log",
            "log_id": base64.b64encode(hashlib.sha256(public_der(self.key)).digest()).decode("ascii"),
            "key": base64.b64encode(public_der(self.key)).decode("ascii"),
            "submission_url": f"https://{HOST}/{PREFIX}",
            "monitoring_url": f"https://{HOST}/{PREFIX}",
            "mmd": 60,
            "state": {"usable": {"timestamp": iso(self._world.start - BEFORE)}},
            "temporal_interval": {
                "start_inclusive": iso(self._world.start - timedelta(days=365)),
                "end_exclusive": iso(self._world.end + timedelta(days=365)),
            },
        }
        bogus = {**log, "description": "Placeholder", "monitoring_url": "https://ct.example.com/bogus/"}
        operators = [{"name": "Lab", "email": [], "logs": [], "tiled_logs": [log, bogus]}]
        stamp = iso(self._world.start - BEFORE)
        return json.dumps({"version": "1.0", "log_list_timestamp": stamp, "operators": operators}).encode()

    def _owner(self, owner: str) -> Precertificates:
        if owner not in self._owners:
            self._owners[owner] = Precertificates(self._authority, owner)
        return self._owners[owner]

    def _leaf(self, index: int, row: Logged) -> bytes:
        maker = self._owner(row.owner)
        tbs = maker.tbs(row.names, row.serial, row.at)
        extensions = b"\x00\x08\x00\x00\x05" + index.to_bytes(5, "big")
        stamp = _ms(row.at).to_bytes(8, "big")
        return stamp + b"\x00\x01" + self._key_hash + len(tbs).to_bytes(3, "big") + tbs + extensions

    def _record(self, index: int) -> bytes:
        if index not in self._records:
            if len(self._records) >= _REMEMBERED:
                self._records.clear()
            self._records[index] = self._made_record(index)
        return self._records[index]

    def _made_record(self, index: int) -> bytes:
        row = self._rows[index]
        maker = self._owner(row.owner)
        tbs = maker.tbs(row.names, row.serial, row.at, poison=True)
        # Nobody checks the signature of a stranger's precertificate, so the noise shares one that is well-formed.
        whole = maker.joined(tbs, self._signature if row.owner == "noise" else maker.sign(tbs))
        return self._leaves[index] + len(whole).to_bytes(3, "big") + whole + b"\x00\x20" + self._chain


class CtLogServer:
    """The log over HTTPS, with its list; what the script of the world spoils is spoiled here."""

    def __init__(
        self, world: World, clock: Clock, authority: Authority, *, noise: int = 20_000, log: CtLog | None = None
    ) -> None:
        self.log = log or CtLog(world, noise=noise)
        self._world = world
        self._clock = clock
        self._authority = authority
        self._server: Server | None = None

    async def start(self) -> int:
        """Listen on loopback; the port."""
        self._server = await serve(self.answer, self._authority.server_context(HOST))
        return self._server.port

    async def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            await self._server.close()

    def answer(self, request: Request) -> Response | None:
        """The reply to one request at this instant."""
        now = self._clock.now()
        path = request.path.partition("?")[0].removeprefix("/")
        fault = self._world.fault("ct", path, now)
        kind = "" if fault is None else fault.kind
        if kind == "silence":
            return None
        if fault is not None and kind == "throttle":
            wait = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
            return Response(429, wait, b"too many requests")
        if kind == "error":
            return Response(503, {}, b"unavailable")
        response = self._file(path, now)
        if kind == "garbage" and response.body:
            spoiled = bytearray(response.body)
            spoiled[draws.number(0, len(spoiled) - 1, self._world.seed, "garbage", path)] ^= 0x55
            return Response(response.status, response.headers, bytes(spoiled))
        return response

    def _file(self, path: str, now: datetime) -> Response:
        if path == "log_list.json":
            return Response(200, {"Content-Type": "application/json"}, self.log.log_list())
        path = path.removeprefix(PREFIX)
        if path == "checkpoint":
            return Response(200, {"Content-Type": "text/plain; charset=utf-8"}, self.log.checkpoint(now))
        body: bytes | None = None
        headers = {"Content-Type": "application/octet-stream"}
        tile = _TILE.fullmatch(path)
        if tile:
            number = int(tile[2].replace("x", "").replace("/", ""))
            body = self.log.tile(tile[1], number, int(tile[3]) if tile[3] else None, now)
            if body is not None and not tile[1].isdecimal() and not tile[3]:
                body, headers = gzip.compress(body, 1, mtime=0), {**headers, "Content-Encoding": "gzip"}
        elif path.startswith("issuer/"):
            body = self.log.issuer(path.removeprefix("issuer/"))
        return Response(404, {}, b"not found") if body is None else Response(200, headers, body)


def _noise(world: World, count: int) -> Iterator[Logged]:
    rng = random.Random(f"noise {world.seed}")
    first, span = world.start - BEFORE, (world.end - world.start + BEFORE) / timedelta(seconds=1)
    for _ in range(count):
        name = "".join(rng.choices(_SYLLABLES, k=rng.randint(3, 5))) + "." + rng.choice(_SUFFIXES)
        names = (name, f"www.{name}") if rng.random() < 0.4 else (name,)
        yield Logged(first + timedelta(seconds=rng.random() * span), names, rng.getrandbits(120) | 1 << 120, "noise")


def _names_line(row: Logged) -> str:
    return json.dumps({"Timestamp": _ms(row.at), "DNS": list(row.names)}, separators=(",", ":")) + "\n"


def _ms(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)
