"""One sample as a whole, or group by group with the tests between the groups."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from tracker.analysis.survival_lives import Ints
from tracker.analysis.survival_means import difference
from tracker.analysis.survival_permutation import permutation_test
from tracker.analysis.survival_rows import plain
from tracker.analysis.survival_summary import Document, Summary, Wishes, codes, common_horizon, part, summarise
from tracker.analysis.survival_table import Sample
from tracker.analysis.survival_tests import GroupTest, group_test

FEW = 5
"""With fewer ends than this in a group, chi-square is a poor guide."""

LARGEST_PERMUTED = 20_000
"""With more lifetimes the approximation is as good as permuting, and permuting takes long."""

REPLICATES = 1999


class NoStrata(ValueError):
    """Strata were asked for where no test knows them."""


def whole(sample: Sample, wishes: Wishes) -> Summary:
    """The document of a sample that is not divided."""
    found = summarise(sample, wishes)
    return replace(found, document=_header(wishes) | found.document | {"notes": list(found.notes)})


def grouped(sample: Sample, by: str, strata: Sequence[str], wishes: Wishes, rng: np.random.Generator) -> Summary:
    """The document of a sample divided by a text column: `groups`, and the tests. Raises NoStrata for `lo,hi`."""
    names, groups = codes(sample.text[by])
    if sample.lives is not None and wishes.tau is None:
        wishes = replace(wishes, tau=common_horizon(sample.lives, groups))
    found = {name: summarise(part(sample, np.flatnonzero(groups == code)), wishes) for code, name in enumerate(names)}
    notes = [f"{by} {name}: {note}" for name, one in found.items() for note in one.notes]
    few = [name for name, one in found.items() if not _enough(one.document)]
    if few and len(names) > 1:
        notes.append(f"fewer than {FEW} ends in {', '.join(few)}: the tests say little")
    document = _header(wishes) | {
        "by": by,
        "strata": list(strata),
        "groups": {name: one.document for name, one in found.items()},
        **_tests(sample, names, groups, strata, rng),
        "rmst_difference": _differences(found, wishes),
        "notes": notes,
    }
    return Summary(document, tuple(notes))


def _header(wishes: Wishes) -> Document:
    return {"interval": wishes.scale.value, "level": wishes.level, "least_at_risk": wishes.least_at_risk}


def _enough(document: Document) -> bool:
    ended = document["n_event"]
    return isinstance(ended, int) and ended >= FEW


def _tests(
    sample: Sample, names: Sequence[str], groups: Ints, strata: Sequence[str], rng: np.random.Generator
) -> Document:
    if sample.lives is not None:
        within = None
        if strata:
            cells = zip(*(sample.text[column] for column in strata), strict=True)
            within = codes(tuple("\x1f".join(row) for row in cells))[1]
        pairs = {"logrank": 0.0, "peto_peto": 1.0}
        return {
            key: _told(group_test(sample.lives, groups, strata=within, rho=rho), names) for key, rho in pairs.items()
        }
    if strata or sample.spans is None:
        raise NoStrata("strata need entry,time,event: the permutation test of intervals has none")
    replicates = REPLICATES if len(groups) <= LARGEST_PERMUTED else 0
    found = permutation_test(sample.spans, groups, rng, replicates=replicates)
    permuted = {"p_permutation": found.p, "replicates": found.replicates}
    return {"logrank": _told(found.test, names) | permuted, "peto_peto": None}


def _told(test: GroupTest, names: Sequence[str]) -> Document:
    pairs: Mapping[str, Sequence[float]] = {"observed": test.observed, "expected": test.expected}
    sums = {key: dict(zip(names, values, strict=True)) for key, values in pairs.items()}
    return {"chi2": test.chi2, "df": test.df, "p": test.p, **sums}


def _differences(found: Mapping[str, Summary], wishes: Wishes) -> list[Document] | None:
    """Restricted means of every further group minus that of the first; None for intervals."""
    (first, reference), *others = found.items()
    if reference.curve is None:
        return None
    told: list[Document] = []
    for name, one in others:
        if one.mean is not None and reference.mean is not None:
            gap = difference(one.mean, reference.mean, wishes.level)
            limits: Document = {"ci_lo": plain(gap.lo), "ci_hi": plain(gap.hi), "p": plain(gap.p)}
            told.append({"group": name, "minus": first, "tau": gap.tau, "value": gap.value, "se": gap.se, **limits})
    return told
