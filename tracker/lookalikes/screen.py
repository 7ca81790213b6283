"""The fast pass: which lines of a batch could resemble which label. It says yes too often rather than too rarely.

All labels of a batch are hashed at once from one running sum over the text, with each letter left out in turn, and
looked up among the hashes of the watched labels with a letter left out: two strings one edit apart share such a hash.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import ahocorasick_rs
import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA

from tracker.lookalikes.letters import FOLDS, fold

Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]

_BASE = np.uint64(0x9E3779B97F4A7C15)
_INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
_HEAD = 5  # letters at the start that a label two edits away keeps to within one edit, unless its tail is whole
_TWO_EDITS_LEAST = 10
_INSIDE_LEAST = 5
_DOT, _HYPHEN, _LINE = ord("."), ord("-"), ord("\n")


class Table:
    """Hashes to forms: a small bit table answers most questions with no, a sorted list the rest."""

    def __init__(self, hashes: Hashes, forms: Places) -> None:
        order = np.argsort(hashes, kind="stable")
        self._hashes, self._forms = hashes[order], forms[order]
        bits = min(24, max(16, int(len(hashes) * 48).bit_length()))
        self._shift = np.uint64(64 - bits)
        self._known = np.zeros(1 << bits, dtype=np.bool_)
        self._known[hashes >> self._shift] = True

    def find(self, asked: Hashes) -> tuple[Places, Places]:
        """Pairs (position in `asked`, form) of all that are in the table."""
        at = np.flatnonzero(self._known[asked >> self._shift])
        wanted = asked[at]
        low = np.searchsorted(self._hashes, wanted, side="left")
        high = np.searchsorted(self._hashes, wanted, side="right")
        counts = high - low
        hit = counts > 0
        at, low, counts = at[hit], low[hit], counts[hit]
        offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        return np.repeat(at, counts), self._forms[np.repeat(low, counts) + offsets]


class Units(NamedTuple):
    """Stretches of the text: first letter, one past the last, and the line each stands in."""

    start: Places
    end: Places
    line: Places


class Screen:
    """Built once for the forms (ASCII labels without hyphens). `candidates` depends on its argument alone."""

    def __init__(self, forms: Sequence[str], exact: Iterable[tuple[int, Sequence[str]]] = ()) -> None:
        """`exact` adds further spellings of forms (by index) that are found only when a whole label is one."""
        self.forms = tuple(forms)
        self._powers = _powers(_BASE, 1 << 12)
        self._inverses = _powers(_INVERSE, 1 << 12)
        full = list(enumerate(self.forms))
        self._spelled = self._table([(i, text) for i, texts in exact for text in texts])
        self._edited = self._table([*full, *((i, rest) for i, form in full for rest in _without_one(form))])
        self._folded = self._table([(i, fold(form)) for i, form in full])
        long = [(i, form) for i, form in full if len(form) >= _TWO_EDITS_LEAST]
        heads = [(i, form[:_HEAD]) for i, form in long]
        self._heads = self._table([*heads, *((i, rest) for i, head in heads for rest in _without_one(head))])
        self._tails = {
            size: self._table([(i, form[_HEAD:]) for i, form in long if len(form) == size + _HEAD])
            for size in sorted({len(form) - _HEAD for _, form in long})
        }
        self._inside = [i for i, form in full if len(form) >= _INSIDE_LEAST]
        self._automaton = ahocorasick_rs.BytesAhoCorasick([self.forms[i].encode() for i in self._inside])
        self._lengths = np.array([len(form) for form in self.forms], dtype=np.int64)

    def candidates(self, lines: bytes) -> set[tuple[int, int]]:
        """Pairs (line, form) worth a closer look in lower-case ASCII `lines` joined by newlines."""
        found: set[tuple[int, int]] = set()
        text = np.frombuffer(lines + b"\n", dtype=np.uint8)
        hyphens = text == _HYPHEN
        joined = text[~hyphens] if hyphens.any() else text
        self._scan(joined, _units(joined, _LABEL_ENDS, drop_last=True), found, folded=True)
        if hyphens.any():
            words = _units(text, _WORD_ENDS, drop_last=True)
            beside = (text[words.end] == _HYPHEN) | ((words.start > 0) & (text[words.start - 1] == _HYPHEN))
            self._scan(text, Units(*(column[beside] for column in words)), found, folded=False)
        if self._inside:
            ends = np.flatnonzero(joined == _LINE)
            hits = self._automaton.find_matches_as_indexes(joined.tobytes(), overlapping=True)
            if hits:
                rows = np.searchsorted(ends, np.array([start for _, start, _ in hits], dtype=np.int64))
                found.update((int(row), self._inside[hit[0]]) for row, hit in zip(rows, hits, strict=True))
        return found

    def _scan(self, text: npt.NDArray[np.uint8], units: Units, found: set[tuple[int, int]], *, folded: bool) -> None:
        """Each distinct label of the batch is looked at once: in a stream most of them repeat."""
        if not len(units.start):
            return
        sums = self._sums(text)
        whole = self._hash(sums, units.start, units.end)
        order = np.argsort(whole, kind="stable")
        ranked = whole[order]
        bounds = np.flatnonzero(np.concatenate(([True], ranked[1:] != ranked[:-1], [True])))
        chosen = order[bounds[:-1]]
        once = Units(units.start[chosen], units.end[chosen], np.arange(len(chosen)))
        hits: set[tuple[int, int]] = set()
        self._look(text, sums, whole[chosen], once, hits, folded=folded)
        for at, form in hits:
            found.update((line, form) for line in units.line[order[bounds[at] : bounds[at + 1]]].tolist())

    def _look(
        self,
        text: npt.NDArray[np.uint8],
        sums: Hashes,
        whole: Hashes,
        units: Units,
        found: set[tuple[int, int]],
        *,
        folded: bool,
    ) -> None:
        self._add(self._spelled.find(whole), units, found)
        self._add(self._edited.find(whole), units, found)
        lengths = units.end - units.start
        at, form = self._edited.find(self._without_each(sums, units, lengths))
        self._add((np.searchsorted(np.cumsum(lengths), at, side="right"), form), units, found)
        self._scan_two_edits(text, sums, units, lengths, found)
        if folded:
            self._add(
                self._folded.find(self._hash(self._sums(_FOLD_TABLE[text]), units.start, units.end)), units, found
            )

    def _without_each(self, sums: Hashes, units: Units, lengths: Places) -> Hashes:
        """Hashes of all units with each letter left out in turn: what follows it moves one place forward."""
        first = units.start - (np.cumsum(lengths) - lengths)
        letter = np.arange(lengths.sum()) + np.repeat(first, lengths)
        inverse = np.repeat(self._inverse(len(sums))[units.start], lengths)
        before = sums[letter] - np.repeat(sums[units.start], lengths)
        behind = np.repeat(sums[units.end], lengths) - sums[letter + 1]
        hashes: Hashes = (before + behind * _INVERSE) * inverse
        return hashes

    def _scan_two_edits(
        self, text: npt.NDArray[np.uint8], sums: Hashes, units: Units, lengths: Places, found: set[tuple[int, int]]
    ) -> None:
        """Two edits leave the head within one edit, or the tail untouched."""
        if not self._tails:
            return
        chosen = np.flatnonzero(lengths >= _TWO_EDITS_LEAST - 2)
        start, end = units.start[chosen], units.end[chosen]
        inverse = self._inverse(len(sums))
        pairs = [self._heads.find((sums[start + size] - sums[start]) * inverse[start]) for size in (_HEAD - 1, _HEAD)]
        for size in (_HEAD, _HEAD + 1):
            for skip in range(size):
                head = (sums[start + skip] - sums[start]) * inverse[start]
                pairs.append(
                    self._heads.find(head + (sums[start + size] - sums[start + skip + 1]) * inverse[start + 1])
                )
        for size, table in self._tails.items():
            enough = np.flatnonzero(lengths[chosen] >= size)
            at, form = table.find(self._hash(sums, end[enough] - size, end[enough]))
            pairs.append((enough[at], form))
        at = chosen[np.concatenate([pair[0] for pair in pairs])]
        form = np.concatenate([pair[1] for pair in pairs])
        near = np.abs(lengths[at] - self._lengths[form]) <= 2
        at, form = at[near], form[near]
        for unit, which in set(zip(at.tolist(), form.tolist(), strict=True)):
            seen = text[units.start[unit] : units.end[unit]].tobytes().decode()
            if OSA.distance(seen, self.forms[which], score_cutoff=2) <= 2:
                found.add((int(units.line[unit]), which))

    def _add(self, pairs: tuple[Places, Places], units: Units, found: set[tuple[int, int]]) -> None:
        at, form = pairs
        if len(at):
            found.update(zip(units.line[at].tolist(), form.tolist(), strict=True))

    def _hash(self, sums: Hashes, start: Places, end: Places) -> Hashes:
        return (sums[end] - sums[start]) * self._inverse(len(sums))[start]

    def _sums(self, text: npt.NDArray[np.uint8]) -> Hashes:
        if len(self._powers) < len(text):
            self._powers = _powers(_BASE, len(text))
        sums = np.empty(len(text) + 1, dtype=np.uint64)
        sums[0] = 0
        np.cumsum(text * self._powers[: len(text)], out=sums[1:])
        return sums

    def _inverse(self, size: int) -> Hashes:
        if len(self._inverses) < size:
            self._inverses = _powers(_INVERSE, size)
        return self._inverses

    def _table(self, rows: Sequence[tuple[int, str]]) -> Table:
        return Table(_text_hashes([text for _, text in rows]), np.array([i for i, _ in rows], dtype=np.int64))


def rows_of(lines: bytes, places: Sequence[int]) -> list[int]:
    """The line numbers of ascending byte offsets, each once."""
    ends = np.flatnonzero(np.frombuffer(lines, dtype=np.uint8) == _LINE)
    return [int(row) for row in np.unique(np.searchsorted(ends, np.array(places, dtype=np.int64)))]


def _ends(*delimiters: int) -> npt.NDArray[np.bool_]:
    table = np.zeros(256, dtype=np.bool_)
    table[list(delimiters)] = True
    return table


_LABEL_ENDS, _WORD_ENDS = _ends(_DOT, _LINE), _ends(_DOT, _LINE, _HYPHEN)
_FOLD_TABLE = np.arange(256, dtype=np.uint8)
_FOLD_TABLE[[ord(letter) for letter in FOLDS]] = [ord(letter) for letter in FOLDS.values()]


def _units(text: npt.NDArray[np.uint8], ends: npt.NDArray[np.bool_], *, drop_last: bool) -> Units:
    """The stretches between delimiters; with `drop_last` without the last label of a line, which is a public suffix."""
    end = np.flatnonzero(ends[text])
    start = np.concatenate(([0], end[:-1] + 1))
    kind = text[end]
    line = np.cumsum(kind == _LINE) - (kind == _LINE)
    keep = end > start
    if drop_last:
        labels = np.flatnonzero(kind != _HYPHEN)
        closing = labels[np.searchsorted(labels, np.arange(len(end)))]
        keep &= kind[closing] != _LINE
    return Units(start[keep], end[keep], line[keep])


def _powers(base: np.uint64, size: int) -> Hashes:
    table = np.full(size, base, dtype=np.uint64)
    table[0] = 1
    return np.multiply.accumulate(table)


def _text_hashes(texts: Sequence[str]) -> Hashes:
    """The sum of each text's bytes, every one times the base to the power of its place, modulo 2**64."""
    coded = [text.encode() for text in texts]
    lengths = np.array([len(text) for text in coded], dtype=np.int64)
    ends = np.cumsum(lengths)
    places = np.arange(lengths.sum()) - np.repeat(ends - lengths, lengths)
    powers = _powers(_BASE, int(lengths.max(initial=0)) + 1)
    sums = np.zeros(len(places) + 1, dtype=np.uint64)
    np.cumsum(np.frombuffer(b"".join(coded), dtype=np.uint8) * powers[places], out=sums[1:])
    hashes: Hashes = sums[ends] - sums[ends - lengths]
    return hashes


def _without_one(text: str) -> set[str]:
    return {text[:i] + text[i + 1 :] for i in range(len(text))}
