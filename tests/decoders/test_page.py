"""Pages: text, fingerprints, accounts, kinds, icons."""

import base64
import tomllib
from importlib import resources

import mmh3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.decoders.favicon import favicon_hash, inline_icon
from tracker.decoders.page import clean, read_page, simhash
from tracker.decoders.pagekinds import kind_of
from tracker.decoders.whois_dates import fold
from tracker.lab import draws

TEXT = draws.text(200, 1, "page")


def test_what_is_read_of_a_page() -> None:
    """Title and language, text without scripts and styles, tag structure apart from the words."""
    page = read_page(
        b"<!doctype html><html lang='de-DE'><head><title> A\n title </title><style>p{}</style></head><body>"
        b"<h1>Hello</h1><script>var x = 'not text';</script><p>one <b>two</b></p></body></html>"
    )
    assert (page.title, page.language, page.text, page.kind) == ("A title", "de-de", "Hello one two", "")
    same = read_page(b"<html><head><title>x</title><style></style></head><body><h1>y</h1><script></script><p><b>z")
    assert same.dom_sha256 == page.dom_sha256 and same.text_sha256 != page.text_sha256


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("é".encode("latin-1"), "text/html; charset=iso-8859-1", "é"),
        ("<meta charset=windows-1251><p>да".encode("windows-1251"), "", "да"),
        ("é".encode(), "text/html", "é"),
        ("é".encode(), "text/html; charset=nonsense", "é"),
    ],
)
def test_character_sets(body: bytes, content_type: str, text: str) -> None:
    """From the header, from the page, UTF-8 otherwise."""
    assert read_page(body, content_type).text == text


def test_accounts_that_count_visitors() -> None:
    """Every service's id, once, named by service; a Matomo site number alone is nobody's."""
    source = (
        "ga('create', 'UA-12345-6'); gtag('config', 'G-AB12CD34'); GTM-ABC123 ca-pub-1234567890123456"
        " ym(12345678, 'init'); fbq('init', '123456789012'); _paq.push(['setTrackerUrl', 'https://m.example/matomo.php']);"
        " _paq.push(['setSiteId', '3']); <meta name='yandex-verification' content='0123456789abcdef'> UA-12345-6"
        " G-STRINGS"
    )
    assert read_page(source.encode()).trackers == (
        "adsense:ca-pub-1234567890123456",
        "facebook:123456789012",
        "ga:G-AB12CD34",
        "ga:UA-12345-6",
        "gtm:GTM-ABC123",
        "matomo:https://m.example/matomo.php#3",
        "verification:0123456789abcdef",
        "yandex:12345678",
    )
    assert read_page(b"_paq.push(['setSiteId', '1'])").trackers == ()


def test_near_texts_are_near_and_far_ones_far() -> None:
    """One word in two hundred moves few bits; another text moves about half."""
    near = TEXT.replace(TEXT.split()[77], "changed", 1)
    far = draws.text(200, 2, "page")
    assert (simhash(TEXT) ^ simhash(near)).bit_count() <= 8
    assert 20 <= (simhash(TEXT) ^ simhash(far)).bit_count() <= 44
    assert simhash("") == 0


@pytest.mark.parametrize(
    ("title", "text", "kind"),
    [
        ("", "THIS WEBSITE HAS BEEN SEIZED by the authorities", "seizure"),
        ("rrn.so is for sale", "Related searches", "parking"),
        ("Account Suspended", "This Account has been suspended.", "suspended"),
        ("Welcome to nginx!", "", "default"),
        ("Just a moment...", "", "blocked"),
        ("News of the day", "A domain has been seized by the police, " + "as readers know, " * 100, ""),
        ("", "", ""),
    ],
)
def test_kinds(title: str, text: str, kind: str) -> None:
    """Short pages that say what they are, with the phrase that decided; an article about such pages is content."""
    found, reason = kind_of(title, text)
    assert found == kind
    assert bool(reason) == bool(kind) and (not reason or reason.partition(": ")[2] in f"{title} {text}".casefold())


@pytest.mark.parametrize(
    ("text", "kind", "language"),
    [
        ("Diese Domain wurde beschlagnahmt.", "seizure", "de"),
        ("Ce domaine a été saisi par la police", "seizure", "fr"),
        ("Цей домен арештовано", "seizure", "uk"),
        ("Хостинг приостановлен", "suspended", "ru"),
        ("Cuenta suspendida", "suspended", "es"),
        ("Domena jest na sprzedaż", "parking", "pl"),
        ("Questo dominio è in vendita", "parking", "it"),
        ("Seite im Aufbau", "default", "de"),
        ("Accès refusé", "blocked", "fr"),
        ("Сайт в розробці", "default", "uk"),
    ],
)
def test_kinds_in_other_languages(text: str, kind: str, language: str) -> None:
    """The reason names the language of the phrase."""
    found, reason = kind_of("", text)
    assert (found, reason.partition(":")[0]) == (kind, language)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The platform and the criminal content have been seized by the Federal Criminal Police Office", "seizure"),
        ("This site is now under the control of law enforcement.", "seizure"),
        ("Op deze website is beslag gelegd door de politie", "seizure"),
        ("Temporarily unavailable because the registrant has not verified their email address", "suspended"),
        ("Работа сайта приостановлена", "suspended"),
        ("This Web page is parked for FREE, courtesy of a registrar", "parking"),
        ("This domain name has been registered with Gandi.net. It is currently parked by the owner.", "parking"),
        ("Diese Domain wurde im Kundenauftrag registriert", "parking"),
        ("Success! Your new web server is ready to use.", "default"),
        ("404 There isn't a GitHub Pages site here.", "default"),
        ("Доступ к информационному ресурсу ограничен на основании Федерального закона", "blocked"),
        ("Request unsuccessful. Incapsula incident ID: 1-2", "blocked"),
        ("Police seized weapons in a raid; the court gave a suspended sentence to an activist", ""),
        ("Houses for sale in Paris: buyers make bids quickly", ""),
        ("A grain deal was suspended, the ministry said; the report has not been verified", ""),
    ],
)
def test_banners_and_placeholders_as_services_write_them(text: str, kind: str) -> None:
    """The wording of agencies, registrars, hosts and walls; short news of such things is content."""
    assert kind_of("", text)[0] == kind


