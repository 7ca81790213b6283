"""STIX 2.1 bundles, of any publisher."""

from tracker.decoders import stix
from tracker.feeds.published import Format, Volume

FORMAT = Format(
    id="stix",
    title="STIX bundle",
    read=stix.read,
    volume=Volume(least_rows=1, most_names=100_000),
    cap=32 * 1024 * 1024,
)
