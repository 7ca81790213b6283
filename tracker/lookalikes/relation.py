"""How one registrable label resembles another, in bits: what an imitator would make of it against what chance would."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import permutations
from math import log2
from typing import NamedTuple

from tracker.lookalikes.background import Background
from tracker.lookalikes.edits import edit_between
from tracker.lookalikes.letters import fold, skeleton
from tracker.lookalikes.priors import Priors
from tracker.lookalikes.words import Words
from tracker.model.names import to_unicode

_UNKNOWN_WORD = 0.7  # share of affixes that are in none of our lists
_HYPHENATED = 2.7  # bits: about one ordinary name in six has a hyphen at all
_LONG = 8  # letters from which on a changed label is weighed by its letters alone
_STRADDLES = 4.0  # bits taken off where a hyphen runs through the label found inside
_OWN_SUFFIX = 0.3  # chance that a folded suffix is written just so
_UNKNOWN_INSIDE = 6.0  # bits taken off where what is joined on without a hyphen is no word we know
_MOST_WORDS = 4  # of a label, whose orders are tried
_INSIDE_LEAST = 5  # letters; a shorter label inside another word is chance
_NEVER = 999.0  # bits
_STRANGERS_SLIP = 9.0  # bits that a slip by somebody else in a common word costs
_MOST_HINT = 10.0  # bits that the rest of a label can add


class Relation(NamedTuple):
    """`bits` is log2 of how much likelier the label is from an imitator than by chance; `distance` counts edits.

    An empty kind means no resemblance. Bits say nothing about who registered a name.
    """

    kind: str
    distance: int
    bits: float
    reason: str


NONE = Relation("", 0, float("-inf"), "")


@dataclass(frozen=True, slots=True)
class Relater:
    """Compares labels with stated priors and a stated background."""

    priors: Priors = field(default_factory=Priors.bundled)
    background: Background = field(default_factory=Background.bundled)
    words: Words = field(default_factory=Words.bundled)

    def relate(self, watched: str, seen: str, *, hints: Collection[str] = ()) -> Relation:
        """How the label `seen` resembles the label `watched` (A- or U-labels).

        `hints` are labels of the watched name's suffix: seen beside the label they speak for an imitation.
        """
        mine, theirs = to_unicode(watched), to_unicode(seen)
        if mine == theirs:
            return self._same(mine)
        found: list[Relation] = []
        if not (mine.isascii() and theirs.isascii()):
            found += self._confused(mine, theirs)
            mine, theirs = skeleton(mine), skeleton(theirs)
        whole, joined = mine.replace("-", ""), theirs.replace("-", "")
        if whole == joined and not found:
            return self._hyphenated(whole, mine, theirs)
        found += self._edited(whole, joined)
        tokens = theirs.split("-")
        if len(tokens) > 1:
            found += self._token(whole, tokens, hints)
        if len(whole) == len(joined):
            found += self._reordered(mine, whole, joined)
        if len(whole) < len(joined):
            found += self._inside(whole, joined, hints, 0.0 if any(whole in token for token in tokens) else _STRADDLES)
        return max(found, key=lambda relation: relation.bits, default=NONE)

    def _same(self, label: str) -> Relation:
        bits = log2(self.priors.technique("same_label")) + self.background.word(skeleton(label).replace("-", ""))
        return Relation("same_label", 0, bits, "same label")

    def _hyphenated(self, whole: str, mine: str, theirs: str) -> Relation:
        bits = log2(self.priors.technique("hyphenation") / 4) + self._dressed(whole)
        return Relation("hyphenation", abs(mine.count("-") - theirs.count("-")) or 2, bits, "hyphens changed")

    def _changed(self, text: str, whole: str) -> float:
        """Bits of a text that differs from the label: common words in a long one do not make the slip common.

        A text that is itself an ordinary word is no slip, and strangers misspell ordinary words too.
        """
        known = self.background.words
        if len(whole) >= _LONG:
            return min(self.background.spelled(text), known.get(text, _NEVER))
        return min(self.background.word(text), known.get(whole, _NEVER) + _STRANGERS_SLIP)

    def _dressed(self, whole: str) -> float:
        """Bits of the label's own letters in another dress, which ordinary words seldom wear."""
        return self.background.spelled(whole) if len(whole) >= _LONG else self.background.word(whole)

    def _confused(self, mine: str, theirs: str) -> list[Relation]:
        """Letters of another script or with marks. Chance hardly writes them: each counts as a rare letter would."""
        plain = skeleton(mine).replace("-", "")
        if plain != skeleton(theirs).replace("-", ""):
            return []
        distance = sum(a != b for a, b in zip(mine, theirs, strict=False)) + abs(len(mine) - len(theirs))
        bits = log2(self.priors.technique("homoglyph")) - 3 * min(distance, 3) + self._dressed(plain)
        return [Relation("homoglyph", distance, bits, "letters that look alike")]

    def _edited(self, whole: str, joined: str) -> list[Relation]:
        edit = edit_between(whole, joined, self.priors) if whole != joined else None
        if edit is None:
            return self._disguised(whole, joined)
        bits = edit.bits + self._changed(joined, whole)
        return [Relation(edit.technique, edit.distance, bits, f"{edit.technique.replace('_', ' ')} in the label")]

    def _disguised(self, whole: str, joined: str) -> list[Relation]:
        """Several look-alike letters at once (digits for letters); each further one is a choice of the imitator's."""
        if whole == joined or fold(whole) != fold(joined):
            return []
        distance = sum(a != b for a, b in zip(whole, joined, strict=False))
        bits = log2(self.priors.technique("homoglyph")) - 3.0 * distance + self._changed(joined, whole)
        return [Relation("homoglyph", distance, bits, "letters that look alike")]

    def _token(self, whole: str, tokens: list[str], hints: Collection[str]) -> list[Relation]:
        """The label, or a form of it, as one or more words between hyphens; the other words may speak for it too."""
        found = []
        for start in range(len(tokens)):
            for end in range(start + 1, len(tokens) + 1):
                rest = tokens[:start] + tokens[end:]
                word = "".join(tokens[start:end])
                if len(word) > len(whole) + 2:
                    break
                if not rest or len(word) < len(whole) - 2:
                    continue
                edit = edit_between(whole, word, self.priors) if word != whole else None
                if word != whole and edit is None:
                    continue
                hint, kind = self._rest(rest, hints)
                if edit is not None and kind != "folded_suffix":
                    hint = min(hint, 0.0)
                bits = self._changed(word, whole) + edit.bits if edit else self.background.word(word)
                bits += hint + _HYPHENATED - log2(len(tokens))
                changed = f" ({edit.technique.replace('_', ' ')})" if edit else ""
                reason = f"label as a word{changed} beside {'-'.join(rest)}"
                found.append(Relation(kind, edit.distance if edit else 0, bits, reason))
        return found

    def _inside(self, whole: str, joined: str, hints: Collection[str], straddles: float) -> list[Relation]:
        """The label inside a longer one. A short label counts only beside a known word or its own suffix."""
        found = []
        at = joined.find(whole)
        while at >= 0:
            rest = [part for part in (joined[:at], joined[at + len(whole) :]) if part]
            known = all(part in hints or part in self.words for part in rest)
            known = known or (len(rest) == 1 and rest[0] in self.words.countries)
            if known or len(whole) >= _INSIDE_LEAST:
                hint, kind = self._rest(rest, hints)
                places = log2(len(joined) - len(whole) + 1)
                by_letters = known and len(whole) >= _LONG
                chance = self.background.spelled_inside(whole) if by_letters else self.background.inside(whole)
                bits = chance - places + hint - straddles - (0.0 if known else _UNKNOWN_INSIDE)
                found.append(Relation(kind, 0, bits, f"label inside, with {' and '.join(rest)}"))
            at = joined.find(whole, at + 1)
        return found

    def _reordered(self, mine: str, whole: str, joined: str) -> list[Relation]:
        """The same words in another order; a label of one word counts as two, cut anywhere."""
        words = mine.split("-")
        orders = {"".join(order) for order in permutations(words)} if 1 < len(words) <= _MOST_WORDS else set()
        if joined == whole or (joined not in orders and joined not in whole + whole):
            return []
        bits = log2(self.priors.technique("token_order") / len(whole)) + self._changed(joined, whole)
        return [Relation("token_order", 0, bits, "words in another order")]

    def _rest(self, rest: list[str], hints: Collection[str]) -> tuple[float, str]:
        """Bits that the words beside the label add, and the technique they make of it. An unknown word adds nothing."""
        best, kind = log2(self.priors.technique("affix") * _UNKNOWN_WORD), "affix"
        for word in rest:
            chance = self.background.word(word)
            if word in hints or any(edit_between(hint, word, self.priors) for hint in hints if len(hint) > 2):
                options = [(self.priors.technique("folded_suffix") * _OWN_SUFFIX, "folded_suffix")]
            elif word in self.words.countries:
                options = [(self.priors.technique("country_code") * 0.01, "country_code")]
            elif word in self.words:
                options = [(self.priors.technique("affix") * 0.01, "affix")]
            else:
                continue
            for share, technique in options:
                bits = min(log2(share) + chance, _MOST_HINT)
                if bits > best:
                    best, kind = bits, technique
        return best, kind


def relate(label_a: str, label_b: str) -> Relation:
    """How the registrable label `label_b` resembles `label_a`, with the bundled priors and background."""
    return Relater().relate(label_a, label_b)
