"""Leads: from names of the operation to those that share something with them, and to nobody for what all share."""

from collections.abc import Callable

from tests.analysis.histories import Story
from tests.analysis.stories import key, story
from tracker.analysis.derivation import Judge
from tracker.analysis.index import index
from tracker.analysis.nameservers import bundled
from tracker.analysis.pivots import Leads, leads
from tracker.analysis.traits import Reading
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Technique

SUFFIXES = Suffixes.bundled()
READING = Reading(SUFFIXES, bundled())
SEEN = "2024-03-14"
BRAND = "dawnpost.so"


def led(*changes: Callable[[Story], object], **values: str) -> Leads:
    """The leads of the common story with changes, its replacements known."""
    tale = story(**values)  # type: ignore[arg-type]
    for change in changes:
        change(tale)
    history = tale.history()
    views, _ = Judge(SUFFIXES).derive(history)
    return leads(index(history), views.replacements, READING)


def looked(name: str, probe: str, **values: object) -> Callable[[Story], object]:
    """One look."""
    return lambda tale: tale.look(name, probe, SEEN, **values)  # type: ignore[arg-type]


def told(found: Leads) -> dict[str, tuple[str, Technique]]:
    """Names with watch and technique."""
    return {row.name: (row.watch_key, row.technique) for row in found.sightings}


def test_the_replacements_of_the_story_are_known() -> None:
    """Otherwise the tests below would test nothing."""
    views, _ = Judge(SUFFIXES).derive(story().history())
    assert {"redfinch.so", "quillmoss.cc"} <= {row.name for row in views.replacements}


def test_a_certificate_of_a_replacement_leads_to_the_other_name_on_it() -> None:
    """Named together with a replacement, for the replacement's predecessor; bundles lead nowhere."""

    def on_one(*others: str) -> Callable[[Story], object]:
        return lambda tale: tale.logged(key("redfinch.press"), "redfinch.so", SEEN, names=("redfinch.so", *others))

    found = led(on_one(BRAND))
    assert told(found) == {BRAND: (key("redfinch.press"), Technique.SHARED_INFRASTRUCTURE)}
    assert found.sightings[0].reason == "One certificate names it together with redfinch[.]so."
    assert told(led(on_one(*(f"customer{place}.com" for place in range(12))))) == {}


def test_a_redirect_of_a_replacement_leads_to_where_visitors_are_sent() -> None:
    """Its own host and its predecessor's are no news."""
    assert told(led(looked("quillmoss.cc", "page", final_host=f"www.{BRAND}"))) == {
        BRAND: (key("quillmoss.us"), Technique.REDIRECT)
    }
    assert told(led(looked("quillmoss.cc", "page", final_host="www.quillmoss.us"))) == {}


def test_names_looked_at_for_other_reasons_are_compared() -> None:
    """Same servers, same account, or registered within the quarter hour at the same registrar."""
    servers = looked(BRAND, "delegation", ns=("ns1.lair.example", "ns2.lair.example"))
    assert set(told(led(servers))) == {BRAND}
    assert told(led(looked(BRAND, "delegation", ns=("ns1.lair.example", "ns9.lair.example")))) == {}
    pages = (
        looked("redfinch.so", "page", trackers="UA-7", text_sha256="t1", simhash="01"),
        looked(BRAND, "page", trackers="UA-7", text_sha256="t2", simhash="02"),
    )
    assert set(told(led(*pages))) == {BRAND}
    minute = {"registered_at": "2024-03-11T09:15:00Z", "registrar": "Bargain Names LLC"}
    assert set(told(led(looked(BRAND, "registration", **minute)))) == {BRAND}
    later = {**minute, "registered_at": "2024-03-11T10:15:00Z"}
    assert told(led(looked(BRAND, "registration", **later))) == {}


def test_what_everybody_uses_leads_nowhere() -> None:
    """Servers of a content delivery network are in no set; those of a hoster and of the predecessors are."""
    assert set(led().servers) == {
        frozenset({"ns1.lair.example", "ns2.lair.example"}),
        frozenset({"ns1.den.example"}),
    }
    shared = led(refuge="cloudflare.com").servers
    assert all("cloudflare" not in host for hosts in shared for host in hosts)
