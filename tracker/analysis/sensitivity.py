"""How much a verdict hangs on one weight: each is halved and doubled, and the verdicts that turn are named."""

from dataclasses import dataclass, replace
from math import log2

from tracker.analysis.assess import assess
from tracker.analysis.baserates import base_rates
from tracker.analysis.candidates import candidates
from tracker.analysis.dossier import context, dossier
from tracker.analysis.index import HistoryIndex, index
from tracker.analysis.policy import POLICY, Policy
from tracker.analysis.rules import fire
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.views import REPLACEMENT_VERDICTS, Verdict

FACTORS = (0.5, 2.0)
PRIOR = "prior"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """With the weight of `rule_id` (or the odds of the prior) times `factor`, a verdict would be another one."""

    watch_key: str
    name: DomainName
    rule_id: str
    factor: float
    before: Verdict
    after: Verdict

    @property
    def changes_replacement(self) -> bool:
        """Whether the name would become, or cease to be, called a replacement."""
        return (self.before in REPLACEMENT_VERDICTS) != (self.after in REPLACEMENT_VERDICTS)


def sensitivity(
    history: History, suffixes: Suffixes, policy: Policy = POLICY, known: HistoryIndex | None = None
) -> tuple[Turn, ...]:
    """Every verdict that turns when one weight is halved or doubled, by candidate, rule and factor. Reviewed ones
    never turn."""
    found = known or index(history)
    rates = base_rates(history, suffixes, found, policy.servers)
    shared = context(found, rates, suffixes, policy.servers)
    turns: list[Turn] = []
    for row in candidates(history):
        papers = dossier(row, shared)
        fired = fire(papers, rates)
        before = assess(row, fired, papers.review, policy)[1].verdict
        for rule_id in (*sorted(rule.rule_id for rule, _ in fired), PRIOR):
            for factor in FACTORS:
                after = assess(row, fired, papers.review, _varied(policy, rule_id, factor))[1].verdict
                if after is not before:
                    turns.append(
                        Turn(
                            watch_key=row.watch_key,
                            name=row.name,
                            rule_id=rule_id,
                            factor=factor,
                            before=before,
                            after=after,
                        )
                    )
    return tuple(turns)


def _varied(policy: Policy, rule_id: str, factor: float) -> Policy:
    if rule_id == PRIOR:
        return replace(policy, prior_bits=policy.prior_bits + log2(factor))
    return replace(policy, scales={**policy.scales, rule_id: policy.scales.get(rule_id, 1.0) * factor})
