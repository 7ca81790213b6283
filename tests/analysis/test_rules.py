"""Every rule speaks where it should and is silent where it should."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import pytest

from tests.analysis.histories import Story
from tests.analysis.stories import BACK, CHANCER, COPYCAT, SIBLING, key, registered, story, watch_of
from tracker.analysis.linking import Linked, link
from tracker.analysis.rules import RULES
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Technique
from tracker.model.names import DomainName
from tracker.model.views import REPLACEMENT_VERDICTS, Family, Verdict

SUFFIXES = Suffixes.bundled()
FOUND = "2024-03-11T09:45"
TEXT, NEAR_TEXT, FAR_TEXT = "9e3779b97f4a7c15", "9e3779b97f4a7c16", "61c8864680b583ea"
Tale = Callable[[], Story]


@dataclass(frozen=True)
class Case:
    """A tale in which a rule speaks of `name` in the stated direction, and one in which it is silent of `other`."""

    rule_id: str
    name: str
    sign: int
    tale: Tale
    other: str
    silent: Tale


def tell(*changes: Callable[[Story], object], **values: object) -> Tale:
    """The common story with changes."""

    def build() -> Story:
        tale = story(**values)  # type: ignore[arg-type]
        for change in changes:
            change(tale)
        return tale

    return build


def sighted(name: str, watch: str, technique: Technique, host: str = "lair.example") -> Callable[[Story], object]:
    """A name found some other way than by its label, hosted by `host`."""

    def change(tale: Story) -> None:
        tale.sight(key(watch), name, FOUND, technique)
        tale.look(name, "delegation", FOUND, ns=(f"ns1.{host}",))
        tale.look(name, "registration", FOUND, registered_at="2024-03-11T08:00:00Z", registrar="Bargain Names")

    return change


def looked(name: str, probe: str, when: str = FOUND, **values: object) -> Callable[[Story], object]:
    """One more look at a name."""
    return lambda tale: tale.look(name, probe, when, **values)  # type: ignore[arg-type]


def joined(name: str, *others: str) -> Callable[[Story], object]:
    """A logged certificate that names others, too."""
    return lambda tale: tale.logged(watch_of(name), name, "2024-03-11T09:50", names=(name, *others))


def old_without_date(tale: Story) -> None:
    """A name that was there at the first look, under a suffix whose registry gives no dates."""
    registered(tale, "redfinch.to", "2019-01-01", ("2024-03-01",), "", "harbour.example")


def within_minutes() -> dict[str, str]:
    """The replacements, all registered within twelve minutes."""
    return {name: f"2024-03-11T09:{10 + 3 * place:02d}" for place, name in enumerate(BACK)}


PLAIN = tell()
SAME_PAGE = (
    looked("redfinch.press", "page", "2024-03-05", simhash=TEXT, text_sha256="t0", trackers="UA-7"),
    looked("redfinch.so", "page", simhash=NEAR_TEXT, text_sha256="t1", trackers="UA-7"),
)
OTHER_PAGE = (SAME_PAGE[0], looked("redfinch.so", "page", simhash=FAR_TEXT, text_sha256="t2", trackers="UA-9"))
STRANGERS_PAGE = looked("globe.com", "page", "2024-03-05", simhash=TEXT, text_sha256="t0", trackers="UA-7")
ADDRESSES = tuple(looked(name, "addresses", "2024-03-12T06:00", a="45.120.0.9") for name in BACK)
CDN = tuple(looked(name, "addresses", "2024-03-12T06:00", a="104.16.1.1") for name in BACK)
KEPT_ADDRESS = (looked("redfinch.press", "addresses", "2024-03-05", a="45.120.0.9"), ADDRESSES[0])
KEYS = (
    looked("redfinch.press", "certificate", "2024-03-05", spki_sha256="k1"),
    looked("redfinch.so", "certificate", spki_sha256="k1"),
)
SISTER_KEYS = (KEYS[1], looked("quillmoss.cc", "certificate", "2024-03-11T14:00", spki_sha256="k1"))
STRANGERS_KEY = looked("globe.com", "certificate", "2024-03-05", spki_sha256="k1")
SAME_BUILD = (
    looked("redfinch.press", "page", "2024-03-05", dom="d1", favicon_mmh3="-7", simhash=TEXT, text_sha256="t0"),
    looked("redfinch.so", "page", dom="d1", favicon_mmh3="-7", simhash=FAR_TEXT, text_sha256="t1"),
)
STRANGERS_BUILD = looked("globe.com", "page", "2024-03-05", dom="d1", favicon_mmh3="-7", text_sha256="t7")
BRAND = sighted("dawnpost.so", "redfinch.press", Technique.REDIRECT)
LED = looked("quillmoss.cc", "page", "2024-03-14", final_host="www.dawnpost.so")
HOME = looked(COPYCAT, "page", "2024-03-14", final_host="ovenbird.example.org")


def own_site(tale: Story) -> None:
    """The predecessor carries the brand of somebody whose own site is known."""
    at = next(place for place, watch in enumerate(tale.watches) if watch.key == watch_of(COPYCAT))
    tale.watches[at] = replace(tale.watches[at], own=(DomainName("example.org"),))


def struck_again(host: str) -> Callable[[Story], object]:
    """Ten days later another domain of the operation is taken down, and a name with its label is hosted by `host`."""

    def change(tale: Story) -> None:
        tale.predecessor("mallowby.press", "2024-03-01")
        tale.look("mallowby.press", "delegation", ("2024-03-01", "2024-03-19"), ns=("ns1.den.example",))
        tale.action("seizure-2", "2024-03-20")
        tale.taken("seizure-2", "mallowby.press")
        registered(tale, NEXT, "2024-03-21T08:00", ("2024-03-21T08:45",), "Bargain Names", host, key("mallowby.press"))

    return change


NEXT = "mallowby.so"


def imitated(*changes: Callable[[Story], object]) -> Tale:
    """A brand is protected, and somebody registers its label anew."""

    def brand(tale: Story) -> None:
        watch = tale.protected("gazette.example", "2024-03-01")
        registered(tale, LOOKALIKE, "2024-03-11T09:10", (FOUND,), "Bargain Names", "lair.example", watch)

    return tell(brand, *changes)


LOOKALIKE = "gazette.so"
OUTLET = looked("gazette.example", "page", "2024-03-05", simhash=TEXT, text_sha256="t0", trackers="UA-7")
CLONE = looked(LOOKALIKE, "page", simhash=FAR_TEXT, text_sha256="t1", trackers="UA-7")
OWN_SITE = own_site
CLOUD = {"lair": "cloudflare.com"}

CASES = (
    Case("label.same_label", "redfinch.so", 1, PLAIN, "redfinch.com", PLAIN),
    Case(
        "label.variant",
        "redfinch-news.com",
        1,
        tell(sighted("redfinch-news.com", "redfinch.press", Technique.EDIT)),
        "redfinch.so",
        PLAIN,
    ),
    Case(
        "label.unrelated",
        "dawnpost.so",
        -1,
        tell(sighted("dawnpost.so", "redfinch.press", Technique.SHARED_INFRASTRUCTURE)),
        "redfinch.so",
        PLAIN,
    ),
    Case("label.sisters_return", "redfinch.so", 1, PLAIN, CHANCER, PLAIN),
    Case("label.rival", COPYCAT, -1, PLAIN, "ovenbird.to", PLAIN),
    Case("label.present_before", "redfinch.to", -1, tell(old_without_date), "redfinch.so", PLAIN),
    Case("registration.sister_registrar", "redfinch.so", 1, PLAIN, COPYCAT, PLAIN),
    Case("registration.other_registrar", COPYCAT, -1, PLAIN, "redfinch.so", PLAIN),
    Case("registration.batch", "redfinch.so", 1, tell(back=within_minutes()), "redfinch.so", PLAIN),
    Case("registration.after_takedown", "redfinch.so", 1, PLAIN, "ovenbird.to", PLAIN),
    Case(
        "registration.brand_owner",
        COPYCAT,
        -1,
        tell(looked(COPYCAT, "registration", "2024-03-14", registrar="MarkMonitor Inc.")),
        COPYCAT,
        PLAIN,
    ),
    Case("registration.before_takedown", SIBLING, -1, PLAIN, "redfinch.so", PLAIN),
    Case("hosting.sister_name_servers", "redfinch.so", 1, PLAIN, "redfinch.so", tell(**CLOUD)),
    Case("hosting.predecessor_name_servers", "redfinch.so", 1, PLAIN, COPYCAT, PLAIN),
    Case(
        "hosting.earlier_name_servers",
        NEXT,
        1,
        tell(struck_again("lair.example")),
        NEXT,
        tell(struck_again("meadow.example")),
    ),
    Case("hosting.sister_address", "redfinch.so", 1, tell(*ADDRESSES), "redfinch.so", tell(*CDN)),
    Case("hosting.predecessor_address", "redfinch.so", 1, tell(*KEPT_ADDRESS), "redfinch.so", tell(*ADDRESSES)),
    Case("hosting.elsewhere", COPYCAT, -1, PLAIN, "redfinch.so", PLAIN),
    Case(
        "certificate.prompt",
        "redfinch.so",
        1,
        PLAIN,
        COPYCAT,
        tell(lambda tale: tale.logged(watch_of(COPYCAT), COPYCAT, "2024-03-16")),
    ),
    Case(
        "certificate.joined",
        "redfinch.so",
        1,
        tell(joined("redfinch.so", "quillmoss.cc", "www.quillmoss.cc")),
        "redfinch.so",
        tell(joined("redfinch.so", "quillmoss.cc", *(f"customer{place}.com" for place in range(12)))),
    ),
    Case("certificate.predecessor_key", "redfinch.so", 1, tell(*KEYS), "redfinch.so", tell(*KEYS, STRANGERS_KEY)),
    Case(
        "certificate.sister_key", "redfinch.so", 1, tell(*SISTER_KEYS), "redfinch.so", tell(*SISTER_KEYS, STRANGERS_KEY)
    ),
    Case("page.same_text", "redfinch.so", 1, tell(*SAME_PAGE), "redfinch.so", tell(*SAME_PAGE, STRANGERS_PAGE)),
    Case("page.other_text", "redfinch.so", -1, tell(*OTHER_PAGE), "redfinch.so", tell(*SAME_PAGE)),
    Case("page.same_tracker", "redfinch.so", 1, tell(*SAME_PAGE), "redfinch.so", tell(*OTHER_PAGE)),
    Case("page.same_build", "redfinch.so", 1, tell(*SAME_BUILD), "redfinch.so", tell(*SAME_BUILD, STRANGERS_BUILD)),
    Case("page.led_to", "dawnpost.so", 1, tell(BRAND, LED), "dawnpost.so", tell(BRAND)),
    Case("page.leads_home", COPYCAT, -1, tell(OWN_SITE, HOME), COPYCAT, tell(HOME)),
    Case(
        "certificate.brands_own",
        LOOKALIKE,
        -1,
        imitated(lambda tale: tale.logged("protected:gazette.example", LOOKALIKE, FOUND, names=("gazette.example",))),
        LOOKALIKE,
        imitated(),
    ),
    Case("page.clones_outlet", LOOKALIKE, 1, imitated(OUTLET, CLONE), LOOKALIKE, imitated(CLONE)),
    Case(
        "page.idle",
        COPYCAT,
        -1,
        tell(looked(COPYCAT, "page", "2024-03-13", kind="parking", text_sha256="t9")),
        COPYCAT,
        tell(looked(COPYCAT, "page", "2024-03-13", text_sha256="t9", simhash=TEXT)),
    ),
    Case(
        "analyst.review",
        "redfinch.so",
        0,
        tell(lambda tale: tale.review(watch_of("redfinch.so"), "redfinch.so", Verdict.CONFIRMED, "2024-03-20")),
        "redfinch.so",
        PLAIN,
    ),
)


@cache
def linked_of(tale: Tale) -> Linked:
    """A tale judged; each tale is told once."""
    return link(tale().history(), SUFFIXES)


def fired(tale: Tale, name: str) -> dict[str, float]:
    """Bits by rule id for a name, groups resolved."""
    linked = linked_of(tale)
    return {row.rule_id: row.bits for row in linked.evidence if row.name == name}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule_id)
def test_a_rule_speaks_where_it_should(case: Case) -> None:
    """In its positive case the rule is heard, in the stated direction, or a stronger one of its group is."""
    bits = fired(case.tale, case.name)
    assert case.rule_id in bits
    group = next(rule.group for rule in RULES if rule.rule_id == case.rule_id)
    mates = [bits[rule.rule_id] for rule in RULES if rule.group == group and rule.rule_id in bits] if group else []
    counted = max(mates, key=abs) if mates else bits[case.rule_id]
    assert (counted > 0) - (counted < 0) == case.sign


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule_id)
def test_a_rule_is_silent_where_it_should_be(case: Case) -> None:
    """In its negative case the rule does not appear at all, and the name is judged nevertheless."""
    linked = linked_of(case.silent)
    assert case.other in {row.name for row in linked.assessments}
    assert case.rule_id not in {row.rule_id for row in linked.evidence if row.name == case.other}


def test_every_rule_has_a_case_and_ids_are_unique() -> None:
    """No rule goes untested, and an id means one rule."""
    ids = [rule.rule_id for rule in RULES]
    assert sorted(ids) == sorted({case.rule_id for case in CASES})
    assert len(set(ids)) == len(ids)


def test_a_rule_names_its_family_and_basis() -> None:
    """The first part of an id is its family, and no weight stands without a reason."""
    for rule in RULES:
        assert rule.rule_id.startswith(f"{rule.family.value}.")
        assert rule.basis


def test_evidence_has_a_sentence_and_witnesses() -> None:
    """Whatever moves a verdict says why in words, and names what it rests on."""
    linked = link(tell(*KEYS, *SAME_PAGE, *ADDRESSES)().history(), SUFFIXES)
    for row in linked.evidence:
        assert row.sentence
        assert row.witnesses or row.bits == 0, row.rule_id


def test_default_name_servers_and_cdn_addresses_weigh_nothing() -> None:
    """When everybody involved sits behind one large network, hosting says nothing for or against anybody."""
    linked = link(tell(*CDN, **CLOUD)().history(), SUFFIXES)
    names = set(BACK)
    assert not [row for row in linked.evidence if row.name in names and row.family is Family.HOSTING]


def test_an_error_page_is_not_an_idle_page() -> None:
    """A site that is not there yet in its first hours is no stranger's parked name."""
    tale = tell(looked(COPYCAT, "page", "2024-03-13", kind="error", text_sha256="t9"))
    assert "page.idle" not in fired(tale, COPYCAT)


