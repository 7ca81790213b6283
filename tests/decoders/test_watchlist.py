"""Watchlists: every row with its source, every mistake with its line."""

from datetime import UTC, datetime

from tracker.decoders.namelist import read_csv, read_plain
from tracker.decoders.watchlist import Watchlist, read
from tracker.feeds.locations import path_of
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.watching import ClaimKind, Cohort, WatchKind

NOW = datetime(2024, 8, 28, tzinfo=UTC)
SUFFIXES = Suffixes.bundled()


def decode(text: str) -> Watchlist:
    """A watchlist decoded as the feed does it."""
    return read(text, origin="here", since=NOW, label_of=lambda name: SUFFIXES.split(name).label)


def test_the_bundled_action_holds_what_was_published() -> None:
    """32 takedowns, 19 own brands and 13 imitations, the claims of two lists, and no problem."""
    found = decode(path_of("bundled:doj-2024-09-04").read_text(encoding="utf-8"))
    assert found.problems == ()
    assert len(found.takedowns) == 32
    assert sum(row.cohort is Cohort.OWN_BRAND for row in found.takedowns) == 19
    assert all(row.sources for row in found.takedowns)
    replaces = [claim for claim in found.claims if claim.kind is ClaimKind.REPLACES]
    assert {claim.source.source_id for claim in replaces} == {"meta", "viginum"}
    assert {watch.kind for watch in found.watches} == {WatchKind.PREDECESSOR}


def test_the_bundled_brands_need_no_takedown() -> None:
    """A protected brand is watched for itself, with the names that are its own."""
    found = decode(path_of("bundled:brands").read_text(encoding="utf-8"))
    assert found.problems == () and found.takedowns == ()
    assert all(watch.kind is WatchKind.PROTECTED and watch.name in watch.own for watch in found.watches)


def test_mistakes_are_named_with_their_line() -> None:
    """A public suffix, an unknown source, a missing cohort and a mistyped section each get a line."""
    found = decode(
        """
[action]
id = "a"
announced = "2024-09-04"
sources = ["press"]
[sources.press]
title = "press"
[[takedown]]
domain = "co.uk"
cohort = "imitated"
sources = ["press"]
[[takedown]]
domain = "good.example"
cohort = "own_brand"
sources = ["pres"]
[[takedown]]
domain = "uncohorted.example"
sources = ["press"]
[[takedwon]]
domain = "x.example"
"""
    )
    assert [row.domain for row in found.takedowns] == ["good.example"]
    said = {problem.line: problem.text for problem in found.problems}
    assert "public suffix" in said[9]
    assert "pres" in said[15]
    assert "never pooled" in said[17]
    assert any("takedwon" in text for text in said.values())


def test_broken_toml_is_one_problem() -> None:
    """A file that is no TOML says where, and yields nothing."""
    found = decode("[action\n")
    assert found.names == 0
    assert found.problems[0].line == 1


def test_loose_lists() -> None:
    """Hosts files, adblock lines, URLs, defanged names and pasted mail are read; addresses and prose are no names."""
    found = read_plain(
        "# seized\nhxxps://foo[.]com/x\n0.0.0.0 bar.org # ads\nDear all,\nlook at evil[.]net and me@mail.com now.\n"
        "||ads.example.com^\nnoname\nFOO.com.\n"
    )
    assert [entry.name for entry in found.names] == ["foo.com", "bar.org", "evil.net", "ads.example.com"]
    assert [problem.line for problem in found.problems] == [7]
    assert found.duplicates == 1


def test_csv_with_mapping() -> None:
    """Columns are found by the mapping, whatever their case; a missing one is said, not guessed."""
    text = "\ufeffSite,When\nfoo[.]com,2024-09-04\nnot a name,\n"
    found = read_csv(text, {"domain": "site", "date": "WHEN"})
    assert [(entry.name, entry.cells["date"]) for entry in found.names] == [("foo.com", "2024-09-04")]
    assert [problem.line for problem in found.problems] == [3]
    assert "no column" in read_csv(text, {"domain": "host"}).problems[0].text
