"""States, episodes, lifetimes and appearances of some names: what each name decides for itself."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import TypeVar

from tracker.analysis.absence import swept_absences
from tracker.analysis.appearance import CERTIFIED, appearance, certified
from tracker.analysis.births import answering
from tracker.analysis.custody import Looked, custody
from tracker.analysis.index import HistoryIndex
from tracker.analysis.lifetimes import lifetime
from tracker.analysis.moments import Hands, births, moments, registrations
from tracker.analysis.nameservers import ServerRules
from tracker.analysis.states import POLICY as STATE_POLICY
from tracker.analysis.states import StatePolicy, states
from tracker.analysis.targets import targets
from tracker.analysis.timeline import POLICY as TIMELINE_POLICY
from tracker.analysis.timeline import TimelinePolicy, episodes
from tracker.model.facts import Layer
from tracker.model.names import DomainName
from tracker.model.views import Appearance, Candidate, Episode, Lifetime, StateSpan

Row = TypeVar("Row", StateSpan, Episode, Lifetime, Appearance)
LAYERS = tuple(Layer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Results for a set of names, each tuple sorted by name (and watch), then layer, then time."""

    states: tuple[StateSpan, ...] = ()
    episodes: tuple[Episode, ...] = ()
    lifetimes: tuple[Lifetime, ...] = ()
    appearances: tuple[Appearance, ...] = ()


def derive_timing(
    index: HistoryIndex,
    names: Collection[DomainName],
    candidates: Iterable[Candidate],
    rules: ServerRules,
    *,
    state_policy: StatePolicy = STATE_POLICY,
    timeline_policy: TimelinePolicy = TIMELINE_POLICY,
) -> Timing:
    """Derive `names`, with appearances for those of the `candidates` whose name is among them.

    What comes out for a name depends on its own facts, the sweeps and `index.digest` alone, so that any division of the
    names gives the same result.
    """
    spans: list[StateSpan] = []
    lives: list[Episode] = []
    for name in sorted(names):
        looked = Looked(index, name)
        held = custody(looked, rules)
        hands = Hands(held)
        spans += states(looked, held, state_policy)
        reborn = births(index, name)
        stated = registrations(index, name)
        proofs = certified(index.sightings.get(name, ()))
        for layer in LAYERS:
            lives += episodes(
                name,
                layer,
                moments(looked, layer, hands),
                births=reborn,
                proofs=proofs if layer in CERTIFIED else (),
                registered=stated,
                policy=timeline_policy,
            )
    watches = {watch.key: watch for watch in index.history.watches}
    wanted = frozenset(names)
    pairs = sorted({(row.watch_key, row.name) for row in candidates if row.name in wanted and row.watch_key in watches})
    aims = targets(index.history)
    return Timing(
        states=tuple(spans),
        episodes=tuple(lives),
        lifetimes=tuple(lifetime(episode) for episode in lives),
        appearances=tuple(
            appearance(index, watches[key], name, layer, life)
            for key, name in pairs
            for life in (answering(index.spans(name, Layer.REGISTERED), aims[key]),)
            for layer in LAYERS
        ),
    )


def merge(previous: Timing, fresh: Timing, names: Collection[DomainName]) -> Timing:
    """`previous` with everything about `names` replaced by `fresh`.

    Equal to deriving from scratch when `names` held every name with new facts and every swept one, and the digest is
    the same.
    """
    replaced = frozenset(names)
    return Timing(
        states=_merged(previous.states, fresh.states, replaced, lambda row: row.name),
        episodes=_merged(previous.episodes, fresh.episodes, replaced, lambda row: row.name),
        lifetimes=_merged(previous.lifetimes, fresh.lifetimes, replaced, lambda row: row.name),
        appearances=_merged(previous.appearances, fresh.appearances, replaced, lambda row: (row.watch_key, row.name)),
    )


def _merged(
    old: tuple[Row, ...],
    new: tuple[Row, ...],
    replaced: frozenset[DomainName],
    key: Callable[[Row], str | tuple[str, str]],
) -> tuple[Row, ...]:
    """Rows of one key are never split between `old` and `new`, so a stable sort keeps their inner order."""
    groups: defaultdict[str | tuple[str, str], list[Row]] = defaultdict(list)
    for row in old:
        if row.name not in replaced:
            groups[key(row)].append(row)
    for row in new:
        groups[key(row)].append(row)
    return tuple(row for group in sorted(groups) for row in groups[group])


def swept(index: HistoryIndex, names: Iterable[DomainName], known_sweeps: Collection[str]) -> frozenset[DomainName]:
    """Those of `names` that a sweep outside `known_sweeps` (ids) proved absent, though nothing touched them."""
    known = {f"sweep:{sweep_id}" for sweep_id in known_sweeps}
    return frozenset(
        name
        for name in names
        if any(absence.witness not in known for absence in swept_absences(index, name, Layer.SERVING))
    )
