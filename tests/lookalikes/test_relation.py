"""How labels resemble one another, in bits."""

import pytest

from tracker.lookalikes.background import Background
from tracker.lookalikes.relation import relate
from tracker.model.names import to_ascii_label


@pytest.mark.parametrize(
    ("watched", "seen", "kind", "distance"),
    [
        ("spiegel", "spiegel", "same_label", 0),
        ("spiegel", "spiegell", "repetition", 1),
        ("spiegel", "spiegl", "omission", 1),
        ("spiegel", "spiegelo", "insertion", 1),
        ("spiegel", "spigeel", "transposition", 1),
        ("spiegel", "spiegal", "vowel_swap", 1),
        ("spiegel", "spiebel", "replacement", 1),
        ("spiegel", "spiege1", "homoglyph", 1),
        ("spiegel", "sp1ege1", "homoglyph", 2),
        ("spiegel", to_ascii_label("spiégel"), "homoglyph", 1),
        ("modern", "rnodern", "homoglyph", 2),
        ("corriere", "korriere", "sound_alike", 1),
        ("foxnews", "fox-news", "hyphenation", 1),
        ("la-croix", "lacroix", "hyphenation", 1),
        ("psychologie-heute", "heute-psychologie", "token_order", 0),
        ("spiegel", "spiegel-news", "affix", 0),
        ("spiegel", "spiegel-fr", "country_code", 0),
        ("washingtonpost", "washngtonpots", "two_edits", 2),
        ("spiegel", "giraffe", "", 0),
    ],
)
def test_kind_and_distance(watched: str, seen: str, kind: str, distance: int) -> None:
    """Each kind is told by one example, with the edits counted."""
    found = relate(watched, seen)
    assert (found.kind, found.distance) == (kind, distance)
    assert (found.bits > 0) == bool(kind)


def test_longer_and_rarer_labels_weigh_more() -> None:
    """The same slip says more in a long label than in a short one, and a rare label more than a common word."""
    assert relate("washingtonpost", "washingtonpostt").bits > relate("faz", "fazz").bits
    assert relate("quorvex", "quorvex").bits > relate("online", "online").bits


def test_nothing_in_common_has_no_bits() -> None:
    """No resemblance is minus infinity: adding evidence to it stays nothing."""
    assert relate("spiegel", "giraffe").bits == float("-inf")


def test_background_survives_its_file_form() -> None:
    """What is written can be read again with the loss of a rounding."""
    learned = Background.learned(["alpha-shop", "beta-shop", "gamma"] * 3, least=4)
    assert set(learned.words) == {"shop"}
    assert learned.word("shop") < learned.word("shap")
    text = learned.to_text()
    assert "[words]\nshop " in text and text.count("\n") == 3 + len(learned.rows)


def test_bundled_background_says_where_it_comes_from() -> None:
    """Numbers without a source are not used."""
    assert "newly-registered" in Background.bundled().provenance
