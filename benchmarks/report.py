"""The numbers of a weekly report beyond reading the rows: `python -m benchmarks.report [--names 10000]`.

A made-up seizure of half the names, each of which comes back within weeks, is gathered into a report and drawn. Prints
processor time and the ratio to the limit of one second. Exit 1 when the numbers take longer.
"""

import argparse
import gc
import sys
import time
from collections.abc import Callable
from typing import Any

from tests.export.sample import told
from tracker.export.render import html
from tracker.export.report import weekly
from tracker.model.history import History
from tracker.model.views import Views
from tracker.model.watching import Cohort

LIMIT = 1.0
SUFFIXES = ("so", "cc", "to", "pw")


def event(names: int) -> tuple[History, Views]:
    """Half of the names are seized, a third of these imitations; the other half replace them."""
    half = names // 2
    seized = [(f"brand{n}.press", Cohort.OWN_BRAND if n % 3 else Cohort.IMITATED) for n in range(half)]
    back = [(f"brand{n}.press", f"brand{n}.{SUFFIXES[n % 4]}", 14 + n % 900) for n in range(half)]
    return told(seized, back)


def spent(work: Callable[[], Any], runs: int = 3) -> tuple[float, Any]:
    """Least processor time of several runs, in seconds, and what was made."""
    times = []
    for _ in range(runs):
        gc.collect()
        start = time.process_time()
        made = work()
        times.append(time.process_time() - start)
    return min(times), made


def main() -> int:
    """Time a report of few and of many names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", type=int, default=10_000)
    options = parser.parse_args()
    over = False
    for names in (1000, options.names):
        history, views = event(names)
        seconds, context = spent(lambda known=(history, views): weekly(*known, "2024-W40", title="t"))
        drawn, page = spent(lambda told=context: html(told), runs=1)
        print(
            f"{names:6} names: numbers {seconds:6.2f} s, {seconds / LIMIT:5.2f} times the limit; "
            f"page {drawn:5.2f} s, {len(page) / 1e6:.1f} MB"
        )
        over |= seconds > LIMIT
    return int(over)


if __name__ == "__main__":
    sys.exit(main())
