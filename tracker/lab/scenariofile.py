"""Reads a scenario file: every key is checked against the vocabulary, every mistake is said with its line."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tracker.lab.scenario import (
    Event,
    Expect,
    Innocents,
    Notice,
    Predecessor,
    Scenario,
    ScenarioError,
    day_start,
    delay,
    step,
)
from tracker.lab.vocabulary import REPEATED, TABLES
from tracker.lab.world import Fault
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.names import DomainName
from tracker.model.times import iso, utc

SCENARIOS = Path(__file__).parent / "scenarios"
_MIXED = frozenset({"clones", "innocents", "passers_by"})


def scenario_path(name_or_path: str) -> Path:
    """A bundled scenario by its id, or a file; raises ScenarioError that lists the bundled ones."""
    path = Path(name_or_path)
    if path.suffix == ".toml" and path.exists():
        return path
    bundled = SCENARIOS / f"{name_or_path}.toml"
    if not bundled.exists():
        known = ", ".join(sorted(entry.stem for entry in SCENARIOS.glob("*.toml")))
        raise ScenarioError(f"no scenario {name_or_path!r}; there are {known}, or give a .toml file")
    return bundled


def load(path: Path) -> Scenario:
    """Read a scenario file; raises ScenarioError with a line `file:line: reason` per mistake."""
    try:
        text = path.read_text(encoding="utf-8")
        document = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ScenarioError(f"{path}: {error}") from error
    problems = list(_misspelt(text, document)) or list(_contradictions(text, document))
    if problems:
        raise ScenarioError("\n".join(f"{path}:{line}: {reason}" for line, reason in sorted(problems)))
    return _scenario(document)


Problem = tuple[int, str]


def _misspelt(text: str, document: Mapping[str, Any]) -> Iterator[Problem]:
    """What the vocabulary does not have."""
    if "scenario" not in document:
        yield 1, "a scenario begins with [scenario]"
    for table, rows in document.items():
        keys = TABLES.get(table)
        if keys is None:
            yield _line(text, table), f"unknown table [{table}]; there are {', '.join(TABLES)}"
            continue
        if isinstance(rows, list) is not (table in REPEATED) or not all(isinstance(row, dict) for row in _rows(rows)):
            yield _line(text, table), f"{table} is written as {f'[[{table}]]' if table in REPEATED else f'[{table}]'}"
            continue
        for place, row in enumerate(_rows(rows)):
            for key, value in row.items():
                if key not in keys:
                    yield _line(text, table, place, key), f"unknown key {table}.{key}; there are {', '.join(keys)}"
                elif not keys[key].fits(value):
                    yield _line(text, table, place, key), f"{table}.{key} wants {keys[key].wants}, not {_shown(value)}"
            for key, wanted in keys.items():
                if wanted.required and key not in row:
                    yield _line(text, table, place), f"{table}.{key} is missing: {wanted.wants}"


def _contradictions(text: str, document: Mapping[str, Any]) -> Iterator[Problem]:
    """What is well written and cannot be played."""
    head = document["scenario"]
    if not head["start"] < head["notice"] < head["end"]:
        yield _line(text, "scenario", 0, "notice"), "the notice falls between start and end"
    for place, row in enumerate(document.get("further", ())):
        if not head["start"] < row["notice"] < head["end"]:
            yield _line(text, "further", place, "notice"), "the notice falls between start and end"
    rows, events = document.get("predecessor", ()), document.get("event", ())
    if "generate" in document:
        for table in ("predecessor", "event"):
            if table in document:
                yield _line(text, table), f"with [generate] names are drawn: leave [[{table}]] out"
        wanted = document["generate"]
        if wanted.get("story") == "mixed" and (lacking := _MIXED - wanted.keys()):
            yield _line(text, "generate"), f"a mixed story says how many {', '.join(sorted(lacking))}"
        return
    if not rows:
        yield 1, "nobody is taken down: write [[predecessor]] rows, or [generate]"
    actions = {head["action"], *(row["id"] for row in document.get("further", ()))}
    born = {row["name"] for row in events if row["do"] in {"register", "take"} and "name" in row}
    known = born | {row["name"] for row in rows}
    for table, rows_of_table in (("predecessor", rows), ("event", events)):
        for place, row in enumerate(rows_of_table):
            if row.get("action", head["action"]) not in actions:
                yield _line(text, table, place, "action"), f"no such action: {row['action']}"
    yield from _misplaced(text, events, known, head["end"])
    yield from _nowhere(text, document)


def _misplaced(text: str, events: Sequence[Mapping[str, Any]], known: set[str], end: datetime) -> Iterator[Problem]:
    """Events that cannot be played, or not within the story."""
    for place, row in enumerate(events):
        yield from ((_line(text, "event", place), reason) for reason in _unplayable(row, known))
        if _earliest(row["at"]) >= end:
            yield _line(text, "event", place, "at"), f"this happens after the end, {iso(end)}"


def _nowhere(text: str, document: Mapping[str, Any]) -> Iterator[Problem]:
    """Names that nobody can have registered."""
    suffixes = Suffixes.bundled()
    ends = frozenset(suffix.rpartition(".")[2] for suffix in suffixes.all())
    for table, keys in (("predecessor", ("name",)), ("event", ("name", "replaces", "beside"))):
        for place, row in enumerate(document.get(table, ())):
            for key in keys:
                if key in row and (why := _unregistrable(row[key], suffixes, ends)):
                    yield _line(text, table, place, key), why


def _earliest(at: Any) -> datetime:
    """When an event happens at the earliest: an instant, a day, or the first day of any source."""
    if isinstance(at, Mapping):
        return min(map(day_start, at.values()))
    if isinstance(at, str):
        return day_start(at)
    return at if isinstance(at, datetime) else day_start(at.isoformat())


def _unregistrable(name: str, suffixes: Suffixes, ends: frozenset[str]) -> str:
    """Why nobody can have registered a name; empty when somebody can. `ends` are the top-level domains."""
    if name.rpartition(".")[2] not in ends:
        return f"{name} is under no public suffix: there is no .{name.rpartition('.')[2]}"
    return "" if suffixes.split(DomainName(name)).label else f"{name} is a public suffix, nobody registers it"


def _unplayable(row: Mapping[str, Any], known: set[str]) -> Iterator[str]:
    if ("name" in row) is ("names" in row):
        yield "an event has a name, or names"
    elif row.get("name", "") not in known and "name" in row:
        yield f"something is done to {row['name']}, which nobody registered"
    if row.get("replaces", "") not in known and "replaces" in row:
        yield f"{row['replaces']} is replaced, and is not in the story"
    if row["do"] == "register" and not any(row.get(key) for key in ("replaces", "sibling", "innocent")):
        yield "a registration says whom it replaces, or that it is a sibling or innocent"
    if "leads" in {row.get("page"), *(step(text).what for text in row.get("then", ()))} and "leads_to" not in row:
        yield "a page that leads somewhere wants leads_to"


def _rows(rows: Any) -> Sequence[Mapping[str, Any]]:
    return rows if isinstance(rows, list) else [rows]


def _shown(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else repr(value)


def _line(text: str, table: str, place: int = 0, key: str = "") -> int:
    """The line of a key in the `place`th table of that name: TOML readers do not say where a value stood."""
    heads = [match.start() for match in re.finditer(rf"^[ \t]*\[+[ \t]*{re.escape(table)}\b", text, re.MULTILINE)]
    start = heads[place] if place < len(heads) else 0
    found = re.compile(rf"^[ \t]*{re.escape(key)}[ \t]*=", re.MULTILINE).search(text, start) if key else None
    return text.count("\n", 0, found.start() if found else start) + 1


def _scenario(document: Mapping[str, Any]) -> Scenario:
    head = dict(document["scenario"])
    head["scenario_id"] = head.pop("id")
    head["start"], head["end"], head["notice"] = (utc(head[key]) for key in ("start", "end", "notice"))
    for key in ("assumptions", "caveats"):
        head[key] = tuple(head.get(key, ()))
    return Scenario(
        **head,
        published=tuple(document.get("published", ())),
        further=tuple(_notice(row) for row in document.get("further", ())),
        predecessors=tuple(Predecessor(**row) for row in document.get("predecessor", ())),
        events=tuple(_event(row) for row in document.get("event", ())),
        innocents=tuple(Innocents(**row) for row in document.get("innocents", ())),
        faults=tuple(_fault(row, head["start"], head["end"]) for row in document.get("fault", ())),
        expect=Expect(**document.get("expect", {})),
        generate=document.get("generate", {}),
    )


def _notice(row: Mapping[str, Any]) -> Notice:
    fields = dict(row)
    return Notice(fields.pop("id"), utc(fields.pop("notice")), **fields)


def _event(row: Mapping[str, Any]) -> Event:
    fields = {key: value for key, value in row.items() if key != "source"}
    at = fields["at"]
    if isinstance(at, str):
        at = {"published": at}
    elif isinstance(at, datetime):
        at = utc(at)
    elif isinstance(at, date):
        at = {"published": at.isoformat()}
    fields["at"] = at
    fields["within"] = delay(fields.get("within", "+0m"))
    fields["then"] = tuple(step(text) for text in fields.get("then", ()))
    return Event(**fields)


def _fault(row: Mapping[str, Any], start: datetime, end: datetime) -> Fault:
    fields = dict(row)
    first, last = utc(fields.pop("from", start)), utc(fields.pop("to", end))
    return Fault(first=first, last=last, share=float(fields.pop("share", 1.0)), **fields)
