"""What `make fuzz` once found, kept so that it stays away; and a short run of it."""

import json
from datetime import UTC, datetime
from time import process_time

import pytest

from benchmarks import fuzz, fuzzseeds
from tracker.decoders import loglist, misp, namelist, stix, watchlist, whois
from tracker.decoders.watchlist import Watchlist
from tracker.model.times import Bounds, When, from_iso

TARGETS = fuzzseeds.targets()
SINCE = datetime(2024, 9, 1, tzinfo=UTC)


def read(text: str) -> Watchlist:
    """A watchlist with labels cut at the first dot."""
    return watchlist.read(text, origin="x", since=SINCE, label_of=lambda name: name.partition(".")[0])


@pytest.mark.parametrize("target", TARGETS, ids=[target.name for target in TARGETS])
def test_spoiled_inputs_end_in_the_decoders_own_error(target: fuzzseeds.Target) -> None:
    """A few hundred inputs of each kind; seeds that are sound are read, or nothing of this would prove anything."""
    findings: list[str] = []
    read_count, _ = fuzz.fuzzed(target, 200, 7, lambda problem, _: findings.append(problem))
    assert findings == []
    assert read_count > 0 or target.name in {"checkpoint", "merkle"}
    if target.name != "merkle":
        for seed in target.seeds:
            target.decode(seed)


@pytest.mark.parametrize("stamp", ["24-08-30T00:00:00Z", "2024", "2024-08-30T&0:00:00Z", "0001-01-01T00:00:00+05:00"])
def test_a_log_list_made_at_no_time_is_none(stamp: str) -> None:
    """A list of an unreadable moment raises LogListError, not what the calendar raises."""
    with pytest.raises(loglist.LogListError):
        loglist.read(json.dumps({"operators": [], "log_list_timestamp": stamp}).encode())


@pytest.mark.parametrize(
    "text",
    [
        '[[protected]]\nname = "a.example"\nsources = [["outlet"]]\n',
        'protected = "a.example"\n',
        'sources = ["a"]\n[[watch]]\nname = "a.example"\nsources = ["a"]\n',
        '[[watch]]\nname = "a.example"\nown = "b.example"\nsources = []\n',
        "operation = 3\n",
        'watch = ["a.example"]\n',
        '[action]\nid = "x"\nannounced = 12:00:00\n',
        '[[claim]]\ndomain = "a.example"\nregistered = 2024\nsource = "nobody"\n',
    ],
)
def test_a_watchlist_of_the_wrong_shape_is_refused_row_by_row(text: str) -> None:
    """Each mistake is named; nothing is raised."""
    assert read(text).problems


def test_the_calendar_ends() -> None:
    """Its last day has bounds, and a moment that is on no calendar in UTC is a ValueError."""
    last = When.of("9999-12-31")
    assert last.bounds() == Bounds(last.at, datetime.max.replace(tzinfo=UTC))
    with pytest.raises(ValueError, match="calendar"):
        from_iso("9999-12-31T23:00:00-05:00")


def test_a_table_with_broken_lines_is_no_table() -> None:
    """A lone carriage return ends a line; a field longer than the reader's limit is a problem, not an exception."""
    assert [row.name for row in namelist.read_csv("Domain\ra.example\rb.example", {"domain": "Domain"}).names] == [
        "a.example",
        "b.example",
    ]
    (problem,) = namelist.read_csv('Domain\n"' + "x" * 200_000, {"domain": "Domain"}).problems
    assert "no CSV" in problem.text


def test_an_object_of_a_type_that_is_no_text_is_passed_over() -> None:
    """A list where STIX has a word: the object is nothing that we know, and those beside it are read."""
    odd = {"type": ["report"], "id": "x", "name": "no title"}
    name = {"type": "domain-name", "id": "domain-name--1", "value": "rrn.so"}
    listing = stix.read(json.dumps({"type": "bundle", "id": "bundle--1", "objects": [odd, name]}))
    assert ([row.name for row in listing.statements], listing.title) == (["rrn.so"], "")


def test_an_attribute_of_an_odd_relation_is_passed_over() -> None:
    """The same in MISP: where a word stands for what an attribute is, a list stands for nothing."""
    odd = {"type": "datetime", "object_relation": ["creation-date"], "value": "2024-09-05"}
    name = {"type": "domain", "object_relation": ["domain"], "value": "rrn.so", "category": "Network activity"}
    event = {"Event": {"info": "x", "Attribute": [odd, name], "Object": [{"name": "whois", "Attribute": [odd, name]}]}}
    assert {row.name for row in misp.read(json.dumps(event)).statements} == {"rrn.so"}


def test_one_long_word_costs_no_more_than_a_short_one() -> None:
    """A reply that is a single dotted word once took a pattern a hundred times as long."""
    before = process_time()
    for _ in range(10):
        whois.read("a" + ".com" * 5_000, "com", "x")
    assert process_time() - before < 1.0
