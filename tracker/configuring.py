"""Settings from `tracker.toml` and the environment: data, never code; every mistake with its line."""

import contextlib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tracker.settings import Settings

PREFIX = "TRACKER_"
FILE = "_FILE"
"""A variable of this ending names a file that holds the value: how containers are handed secrets."""


class SettingsError(ValueError):
    """A setting is unknown or has the wrong type; the message names file, line and reason, and no secret."""


def load(path: Path | None, environment: Mapping[str, str]) -> Settings:
    """Settings from a file (defaults when None), then `TRACKER_SECTION_KEY` variables; raises SettingsError.

    `TRACKER_SECTION_KEY_FILE` names a file that holds the value. Nothing in a file is ever executed or expanded.
    """
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
    for entry in fields(kind):
        key, default = entry.name, entry.default
        variable = f"{PREFIX}{name}_{key}".upper()
        where = f"{source}:{_line(text, key, name)}: {name}.{key}"
        secret = entry.metadata["secret"]
        hidden = variable if secret else f"{PREFIX}{name}_password".upper()
        if key in values and (secret or _holds_password(values[key])):
            raise SettingsError(
                f"{where} {'is' if secret else 'holds'} a secret and does not belong into this file: "
                f"set {hidden} or {hidden}{FILE}"
            )
        given = _given(variable, environment)
        if given is not None:
            # Addresses of secret places may hold commas, and a file has one a line.
            split = secret and isinstance(default, tuple)
            result[key] = tuple(given.split()) if split else _typed(given, default, variable, from_text=True)
        elif key in values:
            result[key] = _typed(values[key], default, where, from_text=False)
        if not secret and isinstance(default, tuple) and any(map(_holds_password, result.get(key, ()))):
            raise SettingsError(
                f"{where if given is None else variable}: an address with a password in it, which logs and reports"
                " would repeat: give one without"
            )
    return kind(**result)


def _given(variable: str, environment: Mapping[str, str]) -> str | None:
    """The value of a variable, or the text of the file that its `_FILE` twin names; None when neither is set."""
    named = environment.get(variable + FILE)
    if named is None:
        return environment.get(variable)
    if variable in environment:
        raise SettingsError(f"{variable} and {variable}{FILE} are both set: leave one out")
    try:
        return Path(named).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{variable}{FILE}: {named}: {getattr(error, 'strerror', error)}") from error


def _holds_password(value: object) -> bool:
    """Whether a text is a URL with a password: settings files are shown around, mailed and committed."""
    if not isinstance(value, str) or "://" not in value:
        return False
    try:
        parts = urlsplit(value)
        return parts.password is not None or "password" in parse_qs(parts.query)
    except ValueError:
        return False


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


def as_toml(settings: Settings) -> str:
    """A commented `tracker.toml` with every knob at the given value."""
    lines: list[str] = []
    for section in fields(settings):
        values = getattr(settings, section.name)
        lines += [f"# {type(values).__doc__}", f"[{section.name}]"]
        for entry in fields(values):
            lines.append(f"# {entry.metadata['doc']}")
            if entry.metadata["secret"]:
                variable = f"{PREFIX}{section.name}_{entry.name}".upper()
                lines.append(f"# {entry.name}: never here, but in {variable}, or a file named by {variable}{FILE}")
            else:
                lines.append(f"{entry.name} = {_literal(getattr(values, entry.name))}")
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
