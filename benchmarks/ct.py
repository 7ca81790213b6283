# ruff: noqa: E402
"""Figures of the certificate decoders, with the library that they replace as yardstick in the same run.

CPU seconds of one process, best of interleaved rounds. On the recorded tile where there is one, else on the lab's log.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

# Run as a script, its neighbour dns.py would pass for the `dns` package.
sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).resolve().parent]

import orjson
from cryptography import x509

from tracker.decoders import ctentries, tiles
from tracker.decoders.ctentries import Entry
from tracker.decoders.merkle import root_over
from tracker.discovery.logged import hosts
from tracker.lab.ctlog import CtLog
from tracker.lab.world import World
from tracker.lookalikes.matcher import Matcher
from tracker.lookalikes.suffixes import Suffixes
from tracker.lookalikes.watched import Watched

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
WATCHED = 200
BATCH = 20_000
PASS = 5_000


def main() -> int:
    """Run the benchmark; data to stdout. Status 1 when any entry's names differ from the library's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="folder with ct/navigli2025h2 and a list of names")
    parser.add_argument("--rounds", type=int, default=9)
    asked = parser.parse_args()
    tile, names_tile = _tiles(asked.data)
    entries = tiles.read_data(tile)
    certificates = [entry.certificate for entry in entries]
    different = sum(
        sorted(entry.names) != sorted(_names(der)) for entry, der in zip(entries, certificates, strict=True)
    )
    reply = _reply(entries)
    packed = gzip.compress(names_tile)
    matcher = _matcher(asked.data)
    batch = list(_fresh(entries, -(-BATCH // len(entries))))
    fresh = len({host for each in batch for entry in tiles.read_data(each) for host in hosts(entry.names)})
    works: dict[str, tuple[int, Callable[[], object]]] = {
        "data tile": (len(entries), lambda: tiles.read_data(tile)),
        "cryptography: names, not_before": (len(entries), lambda: [_short(der) for der in certificates]),
        "cryptography: all four fields": (len(entries), lambda: [_long(der) for der in certificates]),
        "leaf hashes and tile root": (len(entries), lambda: root_over([entry.leaf_hash for entry in entries])),
        "names tile, gzip": (len(entries), lambda: tiles.read_names(packed)),
        "get-entries": (len(entries), lambda: ctentries.read_get_entries(reply)),
        f"tile to match, {len(matcher.watched)} labels, batch {BATCH}": (
            len(batch) * len(entries),
            lambda: _end_to_end(batch, matcher),
        ),
    }
    best = dict.fromkeys(works, float("inf"))
    for _ in range(asked.rounds):
        for name, (count, work) in works.items():
            times = max(1, PASS // count)  # long enough for warm caches: a stream is never a single tile
            before = time.process_time()
            for _ in range(times):
                work()
            best[name] = min(best[name], (time.process_time() - before) / count / times)
    print(f"{len(entries)} entries, {different} with names that differ from the library's")
    print(f"batch of {len(batch) * len(entries)} entries: {fresh / len(batch) / len(entries):.2f} fresh names an entry")
    for name, seconds in best.items():
        print(f"{name:48} {1 / seconds:12,.0f} entries/s {seconds * 1e6:8.2f} us")
    ours = best["data tile"]
    for yardstick in ("cryptography: names, not_before", "cryptography: all four fields"):
        print(f"data tile against {yardstick}: {best[yardstick] / ours:.1f} times as fast")
    whole = next(seconds for name, seconds in best.items() if name.startswith("tile to match"))
    print(f"a live tail of 1,000 entries/s, every entry proved and matched: {whole * 1e5:.2f} % of a core")
    return 1 if different else 0


def _tiles(data: Path) -> tuple[bytes, bytes]:
    folder = data / "ct" / "navigli2025h2" / "tile"
    if folder.exists():
        return (folder / "data" / "000").read_bytes(), (folder / "names" / "000").read_bytes()
    start = datetime(2024, 9, 1, tzinfo=UTC)
    world = World(
        scenario_id="benchmark",
        seed=1,
        start=start,
        end=start + timedelta(days=1),
        suffixes={},
        stories={},
        issuances=(),
        faults=(),
        hosts={},
    )
    log = CtLog(world, noise=300)
    return log.tile("data", 0, None, world.end) or b"", log.tile("names", 0, None, world.end) or b""


def _fresh(entries: list[Entry], count: int) -> Iterator[bytes]:
    """So many copies of a tile, in each of which the certificates name other hosts: what a stream is like."""
    letters = b"abcdefghijklmnopqrstuvwxyz"
    rng = random.Random(1)
    for _ in range(count):
        others = bytes.maketrans(letters, bytes(rng.sample(letters, len(letters))))
        made = []
        for entry in entries:
            raw = entry.raw
            for name in sorted(set(entry.names), key=len, reverse=True):
                old = name.encode()
                host, dot, suffix = old.rpartition(b".")
                raw = raw.replace(old, host.translate(others) + dot + suffix)
            made.append(raw)
        yield b"".join(made)


def _reply(entries: list[Entry]) -> bytes:
    """The same leaves as a get-entries reply, with chains as long as usual (1,300 bytes) beside each precertificate."""
    rows = []
    for entry in entries:
        whole = entry.certificate
        extra = (
            len(whole).to_bytes(3, "big")
            + whole
            + (1_303).to_bytes(3, "big")
            + (1_300).to_bytes(3, "big")
            + bytes(1_300)
        )
        leaf = b"\x00\x00" + entry.raw[: entry.cut - 10] + b"\x00\x00"
        rows.append({"leaf_input": base64.b64encode(leaf).decode(), "extra_data": base64.b64encode(extra).decode()})
    return orjson.dumps({"entries": rows})


def _matcher(data: Path) -> Matcher:
    suffixes = Suffixes.bundled()
    listed = data / "newly-registered-dev.txt"
    labels = ["rrn", "spiegel", "lemonde", "welt"]
    if listed.exists():
        lines = (line.partition(".")[0].strip() for line in listed.read_text("utf-8").splitlines())
        labels += [line for line in dict.fromkeys(lines) if line.isalpha() and line.isascii() and 5 <= len(line) <= 12]
    return Matcher([Watched.of_line(label, suffixes) for label in labels[:WATCHED]], suffixes)


def _end_to_end(batch: list[bytes], matcher: Matcher) -> int:
    seen: dict[str, None] = {}
    for tile in batch:
        entries = tiles.read_data(tile)
        root_over([entry.leaf_hash for entry in entries])
        for entry in entries:
            for host in hosts(entry.names):
                seen[host] = None
    return len(matcher.match(list(seen)))


def _names(der: bytes) -> list[str]:
    read = x509.load_der_x509_certificate(der)
    names = _alternatives(read)
    common = [str(each.value) for each in read.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)]
    return names + [name for name in common if name not in names]


def _alternatives(read: x509.Certificate) -> list[str]:
    found = read.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return found.value.get_values_for_type(x509.DNSName)


def _short(der: bytes) -> tuple[object, ...]:
    read = x509.load_der_x509_certificate(der)
    return _alternatives(read), read.not_valid_before_utc


def _long(der: bytes) -> tuple[object, ...]:
    read = x509.load_der_x509_certificate(der)
    return _alternatives(read), read.not_valid_before_utc, read.not_valid_after_utc, read.issuer.rfc4514_string()


if __name__ == "__main__":
    raise SystemExit(main())
