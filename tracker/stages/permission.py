"""Which looks the watches allow: what is paused, removed or marked PAP is not looked at, nor are its candidates."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from tracker.model.facts import Sighting
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.watching import Pap, Watch, WatchStatus
from tracker.ports import Work

VISIBLE = frozenset({"addresses", "certificate", "page"})
"""Probes that the operator of a name can see: its own name servers and hosts are asked. PAP:AMBER forbids them."""


def is_active(watch: Watch) -> bool:
    """Whether anything may be asked because of the watch. PAP:RED stops every active look."""
    return watch.status is WatchStatus.ACTIVE and watch.pap is not Pap.RED


def admits(watch: Watch, probe: str) -> bool:
    """Whether the watch lets that probe look."""
    return is_active(watch) and not (watch.pap is Pap.AMBER and probe in VISIBLE)


def untouchable(watches: Iterable[Watch]) -> frozenset[DomainName]:
    """Names that nothing may be asked about, whoever else is interested: no sweep, no probe, no visit on the way."""
    return frozenset(watch.name for watch in watches if watch.name is not None and _marked(watch, ""))


def refused(
    names: Collection[str], probe: str, watches: Sequence[Watch], sightings: Iterable[Sighting]
) -> frozenset[str]:
    """Those of the names that no watch lets the probe look at.

    A name's own watches decide about it, and of those a marking before anything else. A candidate is looked at as long
    as one watch that it was put forward for admits it. A name that no watch has to do with is nobody's secret.
    """
    if all(admits(watch, probe) for watch in watches):
        return frozenset()
    wanted = frozenset(names)
    admitting = {watch.key for watch in watches if admits(watch, probe)}
    own: defaultdict[str, list[Watch]] = defaultdict(list)
    for watch in watches:
        if watch.name in wanted:
            own[watch.name].append(watch)
    put_forward: defaultdict[str, set[str]] = defaultdict(set)
    for sighting in sightings:
        if sighting.name in wanted and sighting.name not in own:
            put_forward[sighting.name].add(sighting.watch_key)
    shut = {
        name
        for name, of_name in own.items()
        if any(_marked(watch, probe) for watch in of_name) or not any(watch.key in admitting for watch in of_name)
    }
    return frozenset(shut | {name for name, keys in put_forward.items() if not keys & admitting})


def obey(work: Work, kinds: Iterable[tuple[str, str]], history: History) -> None:
    """Drop what is planned of each (probe, kind of rows) against the will of the watches."""
    for probe, kind in kinds:
        work.drop(kind, sorted(refused(work.scheduled(kind), probe, history.watches, history.sightings)))


def candidates(watches: Iterable[Watch], history: History) -> frozenset[DomainName]:
    """Names that were put forward for any of the watches."""
    keys = {watch.key for watch in watches}
    return frozenset(sighting.name for sighting in history.sightings if sighting.watch_key in keys)


def _marked(watch: Watch, probe: str) -> bool:
    return watch.status is not WatchStatus.REMOVED and (
        watch.pap is Pap.RED or (watch.pap is Pap.AMBER and probe in VISIBLE)
    )
