"""Which names might they register next: ranked, so that the best N are the best N a budget of look-ups can buy."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from math import log2
from operator import itemgetter
from typing import NamedTuple

from tracker.lookalikes.idn import sold
from tracker.lookalikes.letters import romanised, skeleton
from tracker.lookalikes.priors import EDITED, Priors
from tracker.lookalikes.suffixes import Suffixes
from tracker.lookalikes.techniques import TECHNIQUES, Origin, Variant, combined
from tracker.lookalikes.words import Words
from tracker.model.names import DomainName, to_ascii_label, to_unicode

_VALID = re.compile(r"(?!..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?").fullmatch
_ANY_SCRIPT = frozenset({"same_label", "transliteration", "suffix_label"})  # the rest are about Latin letters
_COMBINED_FROM = 40  # likeliest first steps that a second one is tried on
_COMBINED_SHARE = 0.04  # of lookalikes are made in two steps


class Lookalike(NamedTuple):
    """A name that might be registered to imitate `target`. A rank is an order of asking, not a probability of guilt."""

    rank: int
    domain: DomainName
    technique: str
    target: str
    reason: str


class Ranked(NamedTuple):
    """A label variant with its log2 probability; `unicode` differs from `label` for A-labels."""

    bits: float
    label: str
    technique: str
    reason: str
    unicode: str


def generate(
    target: str,
    *,
    suffixes: Suffixes,
    limit: int,
    techniques: Collection[str] | None = None,
    own: Iterable[str] = (),
    among: Sequence[str] | None = None,
    priors: Priors | None = None,
) -> Iterator[Lookalike]:
    """The best `limit` names that could imitate `target` (an A-label name or a bare label), likeliest first.

    Deterministic; every name is registrable, valid and distinct; the target, public suffixes and `own` names are left
    out. `among` restricts the suffixes (default: all that can be asked); an unknown technique raises ValueError.
    """
    unknown = set(techniques or ()) - set(TECHNIQUES)
    if unknown:
        raise ValueError(f"unknown technique {', '.join(sorted(unknown))}; known: {', '.join(TECHNIQUES)}")
    ranked = variants(target, suffixes=suffixes, priors=priors or Priors.bundled(), techniques=techniques)
    chosen = None if among is None else tuple(among)
    ranking = _ranking(priors, suffixes, chosen) if priors else _bundled_ranking(suffixes, chosen)
    avoided = {target, suffixes.split(target).registrable, *own, *(suffixes.split(name).registrable for name in own)}
    for rank, (_, domain, variant) in enumerate(_best(ranked, ranking, limit, suffixes.rules, avoided), 1):
        yield Lookalike(rank, DomainName(domain), variant.technique, target, variant.reason)


def variants(
    target: str, *, suffixes: Suffixes, priors: Priors, techniques: Collection[str] | None = None
) -> list[Ranked]:
    """The labels that could stand in for the target's, likeliest first, each put down to its likeliest technique."""
    wanted = TECHNIQUES if techniques is None else techniques
    origin = origin_of(target, suffixes)
    firsts: dict[str, tuple[float, Variant]] = {}
    for technique, make in TECHNIQUES.items():
        if technique in wanted:
            base = origin if technique in _ANY_SCRIPT else _latin(origin)
            for share, variant in _weighed(list(make(base)), priors):
                known = firsts.get(variant.label)
                if known is None or share > known[0]:
                    firsts[variant.label] = (share, variant)
    if techniques is None:
        _add_combined(_latin(origin), firsts, priors)
    if "same_label" not in wanted:
        firsts.pop(origin.label, None)
    ranked = []
    for label, (share, variant) in firsts.items():
        ascii_label = label if label.isascii() else to_ascii_label(label)
        if _VALID(label) or (
            ascii_label.startswith("xn--") and len(ascii_label) <= 63 and "-" not in (label[0], label[-1])
        ):
            ranked.append(Ranked(log2(share), ascii_label, variant.technique, variant.reason, label))
    return sorted(ranked, key=lambda row: (-row.bits, row.label))


def origin_of(target: str, suffixes: Suffixes) -> Origin:
    """What is imitated. A target that is itself a public suffix (gouv.fr) is taken by its first label."""
    words = Words.bundled()
    if "." not in target:
        return Origin(to_unicode(target), "", words)
    split = suffixes.split(target)
    if not split.label:
        label, _, suffix = target.partition(".")
        return Origin(to_unicode(label), suffix, words)
    return Origin(to_unicode(split.label), split.suffix, words)


def _latin(origin: Origin) -> Origin:
    """A label in another script by its commonest Latin spelling: no registry sells mixtures of scripts."""
    if origin.label.isascii():
        return origin
    return origin._replace(label=next(iter(romanised(origin.label)), skeleton(origin.label)))


