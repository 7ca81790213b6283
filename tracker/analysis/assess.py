"""From fired rules to a verdict: the sum, the families that carry it, and what overrides it."""

from collections.abc import Mapping, Sequence

from tracker.analysis.policy import Policy
from tracker.analysis.rule import Finding, Rule
from tracker.analysis.unheard import LEAST, MOST
from tracker.model.facts import Review
from tracker.model.views import REPLACEMENT_VERDICTS, Assessment, Candidate, Evidence, Family, Verdict

Fired = Sequence[tuple[Rule, Finding]]


def assess(
    candidate: Candidate,
    fired: Fired,
    review: Review | None,
    policy: Policy,
    silent: frozenset[Family] = frozenset(),
) -> tuple[tuple[Evidence, ...], Assessment]:
    """Evidence by rule id, and the assessment whose bits are the prior plus the bits of that evidence.

    `silent` are the families that may yet speak because their source failed.
    """
    heard = [(rule, finding) for rule, finding in fired if rule.family in policy.families]
    evidence = _weighed(candidate, heard, policy)
    bits = round(policy.prior_bits + sum(row.bits for row in evidence), 2)
    net = netted(evidence)
    families = speaking(net, policy)
    verdict = _verdict(bits, families, heard, policy)
    overridden = review is not None and Family.ANALYST in policy.families
    return evidence, Assessment(
        watch_key=candidate.watch_key,
        name=candidate.name,
        verdict=Verdict(review.verdict) if review is not None and overridden else verdict,
        by_rules=verdict,
        bits=bits,
        prior_bits=policy.prior_bits,
        families=families,
        reviewed=overridden,
        reviewer=review.reviewer if review is not None and overridden else "",
        reason=review.reason if review is not None and overridden else "",
        unheard=() if overridden else _left_open(verdict, bits, net, heard, policy, silent),
    )


def netted(evidence: Sequence[Evidence]) -> Mapping[Family, float]:
    """Bits by family: what one origin of data says for and against is one voice."""
    net = dict.fromkeys(Family, 0.0)
    for row in evidence:
        net[row.family] += row.bits
    return net


def speaking(net: Mapping[Family, float], policy: Policy) -> tuple[Family, ...]:
    """The families that count: those strong enough alone, and the others in favour when they are so together."""
    weak = {family: bits for family, bits in net.items() if bits < policy.family_bits}
    joined = sum(weak.values()) >= policy.joint_bits
    return tuple(family for family in Family if family not in weak or (joined and weak[family] > 0))


def _left_open(
    verdict: Verdict,
    bits: float,
    net: Mapping[Family, float],
    heard: Fired,
    policy: Policy,
    silent: frozenset[Family],
) -> tuple[Family, ...]:
    """The silent families, if what they could say would make a replacement of the name, or undo one; else none."""
    families = speaking(net, policy)
    wanted = tuple(family for family in Family if family in silent & policy.families and family not in families)
    if any(rule.excludes for rule, _ in heard):
        return ()
    could = LEAST if verdict in REPLACEMENT_VERDICTS else MOST
    said = speaking({**net, **{family: net[family] + could[family] for family in wanted}}, policy)
    then = bits + sum(could[family] for family in wanted)
    likely = then >= policy.likely_bits and len(said) >= policy.families_required
    return wanted if likely is not (verdict in REPLACEMENT_VERDICTS) else ()


def _weighed(candidate: Candidate, heard: Fired, policy: Policy) -> tuple[Evidence, ...]:
    """Scale, round, and within a group let only the strongest count; the others stay, at 0 bits, because they were
    seen."""
    scaled = [(rule, finding, round(finding.bits * policy.scales.get(rule.rule_id, 1.0), 2)) for rule, finding in heard]
    strongest: dict[str, tuple[float, str]] = {}
    for rule, _, bits in scaled:
        if rule.group:
            best = strongest.get(rule.group)
            if best is None or abs(bits) > best[0]:
                strongest[rule.group] = (abs(bits), rule.rule_id)
    rows = [
        Evidence(
            watch_key=candidate.watch_key,
            name=candidate.name,
            rule_id=rule.rule_id,
            family=rule.family,
            bits=bits if not rule.group or strongest[rule.group][1] == rule.rule_id else 0.0,
            sentence=finding.sentence,
            witnesses=finding.witnesses,
        )
        for rule, finding, bits in scaled
    ]
    return tuple(sorted(rows, key=lambda row: row.rule_id))


def _verdict(bits: float, families: Sequence[Family], heard: Fired, policy: Policy) -> Verdict:
    if any(rule.excludes for rule, _ in heard):
        return Verdict.RULED_OUT
    if bits >= policy.likely_bits and len(families) >= policy.families_required:
        return Verdict.CONFIRMED if any(rule.proves for rule, _ in heard) else Verdict.LIKELY
    if bits >= policy.possible_bits:
        return Verdict.POSSIBLE
    return Verdict.RULED_OUT if bits <= policy.ruled_out_bits else Verdict.INSUFFICIENT
