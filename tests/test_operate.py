"""The operator's page names every message with which the program may stop or go on, and says what to do."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = " ".join((ROOT / "docs" / "operate.md").read_text(encoding="utf-8").split())
TOLD = {"Refused", "NotRun", "StorageTrouble", "WrongSchema", "DatabaseInUse", "SettingsError", "Unreadable", "Missing"}
"""Errors that end a command in one line."""
SETTINGS = (
    "wiring",
    "grounds",
    "policies",
    "resolving",
    "web/server",
    "storage/database",
    "clients/messenger",
    "cli/watching",
)
"""Modules whose ValueErrors are about what the operator set."""
COMMANDS = {"running", "notify", "start", "db", "context"}
"""Commands of whoever runs it; what the others refuse is an option or an input, and the line names it."""
SHORTEST = 6


def messages(path: Path) -> Iterator[tuple[int, str]]:
    """Line and most telling literal part of each message that a module raises or logs as trouble."""
    about_settings = str(path.relative_to(ROOT / "tracker").with_suffix("")) in SETTINGS
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
            name = ast.unparse(node.exc.func).rpartition(".")[2]
            if name in TOLD or (name == "ValueError" and about_settings):
                yield node.lineno, _literal(node.exc.args[0])
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"logger.warning", "logger.error"}:
            yield node.lineno, _literal(node.args[0])


def _literal(node: ast.expr) -> str:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    pieces = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return max((" ".join(piece.split()).strip(" :;,(") for piece in pieces), key=len, default="")


FOUND = [
    pytest.param(text, id=f"{path.relative_to(ROOT / 'tracker')}:{line}")
    for path in sorted((ROOT / "tracker").rglob("*.py"))
    if path.parent.name not in {"cli", "lab"} or path.stem in COMMANDS
    for line, text in messages(path)
    if len(text) >= SHORTEST
]


@pytest.mark.parametrize("text", FOUND)
def test_every_message_stands_in_the_operators_page(text: str) -> None:
    """Whoever searches the page for what the program said finds it, with what to do."""
    assert text in PAGE


def test_there_are_messages_to_look_for() -> None:
    """The collection itself works: messages known to exist are among what it found."""
    texts = " | ".join(str(param.values[0]) for param in FOUND)
    for known in ("is in use by process", "could not be asked", "daemon.listen wants HOST:PORT"):
        assert known in texts
    assert len(FOUND) > 25


def test_the_page_says_what_to_do_for_each_row() -> None:
    """No row of its tables of messages is without advice."""
    rows = re.findall(r"^\| `[^|]*\|[^\n]*$", (ROOT / "docs" / "operate.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert rows and all(len(row.strip("|").split("|")[-1].strip()) > 10 for row in rows)
