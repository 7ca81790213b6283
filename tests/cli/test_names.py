"""`tracker lookalikes` and `tracker match`, as a user calls them."""

import csv
import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tracker.cli.errors import Refused
from tracker.cli.names import COLUMNS, MATCH_COLUMNS, register


@pytest.fixture(scope="module")
def app() -> typer.Typer:
    """The two commands alone."""
    made = typer.Typer()
    register(made)
    return made


def called(app: typer.Typer, *arguments: str, stdin: str = "") -> str:
    """What the command prints to stdout."""
    result = CliRunner().invoke(app, arguments, input=stdin, catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def rows(text: str) -> list[dict[str, str]]:
    """CSV rows."""
    return list(csv.DictReader(io.StringIO(text)))


def test_lookalikes_prints_ranked_csv_in_a_pipe(app: typer.Typer) -> None:
    """The columns stand as documented and the ranks ascend, per name."""
    text = called(app, "lookalikes", "example.de", "sample.org", "--limit", "5")
    assert text.splitlines()[0] == ",".join(COLUMNS)
    assert [(row["target"], row["rank"]) for row in rows(text)] == [
        (name, str(rank)) for name in ("example.de", "sample.org") for rank in range(1, 6)
    ]


def test_lookalikes_formats_keep_the_order(app: typer.Typer) -> None:
    """JSON lines, bare names and dnstwist's CSV list the same names in the same order."""
    wanted = [row["domain"] for row in rows(called(app, "lookalikes", "example.de", "--limit", "30"))]
    lines = called(app, "lookalikes", "example.de", "--limit", "30", "--format", "json").splitlines()
    assert [json.loads(line)["domain"] for line in lines] == wanted
    assert called(app, "lookalikes", "example.de", "--limit", "30", "--format", "names").split() == wanted
    twist = called(app, "lookalikes", "example.de", "--limit", "30", "--format", "dnstwist").splitlines()
    assert twist[:2] == ["fuzzer,domain", "*original,example.de"]
    assert [line.partition(",")[2] for line in twist[2:]] == wanted
    assert twist[2].startswith("tld-swap,")


def test_lookalikes_options(app: typer.Typer) -> None:
    """Suffix sets, techniques and own names restrict what is made; a bare label will do."""
    one = ("lookalikes", "example.de", "--technique", "same_label", "--limit")
    common = rows(called(app, *one, "9000", "--suffixes", "common"))
    assert 1_700 < len(common) < 2_000
    some = rows(called(app, "lookalikes", "EXAMPLE", "--limit", "3", "--technique", "omission"))
    assert {(row["technique"], row["target"]) for row in some} == {("omission", "example")}
    first = common[0]["domain"]
    assert called(app, *one, "1", "--format", "names").split() == [first]
    assert called(app, *one, "1", "--format", "names", "--own", first).split() != [first]


@pytest.mark.parametrize("arguments", [["not a name!"], ["example.de", "--technique", "bitflip"]])
def test_lookalikes_refuses_what_it_cannot_read(app: typer.Typer, arguments: list[str]) -> None:
    """Wrong usage is one line, not an empty answer."""
    with pytest.raises(Refused):
        CliRunner().invoke(app, ["lookalikes", *arguments], catch_exceptions=False)


def test_match_reads_names_from_stdin(app: typer.Typer, tmp_path: Path) -> None:
    """One row per pair, in the order of the names, each pair once; garbage is counted on stderr."""
    watch = tmp_path / "watch.txt"
    watch.write_text("# outlets\nSpiegel.de.\nfaz\n")
    stdin = "*.SPIEGELL.top.\nspiegell.top\nspiegell.top\nrubbish\nwww.spiegel.de\nhxxps://faz[.]agency/x\n"
    result = CliRunner().invoke(app, ["match", "--watch", str(watch)], input=stdin, catch_exceptions=False)
    assert result.stdout.splitlines()[0] == ",".join(MATCH_COLUMNS)
    assert [(row["name"], row["watched"]) for row in rows(result.stdout)] == [
        ("spiegell.top", "spiegel.de"),
        ("faz.agency", "faz"),
    ]
    assert "1 without a name" in result.stderr


def test_match_reads_archives_and_watchlists(app: typer.Typer, tmp_path: Path) -> None:
    """Plain, gzip and zip lists give the same rows; a watchlist brings aliases and friends."""
    watch = tmp_path / "watch.toml"
    watch.write_text(
        '[sources.s]\ntitle = "s"\n[[protected]]\nname = "rbc.ua"\nbrand = "RBC"\naliases = ["styler"]\n'
        'own = ["rbc.ua"]\nfriendly = ["rbc.today"]\nsources = ["s"]\n'
    )
    names = "rbc.today\nrbk.media\nstyler.top\nother.org\n"
    plain, packed, zipped = tmp_path / "n.txt", tmp_path / "n.txt.gz", tmp_path / "n.zip"
    plain.write_text(names)
    packed.write_bytes(gzip.compress(names.encode()))
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("n.txt", names)
    for file in (plain, packed, zipped):
        found = called(app, "match", str(file), "--watch", str(watch), "--format", "names").split()
        assert found == ["rbk.media", "styler.top"]


def test_match_bits_are_a_setting(app: typer.Typer, tmp_path: Path) -> None:
    """Asking for more bits leaves less."""
    watch = tmp_path / "watch.txt"
    watch.write_text("spiegel.de")
    asked = ("match", "--watch", str(watch), "--format", "names", "--bits")
    names = "spiegell.top\nspiegel.top\n"
    assert called(app, *asked, "10", stdin=names).split() == ["spiegell.top", "spiegel.top"]
    assert called(app, *asked, "50", stdin=names).split() == ["spiegel.top"]


@pytest.mark.parametrize("content", [None, "", "not a name!\n"])
def test_match_refuses_a_watch_list_that_says_nothing(app: typer.Typer, tmp_path: Path, content: str | None) -> None:
    """A missing, empty or broken watch list is an error: silence would read as no matches."""
    watch = tmp_path / "watch.txt"
    if content is not None:
        watch.write_text(content)
    with pytest.raises(Refused):
        CliRunner().invoke(app, ["match", "--watch", str(watch)], input="a.com\n", catch_exceptions=False)
