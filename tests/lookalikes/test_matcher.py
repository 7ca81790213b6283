"""The matcher: it finds what the generator makes, and nothing that does not resemble."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lookalikes.published import new_names, pairs
from tracker.lookalikes.generator import variants
from tracker.lookalikes.matcher import BATCH, Match, Matcher
from tracker.lookalikes.priors import Priors
from tracker.lookalikes.suffixes import Suffixes
from tracker.lookalikes.techniques import TECHNIQUES
from tracker.lookalikes.watched import Watched
from tracker.model.names import DomainName, to_ascii_label
from tracker.model.times import from_iso
from tracker.model.watching import Watch, WatchKind


def to_ascii_name(text: str) -> str:
    """A name in A-labels."""
    return ".".join(to_ascii_label(label) for label in text.split("."))


SUFFIXES = Suffixes.bundled()
LONG = (
    "morningpost.com",
    "berliner-blatt.de",
    "guardian.co.uk",
    "nordstern24.at",
    "ministere.gouv.fr",
    "zvezdanews.ru",
)

SHORT = ["spiegell.ltd", "faz.so", "news.org", "bildd.top", "x.y.z", "wellt.de"]


def dresses(name: str) -> list[str]:
    """Ways in which people write the same name."""
    return [name, name.upper(), f"{name}.", f"*.{name}", f"https://{name}/x", name.replace(".", "[.]")]


def matcher(*lines: str, **more: float) -> Matcher:
    """A matcher for the lines of a watch list."""
    return Matcher([Watched.of_line(line, SUFFIXES) for line in lines], SUFFIXES, **more)


def pairs_of(found: list[Match]) -> set[tuple[str, str]]:
    """(name, watched) pairs."""
    return {(match.name, match.watched) for match in found}


@pytest.mark.parametrize("technique", sorted(TECHNIQUES))
def test_finds_what_the_generator_makes(technique: str) -> None:
    """Every variant of a label of eight letters and more matches at the default threshold."""
    for target in (*LONG, to_ascii_name("коммерсант.рф")):
        made = variants(target, suffixes=SUFFIXES, priors=Priors.bundled(), techniques=[technique])
        names = [f"{row.label}.icu" for row in made]
        missed = set(names) - {match.name for match in matcher(target).match(names)}
        assert not missed


@settings(max_examples=8, deadline=None)
@given(st.from_regex(r"[a-z]{8,14}", fullmatch=True), st.randoms(use_true_random=False))
def test_finds_random_edits_of_random_labels(label: str, chance: random.Random) -> None:
    """The screen loses none of the one-step variants, whatever the letters."""
    made = variants(label, suffixes=SUFFIXES, priors=Priors.bundled(), techniques=TECHNIQUES)
    names = [f"{row.label}.shop" for row in chance.sample(made, 60)]
    assert {match.name for match in matcher(label).match(names)} == set(names)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(SHORT), max_size=12), st.data())
def test_case_dots_order_and_batches_do_not_matter(names: list[str], data: st.DataObject) -> None:
    """The same names in any dress, order and company give the same pairs."""
    watched = matcher("spiegel.de", "faz.net", "bild.de", "welt.de")
    plain = pairs_of(watched.match(names))
    dressed = [data.draw(st.sampled_from(dresses(name))) for name in names]
    assert pairs_of(watched.match(data.draw(st.permutations(dressed)))) == plain
    assert pairs_of([match for name in dressed for match in watched.match([name])]) == plain


def test_screen_agrees_with_weighing_everything() -> None:
    """Weighing each name against each entry, without the screen, finds no more."""
    watched = matcher(*LONG, "faz.net", "bild.de", "rbc.ua", "t-online.de")
    chance = random.Random(4)
    letters = "abcdefghijklmnopqrstuvwxyz-"
    names = [f"{''.join(chance.choices(letters, k=chance.randint(3, 14))).strip('-') or 'x'}.com" for _ in range(150)]
    for target in LONG:
        made = variants(target, suffixes=SUFFIXES, priors=Priors.bundled(), techniques=TECHNIQUES)
        names += [f"{row.label}.com" for row in made[::40]]
    assert pairs_of(watched.match(names)) == pairs_of([match for name in names for match in watched.weigh(name)])


@pytest.mark.parametrize(
    ("line", "name", "technique"),
    [
        ("bild.de", "bild.beauty", "same_label"),
        ("bild.de", "bildd.lol", "repetition"),
        ("bild.de", "blld.live", "homoglyph"),
        ("bild.de", "bild.eu.com", "same_label"),
        ("rbc.ua", "rbk.media", "sound_alike"),
        ("pravda.com.ua", "pravda-ua.com", "folded_suffix"),
        ("office.gov.ua", "office-qov.info", "folded_suffix"),
        ("spiegel.de", "www.spiegel.de.login.example.com", "subdomain"),
        ("spiegel.de", "spiegel.github.io", "same_label"),
        ("spiegel.de", "xn--spigel-dva.com", "homoglyph"),
        ("washingtonpost.com", "washngtonpots.top", "two_edits"),
        ("tagesschau.de", "tagesschau-aktuell.info", "affix"),
        ("faz", "faz.agency", "same_label"),
    ],
)
def test_technique_is_named(line: str, name: str, technique: str) -> None:
    """A match says how the name resembles."""
    assert [match.technique for match in matcher(line).match([name])] == [technique]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("t-online.de", "anything.online"),
        ("t-online.de", "shop.online"),
        ("spiegel.de", "www.spiegel.de"),
        ("spiegel.de", "spiegel.de"),
        ("bild.de", "bilder.shop"),
        ("faz.net", "fax.com"),
        ("ansa.it", "transatlantic.com"),
        ("news", "x.news"),
        ("spiegel.de", "garbage"),
        ("spiegel.de", ""),
        ("spiegel.de", "spiegel..de"),
    ],
)
def test_what_does_not_match(line: str, name: str) -> None:
    """Suffixes, own names, chance neighbours of short labels and what is no name never match."""
    assert matcher(line).match([name]) == []


def test_row_carries_names_as_a_labels() -> None:
    """`name` and `watched` are lower-case A-labels without trailing dot, `domain` is what somebody registered."""
    (found,) = matcher("Süddeutsche.DE.").match(["HTTPS://Www.Xn--Sddeutsche-9db.Ltd./a"])
    assert found.name == "www.xn--sddeutsche-9db.ltd"
    assert found.domain == "xn--sddeutsche-9db.ltd"
    assert found.watched == "xn--sddeutsche-9db.de"


def test_batches_larger_than_one_keep_their_rows() -> None:
    """A match far into a long stream, beside odd lines, is put down to the right name."""
    names = [f"n{i}x.com" for i in range(BATCH + 500)]
    names[BATCH + 7], names[3], names[10] = "spiegell.top", "two\nlines.com", "ünïcode.com"
    assert [match.name for match in matcher("spiegel.de").match(iter(names))] == ["spiegell.top"]


def test_watch_rows_bring_aliases_and_friends() -> None:
    """Aliases match under their own spelling; own and friendly names and what is below them never do."""
    watch = Watch(
        kind=WatchKind.PROTECTED,
        label="rbc",
        since=from_iso("2024-01-01"),
        name=DomainName("rbc.ua"),
        aliases=("Styler Life",),
        own=(DomainName("rbc.media"),),
        friendly=(DomainName("rbc-fans.org"),),
    )
    found = Matcher([Watched.of_watch(watch, SUFFIXES)], SUFFIXES).match(
        ["stylerlife.top", "m.rbc.media", "rbc-fans.org", "www.rbc.ua", "rbc.so"]
    )
    assert pairs_of(found) == {("stylerlife.top", "rbc.ua"), ("rbc.so", "rbc.ua")}


def test_threshold_is_a_setting() -> None:
    """More bits asked, fewer matches; the watched label itself under another suffix always counts."""
    names = ["spiegel.top", "spiegell.top", "spiegel-blumen.top"]
    strict = {match.name for match in matcher("spiegel.de", threshold_bits=60).match(names)}
    lax = {match.name for match in matcher("spiegel.de", threshold_bits=0).match(names)}
    assert strict == {"spiegel.top"}
    assert lax == set(names)


def test_recall_on_published_cases() -> None:
    """Nearly all published lookalikes match their own brand."""
    known = pairs()
    found = pairs_of(matcher(*sorted({brand for _, brand in known})).match([name for name, _ in known]))
    assert sum(pair in found for pair in known) / len(known) >= 0.97


def test_noise_on_a_day_of_new_names() -> None:
    """Few names of an ordinary day match anything; the list holds no .com and no country suffixes."""
    brands = sorted({brand for _, brand in pairs()})
    names = new_names()
    assert len({match.name for match in matcher(*brands).match(names)}) / len(names) * 10_000 <= 1.5
