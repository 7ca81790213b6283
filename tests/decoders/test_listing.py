"""What published lists say: each format by a sample, its odd rows included."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.decoders import announcements, cof, meta, misp, ofac, stix
from tracker.decoders.listing import Listing, NotThatList, Statement, name_in, on_platform
from tracker.decoders.namelist import read_hosts
from tracker.model.names import DomainName, checked
from tracker.model.times import iso
from tracker.model.watching import Pap, Tlp

LISTS = Path(__file__).parent / "lists"


def sample(name: str) -> str:
    """One of the samples."""
    return (LISTS / name).read_text(encoding="utf-8")


def names(listing: Listing) -> list[str]:
    """The names in order."""
    return [row.name for row in listing.statements]


def row(listing: Listing, name: str) -> Statement:
    """The first row about a name."""
    return next(row for row in listing.statements if row.name == name)


def test_metas_comments_hide_dates_in_four_styles() -> None:
    """Month first where it could be either; a date that is none stays text, and the cells are kept as written."""
    found = meta.read(sample("meta-comments.csv"))
    days = {name: (iso(said.when.at)[:10] if said.when else "") for said in found.statements for name in [said.name]}
    assert days == {
        "fox-news.in": "2023-10-18",
        "jiraboom.pro": "2023-09-23",
        "walla.com.co": "2023-07-11",
        "spiegelr.life": "2022-08-14",
        "welt.pm": "2024-01-11",
        "50statesoflie.cc": "2024-09-05",
        "usatimes.news": "2024-07-10",
        "meisterurian.io": "2024-03-05",
        "derglaude.com": "",
        "rrn.world": "2022-06-06",
        "1-nsfw.online": "",
    }
    said = row(found, "jiraboom.pro")
    assert said.registered and said.place == "row 3"
    assert said.raw.startswith("jiraboom[.]pro (Hosted a spoof of Der Spiegel) | Domains spoofing")
    assert "Registration date: n/a" in row(found, "derglaude.com").raw
    assert (found.rows, found.problems) == (13, ())


@pytest.mark.parametrize(
    ("file", "expected", "rows"),
    [
        ("meta-typed.tsv", ["2y4nothing.xyz", "bi.tly.gr.com"], 3),
        ("meta-typed.csv", ["avisindependent.eu", "rrn.world", "theguardian.co.com"], 4),
        ("meta-blank.csv", ["israelboycottvoice.com", "palestinesupporter.com"], 5),
        ("meta-notes.csv", [], 3),
        ("meta-notes.tsv", [], 2),
        ("meta-table.md", ["ibi.institute"], 4),
    ],
)
def test_every_header_that_meta_used(file: str, expected: list[str], rows: int) -> None:
    """Typed or by tactic, with commas, tabs or as Markdown. Accounts, posts on others' sites, prose: no names."""
    found = meta.read(sample(file))
    assert (names(found), found.rows) == (expected, rows)


@pytest.mark.parametrize(
    "header", ["Tactic,Technique,Procedure,Indicator,Commernts", "\ufeffTACTIC ,TECHNIQUE,PROCEDURE, INDICATOR ,Note"]
)
def test_mistyped_headers_are_understood(header: str) -> None:
    """By their beginnings, without regard to case, blanks and a byte-order mark."""
    text = f'{header}\n0,0.6 Acquiring domains,0.6.2,rrn[.]so,"Registration date: 9/5/2024, x"\n'
    (said,) = meta.read(text).statements
    assert (said.name, said.when and iso(said.when.at)) == ("rrn.so", "2024-09-05T00:00:00Z")


def test_a_row_that_should_name_a_domain_and_does_not_is_told() -> None:
    """With its line; the others count."""
    (problem,) = meta.read(sample("meta-typed.tsv")).problems
    assert (problem.line, problem.text) == (3, "'fbc8213450838f7ae251d4' is not a domain name")


