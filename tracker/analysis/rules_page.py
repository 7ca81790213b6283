"""Rules on pages: the predecessor's last words before the takedown, its accounts, and pages that are somebody
else's."""

from math import log2

from tracker.analysis.baserates import BaseRates
from tracker.analysis.dossier import Dossier
from tracker.analysis.kinship import Kinship
from tracker.analysis.rule import Finding, Rule, listed
from tracker.analysis.strangers import text_id
from tracker.analysis.traits import distance
from tracker.analysis.wave import others
from tracker.analysis.weights import (
    CLONES_OUTLET,
    IDLE_PAGE,
    LEADS_HOME,
    LED_TO,
    OTHER_TEXT,
    OTHER_TEXT_DISTANCE,
    SAME_BUILD,
    SAME_BUILD_IMITATED,
    SAME_TEXT,
    SAME_TEXT_DISTANCE,
    SAME_TEXT_IMITATED,
    SAME_TRACKER,
    SAME_TRACKER_IMITATED,
)
from tracker.model.names import defang
from tracker.model.views import Family

UNFINISHED = "error"
COPY = "copy"
"""Group of the rules that say the page is a copy of the predecessor's."""


def _nearest(dossier: Dossier) -> tuple[int, int] | None:
    """Distance and the predecessor's fingerprint of the closest pair of texts."""
    if dossier.reference is None:
        return None
    pairs = (
        (distance(own, kept), kept)
        for own in dossier.traits.fingerprints
        for kept in dossier.reference.traits.fingerprints
    )
    return min(pairs, default=None)


def _same_text(dossier: Dossier, rates: BaseRates) -> Finding | None:
    nearest = _nearest(dossier)
    if nearest is None or nearest[0] > SAME_TEXT_DISTANCE or text_id(nearest[1]) in rates.common:
        return None
    bits = SAME_TEXT_IMITATED if dossier.imitates else SAME_TEXT
    sentence = f"its page is its predecessor's page before the takedown ({nearest[0]} of 64 bits apart)"
    return Finding(bits, sentence, (text_id(nearest[1]),))


def _other_text(dossier: Dossier, _: BaseRates) -> Finding | None:
    nearest = _nearest(dossier)
    if nearest is None or nearest[0] < OTHER_TEXT_DISTANCE:
        return None
    sentence = f"its page is not its predecessor's ({nearest[0]} of 64 bits apart)"
    return Finding(OTHER_TEXT, sentence, (text_id(nearest[1]),))


def _trackers(dossier: Dossier, rates: BaseRates) -> Finding | None:
    kept = set() if dossier.reference is None else set(dossier.reference.traits.trackers)
    if dossier.wave is not None:
        kept |= {value for value, labels in dossier.wave.trackers.items() if others(labels, dossier.seat)}
    both = sorted(set(dossier.traits.trackers) & kept - rates.common)
    if not both:
        return None
    bits = SAME_TRACKER_IMITATED if dossier.imitates else SAME_TRACKER
    return Finding(
        bits,
        f"its page counts visitors with the account {both[0]}, as they did",
        listed([f"tracker:{row}" for row in both]),
    )


def _same_build(dossier: Dossier, rates: BaseRates) -> Finding | None:
    kept = set() if dossier.reference is None else set(dossier.reference.traits.builds)
    both = sorted(set(dossier.traits.builds) & kept - rates.common)
    if not both:
        return None
    bits = SAME_BUILD_IMITATED if dossier.imitates else SAME_BUILD
    what = "icon" if any(text.startswith("favicon_mmh3:") for text in both) else "structure"
    sentence = f"its page has the {what} of its predecessor's page before the takedown, and no stranger's has"
    return Finding(bits, sentence, listed(both))


def _clones_outlet(dossier: Dossier, _: BaseRates) -> Finding | None:
    """The page is a protected brand's own page; whose copy it is stays open."""
    outlet = dossier.outlet
    if outlet is None:
        return None
    accounts = set(dossier.traits.trackers) | set(dossier.traits.copies)
    found = [f"tracker:{row}" for row in outlet.traits.trackers if row in accounts]
    found += [f"name:{outlet.name}"] if outlet.name in dossier.traits.copies else []
    pairs = [(distance(own, kept), kept) for own in dossier.traits.fingerprints for kept in outlet.traits.fingerprints]
    apart, kept = min(pairs, default=(SAME_TEXT_DISTANCE + 1, 0))
    found += [text_id(kept)] if apart <= SAME_TEXT_DISTANCE else []
    if not found:
        return None
    return Finding(CLONES_OUTLET, f"its page is copied from {defang(outlet.name)}, the brand's own", listed(found))


