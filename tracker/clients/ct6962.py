"""Reading a log by RFC 6962's JSON interface: entries by range, everything verified against the signed tree head."""

import base64
import binascii
from collections.abc import AsyncIterator
from urllib.parse import quote

import orjson

from tracker.clients.ctlogs import Asker, Head, Hints, Inclusion, LogMisbehaved, NoNames, NotThere, Slice
from tracker.decoders import notes
from tracker.decoders.ctentries import Entry, EntryError, read_get_entries
from tracker.decoders.loglist import LogInfo
from tracker.decoders.merkle import ProofError, verify_consistency, verify_inclusion
from tracker.decoders.trees import Frontier
from tracker.model.facts import Reason

ASKED = 1_000
"""Entries asked for at once. Logs give what they like, down to 32; reading goes on from what was given."""
PROVED = 1_024
"""Entries proved together: one consistency proof per so many."""


class JsonLog:
    """One RFC 6962 log. It keeps the frontier of the last proved position, so that reading on costs no extra proof."""

    def __init__(self, info: LogInfo, asker: Asker) -> None:
        self.info = info
        self._asker = asker
        self._frontier = Frontier()

    async def head(self) -> Head:
        """The newest signed tree head, its signature checked; raises LogFailure."""
        raw = await self._asker.get("ct/v1/get-sth", limit=100_000)
        try:
            row = orjson.loads(raw)
            size, stamp = int(row["tree_size"]), int(row["timestamp"])
            root, signature = _base64(row["sha256_root_hash"]), _base64(row["tree_head_signature"])
            at = notes.verify_tree_head(size, root, stamp, signature, self.info.key)
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            raise LogMisbehaved(f"tree head refused: {error}", raw) from error
        return Head(size, root, at, raw)

    async def entries(self, first: int, last: int, head: Head) -> AsyncIterator[Slice]:
        """Entries [first, last) of the tree of `head`, proved before they are given; raises LogFailure."""
        if not 0 <= first <= last <= head.size:
            raise ValueError(f"entries {first} to {last} of {head.size}")
        frontier = await self._at(first, head)
        waiting: list[Entry] = []
        while frontier.size < last:
            found = await self._range(frontier.size, last)
            waiting += found
            frontier = frontier.extended([entry.leaf_hash for entry in found])
            if len(waiting) >= PROVED or frontier.size == last:
                await self._prove(frontier.size, frontier.root, head)
                self._frontier = frontier
                yield Slice(frontier.size - len(waiting), tuple(waiting))
                waiting = []

    async def names(self, first: int, last: int, head: Head) -> AsyncIterator[Hints]:
        """NoNames for any entries at all: this interface gives them whole."""
        if first < last:
            raise NoNames(Reason.NO_SERVER, f"{self.info.origin} offers no names")
        yield Hints(first, ())

    async def prove(self, old: Head, new: Head) -> None:
        """Return when the tree of `new` extends that of `old`; raises LogFailure with `new` as evidence."""
        if old.size == 0 or (old.size, old.root) == (new.size, new.root):
            return
        if old.size > new.size:
            raise LogMisbehaved(f"the tree went back from {old.size} to {new.size} entries", new.raw)
        await self._prove(old.size, old.root, new)

    async def inclusion(self, index: int, leaf: bytes, head: Head) -> Inclusion:
        """The log's proof of the leaf, checked; a leaf logged twice may be proved at its other place."""
        place, path = await self._proof(leaf, head.size, f"entry {index}")
        try:
            verify_inclusion(place, head.size, leaf, path, head.root)
        except ProofError as error:
            raise LogMisbehaved(f"entry {index} is not in the tree of size {head.size}: {error}", head.raw) from error
        return Inclusion(place, tuple(path))

    def source(self, index: int) -> str:
        """Address that gives the entry alone."""
        return f"{self._asker.url}ct/v1/get-entries?start={index}&end={index}"

    async def _at(self, size: int, head: Head) -> Frontier:
        """The frontier before entry `size`: remembered, or drawn from the proof of the entry before it."""
        if size in {0, self._frontier.size}:
            return self._frontier if size else Frontier()
        (entry,) = await self._range(size - 1, size)
        found = entry.leaf_hash
        _, path = await self._proof(found, size, f"entry {size - 1}")
        try:
            frontier = Frontier.of_last(size, found, path)
        except ProofError as error:
            raise LogMisbehaved(f"no proof of entry {size - 1}: {error}", entry.leaf) from error
        await self._prove(size, frontier.root, head)
        return frontier

    async def _proof(self, leaf: bytes, size: int, what: str) -> tuple[int, list[bytes]]:
        """Where the log says that a leaf stands, and the path; nothing of it checked."""
        wanted = quote(base64.b64encode(leaf).decode("ascii"), safe="")
        try:
            raw = await self._asker.get(f"ct/v1/get-proof-by-hash?hash={wanted}&tree_size={size}", limit=100_000)
        except NotThere as error:
            raise LogMisbehaved(f"the log does not know its own {what}", leaf) from error
        try:
            row = orjson.loads(raw)
            return int(row["leaf_index"]), [_base64(node) for node in row["audit_path"]]
        except (ValueError, TypeError, KeyError) as error:
            raise LogMisbehaved(f"no proof of {what}: {error}", raw) from error

    async def _range(self, first: int, last: int) -> list[Entry]:
        end = min(last, first + ASKED) - 1
        raw = await self._asker.get(f"ct/v1/get-entries?start={first}&end={end}")
        try:
            found = read_get_entries(raw)[: end + 1 - first]
        except EntryError as error:
            raise LogMisbehaved(f"entries from {first}: {error}", raw[:100_000]) from error
        if not found:
            raise LogMisbehaved(f"no entries from {first} although the tree is larger", raw)
        return found

    async def _prove(self, size: int, root: bytes, head: Head) -> None:
        try:
            if size == head.size:
                verify_consistency(size, size, root, head.root, [])
                return
            raw = await self._asker.get(f"ct/v1/get-sth-consistency?first={size}&second={head.size}", limit=100_000)
            proof = [_base64(node) for node in orjson.loads(raw)["consistency"]]
            verify_consistency(size, head.size, root, head.root, proof)
        except (ProofError, ValueError, TypeError, KeyError) as error:
            self._frontier = Frontier()
            raise LogMisbehaved(f"size {head.size} does not extend size {size}: {error}", head.raw) from error


def _base64(text: object) -> bytes:
    if not isinstance(text, str):
        raise TypeError("no base64 text")
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error
