"""Figures of the generator and the matcher, on data named by path; `--learn` writes the priors and the background.

Recall is by cross-validation over brands: no case of a brand is in the priors that the brand is tested with. The noise
list is split in two, and each half is judged with the background learned from the other.
"""

from __future__ import annotations

import argparse
import csv
import random
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from hashlib import sha256
from importlib import import_module
from importlib.util import find_spec
from math import sqrt
from pathlib import Path

from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from tracker.lookalikes.background import Background
from tracker.lookalikes.generator import generate
from tracker.lookalikes.learning import cases
from tracker.lookalikes.matcher import THRESHOLD_BITS, Matcher
from tracker.lookalikes.priors import Priors
from tracker.lookalikes.relation import Relater
from tracker.lookalikes.suffixes import Suffixes
from tracker.lookalikes.watched import Watched

HERE = Path(__file__).resolve().parent
ROOM = HERE.parent / "tracker" / "lookalikes"
DATA = HERE.parents[1] / "shared" / "data"
CASES, NOISE, ACTION = "doppelganger-lookalikes-dev.csv", "newly-registered-dev.txt", "doj-2024-09-04.csv"
FOLDS, LEAST = 10, 5
Pair = tuple[str, str]


def labels_of(names: Iterable[str]) -> Iterable[str]:
    """The labels of names that are one label below a suffix of one label: what lists of new names consist of."""
    return (name.strip().lower().split(".")[0] for name in names if name.strip())


def main() -> int:
    """Run the benchmark; data to stdout."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="folder with the labelled cases and the noise list")
    parser.add_argument("--noise", type=Path, help="another list of new names, judged with the background as shipped")
    parser.add_argument("--watch", type=Path, action="append", default=[], help="further watched names, one a line")
    parser.add_argument("--learn", action="store_true", help="write priors.toml and background.txt, then stop")
    parser.add_argument("--quick", action="store_true", help="no speeds")
    asked = parser.parse_args()
    if not (asked.data / CASES).exists():
        print(f"NOT RUN: no {CASES} in {asked.data}")
        return 3
    suffixes, pairs = Suffixes.bundled(), read_pairs(asked.data / CASES)
    names = (asked.data / NOISE).read_text().split()
    if asked.learn:
        learn(asked.data, pairs, names, suffixes)
        return 0
    print(f"cases: {len(pairs)} of {len({brand for _, brand in pairs})} brands; suffix rules {suffixes.version}")
    generator_recall(pairs, suffixes)
    matcher_recall(pairs, suffixes)
    watched = [Watched.of_line(name, suffixes) for name in watch_names(asked.data, pairs, asked.watch)]
    noise(names, watched, suffixes)
    if asked.noise:
        other = asked.noise.read_text().split()
        report_noise(f"noise, {asked.noise.name}", Matcher(watched, suffixes), other, len(watched))
    if not asked.quick:
        generator_speed(pairs, suffixes)
        matcher_speed(names, watched, suffixes)
    return 0


def read_pairs(path: Path) -> list[Pair]:
    """(lookalike, brand) pairs of the labelled list."""
    with path.open(newline="") as file:
        return [(row["domain"], row["brand"]) for row in csv.DictReader(file)]


def watch_names(data: Path, pairs: Sequence[Pair], files: Iterable[Path]) -> list[str]:
    """What is watched for noise: the labelled brands, the seized names, and names given by file."""
    names = {brand for _, brand in pairs}
    if (data / ACTION).exists():
        with (data / ACTION).open(newline="") as file:
            names |= {row["domain"] for row in csv.DictReader(file)}
    for path in files:
        names |= {line.strip() for line in path.read_text().splitlines() if line.strip()}
    return sorted(names)


def folds(pairs: Sequence[Pair]) -> Iterable[tuple[list[Pair], list[Pair]]]:
    """(learned from, tested on) by brand."""
    brands = sorted({brand for _, brand in pairs})
    random.Random(1).shuffle(brands)
    for number in range(FOLDS):
        held = set(brands[number::FOLDS])
        yield [p for p in pairs if p[1] not in held], [p for p in pairs if p[1] in held]


def generator_recall(pairs: Sequence[Pair], suffixes: Suffixes) -> None:
    """Share of the labelled lookalikes within the best N names of their brand."""
    ranks: list[int] = []
    for known, tested in folds(pairs):
        priors = Priors.learned(cases(known, suffixes))
        for brand in sorted({brand for _, brand in tested}):
            made = {
                str(row.domain): row.rank for row in generate(brand, suffixes=suffixes, limit=10_000, priors=priors)
            }
            ranks += [made.get(name, 0) for name, of in tested if of == brand]
    for limit in (200, 2_000, 10_000):
        found = sum(0 < rank <= limit for rank in ranks)
        print(f"generator recall at {limit}: {share(found, len(ranks))}")


def matcher_recall(pairs: Sequence[Pair], suffixes: Suffixes) -> None:
    """Share of the labelled lookalikes that match their own brand at the default threshold."""
    missed: list[str] = []
    for known, tested in folds(pairs):
        relater = Relater(priors=Priors.learned(cases(known, suffixes)))
        watched = [Watched.of_line(brand, suffixes) for brand in sorted({brand for _, brand in tested})]
        found = {(m.name, m.watched) for m in Matcher(watched, suffixes, relater=relater).match([n for n, _ in tested])}
        missed += [name for name, brand in tested if (name, brand) not in found]
    print(f"matcher recall at {THRESHOLD_BITS} bits: {share(len(pairs) - len(missed), len(pairs))}; missed {missed}")


def noise(names: Sequence[str], watched: Sequence[Watched], suffixes: Suffixes) -> None:
    """Matching names per 10,000 of a day of new names, each half judged with the other half's background."""
    halves, found = (names[::2], names[1::2]), 0
    for mine, other in (halves, halves[::-1]):
        learned = Background.learned(labels_of(other), least=LEAST).with_ordinary()
        matcher = Matcher(watched, suffixes, relater=Relater(background=learned))
        found += len({match.name for match in matcher.match(mine)})
    print_noise("noise, development list, held out", found, len(names), len(watched))
    report_noise("noise, development list, as shipped", Matcher(watched, suffixes), names, len(watched))


