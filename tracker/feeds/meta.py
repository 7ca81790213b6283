"""Meta's threat-research repository: one file of indicators per network, CSV, TSV or Markdown."""

from tracker.decoders import meta
from tracker.feeds.published import Format, Volume

FORMAT = Format(
    id="meta",
    title="Meta threat research",
    read=meta.read,
    # The longest file so far has 6,500 rows. Some have no domain at all, none has no row.
    volume=Volume(least_rows=1, most_names=50_000),
)
