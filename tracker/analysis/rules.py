"""All rules, in one tuple. Renaming an id is a breaking change; `docs/rules.md` has a row for each."""

from tracker.analysis.baserates import BaseRates
from tracker.analysis.dossier import Dossier
from tracker.analysis.rule import Finding, Rule
from tracker.analysis.rules_certificate import RULES_CERTIFICATE
from tracker.analysis.rules_hosting import RULES_HOSTING
from tracker.analysis.rules_label import RULES_LABEL
from tracker.analysis.rules_page import RULES_PAGE
from tracker.analysis.rules_registration import RULES_REGISTRATION
from tracker.model.times import iso
from tracker.model.views import Family


def _reviewed(dossier: Dossier, _: BaseRates) -> Finding | None:
    review = dossier.review
    if review is None:
        return None
    sentence = f"{review.reviewer} judged it {review.verdict}: {review.reason}"
    return Finding(0.0, sentence, (f"review:{review.reviewer}@{iso(review.at)}",))


ANALYST_REVIEW = "analyst.review"

RULES: tuple[Rule, ...] = (
    *RULES_LABEL,
    *RULES_REGISTRATION,
    *RULES_HOSTING,
    *RULES_CERTIFICATE,
    *RULES_PAGE,
    Rule(
        rule_id=ANALYST_REVIEW,
        family=Family.ANALYST,
        applies=lambda dossier: dossier.review is not None,
        weigh=_reviewed,
        basis="an analyst's newest review overrides the sum; it carries no bits",
    ),
)

BY_ID = {rule.rule_id: rule for rule in RULES}


def fire(dossier: Dossier, rates: BaseRates) -> tuple[tuple[Rule, Finding], ...]:
    """The rules that say something of a candidate, in their order, each with its unscaled finding."""
    fired: list[tuple[Rule, Finding]] = []
    for rule in RULES:
        if rule.applies(dossier):
            finding = rule.weigh(dossier, rates)
            if finding is not None:
                fired.append((rule, finding))
    return tuple(fired)
