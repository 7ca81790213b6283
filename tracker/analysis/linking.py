"""Linking: from a history to candidates, evidence and assessments; all names at once, or some against known base
rates."""

from collections.abc import Collection
from dataclasses import dataclass

from tracker.analysis.assess import assess
from tracker.analysis.baserates import BaseRates, base_rates
from tracker.analysis.candidates import candidates
from tracker.analysis.dossier import context, dossier
from tracker.analysis.index import HistoryIndex, index
from tracker.analysis.policy import POLICY, Policy
from tracker.analysis.rules import fire
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.views import Assessment, Candidate, Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """What linking says, each tuple sorted by key as `Views` wants it."""

    candidates: tuple[Candidate, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    assessments: tuple[Assessment, ...] = ()


def link(history: History, suffixes: Suffixes, policy: Policy = POLICY, known: HistoryIndex | None = None) -> Linked:
    """Judge every candidate of a history."""
    found = known or index(history)
    return link_names(history, None, base_rates(history, suffixes, found, policy.servers), suffixes, policy, found)


def link_names(
    history: History,
    names: Collection[DomainName] | None,
    rates: BaseRates,
    suffixes: Suffixes,
    policy: Policy = POLICY,
    known: HistoryIndex | None = None,
) -> Linked:
    """Judge the candidates among `names` (None: all). As long as `rates.digest` stays, untouched names keep their
    results."""
    shared = context(known or index(history), rates, suffixes, policy.servers)
    rows = candidates(history, names)
    evidence: list[Evidence] = []
    assessments: list[Assessment] = []
    for row in rows:
        papers = dossier(row, shared)
        fired, assessment = assess(row, fire(papers, rates), papers.review, policy, papers.unheard)
        evidence.extend(fired)
        assessments.append(assessment)
    return Linked(candidates=rows, evidence=tuple(evidence), assessments=tuple(assessments))


def merge(previous: Linked, fresh: Linked, names: Collection[DomainName]) -> Linked:
    """`previous` with everything about `names` replaced by `fresh`."""
    return Linked(
        candidates=tuple(
            sorted(
                (*(row for row in previous.candidates if row.name not in names), *fresh.candidates),
                key=lambda row: row.key,
            )
        ),
        evidence=tuple(
            sorted(
                (*(row for row in previous.evidence if row.name not in names), *fresh.evidence),
                key=lambda row: (row.watch_key, row.name, row.rule_id),
            )
        ),
        assessments=tuple(
            sorted(
                (*(row for row in previous.assessments if row.name not in names), *fresh.assessments),
                key=lambda row: (row.watch_key, row.name),
            )
        ),
    )
