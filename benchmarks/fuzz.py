# ruff: noqa: E402
"""Feeds every decoder with spoiled and random bytes: nothing but its own error, no hang, no more memory than the cap.

Inputs follow from the seed, so that a finding can be had again. `--keep` writes each finding to a file.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import resource
import signal
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from types import FrameType

# Run as a script, its neighbour dns.py would pass for the `dns` package.
_HERE = Path(__file__).resolve().parent
sys.path[:] = [str(_HERE.parent), *(entry for entry in sys.path if Path(entry or ".").resolve() != _HERE)]

from benchmarks import fuzzseeds
from benchmarks.fuzzseeds import Target

SLOWEST = 0.5
"""CPU seconds that one input may take; measured again before it is held against the decoder."""
HANG = 20
"""Seconds after which an input counts as one that never ends."""
MOST_BYTES = 256 * 1024 * 1024
"""Address space that a decoder may take beyond what the process had."""
LONGEST = 20_000
"""Bytes of an input at most: growth is multiplied by repetition, not by patience."""

_INTERESTING = (0, 1, 0x1F, 0x30, 0x7F, 0x80, 0x81, 0x82, 0x84, 0xA0, 0xA3, 0xC0, 0xC3, 0xE2, 0xFE, 0xFF)


class NeverEnds(Exception):
    """The alarm rang while a decoder was at work."""


def spoiled(seeds: list[bytes], rng: random.Random) -> bytes:
    """One input: now and then pure noise, else a seed with some of its bytes changed, moved, cut or repeated."""
    if rng.random() < 0.05:
        return rng.randbytes(rng.choice((0, 1, 3, 12, 60, 400)))
    body = bytearray(rng.choice(seeds))
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        size = len(body)
        at = rng.randrange(size + 1)
        end = min(size, at + rng.choice((1, 1, 2, 4, 16, 200)))
        change = rng.randrange(8)
        if change == 0 and at < size:
            body[at] ^= 1 << rng.randrange(8)
        elif change == 1 and at < size:
            body[at] = rng.choice(_INTERESTING)
        elif change == 2:
            body[at:end] = rng.randbytes(end - at)
        elif change == 3:
            del body[at:end]
        elif change == 4:
            body[at:at] = body[at:end] * rng.choice((1, 2, 50))
        elif change == 5:
            del body[at:]
        elif change == 6:
            other = rng.choice(seeds)
            start = rng.randrange(len(other) + 1)
            body[at:end] = other[start : start + rng.choice((1, 8, 100))]
        else:
            body[at:at] = bytes((rng.choice(_INTERESTING),)) * rng.choice((1, 2, 4))
    return bytes(body[:LONGEST])


def fuzzed(target: Target, count: int, seed: int, told: Callable[[str, bytes], None]) -> tuple[int, float]:
    """(inputs that were read without an error, CPU seconds of the slowest); `told` hears of every finding."""
    rng = random.Random(f"{target.name} {seed}")
    read, slowest = 0, 0.0
    for _ in range(count):
        body = spoiled(target.seeds, rng)
        signal.alarm(HANG)
        before = time.process_time()
        try:
            target.decode(body)
            read += 1
        except target.errors:
            pass
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            told(f"{type(error).__name__}: {error}", body)
        took = time.process_time() - before
        if took > SLOWEST:
            took = min(took, _again(target, body))
            if took > SLOWEST:
                told(f"{took:.2f} s", body)
        slowest = max(slowest, took)
    signal.alarm(0)
    return read, slowest


def _again(target: Target, body: bytes) -> float:
    before = time.process_time()
    with contextlib.suppress(target.errors):
        target.decode(body)
    return time.process_time() - before


def hungriest(target: Target, seed: int, count: int = 300) -> int:
    """Most bytes that one of some inputs made Python allocate."""
    rng = random.Random(f"{target.name} {seed}")
    most = 0
    for _ in range(count):
        body = spoiled(target.seeds, rng)
        tracemalloc.start()
        try:
            target.decode(body)
        except target.errors:
            pass
        except Exception:  # noqa: BLE001 - told of in the other pass
            pass
        most = max(most, tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    return most


def main() -> int:
    """Run; a line per decoder to stdout, findings to stderr. Status 1 when there was any."""
    targets = fuzzseeds.targets()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("decoders", nargs="*", help=f"of {', '.join(target.name for target in targets)}; default all")
    parser.add_argument("--inputs", type=int, default=20_000, help="inputs per decoder")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for findings")
    asked = parser.parse_args()
    unknown = set(asked.decoders) - {target.name for target in targets}
    if unknown:
        parser.error(f"no such decoder: {', '.join(sorted(unknown))}")

    def rang(_: int, __: FrameType | None) -> None:
        raise NeverEnds(f"more than {HANG} s")

    signal.signal(signal.SIGALRM, rang)
    wanted = [target for target in targets if not asked.decoders or target.name in asked.decoders]
    hunger = {target.name: hungriest(target, asked.seed) for target in wanted}
    _cap()
    findings = 0
    for target in wanted:
        kinds: dict[str, int] = {}

        def told(problem: str, body: bytes, target: Target = target, kinds: dict[str, int] = kinds) -> None:
            kinds[problem] = kinds.get(problem, 0) + 1
            if kinds[problem] > 1 or len(kinds) > 50:
                return
            print(f"{target.name}: {problem}: {body[:200]!r}", file=sys.stderr, flush=True)
            if asked.keep is not None:
                asked.keep.mkdir(parents=True, exist_ok=True)
                (asked.keep / f"{target.name}-{len(kinds):02d}").write_bytes(body)

        before = time.process_time()
        read, slowest = fuzzed(target, asked.inputs, asked.seed, told)
        found = sum(kinds.values())
        findings += found
        print(
            f"{target.name:14} {asked.inputs:>9,} inputs {read:>9,} read {found:>5} findings  slowest "
            f"{slowest * 1e3:7.1f} ms  most memory {hunger[target.name] / 1e6:6.1f} MB  "
            f"{asked.inputs / max(time.process_time() - before, 1e-9):9,.0f} inputs/s",
            flush=True,
        )
    return 1 if findings else 0


def _cap() -> None:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    now = pages * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + MOST_BYTES, resource.getrlimit(resource.RLIMIT_AS)[1]))


if __name__ == "__main__":
    raise SystemExit(main())
