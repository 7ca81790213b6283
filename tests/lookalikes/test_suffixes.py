"""Public suffixes: rules, wildcards, exceptions, and the lists a sweep asks."""

import pytest

from tracker.lookalikes.suffixes import Split, Suffixes

SMALL = Suffixes.of(
    ["com", "uk", "co.uk", "jp", "*.kawasaki.jp", "!city.kawasaki.jp", "*.ck", "!www.ck", "рф", "arpa"],
    ["github.io", "*.awdev.ca", "co.com"],
    kept=["co.uk", "co.com", "gone.example"],
    version="test",
)


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("example.com", Split("", "example", "com", False)),
        ("a.b.example.co.uk", Split("a.b", "example", "co.uk", False)),
        ("co.uk", Split("", "", "co.uk", False)),
        ("x.kawasaki.jp", Split("", "", "x.kawasaki.jp", False)),
        ("a.x.kawasaki.jp", Split("", "a", "x.kawasaki.jp", False)),
        ("city.kawasaki.jp", Split("", "city", "kawasaki.jp", False)),
        ("m.www.ck", Split("m", "www", "ck", False)),
        ("shop.co.ck", Split("", "shop", "co.ck", False)),
        ("news.github.io", Split("", "news", "github.io", True)),
        ("me.dev.awdev.ca", Split("", "me", "dev.awdev.ca", True)),
        ("brand.co.com", Split("", "brand", "co.com", True)),
        ("host.unlisted", Split("", "host", "unlisted", False)),
        ("пример.рф".encode("idna").decode(), Split("", "xn--e1afmkfd", "xn--p1ai", False)),
    ],
)
def test_split(name: str, split: Split) -> None:
    """Plain, wildcard, exception, private and missing rules put the label where the list says."""
    assert SMALL.split(name) == split


def test_registrable_is_none_at_a_suffix() -> None:
    """A public suffix is nobody's registrable name."""
    assert SMALL.registrable("www.example.co.uk") == "example.co.uk"
    assert SMALL.registrable("co.uk") is None


def test_lists_leave_out_what_cannot_be_asked() -> None:
    """Wildcards, arpa and kept lines without a rule are in no list."""
    assert SMALL.all() == ("co.com", "co.uk", "com", "github.io", "jp", "uk", "xn--p1ai")
    assert SMALL.icann() == ("co.uk", "com", "jp", "uk", "xn--p1ai")
    assert SMALL.frequent() == ("co.com", "co.uk", "com", "jp", "uk", "xn--p1ai")


def test_bundled_agrees_with_the_library() -> None:
    """Our own walk splits like tldextract on the bundled snapshot, private registries included."""
    import tldextract

    theirs = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
    ours = Suffixes.bundled()
    assert ours.version != "unknown"
    assert {rule for rule in theirs.tlds if rule.isascii() and rule[0] not in "*!"} <= ours.rules
    names = [
        "a.b.bild.eu.com",
        "rbk.kiev.ua",
        "x.city.kawasaki.jp",
        "y.foo.ck",
        "www.ck",
        "t.co",
        "me.github.io",
        "co.uk",
        "a.b.c",
    ]
    for name in [*names, *(f"news.brand.{suffix}" for suffix in ours.all()[::50])]:
        part = theirs.extract_str(name)
        assert ours.split(name).suffix == (part.suffix or name.rpartition(".")[2])
        assert ours.split(name).label == (part.domain if part.suffix else ours.split(name).label)


def test_frequent_is_about_1800_and_complete() -> None:
    """Every top-level domain and every kept line is in the frequent list, and nothing else."""
    suffixes = Suffixes.bundled()
    frequent = suffixes.frequent()
    assert 1_700 < len(frequent) < 2_000
    assert {"com", "so", "su", "co.uk", "com.tr", "eu.com", "co.com", "kiev.ua"} <= set(frequent)
    assert not {"gov.uk", "arpa", "github.io"} & set(frequent)
