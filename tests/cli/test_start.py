"""`tracker init` and `tracker check`: from nothing to settings that hold."""

from pathlib import Path

import pytest

from tests.cli.calling import tracker
from tracker.configuring import load
from tracker.settings import Settings

GOOD = """
[sources.me]
title = "me"
[[watch]]
name = "rrn.media"
cohort = "own_brand"
sources = ["me"]
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_init_writes_what_check_accepts(here: Path) -> None:
    """The commented defaults and an example list; both hold as they are."""
    said = tracker("init")
    assert said.status == 0
    assert load(here / "tracker.toml", {}) == Settings()
    assert said.err.splitlines()[:2] == ["wrote tracker.toml", "wrote watchlist.toml"]
    assert tracker("check").status == 0
    assert tracker("check", "watchlist.toml").status == 0


def test_init_overwrites_only_when_told(here: Path) -> None:
    """Somebody's edited settings are not lost, and nothing is half written."""
    (here / "watchlist.toml").write_text("mine")
    said = tracker("init")
    assert (said.status, said.err) == (2, "tracker: watchlist.toml is there already; --force overwrites it\n")
    assert not (here / "tracker.toml").exists()
    assert tracker("init", "--force").status == 0
    assert (here / "watchlist.toml").read_text() != "mine"


def test_init_makes_the_folder(here: Path) -> None:
    """A place that does not exist yet is made."""
    assert tracker("init", "deep/er").status == 0
    assert (here / "deep" / "er" / "tracker.toml").exists()


def test_check_counts_what_it_read() -> None:
    """The bundled lists of the default settings: 32 takedowns, no errors."""
    said = tracker("check")
    assert said.status == 0
    first, second = said.out.splitlines()
    assert first.startswith("bundled:doj-2024-09-04: 32 names, 0 duplicates, 0 refused, 32 takedowns, ")
    assert second.startswith("bundled:brands: ")


def test_check_names_file_and_line_of_every_error(here: Path) -> None:
    """Errors to stderr with their lines, the count to stdout, status 1."""
    (here / "list.toml").write_text(GOOD + '[[watch]]\nname = "co.uk"\nsources = ["me"]\n[[watch]]\nname = "a b.com"\n')
    said = tracker("check", "list.toml")
    assert said.status == 1
    lines = said.err.splitlines()
    assert "list.toml:9: name: co.uk is a public suffix, nobody registers it" in lines
    assert any(line.startswith("list.toml:12: name: ") for line in lines)
    assert said.out.startswith("list.toml: 1 names, 0 duplicates, 2 refused, 1 of them a public suffix, 0 takedowns")


def test_check_refuses_a_proxy_that_is_none(here: Path) -> None:
    """What would stop the daemon at its start is said now."""
    (here / "tracker.toml").write_text('[pages]\nproxy = "127.0.0.1:8080"\n')
    said = tracker("check")
    assert said.status == 2
    assert said.err.splitlines() == [
        "tracker: pages.proxy: '127.0.0.1:8080' is neither http://HOST:PORT nor socks5://HOST:PORT"
    ]


def test_check_finds_duplicates(here: Path) -> None:
    """The same name twice is one name, said so, and no error."""
    (here / "list.toml").write_text(GOOD + GOOD.partition('title = "me"\n')[2])
    said = tracker("check", "list.toml")
    assert (said.status, said.out) == (
        0,
        "list.toml: 2 names, 1 duplicates, 0 refused, 0 takedowns, 0 claims\n",
    )


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_check_refuses_what_it_cannot_read(here: Path, content: bytes | None) -> None:
    """A missing file and one that is no UTF-8: one line, status 2."""
    if content is not None:
        (here / "list.toml").write_bytes(content)
    said = tracker("check", "list.toml")
    assert said.status == 2
    assert said.err.startswith("tracker: ")
    assert len(said.err.splitlines()) == 1


def test_check_refuses_wrong_settings(here: Path) -> None:
    """File, line and what there is instead; status 2."""
    (here / "tracker.toml").write_text("[lists]\nwatchlist = []\n")
    said = tracker("check")
    assert said.status == 2
    assert said.err.startswith("tracker: tracker.toml:2: unknown setting lists.watchlist; there are watchlists,")


def test_a_list_on_the_network_is_not_fetched(here: Path) -> None:
    """Checking asks nobody; the list is read when running."""
    (here / "tracker.toml").write_text('[lists]\nwatchlists = ["https://lists.example/x.toml"]\n')
    said = tracker("check", "--dry-run")
    assert said.status == 0
    assert "https://lists.example/x.toml: polled when running" in said.err
    assert said.out.startswith("0 labels are watched.")


def test_dry_run_says_who_would_be_asked(here: Path) -> None:
    """Questions to the parents, to registries, to logs; and that pages are not fetched unless wanted."""
    (here / "list.toml").write_text(GOOD)
    said = tracker("check", "list.toml", "--dry-run")
    assert "1 labels are watched." in said.out
    assert "Parent zones: " in said.out
    assert "CT logs: none, because identity.contact is empty." in said.out
    assert "Pages: none (pages.enabled)." in said.out
    (here / "tracker.toml").write_text('[identity]\ncontact = "desk@example.org"\n[pages]\nenabled = true\n')
    said = tracker("check", "list.toml", "--dry-run")
    assert "GB a day" in said.out
    assert "Pages: none" not in said.out
