"""When a name came to be at a layer, as an interval with its two witnesses."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from tracker.analysis.absence import absences, look_witness
from tracker.analysis.index import HistoryIndex
from tracker.analysis.traits import FIRST_LIFE, Life
from tracker.model.facts import Layer, Presence, Sighting, Span, Technique
from tracker.model.names import DomainName
from tracker.model.times import Bounds, Precision, When, from_iso, iso
from tracker.model.views import Appearance
from tracker.model.watching import Watch

PROOFS = {
    Layer.REGISTERED: (Layer.REGISTERED, Layer.DELEGATED),
    Layer.DELEGATED: (Layer.DELEGATED,),
    Layer.RESOLVING: (Layer.RESOLVING,),
    Layer.SERVING: (Layer.SERVING,),
}
"""The layers at which a PRESENT look proves the key.

Nothing above DELEGATED proves delegation: resolvers cache and lie.
"""
CERTIFIED = frozenset({Layer.REGISTERED, Layer.DELEGATED})
"""What a logged certificate proves: whoever asked for it controlled the name. It says nothing of addresses or pages."""


def appearance(
    index: HistoryIndex, watch: Watch, name: DomainName, layer: Layer, life: Life = FIRST_LIFE
) -> Appearance:
    """Bounds of the first presence of `name` at `layer`; both ends None when no presence was ever proved.

    `lo` None with a `hi` means that the name was already there when it was first asked about, or could not be asked
    before: not that it is old. Registry dates never move the bounds; they are kept as `registered_claimed`. Of a `life`
    that follows another registration only what was seen since is its own, and the other's last look is an absence.
    """
    spans = index.spans(name)
    claimed = registry_date(spans) if not life.follows else life.registered
    lo: datetime | None = None
    hi: datetime | None = None
    lo_witness = hi_witness = ""
    proofs = [
        (look, look_witness(span, look))
        for span in spans
        if span.layer in PROOFS[layer] and span.presence is Presence.PRESENT
        for look in _first_in(span, life)
    ]
    if layer in CERTIFIED:
        logged = certified(index.sightings.get(name, ()))
        proofs += [(moment, f"certificate:{iso(moment)}") for moment in logged if life.surely_has(moment)]
    if proofs:
        hi, hi_witness = min(proofs)
        before = [(row.first, row.witness) for row in absences(index, name, layer) if row.first < hi]
        before += _of_the_former(spans, life, hi)
        if before:
            lo, lo_witness = max(before)
    return Appearance(
        watch_key=watch.key,
        name=name,
        layer=layer,
        bounds=Bounds(lo, hi),
        lo_witness=lo_witness,
        hi_witness=hi_witness,
        registered_claimed=None if claimed is None else claimed.at,
    )


def _first_in(span: Span, life: Life) -> Iterator[datetime]:
    """The first look of a span that is surely of this life, if there is one."""
    if not life.follows:
        yield span.first
        return
    yield from islice((look for look in span.looks if life.surely_has(look)), 1)


def _of_the_former(spans: Iterable[Span], life: Life, before: datetime) -> Iterator[tuple[datetime, str]]:
    """The last looks at the name in other hands: this life had not begun."""
    if not life.follows or life.registered is None:
        return
    for span in spans:
        if span.layer in PROOFS[Layer.REGISTERED] and span.presence is Presence.PRESENT:
            looks = [look for look in span.looks if look < life.registered.at and look < before]
            yield from ((look, look_witness(span, look)) for look in looks[-1:])


def certified(sightings: Sequence[Sighting]) -> tuple[datetime, ...]:
    """The timestamps of log entries whose inclusion was verified, ascending.

    Hints and unverified entries prove nothing.
    """
    return tuple(
        sorted(
            from_iso(text)
            for sighting in sightings
            if sighting.technique is Technique.CERTIFICATE and sighting.facts.get("verified") == ("verified",)
            for text in sighting.facts.get("timestamp", ())
        )
    )


def registry_dates(spans: Sequence[Span]) -> tuple[tuple[datetime, When], ...]:
    """Each registration date with the first look that read it, by look; a date that stays the same is given once."""
    read: list[tuple[datetime, When]] = []
    registration = (span for span in spans if span.layer is Layer.REGISTERED and span.presence is Presence.PRESENT)
    for span in sorted(registration, key=lambda span: span.first):
        for text in span.facts.get("registered_at", ()):
            day = span.facts.get("precision", ()) == (Precision.DAY.value,) or len(text) == len("2024-09-04")
            stated = When(from_iso(text), Precision.DAY if day else Precision.SECOND)
            if not read or read[-1][1] != stated:
                read.append((span.first, stated))
    return tuple(read)


def registry_date(spans: Sequence[Span]) -> When | None:
    """The registration date that the registry stated at the first look that read one: its claim, with its precision."""
    dates = registry_dates(spans)
    return dates[0][1] if dates else None
