"""Lists of names: plain (hosts files, adblock lines, URLs, defanged, pasted mail) and CSV with a column mapping."""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address

from tracker.model.names import DomainName, NotAName, parse

_HOSTS_LINE = re.compile(r"^(?:0\.0\.0\.0|127\.0\.0\.1|::1?|\d{1,3}(?:\.\d{1,3}){3})\s+(\S+)")
_WORD = re.compile(r"[^\s,;<>\"'|^]+")
_MAIL = re.compile(r"^[^@\s]+@[^@\s]+$")


@dataclass(frozen=True, slots=True)
class ListedName:
    """One name of a list with the line that it stands on and the cells that came with it, as text."""

    name: DomainName
    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a line was refused. Nothing of it is used."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class NameList:
    """What a list says: distinct names in order, what was refused, and how many lines repeated a name."""

    names: tuple[ListedName, ...]
    problems: tuple[Problem, ...]
    duplicates: int


def read_plain(text: str) -> NameList:
    """Names from loose text. A line without any name is a problem unless it is blank, a comment or plain prose."""
    found: list[ListedName] = []
    problems: list[Problem] = []
    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        line = raw.split("#", 1)[0].split("//", 1)[0] if "://" not in raw else raw.split(" #", 1)[0]
        line = line.strip().removeprefix("||").removesuffix("^")
        if not line or line.startswith(("!", ";", ">>")):
            continue
        hosts = _HOSTS_LINE.match(line)
        words = [hosts[1]] if hosts else _WORD.findall(line)
        dotted = [word for word in words if _looks_like_name(word)]
        if not dotted:
            if len(words) == 1:
                problems.append(Problem(number, f"{words[0][:60]!r} is not a domain name"))
            continue
        for word in dotted:
            try:
                found.append(ListedName(parse(word), number, {}))
            except NotAName as error:
                problems.append(Problem(number, str(error)))
    return _distinct(found, problems)


def read_hosts(text: str) -> NameList:
    """Names of a hosts file: an address, then any number of names. The machine's own names are passed over."""
    found: list[ListedName] = []
    problems: list[Problem] = []
    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        words = raw.split("#", 1)[0].split()
        if not words:
            continue
        try:
            ip_address(words[0].partition("%")[0])
        except ValueError:
            problems.append(Problem(number, f"{words[0][:60]!r} is no address: a line of a hosts file begins with one"))
            continue
        for word in words[1:]:
            if "." not in word or word.endswith((".localdomain", ".local")) or word == "0.0.0.0":
                continue
            try:
                found.append(ListedName(parse(word), number, {}))
            except NotAName as error:
                problems.append(Problem(number, str(error)))
    return _distinct(found, problems)


def read_csv(text: str, columns: Mapping[str, str]) -> NameList:
    """Rows of a CSV file. `columns` maps our names (`domain`, `date`, `brand`) to its headers; `domain` is required."""
    try:
        return _read_rows(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")), columns)
    except csv.Error as error:
        return NameList((), (Problem(1, f"no CSV file: {error}"),), 0)


def _read_rows(rows: "csv.DictReader[str]", columns: Mapping[str, str]) -> NameList:
    headers = {(header or "").strip().casefold(): header for header in rows.fieldnames or ()}
    wanted = {ours: headers.get(theirs.strip().casefold()) for ours, theirs in columns.items()}
    missing = sorted(columns[ours] for ours, header in wanted.items() if header is None)
    if missing or "domain" not in wanted:
        return NameList((), (Problem(1, f"no column {', '.join(missing) or 'for domain'}"),), 0)
    found: list[ListedName] = []
    problems: list[Problem] = []
    for row in rows:
        cells = {ours: (row.get(header or "") or "").strip() for ours, header in wanted.items()}
        try:
            found.append(ListedName(parse(cells["domain"]), rows.line_num, cells))
        except NotAName as error:
            problems.append(Problem(rows.line_num, str(error)))
    return _distinct(found, problems)


def _looks_like_name(word: str) -> bool:
    return not _MAIL.match(word) and "." in _dots(word) and any(letter.isalpha() for letter in word)


def _dots(word: str) -> str:
    return re.sub(r"\[\.\]|\(\.\)|\[dot\]|\(dot\)", ".", word, flags=re.IGNORECASE).strip(".,:;!?()[]")


def _distinct(found: list[ListedName], problems: list[Problem]) -> NameList:
    seen: dict[DomainName, ListedName] = {}
    for entry in found:
        seen.setdefault(entry.name, entry)
    return NameList(tuple(seen.values()), tuple(problems), len(found) - len(seen))
