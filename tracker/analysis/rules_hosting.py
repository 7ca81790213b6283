"""Rules on hosting: name servers and addresses shared with the predecessor or with sisters. One group: they weigh
one thing."""

from collections.abc import Iterable, Mapping
from math import log2

from tracker.analysis import surprise
from tracker.analysis.baserates import BaseRates
from tracker.analysis.dossier import Dossier
from tracker.analysis.rule import Finding, Rule, listed
from tracker.analysis.wave import Sharing, Wave, others
from tracker.analysis.weights import (
    ELSEWHERE_FLOOR,
    ELSEWHERE_MIN_LABELS,
    HOST_KEPT,
    HOST_SHARE,
    HOSTING_CAP,
    KEPT_PSEUDO_LABELS,
)
from tracker.model.names import defang
from tracker.model.views import Family

HOST = "host"
OTHERS = "other labels"


def _with_sisters(
    dossier: Dossier,
    values: Iterable[str],
    sharing: Sharing,
    known: frozenset[str],
    shares: Mapping[str, float],
    what: str,
    whose: str = OTHERS,
) -> Finding | None:
    """The most telling of the values that other labels' new names have, too."""
    of = len(known - {dossier.seat})
    found: list[Finding] = []
    for value in values:
        labels = others(sharing.get(value, {}), dossier.seat)
        share = shares.get(value, HOST_SHARE)
        bits = min(HOSTING_CAP, surprise.shared_bits(sum(labels.values()), of, share))
        if labels and bits > 0:
            shared = f"{what} {defang(value)} like the new names of {len(labels)} of {of} {whose}"
            sentence = f"{shared}; {share:.1%} of strangers use it"
            found.append(Finding(bits, sentence, listed([f"label:{label}" for label in sorted(labels)])))
    return max(found, key=lambda finding: finding.bits, default=None)


def _staying(stayed: Mapping[str, float], seat: str) -> float:
    """The share of this action's labels that stayed where they were, the stated guess counting as a few labels."""
    sisters = others(stayed, seat)
    guess = HOST_KEPT * KEPT_PSEUDO_LABELS
    return (guess + sum(sisters.values())) / (KEPT_PSEUDO_LABELS + len(sisters))


def _kept(value: str, share: float, what: str, dossier: Dossier, stayed: Mapping[str, float]) -> Finding | None:
    staying = _staying(stayed, dossier.seat)
    bits = min(HOSTING_CAP, log2((staying + (1 - staying) * share) / share))
    if dossier.reference is None or bits <= 0:
        return None
    sentence = f"{what} {defang(value)} like its predecessor before the takedown; {share:.1%} of strangers use it"
    return Finding(bits, sentence, (f"name:{dossier.reference.name}",))


def _servers_like(came: Wave | None, whose: str, dossier: Dossier, rates: BaseRates) -> Finding | None:
    if came is None:
        return None
    return _with_sisters(
        dossier,
        dossier.traits.operators,
        came.operators,
        came.with_operator,
        rates.operators,
        "name servers of",
        whose,
    )


def _sister_servers(dossier: Dossier, rates: BaseRates) -> Finding | None:
    return _servers_like(dossier.wave, OTHERS, dossier, rates)


def _earlier_servers(dossier: Dossier, rates: BaseRates) -> Finding | None:
    return _servers_like(dossier.earlier, "labels that were taken down before", dossier, rates)


def _sister_addresses(dossier: Dossier, rates: BaseRates) -> Finding | None:
    if dossier.wave is None:
        return None
    return _with_sisters(
        dossier,
        dossier.traits.addresses,
        dossier.wave.addresses,
        dossier.wave.with_address,
        rates.addresses,
        "the address",
    )


