"""Rules on certificates: how soon the first came, and which names and keys they join."""

from tracker.analysis.baserates import BaseRates
from tracker.analysis.dossier import Dossier
from tracker.analysis.rule import Finding, Rule, listed
from tracker.analysis.wave import others
from tracker.analysis.weights import (
    BRANDS_OWN,
    PROMPT,
    PROMPT_CERTIFICATE,
    SHARED_CERTIFICATE,
    SHARED_CERTIFICATE_NAMES,
    SHARED_KEY,
)
from tracker.model.names import defang
from tracker.model.times import iso
from tracker.model.views import Family

LINK = "certificate link"


def _prompt(dossier: Dossier, _: BaseRates) -> Finding | None:
    """Surely within a day: an unknown start of the name proves nothing."""
    logged = dossier.traits.certified_at
    if logged is None or dossier.birth is None or dossier.birth.shown.lo is None:
        return None
    if logged - dossier.birth.shown.lo > PROMPT:
        return None
    since = "its birth" if dossier.birth.awake is None else "coming into the zone"
    sentence = f"its first certificate was logged at {iso(logged)}, within a day of {since}"
    return Finding(PROMPT_CERTIFICATE, sentence, (f"certificate:{iso(logged)}",))


def _joined(dossier: Dossier, _: BaseRates) -> Finding | None:
    """A certificate that also names the predecessor, or a new name of another label."""
    neighbours = dossier.traits.certificate_names
    if len(neighbours) >= SHARED_CERTIFICATE_NAMES:
        return None
    kept = {dossier.target.origin}
    own = {dossier.seat}
    sisters = dossier.wave.names if dossier.wave is not None else {}
    found = [name for name in neighbours if name in kept or sisters.get(name, frozenset()) - own]
    if not found:
        return None
    sentence = f"one certificate names it together with {', '.join(map(defang, found[:3]))}"
    return Finding(SHARED_CERTIFICATE, sentence, listed([f"name:{name}" for name in found]))


def _predecessor_key(dossier: Dossier, rates: BaseRates) -> Finding | None:
    if dossier.reference is None:
        return None
    both = sorted(set(dossier.traits.keys) & set(dossier.reference.traits.keys) - rates.common)
    if not both:
        return None
    sentence = "its certificate has the private key that its predecessor had before the takedown, and no stranger has"
    return Finding(SHARED_KEY, sentence, listed([f"spki:{key}" for key in both]))


def _sister_key(dossier: Dossier, rates: BaseRates) -> Finding | None:
    if dossier.wave is None:
        return None
    seat, sisters = dossier.seat, dossier.wave.keys
    both = [key for key in dossier.traits.keys if key not in rates.common and others(sisters.get(key, {}), seat)]
    if not both:
        return None
    sentence = "its certificate has the private key of another label's new name, and no stranger has it"
    return Finding(SHARED_KEY, sentence, listed([f"spki:{key}" for key in both]))


def _brands_own(dossier: Dossier, _: BaseRates) -> Finding | None:
    """A certificate or a key in common with the brand's own domain: the brand's, not an imitation."""
    if dossier.outlet is None or len(dossier.traits.certificate_names) >= SHARED_CERTIFICATE_NAMES:
        return None
    own = {dossier.outlet.name, *dossier.target.excluded}
    found = [f"name:{name}" for name in dossier.traits.certificate_names if name in own]
    found += [f"spki:{key}" for key in dossier.traits.keys if key in dossier.outlet.traits.keys]
    if not found:
        return None
    sentence = f"it shares a certificate or a private key with {defang(dossier.outlet.name)}, the brand's own"
    return Finding(BRANDS_OWN, sentence, listed(found))


def _keyed(dossier: Dossier) -> bool:
    return not dossier.is_older and bool(dossier.traits.keys)


RULES_CERTIFICATE = (
    Rule(
        rule_id="certificate.prompt",
        family=Family.CERTIFICATE,
        applies=lambda dossier: dossier.is_new and dossier.traits.certified_at is not None,
        weigh=_prompt,
        basis="stated: most names about to serve pages get one within a day, and half of strangers' new names",
    ),
    Rule(
        rule_id="certificate.joined",
        family=Family.CERTIFICATE,
        applies=lambda dossier: not dossier.is_older and bool(dossier.traits.certificate_names),
        weigh=_joined,
        basis="stated: whoever asked for it controlled both names; bundles of hosters are left out",
        group=LINK,
    ),
    Rule(
        rule_id="certificate.brands_own",
        family=Family.CERTIFICATE,
        applies=lambda dossier: not dossier.is_older and dossier.target.is_brand,
        weigh=_brands_own,
        basis="stated: whoever asked for it controlled both names, so the lookalike is the brand's own",
    ),
    Rule(
        rule_id="certificate.predecessor_key",
        family=Family.CERTIFICATE,
        applies=_keyed,
        weigh=_predecessor_key,
        basis="stated: one private key on both sides of the takedown",
        group=LINK,
        proves=True,
    ),
    Rule(
        rule_id="certificate.sister_key",
        family=Family.CERTIFICATE,
        applies=_keyed,
        weigh=_sister_key,
        basis="stated: one private key behind both names",
        group=LINK,
    ),
)
