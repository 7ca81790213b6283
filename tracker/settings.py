"""Every knob, with unit and default: read once from `tracker.toml` and the environment, then frozen."""

import contextlib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any

PREFIX = "TRACKER_"


class SettingsError(ValueError):
    """A setting is unknown or has the wrong type; the message names file, line and reason."""


def knob(default: Any, doc: str) -> Any:
    """A setting with its default and one sentence that says what it does and in which unit."""
    return field(default=default, metadata={"doc": doc})


@dataclass(frozen=True, slots=True)
class Database:
    """Where the log lives."""

    url: str = knob("tracker.db", "SQLite file, or postgresql:// URL")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who looks, from where. Servers are told who asks them."""

    contact: str = knob("", "e-mail or https URL put into the User-Agent; without it no CT log is read")
    vantage: str = knob("here", "name of this point of view in every observation")
    ca_file: str = knob("", "PEM file of authorities trusted for RDAP, CT logs and lists; empty = the system's")


@dataclass(frozen=True, slots=True)
class Lists:
    """What is watched."""

    watchlists: tuple[str, ...] = knob(
        ("bundled:doj-2024-09-04", "bundled:brands"),
        "watchlists: bundled:NAME, a file, or an https URL polled with ETag",
    )
    poll_minutes: int = knob(60, "minutes between two polls of a list")
    match_bits: float = knob(12.0, "least bits by which a name in a certificate or list must resemble a watched one")
    controls: float = knob(0.25, "control labels per watched label, to measure chance; 0 = none")


@dataclass(frozen=True, slots=True)
class Sweeps:
    """Asking labels under suffixes."""

    suffixes: str = knob("frequent", "`frequent`, `all`, or a file with one suffix a line: what is swept often")
    weekly_all: bool = knob(True, "whether all public suffixes are swept at baseline and weekly")
    edits: int = knob(200, "lookalikes per label asked daily; 0 = none")


@dataclass(frozen=True, slots=True)
class Dns:
    """Questions to the parents' servers."""

    roots: tuple[str, ...] = knob(
        ("198.41.0.4", "170.247.170.2", "192.33.4.12", "199.7.91.13", "193.0.14.129"),
        "addresses of root servers to start from",
    )
    rate: float = knob(10.0, "questions per second to one set of servers, whatever number of suffixes it serves")
    global_rate: float = knob(500.0, "questions per second to all servers together")
    in_flight: int = knob(1000, "questions under way at once")
    timeout: float = knob(2.0, "seconds to wait for one reply")
    tries: int = knob(4, "attempts per name before it is indeterminate")
    resolver: str = knob(
        "", "ADDR or ADDR:PORT of a recursive resolver asked where the parents leave a doubt; empty = none"
    )


@dataclass(frozen=True, slots=True)
class Registration:
    """RDAP and WHOIS."""

    bootstrap_url: str = knob("https://data.iana.org/rdap/dns.json", "RDAP bootstrap file, read daily")
    rate: float = knob(1.0, "questions per second to one RDAP or WHOIS server")
    timeout: float = knob(20.0, "seconds for one whole answer")


@dataclass(frozen=True, slots=True)
class Certificates:
    """Certificate transparency."""

    enabled: bool = knob(True, "whether CT logs are read")
    log_list_url: str = knob("https://www.gstatic.com/ct/log_list/v3/log_list.json", "the v3 log list, read daily")
    rate: float = knob(2.0, "requests per second to one log")
    every_minutes: int = knob(5, "minutes between two reads of a log's head")
    reading: str = knob(
        "names", "`names`: read what entries name, fetch and prove those that match; `data`: read and prove every entry"
    )
    operators: tuple[str, ...] = knob(
        ("Let's Encrypt", "Google", "Geomys"),
        "operators whose logs are followed, by part of their name; empty = every tiled log in the list",
    )
    logs: tuple[str, ...] = knob((), "substrings of log URLs to follow in place of `operators`")
    catch_up: int = knob(20_000, "entries read back from the head when a log is met for the first time")
    partial_patience: int = knob(600, "seconds that a partial tile may wait to become full before it is read as it is")
    crtsh_url: str = knob("https://crt.sh", "where `tracker lookback --crtsh` asks for first certificates")


@dataclass(frozen=True, slots=True)
class Pages:
    """Fetching pages tells the operator that somebody looks."""

    every_hours: int = knob(6, "shortest time in hours between two visits of a page; never less than 6")
    enabled: bool = knob(False, "whether front pages of candidates and predecessors are fetched")
    user_agent: str = knob(
        "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "User-Agent for pages"
    )
    certificates: bool = knob(True, "whether a TLS handshake reads the certificate of a name that resolves")


@dataclass(frozen=True, slots=True)
class Judging:
    """From evidence to verdicts."""

    derive_minutes: int = knob(15, "minutes between two derivations of the views while facts arrive")
    name_servers: str = knob("", "TOML file with name-server rules of your own, see docs/dns.md; empty = none")


@dataclass(frozen=True, slots=True)
class Publishing:
    """Reports and exports."""

    directory: str = knob("reports", "folder that the weekly report and data package are written to; empty = none")


