"""Score the WHOIS reader on recorded replies: `python benchmarks/whois.py [FOLDER] [--errors]`.

FOLDER holds `HOST/SUFFIX/CASE.txt` and `expected.csv`. Dates count as right within a day, registrars after case and
space folding, name servers as sets.
"""

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).resolve().parent]
# This file has the name of the library that the reader imports, and a script's own folder comes first on the path.

from tracker.decoders.whois import WhoisReply, read  # noqa: E402

DEFAULT = Path(__file__).resolve().parents[2] / "shared" / "data" / "whois"
DATES = {"created": "registered_at", "expires": "expires_at", "updated": "updated_at"}


@dataclass(frozen=True, slots=True)
class Score:
    """One scored field of one reply; `result` is right, missing, wrong, or the pair of a wrong outcome."""

    case: str
    field: str
    result: str
    wanted: str
    got: str


def decoded(body: bytes) -> str:
    """The text of a recorded reply."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("latin-1")


def scores(folder: Path) -> Iterator[Score]:
    """Every scored field of every reply listed in `expected.csv`."""
    with (folder / "expected.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            case = f"{row['host']}/{row['tld']}/{row['case']}"
            reply = read(decoded((folder / f"{case}.txt").read_bytes()), row["tld"], row["host"])
            yield from scored(case, row, reply)


def scored(case: str, row: dict[str, str], reply: WhoisReply) -> Iterator[Score]:
    """The scores of one reply against its row of `expected.csv`."""
    wanted, got = row["outcome"], reply.outcome.value
    yield Score(case, "outcome", "right" if got == wanted else f"{wanted} read as {got}", wanted, got)
    if wanted != "found" or reply.facts is None:
        return
    for column, attribute in DATES.items():
        if row[column] not in {"", "none"}:
            moment = getattr(reply.facts, attribute)
            near = moment is not None and abs(moment - instant(row[column])) <= timedelta(days=1)
            yield Score(case, column, "right" if near else "wrong" if moment else "missing", row[column], str(moment))
        elif row[column] == "none":
            moment = getattr(reply.facts, attribute)
            yield Score(case, f"{column} (none)", "wrong" if moment else "right", "none", str(moment))
    if row["registrar"]:
        name = reply.facts.registrar
        same = _folded(name) == _folded(row["registrar"])
        yield Score(case, "registrar", "right" if same else "wrong" if name else "missing", row["registrar"], name)
    if row["name_servers"]:
        servers = ";".join(reply.facts.name_servers)
        same = set(servers.split(";")) == set(row["name_servers"].split(";"))
        result = "right" if same else "wrong" if servers else "missing"
        yield Score(case, "name_servers", result, row["name_servers"], servers)


def instant(text: str) -> datetime:
    """An expected date as aware datetime; without a zone it is taken as UTC, which the tolerance of a day covers."""
    plain = text.replace(" UTC", "+00:00").replace(" GMT", "+00:00").replace(" +", "+").replace("Z", "+00:00")
    moment = datetime.fromisoformat(plain)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def table(found: Sequence[Score]) -> str:
    """Right, missing and wrong per field, one line each."""
    lines = []
    for name in dict.fromkeys(score.field for score in found):
        counts = Counter(score.result for score in found if score.field == name)
        lines.append(f"{name:16}" + "  ".join(f"{result} {count}" for result, count in sorted(counts.items())) + "\n")
    return "".join(lines)


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def main() -> None:
    """Print right, missing and wrong per field."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=DEFAULT)
    parser.add_argument("--errors", action="store_true", help="list what is not right")
    options = parser.parse_args()
    found = list(scores(options.folder))
    print(table(found), end="")
    if options.errors:
        for score in found:
            if score.result != "right":
                print(f"{score.result:10} {score.field:14} {score.case}: wanted {score.wanted!r}, got {score.got!r}")


if __name__ == "__main__":
    main()
