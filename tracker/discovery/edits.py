"""Generated lookalikes of watched names: asked at the parents, the likeliest first."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence

from tracker.clients.dns import DnsClient
from tracker.clients.dnssweep import SweepResult
from tracker.discovery.coverage import canaries, excluded, gaps, looks, sighting, sweep_of, without
from tracker.model.facts import Batch, Cursor, Presence, Sighting, Technique
from tracker.model.names import DomainName
from tracker.model.watching import Watch
from tracker.ports import Watches

BEST = 200


class EditSweep:
    """`ports.DiscoverySource`: asks the best lookalikes of every watch. `lookalikes(watch)` gives registrable names by
    rank.

    What the generator offers under the watched label itself is left to the sweep of suffixes; names `apart` are not
    asked about.
    """

    id = "edits"
    technique = Technique.EDIT

    def __init__(
        self,
        client: DnsClient,
        vantage: str,
        lookalikes: Callable[[Watch], Sequence[DomainName]],
        known: Callable[[], Iterable[DomainName]],
        best: int = BEST,
        apart: Callable[[], Collection[DomainName]] = tuple,
    ) -> None:
        self._client, self._vantage, self._best, self._apart = client, vantage, best, apart
        self._lookalikes, self._known = lookalikes, known

    async def discover(self, watches: Watches, cursor: Cursor | None) -> AsyncIterator[Batch]:
        """One sweep over the lookalikes of all `watches`; a name that several watches share is asked once."""
        by_name: dict[DomainName, list[Watch]] = defaultdict(list)
        for watch in sorted(watches, key=lambda watch: watch.key):
            ranked = (name for name in self._lookalikes(watch) if name.partition(".")[0] != watch.label)
            for name, _ in zip(ranked, range(self._best), strict=False):
                by_name[name].append(watch)
        if not by_name:
            return
        labels: dict[str, list[str]] = defaultdict(list)
        for name in sorted(by_name):
            label, _, suffix = name.partition(".")
            labels[suffix].append(label)
        apart = frozenset(self._apart())
        plan = without({suffix: tuple(under) for suffix, under in sorted(labels.items())}, apart)
        seen = canaries((name for name in self._known() if name not in apart), plan)
        result = await self._client.sweep_plan(plan, seen)
        yield Batch(
            sweeps=(sweep_of(result, plan, self.technique, self.id, self._vantage),),
            observations=looks(result, self._vantage),
            sightings=tuple(_sightings(result, by_name, self.id)),
            gaps=gaps(result, self.id),
        )


def _sightings(result: SweepResult, by_name: Mapping[DomainName, Sequence[Watch]], source: str) -> Iterable[Sighting]:
    for part in result.suffixes:
        for answer in part.exceptions:
            for watch in by_name[answer.name] if answer.presence is Presence.PRESENT else ():
                if answer.name not in excluded(watch):
                    reason = (
                        f"A lookalike generated from {watch.name or watch.label} is delegated under .{part.suffix}."
                    )
                    yield sighting(watch, answer.name, Technique.EDIT, source, part.last, reason)