def test_parking_that_only_a_browser_would_show() -> None:
    """A page that sends its visitor to a lander, or loads a parking service, has hardly a word of its own."""
    lander = b'<html><head><script>window.onload=function(){window.location.href="/lander"}</script></head></html>'
    page = read_page(lander)
    assert (page.kind, page.kind_reason) == ("parking", 'source: location.href="/lander"')
    story = (
        "The minister said that prices would rise again this winter, as every outlet of the town reports today. " * 3
    )
    assert read_page(f"<p>{story}</p><a href='https://sedoparking.com/x'>ad</a>".encode()).kind == ""


def test_every_phrase_is_written_as_it_is_looked_for() -> None:
    """A phrase with an accent or a capital would never match; none stands twice under one kind."""
    table = tomllib.loads(resources.files("tracker.decoders").joinpath("page_phrases.toml").read_text(encoding="utf-8"))
    for languages in table["kinds"].values():
        for phrases in languages.values():
            assert [fold(phrase) for phrase in phrases] == phrases
            assert len(set(phrases)) == len(phrases)


def test_where_a_page_says_it_belongs_and_where_it_sends_people() -> None:
    """Canonical address, or Open Graph's; a refresh in any spelling; the first icon."""
    page = read_page(
        b'<link rel="CANONICAL" href="https://outlet.example/a"><meta http-equiv=Refresh content="0; URL=\'/next\'">'
        b'<link rel="shortcut icon" href="/i.png">'
    )
    assert (page.canonical, page.refresh, page.icon) == ("https://outlet.example/a", "/next", "/i.png")
    assert (
        read_page(b'<meta property="og:url" content="https://outlet.example/">').canonical == "https://outlet.example/"
    )
    plain = read_page(b"<p>nothing of the sort")
    assert (plain.canonical, plain.refresh, plain.icon, plain.sellers) == ("", "", "", ())


def test_marks_of_a_traffic_seller() -> None:
    """What such a page shows depends on who asks."""
    assert read_page(b"<script>fetch('/click_api/v3?token=x&_subid=1')</script>").sellers == ("keitaro",)


def test_accounts_of_further_services_and_consoles() -> None:
    """Attributes in any order; a value that is no id is none."""
    source = (
        "<meta content='abcdef12345' name='Facebook-Domain-Verification'><meta name=msvalidate.01 content='<script>'>"
        "VK-RTRG-123456-abc12 hjid:1234567, ttq.load('C123456789ABCDEF') _linkedin_partner_id = \"12345\""
        " clarity.ms/tag/abc123def _tmr.push({id: '1234567', sc_project=7654321; Histats.start(1,1234567"
    )
    assert read_page(source.encode()).trackers == (
        "clarity:abc123def",
        "histats:1234567",
        "hotjar:1234567",
        "linkedin:12345",
        "mailru:1234567",
        "statcounter:7654321",
        "tiktok:C123456789ABCDEF",
        "verification:abcdef12345",
        "vk:VK-RTRG-123456-abc12",
    )


def test_the_number_of_an_icon_is_the_one_that_host_search_engines_use() -> None:
    """Base64 in lines of 76 with the last line's end, murmur3, signed; what is no image has no number."""
    png = b"\x89PNG\r\n\x1a\n" + bytes(range(200))
    assert favicon_hash(png) == mmh3.hash(base64.encodebytes(png)) != mmh3.hash(base64.b64encode(png))
    assert mmh3.hash(base64.encodebytes(bytes(range(256)))) == -757223386  # what others print for these bytes
    assert favicon_hash(b"<svg xmlns='http://www.w3.org/2000/svg'/>") is not None
    for nothing in (b"", b"<html><title>404</title>", b"not an image"):
        assert favicon_hash(nothing) is None
    assert inline_icon("data:image/png;base64," + base64.b64encode(png).decode()) == png
    assert inline_icon("data:image/svg+xml,%3Csvg/%3E") == b"<svg/>"
    assert inline_icon("data:image/png;base64,***") is None and inline_icon("/favicon.ico") is None


@given(st.binary(max_size=500))
def test_any_bytes_are_a_page_of_some_sort(body: bytes) -> None:
    """Nothing that a server sends breaks the reader, and no control or direction mark gets through."""
    page = read_page(body)
    assert clean(page.text) == page.text and clean(page.title) == page.title
    assert 0 <= page.simhash < 2**64


def test_marks_that_turn_text_around_are_removed() -> None:
    """Titles end up in reports."""
    assert read_page("<title>safe\u202eevil\u200b\x07</title>".encode()).title == "safe evil"
