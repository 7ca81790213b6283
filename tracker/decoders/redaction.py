"""Markers that stand where somebody's data were: they are no value of anybody and never become a pivot."""

import re
from typing import Final

_MARKER: Final = re.compile(
    r"\bredacted\b|\bwithheld\b|\bnot (?:disclosed|shown|available|applicable|public\w*)\b"
    r"|\bdata (?:is |are )?protected\b|\bstatutory masking\b|\bgdpr\b|\bprivacy\b"
    r"|\bhidden (?:upon|by|for)\b|\bplease (?:query|visit|contact|request)\b"
    r"|^\W*(?:n/?a|none|null|unknown)?\W*$",
    re.IGNORECASE,
)


def is_marker(text: str) -> bool:
    """Whether `text` says that something is not said."""
    return _MARKER.search(text) is not None
