"""Names: what people paste becomes A-labels, and nothing else gets through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.model.names import NotAName, checked, defang, is_under, parse, refang, to_unicode

LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
NAME = st.builds(
    lambda labels, top: ".".join([*labels, top]), st.lists(LABEL, min_size=1, max_size=4), st.just("example")
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("hxxps://RRN[.]media/news?id=1", "rrn.media"),
        ("spiegel(.)agency.", "spiegel.agency"),
        ("*.faz[dot]ltd", "faz.ltd"),
        ("https://user@bild.work:8443/x", "bild.work"),
        ("рбк.example", "xn--90asq.example"),
        ("Sueddeutsche.CO", "sueddeutsche.co"),
    ],
)
def test_pasted_forms(text: str, name: str) -> None:
    """URLs, defanged and international forms all come down to the same A-labels."""
    assert parse(text) == name


@pytest.mark.parametrize(
    "text", ["", "localhost", "1.2.3.4", "a..b.com", "-x.com", "x" * 64 + ".com", "exa mple", "a@"]
)
def test_what_is_no_name_is_refused(text: str) -> None:
    """Garbage raises and says what is wrong with it."""
    with pytest.raises(NotAName):
        parse(text)


@given(NAME)
def test_defanging_comes_back(name: str) -> None:
    """A defanged name is read as itself, whatever the name."""
    assert refang(defang(name)) == name
    assert parse(defang(name).upper()) == checked(name)


@given(NAME)
def test_under_is_by_label(name: str) -> None:
    """A longer label is no subdomain, however it ends."""
    assert is_under(f"www.{name}", name)
    assert is_under(name, name)
    assert not is_under(f"not{name}", name)


def test_broken_punycode_is_shown_as_it_is() -> None:
    """A label that cannot be decoded stays readable instead of raising."""
    assert to_unicode("xn--90asq.example") == "рбк.example"
    assert to_unicode("xn--\uffff.example") == "xn--\uffff.example"
