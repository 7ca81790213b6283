"""How likely a text is to turn up in a name by chance: common words from a table, the rest letter by letter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import log2

from tracker.lookalikes.letters import ALPHABET

_SYMBOLS = ALPHABET + "."  # the dot stands for the edge of a word
_INDEX = {symbol: i for i, symbol in enumerate(_SYMBOLS)}
_STEP = 0.2  # bits per printable step in the file
_FIRST = 35  # '#', the code of zero bits
_EDGE = ".."
_ORDINARY, _ORDINARY_LONG = 13.0, 16.0  # bits of a word from the hand-written list; of one of eight letters and more
_LONG = 8  # letters
_WORD_LEAST = 4  # letters of a common word that is recognised inside a longer one
_REST_LEAST = 3  # letters beside it; fewer are a slip rather than a second word
_JOINED = 3.0  # bits that joining a common word with something else costs


@dataclass(frozen=True, slots=True)
class Background:
    """A model of ordinary labels. `words` has the bits of common words, `rows` those of each letter after each pair.

    Bits are minus log2 of a probability; letters outside a-z and 0-9 count as rare.
    """

    words: Mapping[str, float]
    rows: Mapping[str, tuple[float, ...]]
    provenance: str = ""

    @classmethod
    def learned(cls, labels: Iterable[str], *, least: int, provenance: str = "") -> Background:
        """From the registrable labels of ordinary names (ASCII). A word is kept when `least` labels or more have it."""
        tokens = [
            token for label in labels for token in label.split("-") if token and token.isalnum() and token.isascii()
        ]
        triples: Counter[str] = Counter()
        for token in set(tokens):
            text = f"{_EDGE}{token}."
            triples.update(text[i : i + 3] for i in range(len(text) - 2))
        counts = Counter(tokens)
        words = {word: log2(len(tokens) / n) for word, n in counts.items() if n >= least and word.isalpha()}
        return cls(dict(sorted(words.items())), _rows(triples), provenance)

    @classmethod
    def bundled(cls) -> Background:
        """The model kept in `background.txt`; `provenance` says from what."""
        return _bundled()

    def with_ordinary(self) -> Background:
        """The same with the hand-written ordinary words, each at most as surprising as that list says."""
        known = {word: _ORDINARY if len(word) < _LONG else _ORDINARY_LONG for word in _ordinary()}
        least = {word: min(bits, self.words.get(word, bits)) for word, bits in known.items()}
        return Background({**self.words, **least}, self.rows, self.provenance)

    def word(self, text: str) -> float:
        """Bits of surprise at seeing `text` as a whole label or as a word between hyphens."""
        bits = min(self._letters(f"{_EDGE}{text}."), self.words.get(text, 99.0))
        for cut in range(1, len(text)):
            for known, rest in ((text[cut:], f"{_EDGE}{text[:cut]}"), (text[:cut], f"{text[cut:]}.")):
                if len(known) >= _WORD_LEAST and len(text) - len(known) >= _REST_LEAST and known in self.words:
                    bits = min(bits, self.words[known] + self._letters(rest) + _JOINED)
        return bits

    def spelled(self, text: str) -> float:
        """The same by letters alone: chance does not make slips in a long word, however common the word is."""
        return self._letters(f"{_EDGE}{text}.")

    def inside(self, text: str) -> float:
        """Bits of surprise at seeing `text` begin at one given place inside a longer label."""
        return min(self.spelled_inside(text), self.words.get(text, 99.0) + 1)

    def spelled_inside(self, text: str) -> float:
        """The same by letters alone."""
        return self._letters(text) + 2 * log2(len(ALPHABET)) - 2

    def _letters(self, text: str) -> float:
        rows, bits = self.rows, 0.0
        for i in range(len(text) - 2):
            row = rows.get(text[i : i + 2])
            at = _INDEX.get(text[i + 2])
            bits += 7.0 if row is None or at is None else row[at]
        return bits

    def to_text(self) -> str:
        """The text of `background.txt`: comments, words with their bits, then one line of codes per letter pair."""
        lines = [f"# {line}" for line in self.provenance.splitlines()]
        lines += ["[words]", *(f"{word} {bits:.1f}" for word, bits in self.words.items()), "[letters]"]
        lines += [
            f"{pair} {''.join(chr(_FIRST + min(90, round(b / _STEP))) for b in row)}" for pair, row in self.rows.items()
        ]
        return "\n".join(lines) + "\n"


def _rows(triples: Counter[str]) -> dict[str, tuple[float, ...]]:
    """Bits per following letter for each seen pair, backing off to the single letter before and to letters at large."""
    ones: Counter[str] = Counter()
    twos: Counter[str] = Counter()
    for triple, count in triples.items():
        ones[triple[2]] += count
        twos[triple[1:]] += count
    total, size = sum(ones.values()), len(_SYMBOLS)
    at_large = {s: (ones[s] + 1) / (total + size) for s in _SYMBOLS}
    rows = {}
    for first in _SYMBOLS:
        before = sum(twos[first + s] for s in _SYMBOLS)
        after = {s: (twos[first + s] + 12 * at_large[s]) / (before + 12) for s in _SYMBOLS}
        for pair in (other + first for other in _SYMBOLS):
            seen = sum(triples[pair + s] for s in _SYMBOLS)
            if seen:
                rows[pair] = tuple(-log2((triples[pair + s] + 8 * after[s]) / (seen + 8)) for s in _SYMBOLS)
    return rows


@cache
def _bundled() -> Background:
    text = resources.files(__package__).joinpath("background.txt").read_text(encoding="utf-8")
    head, _, rest = text.partition("[words]\n")
    words, _, letters = rest.partition("[letters]\n")
    return Background(
        {word: float(bits) for word, bits in (line.split() for line in words.splitlines())},
        {line[:2]: tuple((ord(code) - _FIRST) * _STEP for code in line[3:]) for line in letters.splitlines()},
        "\n".join(line[2:] for line in head.splitlines()),
    ).with_ordinary()


@cache
def _ordinary() -> tuple[str, ...]:
    text = resources.files(__package__).joinpath("ordinary.txt").read_text(encoding="utf-8")
    return tuple(word for line in text.splitlines() if not line.startswith("#") for word in line.split())
