"""OFAC's SDN list: https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/SDN.CSV, or its XML."""

from tracker.decoders import ofac
from tracker.feeds.published import Format, Volume

FORMAT = Format(
    id="ofac",
    title="OFAC SDN list",
    read=ofac.read,
    # Some 18,000 entries, of which a few thousand have a website; the list has not been below 10,000 for years.
    volume=Volume(least_rows=5_000, most_names=50_000),
    cap=192 * 1024 * 1024,
)
