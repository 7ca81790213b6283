"""Passive DNS in the common output format: what CIRCL, DNSDB and others answer, one JSON object a line."""

from tracker.decoders import cof
from tracker.feeds.published import Format, Volume

FORMAT = Format(
    id="cof",
    title="Passive DNS",
    read=cof.read,
    volume=Volume(least_rows=1, most_names=100_000),
    cap=32 * 1024 * 1024,
)
