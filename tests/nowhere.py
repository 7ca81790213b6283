"""A folder from which nobody can be reached, and the program as a process in it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ELSEWHERE = "https://127.0.0.1:9/list.toml"
"""A list at an address that the guard refuses."""
SETTINGS = """
[lists]
watchlists = [{lists}]
controls = 0.0
[sweeps]
suffixes = "suffixes.txt"
weekly_all = false
edits = 0
[dns]
roots = ["127.0.0.1"]
timeout = 0.2
[registration]
bootstrap_url = "https://127.0.0.1/dns.json"
timeout = 2.0
[certificates]
enabled = false
[pages]
certificates = false
[publishing]
directory = ""
"""
LIST = '[sources.me]\ntitle = "me"\n[[watch]]\nname = "rrn.media"\ncohort = "own_brand"\nsources = ["me"]\n'


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder that a test is in: one name is watched, and every server is an address that the guard refuses."""
    monkeypatch.chdir(tmp_path)
    furnish(tmp_path, "list.toml")
    yield tmp_path


def furnish(folder: Path, *lists: str) -> None:
    """Settings, a list of one name, and two suffixes."""
    (folder / "tracker.toml").write_text(SETTINGS.format(lists=", ".join(f'"{entry}"' for entry in lists)))
    (folder / "list.toml").write_text(LIST)
    (folder / "suffixes.txt").write_text("media\npress\n")


def started(*arguments: str, **environment: str) -> "subprocess.Popen[str]":
    """The program in this folder, its log read line by line."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("TRACKER_")}
    return subprocess.Popen(
        [sys.executable, "-c", "from tracker.cli.main import run; run()", *arguments],
        stderr=subprocess.PIPE,
        text=True,
        env=inherited | {"PYTHONPATH": str(Path(__file__).parent.parent)} | environment,
    )


def said_until(process: "subprocess.Popen[str]", phrase: str) -> str:
    """The log up to the line with a phrase."""
    assert process.stderr is not None
    said = ""
    while phrase not in said:
        line = process.stderr.readline()
        assert line, said
        said += line
    return said
