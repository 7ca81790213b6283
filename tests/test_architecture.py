"""The house keeps its walls: who imports whom, how long a module may be, where tables live."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "tracker").rglob("*.py"))
CEILING = 300
MEDIAN = 150
HIDING = {"utils", "util", "helpers", "helper", "common", "core", "base", "manager", "misc"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_is_short_and_named_for_a_noun(path: Path) -> None:
    """No module passes the ceiling, none hides a noun behind a drawer's name, none lies deeper than two folders."""
    assert len(path.read_text().splitlines()) <= CEILING
    assert path.stem not in HIDING
    assert len(path.relative_to(ROOT / "tracker").parts) <= 2


def test_the_median_module_is_about_a_hundred_lines() -> None:
    """The ceiling is for exceptions; the usual module is a screen or two."""
    lengths = sorted(len(path.read_text().splitlines()) for path in MODULES)
    assert lengths[len(lengths) // 2] <= MEDIAN


def test_import_rules_hold() -> None:
    """The contracts in pyproject.toml are kept, checked over the real import graph."""
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    check = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stdout[-3000:]


def test_only_storage_imports_sqlmodel() -> None:
    """Tables are a matter of one room; everybody else speaks of nouns."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            touches = any(name.split(".")[0] in {"sqlmodel", "sqlalchemy", "alembic"} for name in names)
            assert not touches or path.parent.name == "storage", path


def test_the_clock_is_an_argument() -> None:
    """Only the edges read the time; everything else is told it."""
    edges = {"system.py", *(path.name for path in (ROOT / "tracker" / "cli").glob("*.py"))}
    for path in MODULES:
        if path.name in edges:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                called = ast.unparse(node.func)
                assert called not in {"datetime.now", "datetime.utcnow", "time.time", "date.today"}, (path, called)


def test_model_needs_nothing_but_the_standard_library() -> None:
    """The nouns can be read and used without installing anything."""
    for path in (ROOT / "tracker" / "model").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                top = node.module.split(".")[0]
                assert top == "tracker" or top in sys.stdlib_module_names, (path, node.module)
