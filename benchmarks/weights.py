"""Computes the weights of the linking rules that rest on data, and says where the program's constants differ from them.

    python benchmarks/weights.py LOOKALIKES.csv MEASUREMENTS.csv

LOOKALIKES has the columns domain, transformation (`tld-swap` keeps the label); MEASUREMENTS what, figure, unit, source.
Exit status 1 when a constant no longer follows from the data. Data only checks a weight; nothing is written anywhere.
"""

import csv
import sys
from collections.abc import Iterable
from math import sqrt
from pathlib import Path

from tracker.analysis.weights import LAGS, SAME_LABEL_SHARE

KEEPS_LABEL = "tld-swap"
TWO_DAYS = 2.0


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def same_label_share(lookalikes: Iterable[dict[str, str]]) -> tuple[int, int]:
    """How many of the labelled lookalikes keep the label, and of how many."""
    kinds = [row["transformation"] for row in lookalikes if row["transformation"]]
    return sum(kind == KEEPS_LABEL for kind in kinds), len(kinds)


def published_medians(measurements: Iterable[dict[str, str]]) -> list[float]:
    """Published medians of the days until seized names returned."""
    return [
        float(row["figure"]) for row in measurements if "median time to return" in row["what"] and row["unit"] == "days"
    ]


def within(days: float) -> float:
    """Share of replacements that the lag table puts before `days`."""
    return sum(share * max(0.0, min(days, hi) - lo) / (hi - lo) for lo, hi, share in LAGS if lo < days)


def report(lookalikes: Path, measurements: Path) -> bool:
    """Print each computed weight beside the program's; whether all still follow from the data."""
    kept, of = same_label_share(rows(lookalikes))
    error = 2 * sqrt(kept / of * (1 - kept / of) / of)
    share_holds = abs(kept / of - SAME_LABEL_SHARE) <= error
    print(f"SAME_LABEL_SHARE  program {SAME_LABEL_SHARE:.2f}  data {kept}/{of} = {kept / of:.3f} +- {error:.3f}")
    medians = published_medians(rows(measurements))
    lags_hold = bool(medians) and all(within(median) <= 0.6 for median in medians) and within(TWO_DAYS) >= 0.5
    print(
        f"LAGS              program {within(1.0):.2f} by day 1, {within(TWO_DAYS):.2f} by day 2  "
        f"data medians {medians} days"
    )
    print("ok" if share_holds and lags_hold else "DIFFERS")
    return share_holds and lags_hold


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(0 if report(Path(sys.argv[1]), Path(sys.argv[2])) else 1)
