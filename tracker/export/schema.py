"""Every table of the data package in reading order: where writer, descriptor and codebook look it up."""

from tracker.export.columns import Table
from tracker.export.queue import QUEUE
from tracker.export.schema_counts import LIFETIMES_SUMMARY, MEASUREMENT, REPLACEMENT_CURVE, SURVIVAL_CURVES
from tracker.export.schema_facts import (
    ACTIONS,
    ARTEFACTS,
    CLAIMS,
    COMPLAINTS,
    GAPS,
    OBSERVATIONS,
    SOURCES,
    SWEEPS,
    TAKEDOWNS,
)
from tracker.export.schema_versions import (
    ENDING_CURVES,
    FIRST_REPLACEMENTS,
    PLACEBO_DATES,
    REPLACEMENT_COUNTS,
    REPORTING_TRIANGLE,
    SUFFIX_BLINDNESS,
)
from tracker.export.schema_views import DOMAINS, EPISODES, EVIDENCE, REPLACEMENTS, TOMBSTONES

SCHEMA_VERSION = "1.6.0"
"""SemVer of the columns: an added column is a minor change, a renamed or removed one a major change."""

PACKAGE: tuple[Table, ...] = (
    DOMAINS,
    ACTIONS,
    TAKEDOWNS,
    CLAIMS,
    SOURCES,
    COMPLAINTS,
    OBSERVATIONS,
    SWEEPS,
    GAPS,
    ARTEFACTS,
    EVIDENCE,
    EPISODES,
    REPLACEMENTS,
    LIFETIMES_SUMMARY,
    SURVIVAL_CURVES,
    ENDING_CURVES,
    REPLACEMENT_CURVE,
    REPLACEMENT_COUNTS,
    FIRST_REPLACEMENTS,
    PLACEBO_DATES,
    SUFFIX_BLINDNESS,
    REPORTING_TRIANGLE,
    TOMBSTONES,
)

DOCUMENTED: tuple[Table, ...] = (*PACKAGE, MEASUREMENT, QUEUE)
"""Tables of the package, the measurement that `replay` writes beside it, and the queue that `review` writes."""