def brand(*changes: Callable[[Story], object], host: str = "lair.example", born: str = "2024-03-11T09:12") -> Tale:
    """A new name without any label in common, put forward for what it shares."""

    def arrived(tale: Story) -> None:
        tale.sight(key("redfinch.press"), "dawnpost.so", FOUND, Technique.SHARED_INFRASTRUCTURE)
        tale.look("dawnpost.so", "delegation", FOUND, ns=(f"ns1.{host}", f"ns2.{host}"))
        tale.look("dawnpost.so", "registration", FOUND, registered_at=f"{born}:00Z", registrar="Bargain Names")

    return tell(arrived, *changes, back=within_minutes())


def verdict_of(tale: Tale) -> Verdict:
    """What the new brand is called."""
    return next(row.verdict for row in linked_of(tale).assessments if row.name == "dawnpost.so")


def test_a_rare_hoster_and_the_same_minutes_carry_a_new_brand() -> None:
    """Two families without any label: the operation's small hoster, and registered among its other names."""
    assert verdict_of(brand()) is Verdict.LIKELY


def test_a_stranger_on_the_same_hoster_is_not_called() -> None:
    """The hoster alone is one family; so is the hour alone."""
    assert verdict_of(brand(born="2024-03-15T17:40")) not in REPLACEMENT_VERDICTS
    assert verdict_of(brand(host="willow.example")) not in REPLACEMENT_VERDICTS


