"""What is read of a name, and what is not."""

import pytest

from tests.analysis.histories import Story, at
from tracker.analysis.nameservers import bundled
from tracker.analysis.sharedhosting import is_shared_address, telling_operators
from tracker.analysis.traits import Life, Reading, Traits, distance, registrar_key, traits
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Presence
from tracker.model.names import DomainName
from tracker.model.times import When

READING = Reading(Suffixes.bundled(), bundled())
NAME = "redfinch.so"


def read(tale: Story, life: Life | None = None) -> Traits:
    """The traits of the one name."""
    history = tale.history()
    return traits(DomainName(NAME), history.spans.get(DomainName(NAME), ()), history.sightings, READING, life)


def empty() -> Story:
    """A story about nothing yet."""
    return Story(as_of=at("2024-05-01"))


@pytest.mark.parametrize(
    ("one", "other"),
    [("NameSilo, LLC", "NAMESILO LLC"), ("Sav.com, LLC", "sav com"), ("Key-Systems GmbH", "Key Systems")],
)
def test_spellings_of_one_registrar_are_one(one: str, other: str) -> None:
    """RDAP and WHOIS write the same shop differently."""
    assert registrar_key(one) == registrar_key(other) != ""


@pytest.mark.parametrize("text", ["REDACTED FOR PRIVACY", "Data withheld", "N/A", "", "Not Disclosed"])
def test_redaction_is_no_registrar(text: str) -> None:
    """Two redacted records have nothing in common."""
    assert registrar_key(text) == ""


def test_operators_are_the_registrable_names_behind_name_servers() -> None:
    """Hosts of one operator are one, everybody's operators and seizure servers are none."""
    tale = empty()
    tale.look(NAME, "delegation", "2024-03-11", ns=("ns1.lair.example", "ns7.lair.example"))
    tale.look(NAME, "delegation", "2024-03-12", ns=("amy.ns.cloudflare.com", "bob.ns.cloudflare.com"))
    tale.look(NAME, "delegation", "2024-03-13", ns=("ns1.fbi.seized.gov", "ns2.fbi.seized.gov"))
    found = read(tale)
    assert found.operators == ("lair.example",)
    assert found.hosted


def test_seizure_servers_alone_are_no_hosting() -> None:
    """A seized name says nothing of where its operator hosts."""
    tale = empty()
    tale.look(NAME, "delegation", "2024-03-13", ns=("ns1.fbi.seized.gov", "ns2.fbi.seized.gov"))
    assert not read(tale).hosted


def test_only_presence_is_read() -> None:
    """Facts of a look that did not find the name are not its traits."""
    tale = empty()
    tale.look(NAME, "registration", "2024-03-11", Presence.INDETERMINATE, registrar="Somebody")
    assert read(tale) == Traits()


def test_a_life_ends_where_the_next_begins() -> None:
    """A later owner's registrar, host and certificate are not the candidate's."""
    tale = empty()
    key = tale.predecessor("redfinch.press", "2024-03-01")
    tale.look(NAME, "registration", "2024-03-11", registrar="First")
    tale.look(NAME, "registration", "2024-04-21", registrar="Second")
    tale.logged(key, NAME, "2024-04-22")
    found = read(tale, Life(When(at("2024-03-10")), at("2024-04-20")))
    assert (found.registrar, found.certified_at) == ("first", None)
    assert read(tale, Life(When(at("2024-04-20")))).registrar == "second"


def test_pages_are_read_by_kind() -> None:
    """Parking is remembered as a kind; only ordinary pages give a text."""
    tale = empty()
    tale.look(NAME, "page", "2024-03-11", kind="parking", simhash="ff", text_sha256="p")
    assert read(tale).fingerprints == ()
    assert read(tale).kinds == ("parking",)
    tale.look(NAME, "page", "2024-03-12", simhash="0f", text_sha256="q", trackers=("UA-1", "GTM-2"))
    assert read(tale).fingerprints == (15,)
    assert read(tale).trackers == ("GTM-2", "UA-1")
    assert distance(0xFF, 0x0F) == 4


def test_certificate_names_are_other_registrable_names() -> None:
    """Hosts below the name itself and wildcards of it are the name."""
    tale = empty()
    key = tale.predecessor("redfinch.press", "2024-03-01")
    tale.logged(key, NAME, "2024-03-11T09", names=(NAME, f"*.{NAME}", "www.quillmoss.cc", "*.quillmoss.cc"))
    found = read(tale)
    assert found.certificate_names == ("quillmoss.cc",)
    assert found.certified_at == at("2024-03-11T09")


def test_shared_networks_are_known() -> None:
    """Addresses of large networks and things that are no address tell nothing; an ordinary one does."""
    assert is_shared_address("104.16.1.1")
    assert is_shared_address("2606:4700::1111")
    assert is_shared_address("not an address")
    assert not is_shared_address("45.120.0.9")
    assert telling_operators(["awsdns-07.com", "lair.example", "name.com"]) == ("lair.example",)
