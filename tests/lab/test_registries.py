"""The lab's registries and web servers: functions of the world, the instant and the question."""

import json
from datetime import timedelta

import pytest
from whois.parser import WhoisEntry

from tests.lab.ctworld import SetClock
from tests.lab.registryworld import BORN, NOW, START, fault, world
from tracker.decoders.whois import Outcome, read
from tracker.lab.http import Request
from tracker.lab.rdap import BOOTSTRAP_HOST, LabRdap
from tracker.lab.web import LabWeb
from tracker.lab.whois import LabWhois


def _request(host: str, path: str) -> Request:
    return Request("GET", host, path, {}, ("127.0.0.1", 1))


def test_a_name_appears_at_its_instant() -> None:
    """Not registered a second before, registered from then on, at every registry."""
    clock = SetClock(BORN - timedelta(seconds=1))
    rdap, whois = LabRdap(world(), clock), LabWhois(world(), clock)
    before = rdap.answer(_request("rdap.so.example", "/domain/rrn.so"))
    assert before is not None and before.status == 404
    assert read(whois.answer("rrn.to") or "", "to", "x").outcome is Outcome.NOT_FOUND
    clock.moment = BORN
    after = rdap.answer(_request("rdap.so.example", "/domain/rrn.so"))
    assert after is not None and after.status == 200
    assert read(whois.answer("rrn.to") or "", "to", "x").outcome is Outcome.FOUND


def test_a_registry_answers_for_its_own_suffixes() -> None:
    """A question that went to the wrong host is an error, never an absence."""
    rdap = LabRdap(world(), SetClock(NOW))
    for host, path in (("data.iana.org", "/domain/rrn.so"), ("rdap.so.example", "/domain/rrn.to")):
        reply = rdap.answer(_request(host, path))
        assert reply is not None and reply.status in {400, 404} and reply.status != 200
    wrong = rdap.answer(_request("rdap.so.example", "/domain/nosuch.to"))
    assert wrong is not None and wrong.status == 400


def test_the_bootstrap_file_has_the_world_s_registries() -> None:
    """Version 1.0, suffixes without RDAP left out."""
    reply = LabRdap(world(), SetClock(NOW)).answer(_request(BOOTSTRAP_HOST, "/rdap/dns.json"))
    assert reply is not None
    document = json.loads(reply.body)
    assert document["services"] == [[["so"], ["https://rdap.so.example/"]]]


def test_the_dialect_is_read_by_a_foreign_parser() -> None:
    """python-whois reads the lab's records as they are meant."""
    text = LabWhois(world(), SetClock(NOW)).answer("RRN.TO") or ""
    entry = WhoisEntry.load("rrn.com", text)
    assert entry["creation_date"] == BORN
    assert entry["registrar"] == "Registrar 01 Ltd"
    assert sorted(name.lower() for name in entry["name_servers"]) == ["ns1.host-a.example", "ns2.host-a.example"]


def test_a_throttle_carries_words_of_absence() -> None:
    """The lab is as treacherous as real servers are."""
    text = LabWhois(world(fault("whois", "throttle")), SetClock(NOW)).answer("rrn.to") or ""
    assert "No match" in text
    assert read(text, "to", "x").outcome is Outcome.THROTTLED


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("rrn.so", b"only this operation"),
        ("www.rrn.so", b"only this operation"),
        ("seized.so", b"has been seized"),
        ("parked.so", b"Buy this domain"),
        ("other.so", b"gardens"),
        ("blank.so", b"no such site"),
        ("nobody.so", b"no such site"),
    ],
)
def test_pages(name: str, says: bytes) -> None:
    """Each kind of page says what it is."""
    reply = LabWeb(world(), SetClock(NOW)).answer(_request(name, "/"))
    assert reply is not None and says in reply.body


def test_pages_begin_with_their_names() -> None:
    """Before its registration a name has no page."""
    reply = LabWeb(world(), SetClock(START)).answer(_request("rrn.so", "/"))
    assert reply is not None and reply.status == 404
