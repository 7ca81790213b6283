"""Does a name resemble a watched one: a fast screen over batches, then every pair that passes is weighed in bits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np

from tracker.lookalikes.edits import alike_forms
from tracker.lookalikes.letters import skeleton
from tracker.lookalikes.relation import NONE, Relater, Relation
from tracker.lookalikes.screen import Screen, rows_of
from tracker.lookalikes.suffixes import Split, Suffixes
from tracker.lookalikes.techniques import Origin, token_order
from tracker.lookalikes.watched import Watched
from tracker.model.names import DomainName, NotAName, checked, is_under, parse, to_unicode

THRESHOLD_BITS = 12.0
"""Default, chosen on the development data: nearly all published lookalikes, about one new name in ten thousand."""

BATCH = 16_384
_SHORT = 4  # letters; a label this short inside a longer word is looked for only beside a known word
_SUBDOMAIN = 3.0  # bits taken off: host labels below a registrable name are chosen freely and repeat
_WITH_SUFFIX = 8.0  # bits added where the watched suffix follows, as in brand.de.example.com
_ODD = np.ones(256, dtype=np.bool_)
_ODD[list(b"abcdefghijklmnopqrstuvwxyz0123456789.\n*-")] = False
_PLAIN = re.compile(r"[a-z0-9.-]+(?<![.-])").fullmatch


Related = dict[tuple[int, str], Relation]
"""(form, label of a name) to how they resemble each other: within a batch most labels repeat."""


class Match(NamedTuple):
    """A name that resembles a watched one: a reason to look, never a verdict. `bits` weigh the resemblance alone."""

    name: DomainName
    domain: DomainName
    watched: str
    technique: str
    distance: int
    bits: float
    reason: str


class Matcher:
    """Matches names against `watched`. It holds nothing of what it has seen: memory stays as it was built."""

    def __init__(
        self,
        watched: Iterable[Watched],
        suffixes: Suffixes,
        *,
        threshold_bits: float = THRESHOLD_BITS,
        relater: Relater | None = None,
    ) -> None:
        self.watched = tuple(watched)
        self.threshold_bits = threshold_bits
        self._suffixes = suffixes
        self._relater = relater or Relater()
        self._labels = [(entry, label) for entry in self.watched for label in entry.labels]
        forms = [_plain(label) for _, label in self._labels]
        self._screen = Screen(
            forms,
            [
                (i, sorted(self._spellings(entry, label, form)))
                for i, ((entry, label), form) in enumerate(zip(self._labels, forms, strict=True))
            ],
        )

    def match(self, names: Iterable[str]) -> list[Match]:
        """The matches among `names`, in their order, one per (name, watched) pair above the threshold, strongest first.

        Names may be hosts, wildcards, URLs or defanged; what is no name is skipped.
        """
        found: list[Match] = []
        source = iter(names)
        while batch := list(islice(source, BATCH)):
            found += self._batch(batch)
        return found

    def weigh(self, text: str) -> list[Match]:
        """All matches of one name, weighed against every entry without the screen; slow, for explanations."""
        return self._weighed(text, range(len(self._labels)), {})

    def _batch(self, batch: Sequence[str]) -> list[Match]:
        pairs: dict[int, set[int]] = {}
        joined = "\n".join(batch).lower()
        if joined.count("\n") != len(batch) - 1:
            batch = [name.replace("\n", " ") for name in batch]
            joined = "\n".join(batch).lower()
        lines = joined.encode("ascii", "replace")
        for row, form in self._screen.candidates(lines):
            pairs.setdefault(row, set()).add(form)
        odd = list(self._odd(lines, batch))
        if odd:
            for at, form in self._screen.candidates("\n".join(line for _, line in odd).encode("ascii", "replace")):
                pairs.setdefault(odd[at][0], set()).add(form)
        related: Related = {}
        return [match for row in sorted(pairs) for match in self._weighed(batch[row], sorted(pairs[row]), related)]

    def _odd(self, lines: bytes, batch: Sequence[str]) -> Iterator[tuple[int, str]]:
        """Lines that are not plain hosts, tidied, and those with A-labels, as the ASCII letters they are taken for."""
        places = _odd_places(lines)
        if places:
            for row in rows_of(lines, places):
                try:
                    yield row, skeleton(to_unicode(parse(batch[row])))
                except NotAName:
                    continue

    def _weighed(self, text: str, forms: Iterable[int], related: Related) -> list[Match]:
        try:
            name = checked(text) if _PLAIN(text) else parse(text)
        except NotAName:
            return []
        split = self._suffixes.split(name)
        best: dict[str, tuple[Relation, Watched]] = {}
        for form in forms:
            entry = self._labels[form][0]
            if any(is_under(name, own) for own in entry.own):
                continue
            relation = self._related(split, form, related)
            known = best.get(entry.text)
            if relation.kind and (known is None or relation.bits > known[0].bits):
                best[entry.text] = (relation, entry)
        domain = DomainName(split.registrable or name)
        found = [
            Match(name, domain, entry.text, relation.kind, relation.distance, round(relation.bits, 1), relation.reason)
            for relation, entry in best.values()
            if relation.bits >= self.threshold_bits or self._is_same(relation, split, entry)
        ]
        return sorted(found, key=lambda match: (-match.bits, match.watched))

    @staticmethod
    def _is_same(relation: Relation, split: Split, entry: Watched) -> bool:
        """The watched label itself under another suffix always counts, however common the label is."""
        return relation.kind == "same_label" and split.label == entry.labels[0]

    def _related(self, split: Split, form: int, related: Related) -> Relation:
        """The strongest relation of a form to any label of a name; what was found for a pair is kept in `related`."""
        entry, label = self._labels[form]

        def relate(host: str) -> Relation:
            known = related.get((form, host))
            if known is None:
                known = related[form, host] = self._relater.relate(label, host, hints=entry.hints)
            return known

        found = [relate(split.label)] if split.label else []
        hosts = split.subdomain.split(".") if split.subdomain else []
        if split.is_private:
            hosts = [*hosts, *split.suffix.split(".")[:-1]]
        for place, host in enumerate(hosts):
            relation = relate(host)
            if relation.kind:
                follows = entry.suffix and ".".join(hosts[place + 1 :]).startswith(entry.suffix)
                bits = relation.bits - _SUBDOMAIN + (_WITH_SUFFIX if follows else 0.0)
                kind = "subdomain" if relation.distance == 0 else relation.kind
                found.append(
                    Relation(
                        kind, relation.distance, bits, f"{relation.reason}, below {split.registrable or split.suffix}"
                    )
                )
        return max(found, key=lambda relation: relation.bits, default=NONE)

    def _spellings(self, entry: Watched, label: str, form: str) -> set[str]:
        """Spellings that the screen's one-edit net does not reach by itself."""
        relater, words = self._relater, self._relater.words
        texts = {text for text, edit in alike_forms(form, relater.priors).items() if edit.distance > 1}
        texts |= {_plain(variant.label) for variant in token_order(Origin(label, "", words))}
        if len(form) <= _SHORT:
            for word in (*words.affixes, *words.countries, *entry.hints):
                texts |= {form + _plain(word), _plain(word) + form}
        return {text for text in texts if text and text != form}


def _odd_places(lines: bytes) -> list[int]:
    """Where, in ascending order, something stands that a plain host has not: odd bytes, A-labels, a dot at the end."""
    places: list[int] = np.flatnonzero(_ODD[np.frombuffer(lines, dtype=np.uint8)]).tolist()
    for text in (b"xn--", b".\n"):
        at = lines.find(text)
        while at >= 0:
            places.append(at)
            at = lines.find(text, at + 1)
    if lines.endswith(b"."):
        places.append(len(lines) - 1)
    return sorted(places)


def _plain(label: str) -> str:
    return label.replace("-", "")