def report_noise(title: str, matcher: Matcher, names: Sequence[str], watched: int) -> None:
    """Noise with the matches themselves, because whether one is noise is for a reader to say."""
    matches = matcher.match(names)
    print_noise(title, len({match.name for match in matches}), len(names), watched)
    for match in matches:
        print(f"  {match.name} ~ {match.watched}: {match.technique}, {match.bits} bits, {match.reason}")


def print_noise(title: str, found: int, of: int, watched: int) -> None:
    """A rate with its 95 % Poisson interval. The list has no .com and no country suffixes: it says nothing of those."""
    scale = 10_000 / of
    low = found * (1 - 1 / (9 * found) - 1.96 / (3 * sqrt(found))) ** 3 if found else 0.0
    high = (found + 1) * (1 - 1 / (9 * (found + 1)) + 1.96 / (3 * sqrt(found + 1))) ** 3
    print(f"{title}: {found} of {of} names, {found * scale:.2f} per 10,000 ({low * scale:.2f}-{high * scale:.2f})")
    weekly = found / of * 1_000_000 / watched
    print(f"  to review: {weekly:.2f} names per watched label in a week of a million new names, before the dossier")


def generator_speed(pairs: Sequence[Pair], suffixes: Suffixes) -> None:
    """Names per CPU second, beside dnstwist's generator over the same top-level domains."""
    brands = sorted({brand for _, brand in pairs})[::8]

    def ours(limit: int) -> int:
        return sum(1 for brand in brands for _ in generate(brand, suffixes=suffixes, limit=limit))

    small, large = rate(partial(ours, 10_000)), rate(partial(ours, 100_000))
    print(f"generator: {small:,.0f} names/s for the best 10,000, {large:,.0f} for the best 100,000")
    if find_spec("dnstwist") is None:
        print("NOT RUN: dnstwist is not installed")
        return
    dnstwist = import_module("dnstwist")

    def theirs() -> int:
        made = 0
        for brand in brands:
            fuzzer = dnstwist.Fuzzer(brand, tld_dictionary=list(suffixes.top()))
            fuzzer.generate()
            made += len(fuzzer.domains)
        return made

    twist = rate(theirs)
    print(f"generator, dnstwist: {twist:,.0f} names/s; x{small / twist:.1f} and x{large / twist:.1f} (goal 8)")


