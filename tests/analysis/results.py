"""Views made by hand from a story: the timing is derived, the verdicts are given."""

from collections.abc import Mapping

from tracker.analysis.displacement import replacements
from tracker.analysis.index import index
from tracker.analysis.nameservers import bundled
from tracker.analysis.timing import derive_timing
from tracker.model.facts import Technique
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.views import Assessment, Candidate, Verdict, Views


def judged(history: History, verdicts: Mapping[tuple[str, str], Verdict], reviewed: bool = False) -> Views:
    """Views of a history in which the (watch key, name) pairs were given these verdicts."""
    candidates = tuple(
        Candidate(
            watch_key=key,
            name=DomainName(name),
            first_sighted_at=history.as_of,
            techniques=(Technique.SAME_LABEL,),
            sources=("suffixes",),
        )
        for key, name in sorted(verdicts)
    )
    assessments = tuple(
        Assessment(
            watch_key=row.watch_key,
            name=row.name,
            verdict=verdicts[(row.watch_key, row.name)],
            by_rules=verdicts[(row.watch_key, row.name)],
            bits=12.0,
            prior_bits=-10.0,
            families=(),
            reviewed=reviewed,
        )
        for row in candidates
    )
    timing = derive_timing(index(history), {row.name for row in candidates} | set(history.spans), candidates, bundled())
    return Views(
        as_of=history.as_of,
        rules_version="test",
        candidates=candidates,
        assessments=assessments,
        states=timing.states,
        episodes=timing.episodes,
        lifetimes=timing.lifetimes,
        appearances=timing.appearances,
        replacements=replacements(history, candidates, assessments, timing.appearances),
    )
