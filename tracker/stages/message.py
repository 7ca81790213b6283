"""What a message says: plain text that no chat or mail program makes a link, a mention or markup of."""

import re
from collections.abc import Sequence

from tracker.model.names import defanged
from tracker.model.notices import Notice, NoticeKind

MOST_LINES = 20
"""Notices of one kind in one message; more are counted."""
LONGEST = 400
CALMED = str.maketrans("@<>`", "＠‹›'")
"""No mention of people or channels, no markup; the words stay readable."""
HEADINGS = {
    NoticeKind.REPLACEMENT: ("replacement", "Replacements"),
    NoticeKind.DEATH: ("death", "Deaths"),
    NoticeKind.RETURN: ("return", "Returns"),
    NoticeKind.BLIND: ("sight change", "What the watch can see"),
}
FOOT = "What was observed of names, not who is behind them. `tracker explain NAME` says why."
REPEATED = (
    "The program ended while this was sent the first time; it may be here already, as message {number}. "
    "It is sent again, because nothing is worse than not being told."
)


def title(notices: Sequence[Notice]) -> str:
    """How many of what, in one line."""
    counted = [(sum(row.kind is kind for row in notices), one) for kind, (one, _) in HEADINGS.items()]
    return "Domain churn: " + ", ".join(f"{n} {one}{'s' if n > 1 else ''}" for n, one in counted if n)


def body(notices: Sequence[Notice], number: int, *, dropped: int = 0, repeated: bool = False) -> str:
    """The text: by kind, each with its reason, most of a kind counted where there are too many."""
    lines = [REPEATED.format(number=number), ""] if repeated else []
    for kind, (_, heading) in HEADINGS.items():
        rows = [row for row in notices if row.kind is kind]
        if not rows:
            continue
        lines.append(f"{heading}:")
        lines += [
            f"- {'. '.join(harmless(part) for part in (row.what, row.reason) if part)}" for row in rows[:MOST_LINES]
        ]
        if len(rows) > MOST_LINES:
            lines.append(f"- and {len(rows) - MOST_LINES} more, see `tracker status`")
        lines.append("")
    if dropped:
        lines += [f"{dropped} older notices could not be delivered and were given up.", ""]
    return "\n".join([*lines, FOOT, f"Message {number}."])


def harmless(text: str) -> str:
    """Text that may quote what operators chose: one line, no link, no mention, no markup, not long."""
    calm = "".join(sign if sign.isprintable() else " " for sign in defanged(text))
    calm = re.sub(r"(h)tt(ps?://)", r"\1xx\2", calm, flags=re.IGNORECASE)
    calm = calm.translate(CALMED)
    calm = " ".join(calm.split())
    return calm if len(calm) <= LONGEST else calm[:LONGEST] + "…"