def test_a_cell_without_a_known_column_is_looked_through() -> None:
    """A file that calls its indicators something else still gives its names."""
    found = meta.read("Tactic,Technique,Procedure,IOC\n0,0.6 Acquiring domains,0.6.2,rrn[.]so\n")
    assert names(found) == ["rrn.so"]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("a[.]example, b[.]example", ["a.example", "b.example"]),
        ("Posed as spiegel.de on c[.]example", ["c.example"]),
        ("d.example (looks like spiegel.de)", ["d.example"]),
        ("mail: x@e[.]example", []),
        ("45[.]141[.]152[.]19", []),
        ("hxxps[:]//www.f[.]example/path", ["f.example"]),
    ],
)
def test_what_a_cell_means(cell: str, expected: list[str]) -> None:
    """Names that were defanged, or with which the cell begins; victims in prose, addresses and mail are not meant."""
    assert names(meta.read(f'Tactic,Technique,Procedure,Indicator\n0,0.6 Acquiring domains,0,"{cell}"\n')) == expected


def test_a_misp_event_gives_what_is_to_be_acted_on() -> None:
    """Domains, hosts, URLs with to_ids; not the links, the deleted, the name server of a whois object."""
    found = misp.read(sample("misp-event.json"))
    assert names(found) == ["rrn.so", "pravda-ua.rest", "lepoint.foo", "faz.life", "rrn.media", "rrn.so"]
    assert found.title == "Doppelganger: new domains"
    assert row(found, "rrn.so").place == "event 5f1d5a5e-0001-4a4e-9b1e-0242ac110002, attribute a-1"
    assert row(found, "rrn.so").raw == "rrn[.]so | seen in ads"


def test_misp_markings_dates_and_replacements() -> None:
    """The strictest tag of event and attribute; a creation date is a registration; references say what replaced."""
    found = misp.read(sample("misp-event.json"))
    assert {said.pap for said in found.statements} == {Pap.AMBER}
    assert {said.name: said.tlp for said in found.statements}["pravda-ua.rest"] is Tlp.AMBER_STRICT
    assert row(found, "lepoint.foo").tlp is Tlp.GREEN
    first, registered = (said for said in found.statements if said.name == "rrn.so")
    assert (first.registered, first.when and iso(first.when.at)) == (False, "2024-09-05T10:00:00Z")
    assert (registered.registered, registered.when and iso(registered.when.at)) == (True, "2024-09-05T08:00:00Z")
    assert {said.replaces for said in (first, registered)} == {"rrn.media"}


def test_a_misp_search_reply_is_read_as_its_events() -> None:
    """The REST interface wraps events in `response`."""
    assert names(misp.read(f'{{"response": [{sample("misp-event.json")}]}}'))[0] == "rrn.so"


def test_a_misp_manifest_lists_events_by_their_last_change() -> None:
    """With the words by which a person chooses among them."""
    banking, doppelganger = misp.manifest(sample("misp-manifest.json"))
    assert (banking.words, doppelganger.timestamp) == ("A banking trojan ", 1725580800)
    assert doppelganger.words == "Doppelganger: new domains tlp:green"


def test_a_stix_bundle_gives_observables_and_patterns() -> None:
    """Not what was revoked, nor addresses. Markings by the ids of TLP 1 and 2 and by the bundle's own definitions."""
    found = stix.read(sample("stix.json"))
    named = [said for said in found.statements if said.replaces is None]
    assert [said.name for said in named] == [
        "rrn.media", "rrn.so", "lepoint.foo", "pravda-ua.rest", "faz.life", "faz.lol",
    ]  # fmt: skip
    assert [said.tlp for said in named[:3]] == [Tlp.CLEAR, Tlp.GREEN, Tlp.AMBER]
    assert iso(named[3].when.at if named[3].when else None) == "2024-09-06T00:00:00Z"
    (tie,) = (said for said in found.statements if said.replaces)
    assert (tie.name, tie.replaces, tie.tlp, tie.place) == ("rrn.so", "rrn.media", Tlp.GREEN, "relationship--2")


def test_passive_dns_names_owners_once_with_their_earliest_sight() -> None:
    """Trailing dots, several types, envelopes of DNSDB; what a name points to is nobody's claim."""
    found = cof.read(sample("cof.jsonl"))
    assert names(found) == ["rrn.so", "www.lepoint.foo", "faz.life"]
    assert iso(found.statements[0].when.at if found.statements[0].when else None) == "2024-09-05T07:00:00Z"
    assert found.statements[0].raw == "NS ns1.hoster.example ns2.hoster.example"
    assert [(problem.line, problem.text) for problem in found.problems] == [(7, "no JSON object")]
    assert found.rows == 5


