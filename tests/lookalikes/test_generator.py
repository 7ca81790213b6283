"""The generator: what it yields is registrable, distinct, ranked and the same every time."""

import re
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lookalikes.published import pairs
from tracker.lookalikes.generator import generate, variants
from tracker.lookalikes.idn import sold
from tracker.lookalikes.learning import cases
from tracker.lookalikes.priors import Priors
from tracker.lookalikes.suffixes import Suffixes
from tracker.lookalikes.techniques import EDITS, TECHNIQUES
from tracker.model.names import checked, to_ascii_label, to_unicode

SUFFIXES = Suffixes.bundled()
LABELS = st.from_regex(r"[a-z][a-z0-9]{1,12}(-[a-z0-9]{1,6})?", fullmatch=True)
VALID = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)").fullmatch


@settings(max_examples=25, deadline=None)
@given(LABELS, st.sampled_from(["de", "co.uk", "com.ua", "gouv.fr", "fr"]))
def test_every_name_is_registrable_distinct_and_not_the_target(label: str, suffix: str) -> None:
    """Each name is a checked A-label name directly below a public suffix, once, and never the target."""
    target = f"{label}.{suffix}"
    rows = list(generate(target, suffixes=SUFFIXES, limit=700))
    assert [row.rank for row in rows] == list(range(1, 701))
    assert len({row.domain for row in rows}) == len(rows)
    for row in rows:
        assert checked(row.domain) == row.domain != target
        split = SUFFIXES.split(row.domain)
        assert split.registrable == row.domain
        assert VALID(split.label)
        assert row.technique in TECHNIQUES
        assert row.reason and row.target == target


@settings(max_examples=10, deadline=None)
@given(LABELS, st.integers(1, 400))
def test_a_smaller_budget_buys_a_prefix(label: str, limit: int) -> None:
    """Ranking does not depend on the limit, and equal calls give equal rows."""
    target = f"{label}.com"
    many = list(generate(target, suffixes=SUFFIXES, limit=500))
    assert list(generate(target, suffixes=SUFFIXES, limit=limit)) == many[:limit]


def test_all_of_a_small_space_is_made() -> None:
    """A limit beyond what exists ends with everything, without a name twice."""
    rows = list(generate("bank.at", suffixes=SUFFIXES, limit=10_000, among=("at", "ch"), techniques=["omission"]))
    wanted = {f"{label}.{suffix}" for label in ("ank", "bnk", "bak", "ban") for suffix in ("at", "ch")}
    assert {row.domain for row in rows} == wanted


def test_own_names_are_left_out() -> None:
    """A brand's other names are no lookalikes of it."""
    plain = [row.domain for row in generate("example.de", suffixes=SUFFIXES, limit=5)]
    spared = [row.domain for row in generate("example.de", suffixes=SUFFIXES, limit=4, own=[f"www.{plain[0]}"])]
    assert spared == plain[1:]


def test_public_suffixes_are_never_offered() -> None:
    """uk.com is a registry, not a lookalike of anything called uk."""
    assert "uk.com" not in {row.domain for row in generate("uk.example", suffixes=SUFFIXES, limit=3_000)}


@pytest.mark.parametrize("technique", sorted(TECHNIQUES))
def test_a_technique_alone_yields_only_its_own(technique: str) -> None:
    """Restricting to one technique changes nothing but what is left out."""
    special = {"transliteration": "xn--90asq.xn--p1ai", "suffix_label": "office.gouv.fr"}
    target = special.get(technique, "daily-mirror.co.uk")
    rows = list(generate(target, suffixes=SUFFIXES, limit=50, techniques=[technique]))
    assert rows
    assert {row.technique for row in rows} == {technique}


def test_unknown_technique_is_refused() -> None:
    """A misspelt technique is an error, not an empty answer."""
    with pytest.raises(ValueError, match="bitflip"):
        list(generate("example.de", suffixes=SUFFIXES, limit=1, techniques=["bitflip"]))


@pytest.mark.parametrize(
    ("target", "label"),
    [
        ("pravda.com.ua", "pravda-ua"),
        ("pravda.com.ua", "ua-pravda"),
        ("office.gov.ua", "office-qov"),
        ("office.gouv.fr", "gouv"),
        ("rbc.ua", "rbk"),
        ("xn--90asq.xn--p1ai", "rbk"),
        ("foxnews.com", "fox-news"),
        ("la-croix.com", "lacroix"),
        ("morning-post.com", "post-morning"),
        ("welt.de", "weltt"),
        ("modern.com", "rnodern"),
        ("spiegel.de", "spiegei"),
        ("sueddeutsche.de", "suddeutsche"),
    ],
)
def test_known_tricks_are_among_the_variants(target: str, label: str) -> None:
    """One example of each trick that was published or is plain from the technique's description."""
    assert label in {row.label for row in variants(target, suffixes=SUFFIXES, priors=Priors.bundled())}


def test_letters_beyond_ascii_only_where_they_are_sold() -> None:
    """Marked letters and Cyrillic words appear under registries whose tables hold them, and nowhere else."""
    rows = list(generate("cope.de", suffixes=SUFFIXES, limit=400, among=("com", "de", "uk"), techniques=["homoglyph"]))
    marked = [row for row in rows if row.domain.startswith("xn--")]
    assert marked
    for row in marked:
        label, _, suffix = row.domain.partition(".")
        assert sold(to_unicode(label), suffix)
        assert to_ascii_label(to_unicode(label)) == label
    assert not sold("cöpe", "uk") and sold("cöpe", "de")
    assert sold("соре", "com") and not sold("соре", "de") and not sold("cоpe", "com")


def test_suffix_ranks_follow_the_published_cases() -> None:
    """A suffix that was used comes before one that never was, and brand registries come late."""
    rows = generate("example.de", suffixes=SUFFIXES, limit=9_000, techniques=["same_label"])
    order = [row.domain.partition(".")[2] for row in rows]
    assert order.index("so") < order.index("berlin") < order.index("barclays")
    assert order.index("com.tr") < order.index("co.zw") < order.index("gov.uk")


def test_edits_alone_leave_the_label_changed() -> None:
    """With `EDITS` no name carries the label itself."""
    rows = islice(generate("example.de", suffixes=SUFFIXES, limit=300, techniques=EDITS), 300)
    assert all(SUFFIXES.split(row.domain).label != "example" for row in rows)


def test_recall_on_published_cases_by_cross_validation() -> None:
    """Priors that never saw a brand still rank its published lookalikes within the budgets."""
    known = pairs()
    brands = sorted({brand for _, brand in known})[::3]
    priors = Priors.learned(cases([pair for pair in known if pair[1] not in brands], SUFFIXES))
    ranks = []
    for brand in brands:
        made = {str(r.domain): r.rank for r in generate(brand, suffixes=SUFFIXES, limit=10_000, priors=priors)}
        ranks += [made.get(name, 10**9) for name, of in known if of == brand]
    assert sum(rank <= 2_000 for rank in ranks) / len(ranks) >= 0.82
    assert sum(rank <= 10_000 for rank in ranks) / len(ranks) >= 0.88
