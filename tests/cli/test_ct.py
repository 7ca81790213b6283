"""`tracker parse ct-tile|ct-entries|note` on saved replies."""

import base64
import gzip
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from tests.cli.calling import tracker
from tests.lab.ctworld import START, world
from tracker.cli import ct, parse
from tracker.cli.errors import Refused
from tracker.decoders.tiles import read_data
from tracker.lab.ctlog import CtLog

RECORDED = Path(__file__).parents[3] / "shared" / "data" / "ct"


def call(*arguments: object) -> Result:
    """Run `parse` as registered on an application."""
    app = typer.Typer()
    ct.register(app)
    return CliRunner().invoke(app, ["parse", *(str(each) for each in arguments)])


@pytest.fixture(scope="module")
def log() -> CtLog:
    """A log of 300 entries."""
    return CtLog(world(), noise=300)


@pytest.mark.parametrize("packed", [False, True])
def test_a_data_tile_becomes_json_lines(log: CtLog, tmp_path: Path, packed: bool) -> None:
    """One line per entry in order, with the stated keys, gzip or not."""
    body = log.tile("data", 0, None, log._times[-1])
    assert body is not None
    (tmp_path / "tile").write_bytes(gzip.compress(body) if packed else body)
    result = call("ct-tile", tmp_path / "tile")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert (result.exit_code, len(rows)) == (0, 256)
    assert list(rows[0]) == ["timestamp", "type", "names", "not_before", "not_after", "issuer"]
    assert [row["names"] for row in rows] == [entry.names for entry in read_data(body)]
    assert {row["type"] for row in rows} == {"precert"}


def test_the_recorded_tile_names_what_its_names_tile_names() -> None:
    """The lines of the recorded tile carry the names that the real log's names tile lists."""
    if not RECORDED.exists():
        pytest.skip("no recorded tiles on this machine")
    result = call("ct-tile", RECORDED / "navigli2025h2/tile/data/000")
    listed = (RECORDED / "navigli2025h2/tile/names/000").read_text().splitlines()
    assert [sorted(json.loads(line)["names"]) for line in result.stdout.splitlines()] == [
        sorted(json.loads(line)["DNS"]) for line in listed
    ]


def test_get_entries_becomes_the_same_lines(log: CtLog, tmp_path: Path) -> None:
    """The same leaves, framed as RFC 6962 frames them, give the same lines."""
    body = log.tile("data", 0, None, log._times[-1])
    assert body is not None
    entries = [
        {"leaf_input": base64.b64encode(entry.leaf[:-10] + b"\x00\x00").decode(), "extra_data": ""}
        for entry in read_data(body)
    ]
    (tmp_path / "reply").write_text(json.dumps({"entries": entries}))
    (tmp_path / "tile").write_bytes(body)
    assert call("ct-entries", tmp_path / "reply").stdout == call("ct-tile", tmp_path / "tile").stdout


def test_a_note_is_told_apart(log: CtLog, tmp_path: Path) -> None:
    """Origin, size, root and signers of a checkpoint."""
    (tmp_path / "note").write_bytes(log.checkpoint(START))
    row = json.loads(call("note", tmp_path / "note").stdout)
    assert (row["origin"], row["size"], len(row["signatures"])) == ("ct.lab.example/lab", log.size(START), 2)


@pytest.mark.parametrize("command", ["ct-tile", "ct-entries", "note"])
def test_what_is_none_ends_with_one_line(command: str, tmp_path: Path) -> None:
    """Status 1 and one line for a broken file, status 2 for a missing one."""
    (tmp_path / "broken").write_bytes(b"\x00nonsense")
    broken, missing = (tracker("parse", command, tmp_path / name) for name in ("broken", "missing"))
    assert (broken.status, missing.status) == (1, 2)
    for said in (broken, missing):
        assert (said.out, len(said.err.splitlines())) == ("", 1)


def test_formats_share_one_group() -> None:
    """However many modules register formats, there is one `parse`."""
    app = typer.Typer()
    assert parse.group(app) is parse.group(app)


def ct_call(tmp_path: Path, *arguments: str, reading: str = "names") -> Result:
    """Run `ct` with settings whose log list nobody serves."""
    (tmp_path / "tracker.toml").write_text(
        f'[certificates]\nlog_list_url = "https://127.0.0.1:1/list.json"\nreading = "{reading}"\n'
    )
    app = typer.Typer()
    ct.register(app)
    return CliRunner().invoke(app, ["ct", *arguments], obj={"config": tmp_path / "tracker.toml"})


@pytest.mark.parametrize("arguments", [["logs"], ["names", "lab"], ["verify", "lab", "--newest", "1"]])
def test_without_a_log_list_there_is_one_line_and_status_1(tmp_path: Path, arguments: list[str]) -> None:
    """Nothing on stdout that a reader could take for an answer; stderr asks for a contact as well."""
    result = ct_call(tmp_path, *arguments)
    assert (result.exit_code, result.stdout.splitlines()[1:]) == (1, [])
    assert len(result.stderr.splitlines()) == 2
    assert "identity.contact" in result.stderr


def test_a_way_of_reading_that_is_none_is_refused(tmp_path: Path) -> None:
    """A mistake in the settings is the user's to mend: status 2 by `Refused`."""
    result = ct_call(tmp_path, "logs", reading="guesses")
    assert isinstance(result.exception, Refused)
    assert "guesses" in str(result.exception)