@pytest.mark.parametrize(
    ("file", "expected", "entries"),
    [
        ("sdn.csv", ["southfront.org", "southfront.press", "janedoe.example", "t.me"], 4),
        ("sdn.xml", ["southfront.org", "janedoe.example"], 3),
        ("sdn_advanced.xml", ["southfront.org"], 1),
    ],
)
def test_ofac_gives_websites_and_nothing_of_persons(file: str, expected: list[str], entries: int) -> None:
    """Websites among the identifiers in all three forms of the list; no mail, no money, no name of a person."""
    found = ofac.read(sample(file))
    assert (names(found), found.rows) == (expected, entries)
    assert "DOE" not in repr(found) and "Passport" not in repr(found)
    assert found.statements[0].place == "entity 44001"


def test_hosts_files_name_several_a_line() -> None:
    """Both address families, comments; the machine's own names are passed over, other lines are told."""
    text = (
        "127.0.0.1 localhost\n::1 ip6-localhost\n0.0.0.0 a.example b.example # ads\nfe80::1%lo0 c.example\nx.example\n"
    )
    found = read_hosts(text)
    assert [entry.name for entry in found.names] == ["a.example", "b.example", "c.example"]
    assert [problem.line for problem in found.problems] == [5]


def test_press_releases_that_sound_like_a_takedown() -> None:
    """By the beginnings of words; names in the text are listed, those of the government and of platforms are not."""
    tax, seizure = sorted(announcements.read(sample("releases.json")), key=lambda release: release.title, reverse=True)
    assert announcements.matched(tax, announcements.KEYWORDS) == ()
    assert announcements.matched(seizure, announcements.KEYWORDS) == (
        "domain+seiz", "domain+malign influence", "domain+influence operation",
    )  # fmt: skip
    assert seizure.mentions == ("washingtonpost.pm", "rrn.world")
    assert (iso(seizure.published.at), seizure.authority) == ("2024-09-04T00:00:00Z", "Office of Public Affairs")


READERS = {
    "meta": meta.read,
    "misp": misp.read,
    "manifest": misp.manifest,
    "stix": stix.read,
    "cof": cof.read,
    "ofac": ofac.read,
    "releases": announcements.read,
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("text", ["", "<html>maintenance</html>", "[]", "{}", "null", '{"results": 1}', "a,b\n1,2\n"])
def test_what_is_not_that_list_is_refused_as_a_whole(reader: str, text: str) -> None:
    """An error page, another format: never an empty list, or the shrunken list would be believed."""
    if reader == "manifest" and text == "{}":
        assert misp.manifest(text) == ()  # a feed without events
        return
    with pytest.raises(NotThatList):
        READERS[reader](text)


def test_an_encoding_that_xml_claims_does_not_matter() -> None:
    """The text was decoded when it was read; an encoding that nobody knows is no reason to fail."""
    text = sample("sdn_advanced.xml").replace("utf-8", "h8")
    assert names(ofac.read(text)) == ["southfront.org"]


def test_declarations_in_xml_are_refused() -> None:
    """An entity that expands a billion times is not opened."""
    bomb = '<!DOCTYPE x [<!ENTITY a "b">]><sdnList><sdnEntry><uid>&a;</uid></sdnEntry></sdnList>'
    with pytest.raises(NotThatList, match="declarations"):
        ofac.read(bomb)


@given(st.text(max_size=200), st.sampled_from(sorted(READERS)))
def test_no_text_makes_a_reader_fail_otherwise(text: str, reader: str) -> None:
    """Whatever the network sends: a listing, or NotThatList."""
    for candidate in (text, f"Tactic,Indicator\n{text}", f'{{"Event": {{"Attribute": [{{"value": {text!r}}}]}}}}'):
        try:
            READERS[reader](candidate)
        except NotThatList:
            continue


@given(st.text(max_size=60))
def test_a_cell_is_a_checked_name_or_none(cell: str) -> None:
    """What comes out of a cell can be asked for."""
    name = name_in(cell)
    assert name is None or checked(name) == name


def test_platforms_are_known_with_what_is_below_them() -> None:
    """An account is nobody's domain; a name that merely ends alike is."""
    assert on_platform(DomainName("m.facebook.com")) and on_platform(DomainName("t.me"))
    assert not on_platform(DomainName("notfacebook.com"))
