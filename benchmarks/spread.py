"""Many replays side by side: how errors and the widths of bounds are distributed over the seeds.

    python -m benchmarks.spread out/mixed-wave 200

Reads the score.json of every folder below; exits 1 when an expectation failed, or when there are not so many. A seed is
an independent draw of the story, so that the share of seeds without error has limits; names of one seed are not.
"""

import json
import sys
from collections import Counter
from pathlib import Path

from tracker.analysis.survival_intervals import clopper_pearson, wilson

SHARES = (0.5, 0.9, 0.99, 1.0)


def main(folder: Path, wanted: int) -> int:
    """Print the distributions; 3 when there is nothing to read."""
    scores = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*/score.json"))]
    if not scores:
        print(f"NOT RUN: no score.json below {folder}")
        return 3
    right = sum(not row["failures"] for row in scores)
    print(f"{len(scores)} of {wanted} seeds, {right} of them without any error")
    limits = {"Wilson": wilson, "Clopper-Pearson": clopper_pearson}
    shares = (
        f"{one.lo:.3f} to {one.hi:.3f} ({name})" for name, kind in limits.items() for one in (kind(right, len(scores)),)
    )
    print(f"of all such stories, by 95 % limits: {', '.join(shares)}")
    for title, key in (("missed", "missed"), ("wrongly called", "wrongly_called")):
        counts = Counter(len(row[key]) for row in scores)
        spread = ", ".join(f"{number}: {counts[number]} seeds" for number in sorted(counts))
        print(f"{title:<16} per seed  {spread}")
    for title, key in (("no such moment", "wrong"), ("not seen", "unseen")):
        wrong = sum(len(row["bounds"][key]) for row in scores)
        print(f"{title:<16} {wrong} of {sum(row['bounds']['checked'] for row in scores)} bounds")
    kinds: dict[str, Counter[str]] = {}
    for row in scores:
        for kind, verdicts in row["confusion"].items():
            kinds.setdefault(kind, Counter()).update(verdicts)
    print(f"{'who':<24} {'names':>6}  called")
    for kind, verdicts in kinds.items():
        called = verdicts["LIKELY"] + verdicts["CONFIRMED"]
        print(f"{kind:<24} {sum(verdicts.values()):>6}  {called} ({called / sum(verdicts.values()):.1%})")
    hours = sorted(width for row in scores for width in row["bounds"]["hours"])
    quantiles = ", ".join(f"{share:.0%} at most {hours[int(share * (len(hours) - 1))]:.1f} h" for share in SHARES)
    print(f"widths of {len(hours)} bounds: {quantiles}")
    return int(len(scores) != wanted or any(row["failures"] for row in scores))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