@dataclass(frozen=True, slots=True)
class Daemon:
    """The clockwork."""

    tick_seconds: int = knob(60, "seconds between two looks at what is due")
    listen: str = knob("", "HOST:PORT for /healthz and /metrics; empty = no listener")
    log_format: str = knob("text", "`text` or `json` lines on stderr")


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one process."""

    database: Database = Database()
    identity: Identity = Identity()
    lists: Lists = Lists()
    sweeps: Sweeps = Sweeps()
    dns: Dns = Dns()
    registration: Registration = Registration()
    certificates: Certificates = Certificates()
    pages: Pages = Pages()
    judging: Judging = Judging()
    publishing: Publishing = Publishing()
    daemon: Daemon = Daemon()


def load(path: Path | None, environment: Mapping[str, str]) -> Settings:
    """Settings from a file (defaults when None), then `TRACKER_SECTION_KEY` variables; raises SettingsError."""
    text, source = "", "the defaults"
    if path is not None:
        source = str(path)
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise SettingsError(f"{path}: {error.strerror}") from error
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{source}: {error}") from error
    sections: dict[str, Any] = {}
    known = {section.name: section for section in fields(Settings)}
    for name in document:
        if name not in known:
            raise SettingsError(f"{source}:{_line(text, name)}: unknown section [{name}]; there are {', '.join(known)}")
        if not isinstance(document[name], dict):
            raise SettingsError(f"{source}:{_line(text, name)}: {name} is a section: [{name}], then its settings")
    for name, section in known.items():
        values = dict(document.get(name, {}))
        sections[name] = _section(type(section.default), name, values, text, source, environment)
    return Settings(**sections)


def _section(
    kind: type, name: str, values: dict[str, Any], text: str, source: str, environment: Mapping[str, str]
) -> object:
    assert is_dataclass(kind)
    known = {entry.name: entry.default for entry in fields(kind)}
    for key in values:
        if key not in known:
            raise SettingsError(
                f"{source}:{_line(text, key, name)}: unknown setting {name}.{key}; there are {', '.join(known)}"
            )
    result: dict[str, Any] = {}
    for key, default in known.items():
        variable = f"{PREFIX}{name}_{key}".upper()
        if variable in environment:
            result[key] = _typed(environment[variable], default, variable, from_text=True)
        elif key in values:
            result[key] = _typed(
                values[key], default, f"{source}:{_line(text, key, name)}: {name}.{key}", from_text=False
            )
    return kind(**result)


def _typed(value: Any, default: Any, where: str, *, from_text: bool) -> Any:
    wanted = type(default)
    if from_text and isinstance(value, str):
        if wanted is tuple:
            return tuple(part.strip() for part in value.split(",") if part.strip())
        if wanted is bool:
            value = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(
                value.lower(), value
            )
        elif wanted in (int, float):
            with contextlib.suppress(ValueError):
                value = wanted(value)
    if wanted is tuple and isinstance(value, list) and all(isinstance(part, str) for part in value):
        return tuple(value)
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not wanted:
        names = {
            tuple: "a list of texts",
            str: "a text",
            int: "a whole number",
            float: "a number",
            bool: "true or false",
        }
        raise SettingsError(f"{where} wants {names[wanted]}, not {value!r}")
    if wanted in (int, float) and not value >= 0:  # nan as well
        raise SettingsError(f"{where} cannot be negative")
    return value


def _line(text: str, key: str, section: str = "") -> int:
    """The line that a section or a setting of one stands on: several sections have a `rate`."""
    head = re.search(rf"^\s*\[\s*{re.escape(section)}\s*\]", text, re.MULTILINE) if section else None
    word = re.compile(rf"^[ \t]*(\[\s*{re.escape(key)}\s*\]|{re.escape(key)}\s*=)", re.MULTILINE)
    match = word.search(text, head.end() if head else 0)
    return text.count("\n", 0, match.start()) + 1 if match else 1


def probes(settings: Settings) -> tuple[str, ...]:
    """Ids of the probes that are switched on, in the order in which they look."""
    found = ["delegation", "addresses", "registration"]
    found += ["certificate"] if settings.pages.certificates else []
    found += ["page"] if settings.pages.enabled else []
    return tuple(found)


def as_toml(settings: Settings) -> str:
    """A commented `tracker.toml` with every knob at the given value."""
    lines: list[str] = []
    for section in fields(settings):
        values = getattr(settings, section.name)
        lines += [f"# {type(values).__doc__}", f"[{section.name}]"]
        for entry in fields(values):
            lines += [f"# {entry.metadata['doc']}", f"{entry.name} = {_literal(getattr(values, entry.name))}"]
        lines.append("")
    return "\n".join(lines)


def _literal(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case tuple():
            return "[" + ", ".join(_literal(part) for part in value) + "]"
        case _:
            return str(value)


def find(explicit: Path | None) -> Path | None:
    """The settings file to read: the one given, else `tracker.toml` here if there is one."""
    if explicit is not None:
        return explicit
    here = Path("tracker.toml")
    return here if here.exists() else None


def environment() -> Mapping[str, str]:
    """The process environment; the only place that reads it."""
    return os.environ
