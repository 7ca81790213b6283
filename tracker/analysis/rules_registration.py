"""Rules on registration data: registrar, the hour of registration, and the registry's own date."""

from datetime import timedelta

from tracker.analysis import surprise
from tracker.analysis.baserates import BaseRates
from tracker.analysis.births import Basis
from tracker.analysis.dossier import Dossier
from tracker.analysis.kinship import Kinship
from tracker.analysis.rule import Finding, Rule, listed
from tracker.analysis.rules_label import AGE
from tracker.analysis.wave import others
from tracker.analysis.weights import (
    BATCH_CAP,
    BATCH_CAP_UNDATED,
    BATCH_DAY,
    BATCH_FLOOR,
    BATCH_MONTH,
    BATCH_WIDTHS,
    ELSEWHERE_FLOOR,
    ELSEWHERE_MIN_LABELS,
    EXCLUDED,
    FRESH_REGISTRATION,
    PROTECTOR,
    PROTECTORS,
    REGISTRAR_CAP,
    REGISTRAR_SHARE,
)
from tracker.model.times import Precision, iso
from tracker.model.views import Family


def _sisters_with(dossier: Dossier) -> tuple[dict[str, float], frozenset[str]]:
    """Other labels of the wave with the same registrar, each with its share, and those with any known one."""
    if dossier.wave is None:
        return {}, frozenset()
    return (
        others(dossier.wave.registrars.get(dossier.traits.registrar, {}), dossier.seat),
        dossier.wave.with_registrar - {dossier.seat},
    )


def _same_registrar(dossier: Dossier, rates: BaseRates) -> Finding | None:
    sharing, known = _sisters_with(dossier)
    share = rates.registrars.get(dossier.traits.registrar, REGISTRAR_SHARE)
    bits = min(REGISTRAR_CAP, surprise.shared_bits(sum(sharing.values()), len(known), share))
    if not sharing or bits <= 0:
        return None
    sentence = (
        f"registered through {dossier.traits.registrar!r} like the new names of {len(sharing)} of {len(known)} "
        f"other labels; {share:.0%} of strangers use it"
    )
    return Finding(bits, sentence, listed([f"label:{label}" for label in sorted(sharing)]))


def _other_registrar(dossier: Dossier, _: BaseRates) -> Finding | None:
    sharing, known = _sisters_with(dossier)
    if sharing or len(known) < ELSEWHERE_MIN_LABELS:
        return None
    bits = max(ELSEWHERE_FLOOR, surprise.shared_bits(0, len(known), REGISTRAR_SHARE))
    sentence = (
        f"registered through {dossier.traits.registrar!r}, which none of the {len(known)} other labels' new names used"
    )
    return Finding(bits, sentence, listed([f"label:{label}" for label in sorted(known)]))


def _batch(dossier: Dossier, _: BaseRates) -> Finding | None:
    """How densely sisters at the same registrar were registered around this instant, against an even spread over the
    day; over the month for a name without label, whose day was not weighed yet, and within the quarter hour alone."""
    span, cap, widths, words = BATCH_DAY, BATCH_CAP, BATCH_WIDTHS, ("hour", "the day")
    if dossier.kin is Kinship.UNRELATED:
        span, cap, widths, words = BATCH_MONTH, BATCH_CAP_UNDATED, BATCH_WIDTHS[:1], ("quarter hour", "a month")
    when = dossier.traits.registered
    if when is None or dossier.wave is None:
        return None
    nearest: dict[str, timedelta] = {}
    for instant, label in dossier.wave.instants.get(dossier.traits.registrar, ()):
        away = abs(instant - when.at)
        if label != dossier.seat and away <= span:
            nearest[label] = min(away, nearest.get(label, away))
    counts = [sum(away <= width for away in nearest.values()) for width in widths]
    parts = [2 * width / span for width in widths]
    bits = min(cap, surprise.batch_bits(counts, parts, len(nearest)))
    if counts[-1] == 0 or bits < BATCH_FLOOR:
        return None
    near = sorted(label for label, away in nearest.items() if away <= widths[-1])
    sentence = (
        f"registered within the {words[0]} of {len(near)} other labels' new names at the same registrar, "
        f"of {len(nearest)} within {words[1]}"
    )
    return Finding(bits, sentence, listed([f"label:{label}" for label in near]))


def _fresh(dossier: Dossier, _: BaseRates) -> Finding | None:
    if dossier.birth is None or dossier.birth.bounds.lo is None:
        return None
    sentence = (
        f"the registry itself dates the registration {iso(dossier.birth.bounds.lo)}, after {dossier.birth.strike.event}"
    )
    return Finding(FRESH_REGISTRATION, sentence, dossier.birth.witnesses)


def _registered_before(dossier: Dossier, _: BaseRates) -> Finding | None:
    if dossier.birth is None or dossier.birth.bounds.lo is None:
        return None
    sentence = f"registered on {iso(dossier.birth.bounds.lo)[:10]}, long before {dossier.birth.strike.event}"
    return Finding(EXCLUDED, sentence, dossier.birth.witnesses)


def _protected(dossier: Dossier, _: BaseRates) -> Finding:
    sentence = f"registered through {dossier.traits.registrar!r}, which registers names for the owners of brands"
    return Finding(PROTECTOR, sentence, (f"registrar:{dossier.traits.registrar}",))


def _dated_by_registry(dossier: Dossier) -> bool:
    return dossier.birth is not None and dossier.birth.basis is Basis.REGISTRY


RULES_REGISTRATION = (
    Rule(
        rule_id="registration.sister_registrar",
        family=Family.REGISTRATION,
        applies=lambda dossier: dossier.is_new and bool(dossier.traits.registrar),
        weigh=_same_registrar,
        basis="share of other labels' new names at this registrar against its share among strangers in the log, capped",
    ),
    Rule(
        rule_id="registration.other_registrar",
        family=Family.REGISTRATION,
        applies=lambda dossier: dossier.is_new and bool(dossier.traits.registrar),
        weigh=_other_registrar,
        basis="as registration.sister_registrar, with no sister at this registrar; floored",
    ),
    Rule(
        rule_id="registration.batch",
        family=Family.REGISTRATION,
        applies=lambda dossier: (
            dossier.is_new
            and bool(dossier.traits.registrar)
            and dossier.traits.registered is not None
            and dossier.traits.registered.precision is Precision.SECOND
        ),
        weigh=_batch,
        basis="sisters at the same registrar within a quarter hour and an hour, against an even spread over the day",
    ),
    Rule(
        rule_id="registration.after_takedown",
        family=Family.REGISTRATION,
        applies=lambda dossier: (
            dossier.is_new and _dated_by_registry(dossier) and dossier.birth is not None and dossier.birth.after
        ),
        weigh=_fresh,
        basis="stated: small, because the label was weighed with its date",
    ),
    Rule(
        rule_id="registration.brand_owner",
        family=Family.REGISTRATION,
        applies=lambda dossier: not dossier.is_older and dossier.traits.registrar in PROTECTORS,
        weigh=_protected,
        basis="stated: corporate registrars take brand owners as customers only",
    ),
    Rule(
        rule_id="registration.before_takedown",
        family=Family.REGISTRATION,
        applies=lambda dossier: dossier.is_older and _dated_by_registry(dossier),
        weigh=_registered_before,
        basis="by definition: a replacement comes after, or its own dates prove it",
        group=AGE,
        excludes=True,
    ),
)
