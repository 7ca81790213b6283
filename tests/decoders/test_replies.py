"""Replies that registries really gave, as others recorded them: each must be read as what it was."""

from pathlib import Path

import pytest

from tracker.decoders.whois import read
from tracker.model.times import iso

WHOIS = Path(__file__).parent / "replies" / "whois"
KINDS = {"registered": "found", "free": "not_found", "throttled": "throttled", "error": "error"}
FACTS = {
    "ac.uk": ("2003-11-07", "2014-10-20", "2013-03-20", "", 2),
    "bg": ("", "", "", "", 2),
    "com.tw": ("1997-05-01", "2017-05-31", "", "TWNIC", 1),
    "hu": ("2000-03-03", "", "", "", 0),
    "il": ("1999-06-05", "2026-06-05", "2018-12-16", "Domain The Net Technologies Ltd", 4),
    "nc": ("2006-05-14", "2027-05-14", "2021-04-14", "", 3),
    "ro": ("2000-07-17", "2019-09-17", "", "MarkMonitor Inc.", 2),
}
"""Suffix → registered, expires, updated, registrar, number of name servers; empty = the reply does not state it."""


@pytest.mark.parametrize("path", sorted(WHOIS.glob("*.txt")), ids=lambda path: path.stem)
def test_whois(path: Path) -> None:
    """The kind of every recorded reply, and of registered names what it states: no date of anybody else's."""
    suffix, _, kind = path.stem.rpartition(".")
    reply = read(path.read_text(encoding="utf-8"), suffix, f"whois.nic.{suffix}")
    assert reply.outcome.value == KINDS[kind]
    if reply.facts is None:
        return
    facts = reply.facts
    moments = (facts.registered_at, facts.expires_at, facts.updated_at)
    dates = tuple(iso(moment)[:10] if moment else "" for moment in moments)
    assert (*dates, facts.registrar, len(facts.name_servers)) == FACTS[suffix]
