"""Which verdicts hang on one weight: each rule's bits, and the odds of the prior, are halved and doubled.

    python -m benchmarks.sensitivity out/doj-2024-09-04/tracker.db

Prints every name that would become, or cease to be, called a replacement, then how many verdicts turn by rule.
"""

import sys
from collections import Counter
from pathlib import Path

from tracker.analysis.sensitivity import sensitivity
from tracker.lookalikes.suffixes import Suffixes
from tracker.storage.database import open_database
from tracker.storage.log import SqlLog


def main(database: Path) -> int:
    """Print the turns; 3 when there is no such database."""
    if not database.exists():
        print(f"NOT RUN: there is no {database}")
        return 3
    turns = sensitivity(SqlLog(open_database(str(database))).history(), Suffixes.bundled())
    hanging = [turn for turn in turns if turn.changes_replacement]
    print(f"{'name':<32} {'rule':<34} {'times':>6}  verdict now, and then")
    for turn in hanging:
        name = turn.name.replace(".", "[.]")
        print(f"{name:<32} {turn.rule_id:<34} {turn.factor:>6g}  {turn.before} -> {turn.after}")
    print(f"\n{'rule':<34} verdicts that turn, replacements among them")
    every, of_these = Counter(turn.rule_id for turn in turns), Counter(turn.rule_id for turn in hanging)
    for rule_id in sorted(every):
        print(f"{rule_id:<34} {every[rule_id]:>5} {of_these[rule_id]:>5}")
    print(f"{len({turn.name for turn in hanging})} names would be called otherwise with one weight halved or doubled")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
