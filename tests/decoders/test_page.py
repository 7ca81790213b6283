"""Pages: text, fingerprints, accounts, kinds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.decoders.page import clean, kind_of, read_page, simhash
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
    """Short pages that say what they are; an article about such pages is content."""
    assert kind_of(title, text) == kind


@given(st.binary(max_size=500))
def test_any_bytes_are_a_page_of_some_sort(body: bytes) -> None:
    """Nothing that a server sends breaks the reader, and no control or direction mark gets through."""
    page = read_page(body)
    assert clean(page.text) == page.text and clean(page.title) == page.title
    assert 0 <= page.simhash < 2**64


def test_marks_that_turn_text_around_are_removed() -> None:
    """Titles end up in reports."""
    assert read_page("<title>safe\u202eevil\u200b\x07</title>".encode()).title == "safe evil"
