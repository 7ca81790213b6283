"""Host names from certificates against the watch: the matcher, kept as long as the watch stays the same."""

from collections import defaultdict
from collections.abc import Sequence

from tracker.discovery.logged import Hit, Match
from tracker.lookalikes.matcher import Matcher
from tracker.lookalikes.suffixes import Suffixes
from tracker.lookalikes.watched import Watched
from tracker.model.watching import Watch
from tracker.ports import Watches


class WatchMatcher:
    """Makes `Match` callables for watches. Building the automaton costs more than a batch, so the last one is kept."""

    def __init__(self, suffixes: Suffixes, threshold_bits: float) -> None:
        self._suffixes, self._threshold_bits = suffixes, threshold_bits
        self._for: tuple[Watch, ...] = ()
        self._match: Match = _nothing

    def __call__(self, watches: Watches) -> Match:
        """What finds the lookalikes of these watches; equal watches, same object."""
        wanted = tuple(watches)
        if wanted != self._for:
            self._for, self._match = wanted, self._built(wanted)
        return self._match

    def _built(self, watches: Watches) -> Match:
        keys: defaultdict[str, list[str]] = defaultdict(list)
        entries: dict[str, Watched] = {}
        for watch in watches:
            entry = Watched.of_watch(watch, self._suffixes)
            keys[entry.text].append(watch.key)
            entries.setdefault(entry.text, entry)
        matcher = Matcher(entries.values(), self._suffixes, threshold_bits=self._threshold_bits)

        def match(hosts: Sequence[str]) -> Sequence[Hit]:
            return [
                Hit(key, found.name, found.domain, f"The certificate names {found.name}: {found.reason}.")
                for found in matcher.match(hosts)
                for key in keys[found.watched]
            ]

        return match


def _nothing(_: Sequence[str]) -> Sequence[Hit]:
    return []
