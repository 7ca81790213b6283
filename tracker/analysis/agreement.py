"""How far two analysts agree who judged the same candidates without having seen each other's verdicts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from tracker.analysis.retractions import PREFIX
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.views import REPLACEMENT_VERDICTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A candidate on which two analysts differ, with the first word of each."""

    name: DomainName
    watch_key: str
    one: str
    other: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Two analysts over the `n` candidates that both judged, each by the first word: later ones may follow a talk.

    `kappa` is Cohen's (1960) over the five verdicts, `kappa_replacement` over replacement or not; None where chance
    alone would have them agree everywhere, so that kappa says nothing. Whether the second looked blindly is theirs to
    say.
    """

    one: str
    other: str
    n: int
    agreed: int
    kappa: float | None
    agreed_replacement: int
    kappa_replacement: float | None
    differences: tuple[Difference, ...]


def agreements(history: History, reviewer: str = "") -> tuple[Agreement, ...]:
    """Every pair of analysts (those with `reviewer`, when given) that judged at least one candidate in common."""
    said = first_words(history)
    pairs = [
        (one, other)
        for one, other in combinations(said, 2)
        if not reviewer or key_of(reviewer) in (key_of(one), key_of(other))
    ]
    found = (_agreement(one, other, said[one], said[other]) for one, other in pairs)
    return tuple(row for row in found if row.n)


def key_of(reviewer: str) -> str:
    """One analyst, however the initials are written."""
    return " ".join(reviewer.casefold().split())


def first_words(history: History) -> dict[str, dict[tuple[str, DomainName], str]]:
    """By analyst, in order of appearance, the first verdict on each candidate."""
    said: dict[str, dict[tuple[str, DomainName], str]] = {}
    written: dict[str, str] = {}
    for row in sorted(history.reviews, key=lambda row: row.at):
        if not row.watch_key.startswith(PREFIX):
            who = written.setdefault(key_of(row.reviewer), row.reviewer)
            said.setdefault(who, {}).setdefault((row.watch_key, row.name), row.verdict)
    return said


def kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's kappa of paired labels: (observed - expected) / (1 - expected) agreement; None when it has no meaning."""
    n = len(pairs)
    one, other = Counter(pair[0] for pair in pairs), Counter(pair[1] for pair in pairs)
    observed = sum(left == right for left, right in pairs) * n
    expected = sum(one[label] * other[label] for label in one)
    return None if n * n == expected else (observed - expected) / (n * n - expected)


def _agreement(
    one: str, other: str, left: dict[tuple[str, DomainName], str], right: dict[tuple[str, DomainName], str]
) -> Agreement:
    both = sorted(left.keys() & right.keys())
    pairs = [(left[key], right[key]) for key in both]
    replaced = [(str(a in REPLACEMENT_VERDICTS), str(b in REPLACEMENT_VERDICTS)) for a, b in pairs]
    return Agreement(
        one=one,
        other=other,
        n=len(pairs),
        agreed=sum(a == b for a, b in pairs),
        kappa=kappa(pairs),
        agreed_replacement=sum(a == b for a, b in replaced),
        kappa_replacement=kappa(replaced),
        differences=tuple(
            Difference(name=key[1], watch_key=key[0], one=left[key], other=right[key])
            for key in both
            if left[key] != right[key]
        ),
    )
