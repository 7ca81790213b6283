"""What could not be heard: families whose source was asked about a name, failed, and never told anything since."""

from collections.abc import Mapping, Sequence

from tracker.analysis.traits import Life
from tracker.analysis.weights import BATCH_CAP, ELSEWHERE_FLOOR, FRESH_REGISTRATION, HOSTING_CAP, REGISTRAR_CAP
from tracker.model.facts import Presence, Reason, Span
from tracker.model.views import Family

PROBES: Mapping[str, Family] = {"registration": Family.REGISTRATION, "delegation": Family.HOSTING}
SILENT_FOR_GOOD = frozenset({Reason.NO_SERVER, Reason.NOT_ASKED, Reason.FORBIDDEN})
"""Nobody could have told: that is a limit of the method, the same on every day, and no outage."""
MOST: Mapping[Family, float] = {
    Family.REGISTRATION: REGISTRAR_CAP + BATCH_CAP + FRESH_REGISTRATION,
    Family.HOSTING: HOSTING_CAP,
}
LEAST: Mapping[Family, float] = {Family.REGISTRATION: ELSEWHERE_FLOOR, Family.HOSTING: ELSEWHERE_FLOOR}
"""Bits that a family can bring at most and at least."""


def unheard(spans: Sequence[Span], life: Life) -> frozenset[Family]:
    """The families that may yet speak of this life of a name: their probe failed, and has told nothing definite."""
    own = [span for span in spans if span.probe in PROBES and life.holds(span.first, span.last)]
    told = {span.probe for span in own if span.presence is not Presence.INDETERMINATE}
    failed = {
        span.probe for span in own if span.presence is Presence.INDETERMINATE and span.reason not in SILENT_FOR_GOOD
    }
    return frozenset(PROBES[probe] for probe in failed - told)
