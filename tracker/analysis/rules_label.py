"""Rules on the label, its date, and the dates of its sisters: one origin of data, weighed jointly."""

from datetime import timedelta

from tracker.analysis import surprise
from tracker.analysis.baserates import BaseRates
from tracker.analysis.births import Basis
from tracker.analysis.dossier import Dossier
from tracker.analysis.kinship import Kinship
from tracker.analysis.rivals import rival
from tracker.analysis.rule import Finding, Rule, listed
from tracker.analysis.weights import (
    AWAKE,
    EXCLUDED,
    IMITATIONS,
    LAGS,
    LAGS_IMITATED,
    RIVAL,
    SAME_LABEL_SHARE,
    SISTER_WINDOW,
    UNRELATED_LABEL,
)
from tracker.model.names import defang
from tracker.model.times import iso
from tracker.model.views import Family

AGE = "age"
"""Group of the rules that say a name is too old."""


def _lag(dossier: Dossier) -> str:
    """The lag in words, in days since the takedown, or since the watch began."""
    if dossier.birth is None:
        return "at an unknown time"
    lo, hi = dossier.birth.lag()
    event = dossier.birth.strike.event
    if hi <= 0:
        return f"{-hi:.0f} to {-lo:.0f} days before {event}"
    return f"{max(lo, 0.0):.1f} to {hi:.1f} days after {event}"


def _arrival(dossier: Dossier, rates: BaseRates, share: float, what: str) -> Finding | None:
    if dossier.birth is None:
        return None
    rate = rates.rate(dossier.target.watch_key, dossier.kin)
    lags = LAGS_IMITATED if dossier.imitates else LAGS
    if dossier.target.is_brand:
        bits = surprise.imitation_bits(share, IMITATIONS, rate)
    else:
        bits = surprise.arrival_bits(*dossier.birth.lag(), share, rate, lags)
    kept = dossier.birth.awake is not None
    bits += AWAKE if kept else 0.0
    came = f"was registered before {dossier.birth.strike.event} and came into the zone" if kept else "appeared"
    sentence = f"{what} {came} {_lag(dossier)}; strangers bring one every {1 / rate:,.0f} days"
    return Finding(bits, sentence, dossier.birth.witnesses)


def _same_label(dossier: Dossier, rates: BaseRates) -> Finding | None:
    return _arrival(dossier, rates, SAME_LABEL_SHARE, "the same label")


def _variant(dossier: Dossier, rates: BaseRates) -> Finding | None:
    return _arrival(dossier, rates, 1.0 - SAME_LABEL_SHARE, "a variant of the label")


def _unrelated(dossier: Dossier, _: BaseRates) -> Finding:
    techniques = ", ".join(dossier.candidate.techniques)
    return Finding(
        UNRELATED_LABEL, "the label has nothing in common with the predecessor's", (f"technique:{techniques}",)
    )


def _sisters(dossier: Dossier, rates: BaseRates) -> Finding | None:
    """Other labels of the same action and cohort that came back in the same days; each counts once."""
    born, wave = dossier.birth, dossier.wave
    if born is None or wave is None or born.shown.lo is None or born.shown.hi is None:
        return None
    seat = dossier.target.seat
    others = {label for label, cohort in wave.labels.items() if cohort == dossier.target.cohort and label != seat}
    first, last = born.shown.lo - SISTER_WINDOW, born.shown.hi + SISTER_WINDOW
    back = {label for lo, hi, label in wave.arrivals if label in others and lo <= last and hi >= first}
    days = (last - first) / timedelta(days=1)
    by_chance = surprise.chance_within((_seat_rate(rates, label) for label in sorted(others)), days)
    bits = surprise.return_bits(len(back), by_chance, len(others))
    if not back or bits <= 0:
        return None
    sentence = (
        f"{len(back)} of the {len(others)} other labels of the action got a new name within the same days; "
        f"chance brings {by_chance:.1f}"
    )
    return Finding(bits, sentence, listed([f"label:{label}" for label in sorted(back)]))


def _seat_rate(rates: BaseRates, label: str) -> float:
    """The highest rate of any predecessor's watch with this label."""
    keys = (
        key
        for key, target in rates.targets.items()
        if target.seat == label and not target.is_control and target.strikes
    )
    return max((rates.rate(key, Kinship.SAME_LABEL) for key in keys), default=2.0**rates.turnover_bits)


def _rival(dossier: Dossier, _: BaseRates) -> Finding | None:
    other = rival(dossier)
    if other is None:
        return None
    sentence = (
        f"{defang(other.name)} has the same label and came in the same days, and shares more with the new names of "
        "other labels; few labels get two replacements"
    )
    return Finding(RIVAL, sentence, (f"name:{other.name}",))


def _seen_before(dossier: Dossier, _: BaseRates) -> Finding | None:
    if dossier.birth is None or dossier.birth.bounds.hi is None:
        return None
    return Finding(
        EXCLUDED,
        f"the name was already there on {iso(dossier.birth.bounds.hi)}, before {dossier.birth.strike.event}",
        dossier.birth.witnesses,
    )


RULES_LABEL = (
    Rule(
        rule_id="label.same_label",
        family=Family.LABEL,
        applies=lambda dossier: dossier.is_new and dossier.kin is Kinship.SAME_LABEL,
        weigh=_same_label,
        basis="lags of published waves (of a brand: how often published brands were imitated) against this label's own "
        "rate among strangers, and copycats",
    ),
    Rule(
        rule_id="label.variant",
        family=Family.LABEL,
        applies=lambda dossier: dossier.is_new and dossier.kin is Kinship.VARIANT,
        weigh=_variant,
        basis="as label.same_label, with the share of published lookalikes that change the label",
    ),
    Rule(
        rule_id="label.unrelated",
        family=Family.LABEL,
        applies=lambda dossier: dossier.kin is Kinship.UNRELATED,
        weigh=_unrelated,
        basis="stated: any name in the world may share a server",
    ),
    Rule(
        rule_id="label.sisters_return",
        family=Family.LABEL,
        applies=lambda dossier: (
            dossier.is_new
            and dossier.kin is not Kinship.UNRELATED
            and dossier.birth is not None
            and (dossier.birth.maybe_after or dossier.birth.awake is not None)
        ),
        weigh=_sisters,
        basis="distinct labels of the same action and cohort that came back, less what chance brings",
    ),
    Rule(
        rule_id="label.rival",
        family=Family.LABEL,
        applies=lambda dossier: dossier.is_new and dossier.kin is not Kinship.UNRELATED and not dossier.target.is_brand,
        weigh=_rival,
        basis="3 of 21 outlets of a published wave took a second name within ten days",
    ),
    Rule(
        rule_id="label.present_before",
        family=Family.LABEL,
        applies=lambda dossier: dossier.is_older and dossier.birth is not None and dossier.birth.basis is Basis.LOOKS,
        weigh=_seen_before,
        basis="by definition: a replacement comes after, or its own dates prove it",
        group=AGE,
        excludes=True,
    ),
)