def _weighed(made: list[Variant], priors: Priors) -> Iterator[tuple[float, Variant]]:
    """Split the technique's probability over its variants, by place (for changed letters) and weight."""
    totals: dict[str, float] = {}
    for variant in made:
        place = variant.place if variant.technique in EDITED else ""
        totals[place] = totals.get(place, 0.0) + variant.weight
    places = {place: priors.place(place) if place else 1.0 for place in totals}
    scale = sum(places.values())
    for variant in made:
        place = variant.place if variant.technique in EDITED else ""
        yield priors.technique(variant.technique) * places[place] / scale * variant.weight / totals[place], variant


def _add_combined(origin: Origin, firsts: dict[str, tuple[float, Variant]], priors: Priors) -> None:
    """Two steps: the likeliest first ones, each with a second look- or sound-alike change on top."""
    likeliest = sorted(firsts.values(), key=lambda pair: (-pair[0], pair[1].label))[:_COMBINED_FROM]
    shares = {variant.label: share for share, variant in likeliest if variant.technique != "same_label"}
    total = sum(shares.values())
    pairs = list(combined(origin, [variant for _, variant in likeliest if variant.label in shares]))
    weights: dict[str, float] = {}
    for first, second in pairs:
        weights[first.label] = weights.get(first.label, 0.0) + second.weight
    for first, second in pairs:
        share = _COMBINED_SHARE * shares[first.label] / total * second.weight / weights[first.label]
        known = firsts.get(second.label)
        if known is None or share > known[0]:
            reason = f"{first.reason}, {second.reason}"
            firsts[second.label] = (share, first._replace(label=second.label, reason=reason))


class Ranking(NamedTuple):
    """Suffixes, likeliest first, with their log2 probabilities negated so that they ascend."""

    costs: list[float]
    suffixes: list[str]


def _ranking(priors: Priors, suffixes: Suffixes, among: tuple[str, ...] | None) -> Ranking:
    pairs = priors.suffix_bits(suffixes, suffixes.all() if among is None else among)
    return Ranking([-bits for bits, _ in pairs], [suffix for _, suffix in pairs])


@lru_cache(maxsize=8)
def _bundled_ranking(suffixes: Suffixes, among: tuple[str, ...] | None) -> Ranking:
    return _ranking(Priors.bundled(), suffixes, among)


def _best(
    ranked: list[Ranked], ranking: Ranking, limit: int, rules: Collection[str], avoided: Collection[str]
) -> list[tuple[float, str, Ranked]]:
    """The `limit` likeliest (cost, domain, variant) of variants x suffixes, cheapest first, ties by domain.

    Cost is minus log2 of the product, so a cost ceiling cuts a prefix of the suffixes for each variant; the ceiling is
    raised until enough names lie under it, and only those are made.
    """
    if limit <= 0 or not ranked or not ranking.costs:
        return []
    available = len(ranked) * len(ranking.costs)
    ceiling = _ceiling(ranked, ranking.costs, min(limit, available))
    top = ranking.costs[-1] - ranked[-1].bits
    while True:
        found = _under(ceiling, ranked, ranking, rules, avoided)
        if len(found) >= limit or ceiling > top:
            found.sort(key=itemgetter(0, 1))
            return found[:limit]
        ceiling += 0.5


def _ceiling(ranked: list[Ranked], costs: list[float], wanted: int) -> float:
    """The lowest cost, to about a twentieth of a bit, under which at least `wanted` names lie."""
    low, high = costs[0] - ranked[0].bits, costs[-1] - ranked[-1].bits + 0.05
    while high - low > 0.05:
        middle = (low + high) / 2
        count = 0
        for variant in ranked:
            prefix = bisect_right(costs, middle + variant.bits)
            if not prefix:
                break
            count += prefix
            if count >= wanted:
                break
        low, high = (low, middle) if count >= wanted else (middle, high)
    return high


def _under(
    ceiling: float, ranked: list[Ranked], ranking: Ranking, rules: Collection[str], avoided: Collection[str]
) -> list[tuple[float, str, Ranked]]:
    found: list[tuple[float, str, Ranked]] = []
    costs, names = ranking
    for variant in ranked:
        prefix = bisect_right(costs, ceiling + variant.bits)
        if not prefix:
            break
        label, bits = variant.label + ".", variant.bits
        row = [(cost - bits, label + suffix, variant) for cost, suffix in zip(costs[:prefix], names, strict=False)]
        if variant.unicode is not variant.label and not variant.unicode.isascii():
            row = [entry for entry, suffix in zip(row, names, strict=False) if sold(variant.unicode, suffix)]
        found += row
    return [entry for entry in found if entry[1] not in rules and entry[1] not in avoided]
