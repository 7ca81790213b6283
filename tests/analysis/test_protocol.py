"""The protocol is frozen: its hash stands in the docs and moves with what decides the figure."""

import re
from pathlib import Path

from tracker.analysis import weights
from tracker.analysis.protocol import PRIMARY, protocol, protocol_hash
from tracker.analysis.rules import RULES
from tracker.analysis.versions import PRIMARY as COUNTED

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")


def test_the_published_hash_is_that_of_the_program() -> None:
    """Who changes a weight, a threshold or a window decides so: the page must be changed with it."""
    (published,) = re.findall(r"^    ([0-9a-f]{64})$", PAGE, re.MULTILINE)
    assert published == protocol_hash(), "the protocol changed: write `tracker protocol --hash` into docs/protocol.md"


def test_every_weight_and_rule_is_in_it() -> None:
    """No number that weighs is left outside the hash."""
    fixed = protocol()
    names = {name for name in vars(weights) if name.isupper()}
    assert set(fixed["weights"]) == names  # type: ignore[call-overload]
    assert [row["rule_id"] for row in fixed["rules"]] == [rule.rule_id for rule in RULES]  # type: ignore[attr-defined]


def test_the_figure_that_is_counted_is_the_one_that_was_named() -> None:
    """The row marked as primary is that of the protocol: same label, own brands, first day, delegated, LIKELY."""
    named = {key: PRIMARY[key] for key in ("scope", "cohort", "layer", "window", "verdict_min")}
    assert named == {
        "scope": "same_label",
        "cohort": "own_brand",
        "layer": "DELEGATED",
        "window": "1d",
        "verdict_min": "LIKELY",
    }
    assert named == {key: str(getattr(COUNTED, key)) for key in named}
