"""Kaplan-Meier of a million lifetimes, in milliseconds: `python benchmarks/survival.py [--n 1000000]`.

Prints the best and the median of several runs, in wall time and processor time, for ages in whole days, whole seconds
and fractions, with and without late entry, and the ratio to the limit; lifelines is timed beside it where it is
installed. Exit 1 when lives watched from birth take more than 50 ms of processor time in any precision.
"""

import argparse
import importlib.util
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

from tracker.analysis.survival_km import kaplan_meier
from tracker.analysis.survival_lives import Floats, Lives, lives
from tracker.analysis.survival_npmle import Spans, npmle

LIMIT_MS = 50.0


def timed(work: Callable[[], object], runs: int) -> tuple[float, float, float]:
    """Best and median wall time, and best processor time, in milliseconds."""
    walls, spent = [], []
    for _ in range(runs):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        walls.append((time.perf_counter() - wall) * 1e3)
        spent.append((time.process_time() - cpu) * 1e3)
    return min(walls), statistics.median(walls), min(spent)


def tell(what: str, found: tuple[float, float, float]) -> None:
    """One line."""
    print(f"{what:44} best {found[0]:8.1f}  median {found[1]:8.1f}  processor {found[2]:8.1f} ms")


def ages(n: int, rng: np.random.Generator) -> dict[str, Floats]:
    """The same lives in three precisions."""
    days = rng.weibull(0.7, n) * 40
    return {"whole days": np.floor(days) + 1, "whole seconds": np.floor(days * 86_400) + 1, "fractions": days}


def yardstick(samples: dict[str, Lives], ours: dict[str, float], runs: int) -> None:
    """lifelines on the same lives, and how many times as long it takes."""
    if importlib.util.find_spec("lifelines") is None:
        print("NOT RUN: lifelines is not installed")
        return
    from lifelines import KaplanMeierFitter  # noqa: PLC0415 - optional

    for name, seen in samples.items():
        found = timed(lambda seen=seen: KaplanMeierFitter().fit(seen.exit, seen.event, entry=seen.entry), runs)
        tell(f"lifelines, {name}", found)
        print(f"{'':44} {found[2] / ours[name]:.1f} times ours")


def main() -> int:
    """Time everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    rng = np.random.default_rng(1)
    ended = rng.random(options.n) < 0.7
    samples = {}
    for name, age in ages(options.n, rng).items():
        entry = age * rng.random(options.n) * 0.9
        late = entry if name == "fractions" else np.floor(entry)
        samples |= {name: lives(age, ended), f"{name}, late entry": lives(age, ended, late)}
    spent = {}
    for name, seen in samples.items():
        found = timed(lambda seen=seen: kaplan_meier(seen), options.runs)
        tell(f"Kaplan-Meier, {name}", found)
        print(f"{'':44} {found[2] / LIMIT_MS:.2f} times the limit of {LIMIT_MS:g} ms")
        spent[name] = found[2]
    yardstick(samples, spent, 2)
    length, phase = rng.weibull(0.7, options.n // 50) * 40, rng.random(options.n // 50)
    lo = np.maximum(np.round(np.floor(length + phase) - phase, 2), 0)
    spans = Spans(lo, np.where(ended[: len(lo)], lo + 1, np.inf))
    tell(f"NPMLE, {len(spans)} polled lives", timed(lambda: npmle(spans), 3))
    return int(any(took > LIMIT_MS for name, took in spent.items() if samples[name].entry is None))


if __name__ == "__main__":
    sys.exit(main())