def test_the_hour_of_a_batch_says_nothing_of_a_new_brand() -> None:
    """Somebody comes within the hour of one of a month's batches by chance; a known label has its day as well."""
    assert "registration.batch" not in fired(brand(born="2024-03-11T09:40"), "dawnpost.so")
    assert "registration.batch" in fired(brand(born="2024-03-11T09:36"), "dawnpost.so")


def test_an_account_and_a_certificate_carry_a_new_brand() -> None:
    """Hidden behind what everybody uses, with the account and on the certificate of another label's new name."""
    counted = (
        looked("quillmoss.cc", "page", "2024-03-12", simhash=TEXT, text_sha256="t0", trackers="UA-7"),
        looked("dawnpost.so", "page", "2024-03-12", simhash=FAR_TEXT, text_sha256="t1", trackers="UA-7"),
        lambda tale: tale.logged(key("redfinch.press"), "dawnpost.so", FOUND, names=("dawnpost.so", "quillmoss.cc")),
    )
    assert verdict_of(brand(*counted, host="cloudflare.com", born="2024-03-11T02:40")) is Verdict.LIKELY
    assert verdict_of(brand(*counted[:2], host="cloudflare.com", born="2024-03-11T02:40")) is not Verdict.LIKELY


def test_a_spare_is_weighed_by_when_it_came_into_the_zone() -> None:
    """Registered two weeks before and kept dark, it showed the day after; a stranger's dark name says as little."""
    spare = linked_of(tell(back={**BACK, "redfinch.so": "2024-03-11T09:10"}))
    fresh = next(row.bits for row in spare.evidence if row.name == "redfinch.so" and row.rule_id == "label.same_label")

    def kept(tale: Story) -> None:
        tale.spans[DomainName("redfinch.so")] = [
            replace(span, facts={**span.facts, "registered_at": ("2024-02-25T10:00:00Z",)})
            if span.probe == "registration"
            else span
            for span in tale.spans[DomainName("redfinch.so")]
        ]

    dark = next(
        row for row in linked_of(tell(kept)).evidence if row.name == "redfinch.so" and row.rule_id == "label.same_label"
    )
    assert 0 < dark.bits < fresh
    assert "came into the zone" in dark.sentence