def _led_to(dossier: Dossier, _: BaseRates) -> Finding | None:
    """Somebody who held the predecessor, or a new name of a label, sent visitors here."""
    name = dossier.candidate.name
    if dossier.reference is not None and name in dossier.reference.traits.leads_to:
        before = f"{defang(dossier.reference.name)} sent its visitors here before the takedown"
        return Finding(LED_TO, before, (f"name:{dossier.reference.name}",))
    labels = {} if dossier.wave is None else others(dossier.wave.leads.get(name, {}), dossier.seat)
    if not labels:
        return None
    share = max(labels.values())
    sentence = f"new names of {len(labels)} labels of the action send their visitors here"
    return Finding(LED_TO + log2(share), sentence, listed([f"label:{label}" for label in sorted(labels)]))


def _leads_home(dossier: Dossier, _: BaseRates) -> Finding | None:
    home = sorted(set(dossier.traits.leads_to) & set(dossier.target.excluded))
    if not home:
        return None
    return Finding(LEADS_HOME, f"it sends visitors to {defang(home[0])}, the brand's own", (f"name:{home[0]}",))


def _resting(dossier: Dossier) -> list[str]:
    """Kinds of page that say the name rests. An error does not: a new site is often not there in its first hours."""
    return [kind for kind in dossier.traits.kinds if kind != UNFINISHED]


def _idle(dossier: Dossier, _: BaseRates) -> Finding | None:
    kinds = _resting(dossier)
    witnesses = listed([f"page:{kind}" for kind in kinds])
    return Finding(IDLE_PAGE, f"it never served a page of its own ({', '.join(kinds)})", witnesses)


def _shown(dossier: Dossier) -> bool:
    return not dossier.is_older and bool(dossier.traits.fingerprints)


RULES_PAGE = (
    Rule(
        rule_id="page.same_text",
        family=Family.PAGE,
        applies=_shown,
        weigh=_same_text,
        basis="stated: unrelated texts are about 32 of 64 bits apart; texts that a stranger has are left out",
        group=COPY,
    ),
    Rule(
        rule_id="page.other_text",
        family=Family.PAGE,
        applies=lambda dossier: _shown(dossier) and dossier.kin is not Kinship.UNRELATED,
        weigh=_other_text,
        basis="stated: four in ten replacements change their page, nearly all strangers and new brands have their own",
    ),
    Rule(
        rule_id="page.same_tracker",
        family=Family.PAGE,
        applies=lambda dossier: not dossier.is_older and bool(dossier.traits.trackers),
        weigh=_trackers,
        basis="stated: an account is somebody's; an outlet's own account proves cloning only",
    ),
    Rule(
        rule_id="page.same_build",
        family=Family.PAGE,
        applies=lambda dossier: not dossier.is_older and bool(dossier.traits.builds),
        weigh=_same_build,
        basis="stated: icon and structure are copied less often than text, and shared by a kit's customers",
        group=COPY,
    ),
    Rule(
        rule_id="page.clones_outlet",
        family=Family.PAGE,
        applies=lambda dossier: not dossier.is_older and dossier.target.is_brand,
        weigh=_clones_outlet,
        basis="stated: strangers seldom serve a brand's own page; it proves copying, not who copied",
    ),
    Rule(
        rule_id="page.led_to",
        family=Family.PAGE,
        applies=lambda dossier: not dossier.is_older,
        weigh=_led_to,
        basis="stated: whoever sends visitors away controls the name, and seldom sends them to strangers",
    ),
    Rule(
        rule_id="page.leads_home",
        family=Family.PAGE,
        applies=lambda dossier: not dossier.is_older and bool(dossier.traits.leads_to),
        weigh=_leads_home,
        basis="stated: owners of brands do so with names that protect them, operations to hide from some visitors",
    ),
    Rule(
        rule_id="page.idle",
        family=Family.PAGE,
        applies=lambda dossier: not dossier.is_older and bool(_resting(dossier)) and not dossier.traits.texts,
        weigh=_idle,
        basis="stated: a quarter of replacements show nothing yet, against nearly all idle strangers",
    ),
)
