"""The review queue as a table: what an analyst reads, and the columns that an analyst fills in."""

from collections.abc import Iterable, Iterator

from tracker.analysis.queue import FAMILIES, Asked
from tracker.export.columns import Table, count, number, text, words
from tracker.export.tables import Row, csv_text
from tracker.model.views import Verdict

QUEUE = Table(
    name="review-queue",
    title="Candidates to be judged",
    description=(
        "One row per candidate and what it might replace, best founded first, as `tracker review --queue` writes it. "
        "`--import` reads `name`, `predecessor`, `decision`, `reason`, `note`, `scope` and `until`, in any order."
    ),
    columns=(
        count("rank", "Place in the queue, from 1: by what the rules say, then by bits."),
        text("name", "The candidate. A real name: do not open it.", required=True),
        text("predecessor", "What it might replace; of a protected brand its name.", required=True),
        text("by_rules", "What the rules alone say; never what somebody judged before.", required=True, of=Verdict),
        number("bits", "Sum of evidence and prior, log2 of the odds.", required=True),
        text("for", "The strongest reasons for it, in one sentence; empty = none."),
        text("against", "The strongest reasons against it, in one sentence; empty = none."),
        *(number(f"bits_{family}", f"Bits from data of origin {family}; empty = none spoke.") for family in FAMILIES),
        words("dates", "When things happened, each with the source that says so in parentheses."),
        text("registrar", "The registrar, as last read; empty = not learned."),
        words("name_servers", "Name servers, as last seen at the parent zone."),
        text("title", "Title of its page, as last seen; empty = no page was looked at."),
        text("decision", "To be filled in: a verdict, or MUTE; empty = not decided."),
        text("reason", "To be filled in: why, in one sentence; every decision needs one."),
        text("note", "To be filled in: anything else."),
        text("scope", "Of a mute: name (default), predecessor, label, suffix, registrar or name_server."),
        text("until", "Of a mute: when it ends, a day such as 2024-12-31 or a length such as 30d."),
    ),
    primary_key=("rank",),
)


def queue_csv(rows: Iterable[Asked]) -> str:
    """The queue as CSV, the columns of the analyst empty."""
    return csv_text(QUEUE, _rows(rows))


def _rows(rows: Iterable[Asked]) -> Iterator[Row]:
    for row in rows:
        yield {
            "rank": row.rank,
            "name": row.name,
            "predecessor": row.predecessor,
            "by_rules": row.by_rules.value,
            "bits": row.bits,
            "for": row.speaks_for,
            "against": row.speaks_against,
            **{f"bits_{family}": row.bits_by_family.get(family) for family in FAMILIES},
            "dates": row.dates,
            "registrar": row.portrait.registrar,
            "name_servers": row.portrait.name_servers,
            "title": row.portrait.title,
            **dict.fromkeys(("decision", "reason", "note", "scope", "until"), ""),
        }
