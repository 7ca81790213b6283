"""`tracker db`, as people run it."""

import sqlite3
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tracker.cli import db
from tracker.cli.errors import Refused
from tracker.storage.migrate import HEAD

app = typer.Typer()


@app.callback()
def options(context: typer.Context, database: str = typer.Option("", "--database")) -> None:
    """The global option that matters here."""
    context.obj = {"config": None, "database": database}


db.register(app)


def run(*arguments: str) -> tuple[int, str]:
    """Exit code and everything printed; a refusal is raised."""
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    return result.exit_code, result.output


def test_a_database_is_made_checked_and_found_at_fault(tmp_path: Path) -> None:
    """Upgrade makes it, says so the second time too, and check tells sound from damaged."""
    file = tmp_path / "tracker.db"
    with pytest.raises(Refused, match="no database at"):
        run("--database", str(file), "db", "check")
    assert run("--database", str(file), "db", "upgrade") == (0, f"{file} is at revision {HEAD} now (before: empty)\n")
    assert run("--database", str(file), "db", "upgrade") == (0, f"{file} is at revision {HEAD} already\n")
    assert run("--database", str(file), "db", "check")[0] == 0
    with sqlite3.connect(file) as connection:
        connection.execute("ALTER TABLE notes ADD COLUMN surprise INTEGER")
    code, said = run("--database", str(file), "db", "check")
    assert code == 1
    assert "surprise" in said


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    """By both commands, with one line."""
    file = tmp_path / "tracker.db"
    run("--database", str(file), "db", "upgrade")
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    for command in ("upgrade", "check"):
        with pytest.raises(Refused, match="newer than this program"):
            run("--database", str(file), "db", command)


def test_a_database_is_not_copied_onto_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever way the same file is written."""
    monkeypatch.chdir(tmp_path)
    run("--database", "tracker.db", "db", "upgrade")
    for same in ("tracker.db", "./tracker.db", str(tmp_path / "tracker.db"), f"sqlite:///{tmp_path}/tracker.db"):
        with pytest.raises(Refused, match="is where the log is already"):
            run("--database", "tracker.db", "db", "copy", "--to", same)
