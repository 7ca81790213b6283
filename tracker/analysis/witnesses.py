"""When a witness was seen: an evidence row refers to it by id, and people want the days."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tracker.model.facts import Presence, Span
from tracker.model.history import History
from tracker.model.names import DomainName, defang
from tracker.model.times import iso
from tracker.model.views import Views

FACTS = {"text": "simhash", "tracker": "trackers", "page": "kind", "spki": "spki_sha256"}
"""Kinds of witness that are a fact of a look, and which one."""


@dataclass(frozen=True, slots=True)
class Dating:
    """Dates witnesses from a log and its views."""

    history: History
    views: Views

    def dated(self, witnesses: Iterable[str], names: Sequence[DomainName]) -> tuple[str, ...]:
        """The witnesses, each with the days on which it was seen where its id does not say. `names` are those whose
        looks may show it: the candidate, its predecessor.
        """
        found = []
        for witness in witnesses:
            kind, _, value = witness.partition(":")
            days = "; ".join(self._days(kind, value, names))
            found.append(f"{witness} ({days})" if days else witness)
        return tuple(found)

    def _days(self, kind: str, value: str, names: Sequence[DomainName]) -> list[str]:
        if kind in FACTS:
            fact = FACTS[kind]
            seen = {name: [span for span in self._spans(name) if value in span.facts.get(fact, ())] for name in names}
            return [f"{defang(name)} {_stretch(spans)}" for name, spans in seen.items() if spans]
        if kind == "name":
            spans = [span for span in self._spans(DomainName(value)) if span.probe == "delegation"]
            return [f"delegated, as seen {_stretch(spans)}"] if spans else []
        if kind == "label":
            return self._born(value)
        return []

    def _spans(self, name: DomainName) -> list[Span]:
        return [span for span in self.history.spans.get(name, ()) if span.presence is Presence.PRESENT]

    def _born(self, label: str) -> list[str]:
        """When the new name with that label, if it is called a replacement, was first proved to be there."""
        proved = [
            (seen.bounds.hi, row.name)
            for row in self.views.replacements
            if row.name.partition(".")[0] == label
            for seen in row.appearances
            if seen.bounds.hi is not None
        ]
        return [f"{defang(name)} by {iso(hi)[:10]}" for hi, name in sorted(proved)[:1]]


def _stretch(spans: Sequence[Span]) -> str:
    first, last = iso(min(span.first for span in spans))[:10], iso(max(span.last for span in spans))[:10]
    return first if first == last else f"{first} to {last}"