def _kept_best(
    dossier: Dossier,
    own: Iterable[str],
    kept: Iterable[str],
    shares: Mapping[str, float],
    what: str,
    stayed: Mapping[str, float],
) -> Finding | None:
    both = sorted(set(own) & set(kept))
    judged = [_kept(value, shares.get(value, HOST_SHARE), what, dossier, stayed) for value in both]
    found = [finding for finding in judged if finding]
    return max(found, key=lambda finding: finding.bits, default=None)


def _kept_servers(dossier: Dossier, rates: BaseRates) -> Finding | None:
    if dossier.reference is None:
        return None
    return _kept_best(
        dossier,
        dossier.traits.operators,
        dossier.reference.traits.operators,
        rates.operators,
        "name servers of",
        {} if dossier.wave is None else dossier.wave.stayed_operators,
    )


def _kept_address(dossier: Dossier, rates: BaseRates) -> Finding | None:
    if dossier.reference is None:
        return None
    return _kept_best(
        dossier,
        dossier.traits.addresses,
        dossier.reference.traits.addresses,
        rates.addresses,
        "the address",
        {} if dossier.wave is None else dossier.wave.stayed_addresses,
    )


def _elsewhere(dossier: Dossier, _: BaseRates) -> Finding | None:
    """Hosted by somebody whom neither the predecessor nor any sister used, although theirs are known."""
    if dossier.wave is None:
        return None
    seat = dossier.seat
    known = dossier.wave.with_operator - {seat}
    used = {value for value, labels in dossier.wave.operators.items() if others(labels, seat)}
    if dossier.earlier is not None:
        used |= {value for value, labels in dossier.earlier.operators.items() if others(labels, seat)}
    if dossier.reference is not None:
        used.update(dossier.reference.traits.operators)
    if len(known) < ELSEWHERE_MIN_LABELS or used & set(dossier.traits.operators):
        return None
    bits = max(ELSEWHERE_FLOOR, surprise.shared_bits(0, len(known), HOST_SHARE))
    operators = ", ".join(map(defang, dossier.traits.operators))
    sentence = f"name servers of {operators}, which none of the {len(known)} other labels' new names used"
    return Finding(bits, sentence, listed([f"label:{label}" for label in sorted(known)]))


def _hosted(dossier: Dossier) -> bool:
    return not dossier.is_older and bool(dossier.traits.operators)


def _addressed(dossier: Dossier) -> bool:
    return not dossier.is_older and bool(dossier.traits.addresses)


_BASIS = (
    "share of other labels' new names with it against its share among strangers in the log; "
    "what everybody shares weighs nothing"
)
_KEPT_BASIS = (
    "share of other labels that kept their host, from a stated half worth two labels, "
    "against its share among strangers in the log"
)

RULES_HOSTING = (
    Rule(
        rule_id="hosting.sister_name_servers",
        family=Family.HOSTING,
        applies=_hosted,
        weigh=_sister_servers,
        basis=_BASIS,
        group=HOST,
    ),
    Rule(
        rule_id="hosting.predecessor_name_servers",
        family=Family.HOSTING,
        applies=_hosted,
        weigh=_kept_servers,
        basis=_KEPT_BASIS,
        group=HOST,
    ),
    Rule(
        rule_id="hosting.earlier_name_servers",
        family=Family.HOSTING,
        applies=_hosted,
        weigh=_earlier_servers,
        basis=_BASIS,
        group=HOST,
    ),
    Rule(
        rule_id="hosting.sister_address",
        family=Family.HOSTING,
        applies=_addressed,
        weigh=_sister_addresses,
        basis=_BASIS,
        group=HOST,
    ),
    Rule(
        rule_id="hosting.predecessor_address",
        family=Family.HOSTING,
        applies=_addressed,
        weigh=_kept_address,
        basis=_KEPT_BASIS,
        group=HOST,
    ),
    Rule(
        rule_id="hosting.elsewhere",
        family=Family.HOSTING,
        applies=_hosted,
        weigh=_elsewhere,
        basis="as hosting.sister_name_servers, with no sister there; floored",
    ),
)