def matcher_speed(names: Sequence[str], watched: Sequence[Watched], suffixes: Suffixes) -> None:
    """Names per CPU second for 200 and 2,000 labels, beside a plain loop and rapidfuzz's matrix."""
    for size in (200, 2_000):
        labels = [*(entry.labels[0] for entry in watched), *invented_labels(2_000)][:size]
        matcher = Matcher([Watched.of_line(label, suffixes) for label in labels], suffixes)
        matcher.match(names[:1_000])
        some = [name.partition(".")[0] for name in names[::35]]
        ours = rate(partial(run_matcher, matcher, [*names] * 4))
        plain = rate(partial(plain_loop, some[:60], labels))
        fuzz = rate(partial(matrix, some, labels))
        print(f"matcher, {size} labels: {ours:,.0f} names/s")
        print(
            f"  x{ours / plain:,.0f} of a plain loop, x{ours / fuzz:.1f} of rapidfuzz's matrix, which knows edits alone"
        )


def run_matcher(matcher: Matcher, names: Sequence[str]) -> int:
    """All rules on."""
    matcher.match(names)
    return len(names)


def matrix(names: Sequence[str], labels: Sequence[str]) -> int:
    """Distances of every name to every label, one core."""
    cdist(names, labels, scorer=Levenshtein.distance, score_cutoff=1, workers=1)
    return len(names)


def plain_loop(names: Sequence[str], labels: Sequence[str]) -> int:
    """Contains or one edit, label by label, in plain Python."""
    sum(1 for name in names for label in labels if label in name or levenshtein(name, label) <= 1)
    return len(names)


def levenshtein(one: str, other: str) -> int:
    """The textbook's table, row by row."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]


def invented_labels(size: int) -> list[str]:
    """Labels of two syllables or two words, from a fixed seed: watch lists longer than any we have."""
    chance, parts = random.Random(7), ("ba", "ker", "lo", "mi", "ton", "stra", "ne", "wi", "gra", "pol", "fen", "dor")
    words = [word for word in Background.bundled().words if 4 <= len(word) <= 7]
    made: dict[str, None] = {}
    while len(made) < size:
        pieces = (
            chance.choices(words, k=2) if chance.random() < 0.6 else chance.choices(parts, k=chance.choice((2, 3, 3)))
        )
        made.setdefault("".join(pieces))
    return list(made)


def rate(work: Callable[[], int]) -> float:
    """Items per CPU second of this process, best of three."""
    best = 0.0
    for _ in range(3):
        start = time.process_time()
        done = work()
        best = max(best, done / max(1e-9, time.process_time() - start))
    return best


def share(found: int, of: int) -> str:
    """A share with its 95 % Wilson interval."""
    p, z = found / of, 1.96
    scale, width = 1 + z * z / of, z * sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    middle, width = (p + z * z / (2 * of)) / scale, width / scale
    return f"{found}/{of} = {p:.1%} ({middle - width:.1%}-{middle + width:.1%})"


def learn(data: Path, pairs: Sequence[Pair], names: Sequence[str], suffixes: Suffixes) -> None:
    """Write what is learned, with where it comes from. Neither file holds a name of its source."""
    brands = len({brand for _, brand in pairs})
    source = (
        f"{source_line(data / CASES)},\n{len(pairs)} labelled lookalikes of {brands} brands: counts by technique, "
        "place and suffix; no name is kept."
    )
    (ROOM / "priors.toml").write_text(Priors.learned(cases(pairs, suffixes), source).to_toml())
    source = (
        f"{source_line(data / NOISE)},\n{len(names)} names registered on one day: bits of words that {LEAST} labels "
        "or more have, and of each letter after each pair of letters."
    )
    (ROOM / "background.txt").write_text(Background.learned(labels_of(names), least=LEAST, provenance=source).to_text())
    print(f"wrote {ROOM / 'priors.toml'} and {ROOM / 'background.txt'}")


def source_line(path: Path) -> str:
    """Which file something was learned from."""
    digest = sha256(path.read_bytes()).hexdigest()[:16]
    return f"Learned by benchmarks/names.py --learn from {path.name} (sha256 {digest}...)"


if __name__ == "__main__":
    raise SystemExit(main())
