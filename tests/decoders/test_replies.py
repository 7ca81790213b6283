"""Replies that registries gave and lists that were published, as others recorded them: each read as what it was."""

import json
from pathlib import Path

import pytest

from tests.decoders.test_listing import names, row, sample
from tracker.decoders import cof, misp, ofac, stix
from tracker.decoders.listing import NotThatList, Statement
from tracker.decoders.rdap import read_domain, scrubbed
from tracker.decoders.whois import read
from tracker.model.times import iso

WHOIS = Path(__file__).parent / "replies" / "whois"
KINDS = {"registered": "found", "free": "not_found", "throttled": "throttled", "error": "error"}
FACTS = {
    "ac.uk": ("2003-11-07", "2014-10-20", "2013-03-20", "", 2),
    "bg": ("", "", "", "", 2),
    "com.tw": ("1997-05-01", "2017-05-31", "", "TWNIC", 1),
    "hu": ("2000-03-03", "", "", "", 0),
    "il": ("1999-06-05", "2026-06-05", "2018-12-16", "Domain The Net Technologies Ltd", 4),
    "nc": ("2006-05-14", "2027-05-14", "2021-04-14", "", 3),
    "sn": ("1998-01-01", "2023-12-31", "2023-02-14", "Registry Operations", 2),
    "ro": ("2000-07-17", "2019-09-17", "", "MarkMonitor Inc.", 2),
}
"""Suffix → registered, expires, updated, registrar, number of name servers; empty = the reply does not state it."""


@pytest.mark.parametrize("path", sorted(WHOIS.glob("*.txt")), ids=lambda path: path.stem)
def test_whois(path: Path) -> None:
    """The kind of every recorded reply, and of registered names what it states: no date of anybody else's."""
    suffix, _, kind = path.stem.rpartition(".")
    reply = read(path.read_text(encoding="utf-8"), suffix, f"whois.nic.{suffix}")
    assert reply.outcome.value == KINDS[kind]
    if reply.facts is None:
        return
    facts = reply.facts
    moments = (facts.registered_at, facts.expires_at, facts.updated_at)
    dates = tuple(iso(moment)[:10] if moment else "" for moment in moments)
    assert (*dates, facts.registrar, len(facts.name_servers)) == FACTS[suffix]


RDAP = {
    "example.cz": ("2004-08-30", "2019-08-30", "", "REG-INTERNET-CZ", "", "", 3, "ok"),
    "home.moscow": (
        "2021-10-19", "2024-10-19", "2023-11-20", 'Limited Liability Company "Registrar of domain names REG.RU"',
        "1606", "abuse@reg.ru", 2, "clientTransferProhibited",
    ),
    "lemonde.fr": (
        "2005-08-02", "2025-06-09", "2024-06-12", "NAMESHIELD", "1251", "", 2,
        "server recover prohibited;serverDeleteProhibited;serverTransferProhibited;serverUpdateProhibited",
    ),
    "nic.xyz": (
        "2013-09-11", "2024-09-11", "2023-09-05", "CentralNic Ltd", "9999", "ops@centralnic.com", 2,
        "serverDeleteProhibited;serverRenewProhibited;serverTransferProhibited;serverUpdateProhibited",
    ),
    "norway.no": ("2017-01-24", "", "2021-01-14", "Domeneshop AS", "", "", 2, ""),
    "themarquetry.com": (
        "2021-03-16", "2022-03-16", "", "Hosting Concepts B.V. d/b/a Registrar.eu", "1647", "abuse@registrar.eu", 2,
        "clientTransferProhibited",
    ),
}  # fmt: skip
"""Name → registered, expires, updated, registrar, its IANA id and abuse contact, number of servers, statuses."""


@pytest.mark.parametrize("path", sorted((WHOIS.parent / "rdap").glob("*.json")), ids=lambda path: path.stem)
def test_rdap(path: Path) -> None:
    """What registries state, and the same from what is kept of it. Dates of servers and contacts are not taken."""
    for body in (path.read_bytes(), scrubbed(path.read_bytes())):
        facts = read_domain(body)
        moments = (facts.registered_at, facts.expires_at, facts.updated_at)
        dates = tuple(iso(moment)[:10] if moment else "" for moment in moments)
        registrar = (facts.registrar, facts.registrar_iana_id, facts.abuse_email)
        assert (*dates, *registrar, len(facts.name_servers), ";".join(facts.statuses)) == RDAP[path.stem]


def dated(said: Statement) -> str | None:
    """The date that a row states."""
    return iso(said.when.at) if said.when else None


def test_passive_dns_as_circl_and_dnsdb_answer() -> None:
    """Recorded replies: one name in two lines, owners with their dots, a zone file's dates, a summary without owner."""
    (circl,) = cof.read(sample("cof-circl.jsonl")).statements
    assert (circl.name, dated(circl)) == ("www.circl.lu", "2011-09-09T16:40:09Z")
    dnsdb = cof.read(sample("cof-dnsdb.jsonl"))
    assert names(dnsdb) == ["www.farsighsecurity.com", "farsightsecurity.com", "fsi.io"]
    assert dated(row(dnsdb, "farsightsecurity.com")) == "2013-07-19T16:22:00Z"
    assert (dnsdb.rows, dnsdb.problems) == (4, ())


def test_passive_dns_printed_as_an_array_over_many_lines() -> None:
    """Clients print it so; each element is a row. What only looks like an array is read line by line."""
    lines = sample("cof-circl.jsonl").splitlines()
    pretty = json.dumps([json.loads(line) for line in lines], indent=2)
    assert cof.read(pretty).statements == cof.read(sample("cof-circl.jsonl")).statements
    assert len(cof.read("[" + lines[0] + "]\n[" + lines[1] + "]").statements) == 1


def test_misp_events_as_eset_and_circl_publish_them() -> None:
    """Recorded: the hacked sites and the reading matter are nobody's; domains of objects count without `to_ids`."""
    eset = misp.read(sample("misp-eset.json"))
    assert (names(eset), eset.rows, eset.title) == (["rebrandly.site", "bitly.bz"], 7, "Turla Armenian watering hole")
    assert row(eset, "bitly.bz").place.startswith("event 86375dc4-")
    circl = misp.read(sample("misp-circl.json"))
    assert (names(circl), circl.rows, circl.title) == ([], 3, "Ransomware - Xorist")


def test_a_misp_warninglist_claims_nothing() -> None:
    """It names what is ordinary: read as a list of an operation's names it would accuse every parking service."""
    with pytest.raises(NotThatList, match="warninglist names what is ordinary"):
        misp.read(sample("warninglist-parking.json"))


def test_stix_bundles_as_oasis_and_amnesty_publish_them() -> None:
    """Recorded: addresses that stand where a domain should are no names, and say nothing wrong."""
    apt1 = stix.read(sample("stix-apt1.json"))
    assert names(apt1) == ["hugesoft.org", "arrowservice.net"]
    assert dated(apt1.statements[0]) == "2015-05-15T09:12:16Z"
    novispy = stix.read(sample("stix-novispy.json"))
    assert (names(novispy), novispy.rows) == ([], 4)


def test_ofac_names_the_sites_of_the_listed() -> None:
    """Recorded rows: the sites of Doppelganger's operator; neither the link to an explanation nor an e-mail address."""
    found = ofac.read(sample("sdn-ofac.csv"))
    assert names(found) == ["gicdf.org", "suex.io", "dialog.info", "dialog-regions.ru"]
    assert found.rows == 6 and found.statements[0].place == "entity 12685"
