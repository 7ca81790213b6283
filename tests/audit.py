"""Known vulnerabilities in what the image installs, by pip-audit: part of `make check`.

A package that pip-audit could not look up is not "without known vulnerabilities": where none could be, nothing was run.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

LOCKED = Path(__file__).parent.parent / "requirements" / "image.txt"
SECONDS = 60
CLEAN, FOUND, NOT_RUN = 0, 1, 3


def judged(report: Mapping[str, Any]) -> tuple[int, list[str]]:
    """Status and lines for a report of pip-audit in its JSON form."""
    rows: Sequence[Mapping[str, Any]] = report["dependencies"]
    skipped = [row["name"] for row in rows if "skip_reason" in row]
    found = [
        f"{row['name']} {row['version']}: {flaw['id']}, fixed in {', '.join(flaw['fix_versions']) or 'no version'}"
        for row in rows
        for flaw in row.get("vulns", ())
    ]
    missed = [f"NOT RUN: audit of {', '.join(skipped)}: the index tells nothing about them"] if skipped else []
    if found:
        return FOUND, [*found, *missed]
    if len(skipped) == len(rows):
        return NOT_RUN, ["NOT RUN: audit: the index that pip asks tells nothing of vulnerabilities"]
    return CLEAN, [f"audit: {len(rows) - len(skipped)} packages, no known vulnerability", *missed]


def main() -> int:
    """Ask, print, and end with the status."""
    tool = [Path(sys.executable).with_name("pip-audit"), "--disable-pip", "--require-hashes", "--format", "json"]
    command = [*tool, "--progress-spinner", "off", "--timeout", "10", "--requirement", LOCKED]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        status, lines = judged(json.loads(done.stdout))
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        status, lines = NOT_RUN, [f"NOT RUN: audit: no answer ({type(error).__name__})"]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return status


if __name__ == "__main__":
    sys.exit(main())
