"""The same label under other suffixes: the first place where a domain that was taken down comes back."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence

from tracker.clients.dns import DnsClient
from tracker.clients.dnssweep import SweepResult
from tracker.discovery.coverage import canaries, excluded, gaps, looks, sighting, sweep_of, without
from tracker.model.facts import Batch, Cursor, Presence, Sighting, Technique
from tracker.model.names import DomainName
from tracker.model.watching import Watch
from tracker.ports import Watches


class SuffixSweep:
    """`ports.DiscoverySource`: asks the label of every watch under all `suffixes`, controls in the same sweep.

    `known` gives the names seen before, asked for when a sweep begins: they are the best canaries. `apart` gives those
    that nobody may ask about: they are in no question and in no coverage. One batch per sweep.
    """

    id = "suffixes"
    technique = Technique.SAME_LABEL

    def __init__(
        self,
        client: DnsClient,
        vantage: str,
        suffixes: Sequence[str],
        known: Callable[[], Iterable[DomainName]],
        apart: Callable[[], Collection[DomainName]] = tuple,
    ) -> None:
        self._client, self._vantage = client, vantage
        self._suffixes, self._known, self._apart = tuple(suffixes), known, apart

    async def discover(self, watches: Watches, cursor: Cursor | None) -> AsyncIterator[Batch]:
        """One sweep over the distinct labels of `watches`. Every sweep asks everything anew, so there is no cursor."""
        by_label: dict[str, list[Watch]] = defaultdict(list)
        for watch in sorted(watches, key=lambda watch: watch.key):
            by_label[watch.label].append(watch)
        if not by_label or not self._suffixes:
            return
        labels = tuple(sorted(by_label))
        apart = frozenset(self._apart())
        seen = canaries((name for name in self._known() if name not in apart), self._suffixes)
        plan = without(dict.fromkeys(self._suffixes, labels), apart)
        result = await self._client.sweep_plan(plan, seen)
        yield Batch(
            sweeps=(sweep_of(result, plan, self.technique, self.id, self._vantage),),
            observations=looks(result, self._vantage),
            sightings=tuple(_sightings(result, by_label, self.id)),
            gaps=gaps(result, self.id),
        )


def _sightings(result: SweepResult, by_label: Mapping[str, Sequence[Watch]], source: str) -> Iterable[Sighting]:
    for part in result.suffixes:
        for answer in part.exceptions:
            if answer.presence is not Presence.PRESENT:
                continue
            label = answer.name.partition(".")[0]
            for watch in by_label[label]:
                if answer.name not in excluded(watch):
                    reason = f"The label {label} is delegated under .{part.suffix}."
                    yield sighting(watch, answer.name, Technique.SAME_LABEL, source, part.last, reason)
